//! Who was erased, kept outside all backups, so that a restored backup can be made to forget them again.
//!
//! Start at [`Tombstones::open`]. One file, `tombstones`, line by line and only ever appended: a keyed digest of store, element
//! and value, the run, when, and a keyed check of the line and of all lines before it. How long it is and how it ends is kept
//! beside the keys (`tombstones.mark`) and in the ledger: a list that lacks what either tells of is refused. It names nobody, and is still personal data (GDPR Art. 4(5)): whoever has it and
//! `directory.key` can test whether somebody was erased.
//!
//! Lost: a restored backup shows erased people again; without the list, or with an older or a shorter one, nobody can say whom.
//! Forged: only with `directory.key`.

mod lines;

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use averment_catalog::ElementId;
use averment_store::{KeyError, Keys, ListMark, TombstoneDigests};
use jiff::Timestamp;

use super::plan::hex;
use crate::graph::Subject;
use lines::{Form, Lines, Told};

/// Name of the file.
const NAME: &str = "tombstones";

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
    /// There is none here, and there was one.
    #[error("there is no list of who was erased in `{}`, and there was one of {lines} lines: expected that one, and no second", folder.display())]
    Second {
        /// The folder.
        folder: PathBuf,
        /// How long the other one was at least.
        lines: u64,
    },
    /// A line is not what was written, stands elsewhere than it was written, or was written with another key.
    #[error("line {line} of `{}` is not what was written there with this `directory.key`", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// Lines are missing at its end, or it is an older copy.
    #[error("`{}` has {found} lines, and had {expected}, as the keys or the ledger say: expected the newest list of who was erased, whole", path.display())]
    Shorter {
        /// The file.
        path: PathBuf,
        /// Lines that are there, without the first.
        found: u64,
        /// Lines that were there at least.
        expected: u64,
    },
    /// It was begun elsewhere, or is of the older form although the list was taken over into the newer.
    #[error("`{}` is another list of who was erased than the one that the keys or the ledger tell of", path.display())]
    Other {
        /// The file.
        path: PathBuf,
    },
    /// The mark beside the keys.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The list.
pub struct Tombstones {
    path: PathBuf,
    file: Option<File>,
    erased: HashMap<String, Told>,
    end: ListMark,
}

impl std::fmt::Debug for Tombstones {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tombstones(<{} digests>)", self.len())
    }
}

impl Tombstones {
    /// Opens the list in `folder` to add to it, and makes both where there never was one. A last line that was cut off is taken
    /// away: nothing rested on it yet. A list of the older form, whose lines stand each for itself, is written anew as a chain.
    ///
    /// `listed`: what the newest entry of the ledger that tells of it says of the list; none where no entry does.
    ///
    /// # Errors
    /// [`TombstoneError`], also when the keys or the ledger tell of a list and this is not it, or lacks lines.
    pub fn open(folder: &Path, keys: &Keys, listed: Option<&ListMark>) -> Result<Self, TombstoneError> {
        let (path, mark) = (folder.join(NAME), keys.list_mark()?);
        let known: Vec<&ListMark> = mark.iter().chain(listed).collect();
        let lines_known = known.iter().map(|known| known.lines).max();
        let text = match (read(&path)?, lines_known) {
            (Some(text), _) => text,
            (None, None | Some(0)) => String::new(),
            (None, Some(lines)) => {
                let folder = folder.to_owned();
                return Err(TombstoneError::Second { folder, lines });
            }
        };
        let lines = Lines::read(&path, &text, keys, &known)?;
        let kept = match lines.form {
            Form::Chain => cut(&path, lines.bytes as u64),
            Form::None | Form::Older => begin(folder, &lines.written()),
        };
        kept.map_err(|source| failed(&path, source))?;
        let file = OpenOptions::new().append(true).open(&path);
        let tombstones = Self {
            file: Some(file.map_err(|source| failed(&path, source))?),
            path,
            erased: lines.told,
            end: lines.end,
        };
        if tombstones.end.lines > mark.map_or(0, |mark| mark.lines) {
            keys.keep_list_mark(&tombstones.end)?;
        }
        Ok(tombstones)
    }

    /// Opens the list in `folder` to ask it. `listed`: as for [`Tombstones::open`].
    ///
    /// # Errors
    /// [`TombstoneError`], also when there is none: then nobody can say whom a backup brings back.
    pub fn open_read(folder: &Path, keys: &Keys, listed: Option<&ListMark>) -> Result<Self, TombstoneError> {
        // The mark first: whoever adds keeps it last.
        let (path, mark) = (folder.join(NAME), keys.list_mark()?);
        let Some(text) = read(&path)? else {
            return Err(TombstoneError::Missing(folder.to_owned()));
        };
        let known: Vec<&ListMark> = mark.iter().chain(listed).collect();
        let lines = Lines::read(&path, &text, keys, &known)?;
        Ok(Self {
            path,
            file: None,
            erased: lines.told,
            end: lines.end,
        })
    }

