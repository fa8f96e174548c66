//! Files of the person in folders of the data map: those whose path has their number where the prefix says.

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

/// Notes the person's files in the spool; they are read when the archive is written.
pub(super) fn note(store: &Store, folder: &Path, number: &str, spool: &Spool) -> io::Result<()> {
    let mut found = Vec::new();
    for table in store.tables.iter().filter(|table| table.is_personal()) {
        walk(folder, &mut Vec::new(), &mut |parts, path| {
            if is_theirs(table, &parts.join("/"), number) {
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
    let file = spool.create(&format!("{}.files", store.id))?;
    serde_json::to_writer(file, &found)?;
    Ok(())
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

/// Whether a path begins as the prefix says, with this person at the place of its key.
fn is_theirs(table: &StoreTable, path: &str, number: &str) -> bool {
    let Some(key) = table.prefix.as_ref().and(table.key.as_ref()) else {
        return false;
    };
    Pattern::of(table).readings(key, path).contains(number)
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
            assert_eq!(is_theirs(&table, path, "7"), expected, "{prefix} {path}");
        }
    }
}
