//! The manifest: which files the bundle has, and whether each is whole or holds changes.

use std::collections::BTreeMap;

use super::super::read::Reading;
use super::super::row::At;
use super::bundle::Bundle;
use super::sheet::each_line;

const MANIFEST: &str = "manifest.csv";

/// What people are made of, and the manifest's word for each.
const FILES: &[(&str, &str)] = &[
    ("users.csv", "file.users"),
    ("roles.csv", "file.roles"),
    ("enrollments.csv", "file.enrollments"),
    ("demographics.csv", "file.demographics"),
    ("orgs.csv", "file.orgs"),
];

/// Whether a bundle is the whole school.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Changes {
    /// Everybody: whoever is missing has left.
    Whole,
    /// Only what changed.
    Some,
}

/// What the manifest says.
pub(super) struct Manifest {
    files: BTreeMap<&'static str, Changes>,
    changes: Changes,
}

impl Manifest {
    /// None when it has faults, which are then told.
    pub(super) fn read(bundle: &mut Bundle, reading: &mut Reading<'_>) -> std::io::Result<Option<Self>> {
        let mut properties = BTreeMap::new();
        let before = reading.total;
        let needed: &[&str] = &["propertyName", "value"];
        let found = each_line(bundle, reading, (MANIFEST, needed), |_, line| {
            let (name, value) = (line.get("propertyName"), line.get("value"));
            if let (Some(name), Some(value)) = (name, value) {
                properties.insert(name.to_owned(), (value.to_owned(), line.number()));
            }
        })?;
        if !found {
            reading.fault(at(1), "expected this file in the bundle");
        } else if reading.total == before {
            return Self::of_properties(bundle, reading, &properties);
        }
        Ok(None)
    }

    fn of_properties(
        bundle: &mut Bundle,
        reading: &mut Reading<'_>,
        properties: &BTreeMap<String, (String, u64)>,
    ) -> std::io::Result<Option<Self>> {
        let before = reading.total;
        match properties.get("oneroster.version") {
            Some((version, _)) if version.starts_with("1.2") || version.starts_with("1.1") => {}
            Some((_, line)) => reading.fault(at(*line), "expected 1.2 or 1.1 as `oneroster.version`"),
            None => reading.fault(at(1), "expected `oneroster.version`"),
        }
        let mut files = BTreeMap::new();
        for (file, property) in FILES {
            let Some((word, line)) = properties.get(*property) else {
                continue;
            };
            match word.as_str() {
                "bulk" => _ = files.insert(*file, Changes::Whole),
                "delta" => _ = files.insert(*file, Changes::Some),
                "absent" => continue,
                _ => reading.fault(at(*line), "expected `bulk`, `delta` or `absent`"),
            }
            if bundle.file(file)?.is_none() {
                reading.fault(at(*line), format!("expected `{file}` in the bundle, as is said here"));
            }
        }
        let changes = check_files(reading, &files);
        Ok((reading.total == before).then_some(Self { files, changes }))
    }

    /// Whether the bundle has the file.
    pub(super) fn has(&self, file: &str) -> bool {
        self.files.contains_key(file)
    }

    pub(super) fn changes(&self) -> Changes {
        self.changes
    }
}

/// Names of schools may come whole beside changes of people; of a whole file of users and changes of roles nobody could
/// say who is what.
fn check_files(reading: &mut Reading<'_>, files: &BTreeMap<&'static str, Changes>) -> Changes {
    let mut people = files
        .iter()
        .filter(|(file, _)| **file != "orgs.csv")
        .map(|(_, changes)| *changes);
    let first = people.next().unwrap_or(Changes::Whole);
    if people.any(|changes| changes != first) {
        reading.fault(
            at(1),
            "expected users, roles, enrollments and demographics all `bulk` or all `delta`",
        );
    }
    if first == Changes::Whole && !files.contains_key("users.csv") {
        reading.fault(at(1), "expected `file.users` as `bulk` or `delta`");
    }
    first
}

fn at(line: u64) -> At {
    let (file, column) = (Some(MANIFEST), None);
    At { file, line, column }
}
