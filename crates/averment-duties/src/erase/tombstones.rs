//! Who was erased, kept outside all backups, so that a restored backup can be made to forget them again.
//!
//! Start at [`Tombstones::open`]. One file, `tombstones`, line by line and only ever appended: a keyed digest of store, element
//! and value, the run, when, and a keyed check of the line. It names nobody, and is still personal data (GDPR Art. 4(5)):
//! whoever has it and `directory.key` can test whether somebody was erased.
//!
//! Lost: a restored backup shows erased people again, and nothing notices. Forged: only with `directory.key`.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use averment_catalog::ElementId;
use averment_store::Keys;
use jiff::Timestamp;

use super::plan::hex;
use crate::graph::Subject;

const FIRST_LINE: &str = "averment.tombstones/1\n";
/// Bytes of the check of a line.
const CHECK_BYTES: usize = 8;

/// Why the list cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TombstoneError {
    /// The file.
    #[error("cannot use the list of who was erased, `{}`", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is none.
    #[error("there is no list of who was erased in `{}`: without it nobody can say whom a backup brings back", .0.display())]
    Missing(PathBuf),
    /// A line is not what was written, or was written with another key.
    #[error("line {line} of `{}` is not what was written there with this `directory.key`", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
}

/// The list.
pub struct Tombstones {
    path: PathBuf,
    file: Option<File>,
    digests: HashSet<String>,
}

impl std::fmt::Debug for Tombstones {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tombstones(<{} digests>)", self.digests.len())
    }
}

impl Tombstones {
    /// Opens the list in `folder` to add to it, and makes both where there are none. A last line that was cut off is taken
    /// away: nothing rested on it yet.
    ///
    /// # Errors
    /// [`TombstoneError`].
    pub fn open(folder: &Path, keys: &Keys) -> Result<Self, TombstoneError> {
        let path = folder.join("tombstones");
        let failed = |source| TombstoneError::File {
            path: path.clone(),
            source,
        };
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).map_err(failed)?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).map_err(failed)?;
        if whole == 0 {
            use std::io::Seek as _;
            file.rewind().map_err(failed)?;
            file.write_all(FIRST_LINE.as_bytes()).map_err(failed)?;
            file.sync_all().map_err(failed)?;
            File::open(folder)
                .and_then(|folder| folder.sync_all())
                .map_err(failed)?;
        }
        let digests = read(&path, &text[..whole], keys)?;
        let mut end = OpenOptions::new();
        let file = end.append(true).open(&path).map_err(failed)?;
        Ok(Self {
            path,
            file: Some(file),
            digests,
        })
    }

    /// Opens the list in `folder` to ask it.
    ///
    /// # Errors
    /// [`TombstoneError`], also when there is none: then nobody can say whom a backup brings back.
    pub fn open_read(folder: &Path, keys: &Keys) -> Result<Self, TombstoneError> {
        let path = folder.join("tombstones");
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(TombstoneError::Missing(folder.to_owned()));
            }
            Err(source) => return Err(TombstoneError::File { path, source }),
            Ok(text) => text,
        };
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let digests = read(&path, &text[..whole], keys)?;
        Ok(Self {
            path,
            file: None,
            digests,
        })
    }

    /// How many digests are on it.
    pub fn len(&self) -> usize {
        self.digests.len()
    }

    /// Whether nobody is on it.
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }

    /// Adds people to the list, and returns when that is on disk. Who is on it already is not added again.
    ///
    /// # Errors
    /// [`TombstoneError`].
    pub(super) fn add(
        &mut self,
        stores: &[String],
        subject: &Subject,
        run: &str,
        keys: &Keys,
        now: Timestamp,
    ) -> Result<(), TombstoneError> {
        let mut lines = String::new();
        for store in stores {
            for element in subject.elements() {
                for value in subject.values(element) {
                    let digest = digest(store, element, value, keys);
                    if self.digests.insert(digest.clone()) {
                        let line = format!("{digest} {run} {:.0}", now);
                        lines.push_str(&format!("{line} {}\n", check(&line, keys)));
                    }
                }
            }
        }
        let Some(file) = self.file.as_mut().filter(|_| !lines.is_empty()) else {
            return Ok(());
        };
        file.write_all(lines.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(|source| TombstoneError::File {
                path: self.path.clone(),
                source,
            })
    }

    /// Whether somebody with this value was erased from the store.
    pub(super) fn holds(&self, store: &str, element: &ElementId, value: &str, keys: &Keys) -> bool {
        self.digests.contains(&digest(store, element, value, keys))
    }
}

fn digest(store: &str, element: &ElementId, value: &str, keys: &Keys) -> String {
    hex(&keys.tombstone(&[store.as_bytes(), element.as_str().as_bytes(), value.as_bytes()]))
}

fn check(line: &str, keys: &Keys) -> String {
    hex(&keys.tombstone(&[b"line", line.as_bytes()])[..CHECK_BYTES])
}

fn read(path: &Path, text: &str, keys: &Keys) -> Result<HashSet<String>, TombstoneError> {
    let damaged = |line| TombstoneError::Damaged {
        path: path.to_owned(),
        line,
    };
    let Some(lines) = text.strip_prefix(FIRST_LINE) else {
        return if text.is_empty() {
            Ok(HashSet::new())
        } else {
            Err(damaged(1))
        };
    };
    let mut digests = HashSet::new();
    for (number, line) in lines.lines().enumerate() {
        let (content, sum) = line.rsplit_once(' ').ok_or_else(|| damaged(number + 2))?;
        if check(content, keys) != sum {
            return Err(damaged(number + 2));
        }
        digests.extend(content.split(' ').next().map(str::to_owned));
    }
    Ok(digests)
}