    /// How many digests are on it.
    pub fn len(&self) -> usize {
        self.erased.values().filter(|told| !told.released).count()
    }

    /// Whether nobody is on it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How long it is and how it ends; of one of the older form how it will end as a chain.
    pub fn end(&self) -> &ListMark {
        &self.end
    }

    /// Adds people to the list, and returns when that is on disk. Whom the same run has put there is not added again.
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
        let told = Told {
            run: run.to_owned(),
            at: now,
            released: false,
        };
        let is_new = |before: Option<&Told>| before.is_none_or(|before| before.run != run);
        self.write(&digests(stores, subject, keys), &told, &is_new, keys)
    }

    /// Writes down that people have come back: what is on the list of them counts no more until they are erased again.
    pub(super) fn release(
        &mut self,
        stores: &[String],
        subject: &Subject,
        release: &str,
        keys: &Keys,
        now: Timestamp,
    ) -> Result<(), TombstoneError> {
        let told = Told {
            run: release.to_owned(),
            at: now,
            released: true,
        };
        let is_listed = |before: Option<&Told>| before.is_some_and(|before| !before.released);
        self.write(&digests(stores, subject, keys), &told, &is_listed, keys)
    }

    /// How many digests of these people are on the list.
    pub(super) fn count_of(&self, stores: &[String], subject: &Subject, keys: &Keys) -> u64 {
        let digests = digests(stores, subject, keys);
        let told = digests.iter().filter_map(|digest| self.erased.get(digest));
        told.filter(|told| !told.released).count() as u64
    }

    /// Adds a line for each digest of which `is_meant` says so by what is told of it, and returns when that is on disk.
    fn write(
        &mut self,
        digests: &[String],
        told: &Told,
        is_meant: &dyn Fn(Option<&Told>) -> bool,
        keys: &Keys,
    ) -> Result<(), TombstoneError> {
        let (mut text, mut end) = (String::new(), self.end.clone());
        for digest in digests {
            if is_meant(self.erased.get(digest)) {
                lines::append(&mut text, &mut end, &told.line(digest), keys);
                let at = self
                    .erased
                    .get(digest)
                    .filter(|_| told.released)
                    .map_or(told.at, |before| before.at);
                self.erased.insert(digest.clone(), Told { at, ..told.clone() });
            }
        }
        let Some(file) = self.file.as_mut().filter(|_| !text.is_empty()) else {
            return Ok(());
        };
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        written.map_err(|source| failed(&self.path, source))?;
        keys.keep_list_mark(&end)?;
        self.end = end;
        Ok(())
    }

    /// When somebody with this value was erased from the store, and whether they have come back.
    pub(super) fn told(
        &self,
        store: &str,
        element: &ElementId,
        value: &str,
        digests: &TombstoneDigests,
    ) -> Option<&Told> {
        self.erased.get(&digest(store, element, value, digests))
    }
}

fn digests(stores: &[String], subject: &Subject, keys: &Keys) -> Vec<String> {
    let (mut all, digests) = (Vec::new(), keys.tombstones());
    for store in stores {
        for element in subject.elements() {
            let values = subject.values(element);
            all.extend(values.map(|value| digest(store, element, value, &digests)));
        }
    }
    all
}

fn digest(store: &str, element: &ElementId, value: &str, digests: &TombstoneDigests) -> String {
    hex(&digests.digest(&[store.as_bytes(), element.as_str().as_bytes(), value.as_bytes()]))
}

fn failed(path: &Path, source: std::io::Error) -> TombstoneError {
    let path = path.to_owned();
    TombstoneError::File { path, source }
}

fn read(path: &Path) -> Result<Option<String>, TombstoneError> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        text => text.map(Some).map_err(|source| failed(path, source)),
    }
}

/// Takes what stands behind the last whole line away.
fn cut(path: &Path, bytes: u64) -> std::io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    if file.metadata()?.len() == bytes {
        return Ok(());
    }
    file.set_len(bytes)?;
    file.sync_all()
}

/// Writes the file whole, or not at all.
fn begin(folder: &Path, text: &str) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)?;
    let new = folder.join(format!(".{NAME}.new"));
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, folder.join(NAME))?;
    File::open(folder)?.sync_all()
}
