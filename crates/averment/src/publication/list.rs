//! The list of the files that a publication wrote, with the digest of each.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use averment_register::Digest;
use serde::{Deserialize, Serialize};

use crate::outcome::Failure;

/// Where the list is, below the folder.
pub(super) const PATH: &str = ".well-known/averment-files.json";

const SCHEMA: &str = "averment.files/1";

/// Files by their path below the folder, with `/` between its parts.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct List {
    schema: String,
    files: BTreeMap<String, Digest>,
}

impl List {
    pub(super) fn of(files: &BTreeMap<String, Vec<u8>>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            files: files
                .iter()
                .map(|(name, bytes)| (name.clone(), of_bytes(bytes)))
                .collect(),
        }
    }

    /// The list of the folder `out`; empty when it has none.
    pub(super) fn read(out: &Path) -> Result<Self, Failure> {
        let path = out.join(PATH);
        if !path.exists() {
            return Ok(Self::default());
        }
        let cannot = || {
            let message = format!(
                "cannot read `{}`, the list of the files that were published",
                path.display()
            );
            Failure::new(message).hint("without it nobody knows which files may be replaced; publish to another folder")
        };
        let text = std::fs::read_to_string(&path).map_err(|error| cannot().because(error))?;
        let mut list: Self = serde_json::from_str(&text).map_err(|error| cannot().because(error))?;
        if list.schema != SCHEMA {
            return Err(cannot());
        }
        // Somebody may have written the list by hand: a path out of the folder is nobody's.
        list.files.retain(|name, _| stays_below(Path::new(name)));
        Ok(list)
    }

    pub(super) fn digest(&self, name: &str) -> Option<&Digest> {
        self.files.get(name)
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (&String, &Digest)> {
        self.files.iter()
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let text = serde_json::to_string_pretty(self).expect("paths and digests");
        (text + "\n").into_bytes()
    }
}

fn stays_below(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

pub(super) fn of_bytes(bytes: &[u8]) -> Digest {
    Digest::of(bytes)
}

/// A path below the folder as the list has it.
pub(super) fn name(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}
