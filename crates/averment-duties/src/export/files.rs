//! Files of the person in folders of the data map: those whose path has their number where the prefix says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use averment_register::{Store, StoreTable};
use serde::{Deserialize, Serialize};

use super::spool::Spool;
use crate::objects::Pattern;

/// How deep folders are looked into.
const DEPTH_MAX: usize = 32;

/// A file to be taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Noted {
    pub(super) store: String,
    /// Path in the store, `/` between its parts.
    pub(super) name: String,
    pub(super) path: PathBuf,
}

/// Notes the person's files in the spool; they are read when the archive is written. How many are left out because their
/// names can be read as those of somebody else, too: `people` says which of some readings are numbers of people.
pub(super) fn note(
    store: &Store,
    folder: &Path,
    number: &str,
    people: &dyn Fn(&BTreeSet<String>) -> BTreeSet<String>,
    spool: &Spool,
) -> io::Result<usize> {
    let (mut found, mut others) = (Vec::new(), BTreeMap::new());
    for table in store.tables.iter().filter(|table| table.is_personal()) {
        walk(folder, &mut Vec::new(), &mut |parts, path| {
            let name = parts.join("/");
            let mut readings = readings(table, &name);
            if readings.remove(number) {
                others.entry(name).or_insert_with(BTreeSet::new).append(&mut readings);
                found.push(Noted {
                    store: store.id.to_string(),
                    name: parts.join("/"),
                    path: path.to_owned(),
                });
            }
        })?;
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found.dedup();
    let count = found.len();
    let all: BTreeSet<String> = others.values().flatten().cloned().collect();
    if !all.is_empty() {
        let people = people(&all);
        found.retain(|noted| {
            others
                .get(&noted.name)
                .is_none_or(|readings| readings.is_disjoint(&people))
        });
    }
    let file = spool.create(&format!("{}.files", store.id))?;
    serde_json::to_writer(file, &found)?;
    Ok(count - found.len())
}

/// Calls `each` for every plain file; links are not followed.
fn walk(folder: &Path, parts: &mut Vec<String>, each: &mut dyn FnMut(&[String], &Path)) -> io::Result<()> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type()?;
        parts.push(entry.file_name().to_string_lossy().into_owned());
        if kind.is_file() {
            each(parts, &entry.path());
        } else if kind.is_dir() && parts.len() < DEPTH_MAX {
            walk(&entry.path(), parts, each)?;
        }
        parts.pop();
    }
    Ok(())
}

/// Everything that may stand at the place of the key in a path, where it begins as the prefix says.
fn readings(table: &StoreTable, path: &str) -> BTreeSet<String> {
    let Some(key) = table.prefix.as_ref().and(table.key.as_ref()) else {
        return BTreeSet::new();
    };
    let found = Pattern::of(table).readings(key, path);
    found.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_names_one_person() {
        let cases = [
            ("uploads/{user}/", "uploads/7/a.png", true),
            ("uploads/{user}/", "uploads/71/a.png", false),
            ("uploads/{user}/", "uploads/17/a.png", false),
            ("{school}/{user}/", "birch/7/x", true),
            ("{school}/{user}/", "birch/deep/7/x", false),
            ("avatars/{user}", "avatars/7.png", true),
            ("avatars/{user}", "avatars/7", true),
            ("{school}/{user}-", "birch/7-report.pdf", true),
            ("{school}/{user}-", "birch/77-report.pdf", false),
            ("avatars/{user}", "avatars/70.png", false),
        ];
        for (prefix, path, expected) in cases {
            let mut table: StoreTable = serde_json::from_str("{}").expect("every field may be absent");
            (table.prefix, table.key) = (Some(prefix.to_owned()), Some("user".to_owned()));
            assert_eq!(readings(&table, path).contains("7"), expected, "{prefix} {path}");
        }
    }

    #[test]
    fn a_file_that_may_be_somebody_elses_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("up")).unwrap();
        for name in ["7-a-b.png", "7-12-x.png", "8-a.png"] {
            fs::write(dir.path().join("up").join(name), "x").unwrap();
        }
        let store: Store = serde_json::from_value(serde_json::json!({
            "store": "files", "id": "files", "engine": "files",
            "tables": [{ "prefix": "up/{user}-", "key": "user", "elements": ["content.project"] }],
        }))
        .unwrap();
        let spool = Spool::open(&dir.path().join("out.zip"), "one", false).unwrap();
        let people = |readings: &BTreeSet<String>| {
            assert_eq!(readings, &BTreeSet::from(["7-12".to_owned(), "7-a".to_owned()]));
            BTreeSet::from(["7-12".to_owned()])
        };
        assert_eq!(note(&store, dir.path(), "7", &people, &spool).unwrap(), 1);
        let noted: Vec<Noted> = serde_json::from_slice(&fs::read(spool.path("files.files")).unwrap()).unwrap();
        let names: Vec<&str> = noted.iter().map(|noted| noted.name.as_str()).collect();
        assert_eq!(names, ["up/7-a-b.png"]);
    }
}
