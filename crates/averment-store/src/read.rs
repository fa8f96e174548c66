//! Reading the record: the whole check, the entries one after another, and what left about one person.
//!
//! Start at [`verify`], [`entries`] and [`crate::person_entries`]. No lock is needed: a group that a running gate has not
//! sealed yet is left out.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use averment_ledger::{
    Audit, Break, Deviation, Entry, Group, Head, Joiner, LedgerFile, LogError, LogReader, Signatures, Trusted, audit,
    read_verifier,
};

use crate::folder::DataFolder;
use crate::journal::JournalOpenError;
use crate::keys::{KeyError, Keys};

/// Bytes read from the log at a time.
const READ_BYTES: usize = 1 << 20;

/// Why the record cannot be read or believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file system failed.
    #[error("cannot read the ledger file `{}`", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no record: nothing has run on this folder yet.
    #[error("no ledger in `{}` yet: `averment up` or `averment gate` begins one", path.display())]
    NoLedger {
        /// The data folder.
        path: PathBuf,
    },
    /// There is no record, but there was one.
    #[error("the ledger in `{}` is gone: `ledger.mark` in the key folder says that it had {entries} entries", path.display())]
    Gone {
        /// The data folder.
        path: PathBuf,
        /// Entries that there were at least.
        entries: u64,
    },
    /// The high-water mark cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The record is not what it must be.
    #[error("the ledger does not hold")]
    Break(#[from] Break),
}

/// One entry and its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// Its number in the log, from 0; of a message in several entries, that of the last. The order of the log; times of
    /// neighbours may be out of order.
    pub index: u64,
    /// The entry.
    pub entry: Entry,
}

/// What the keys know of the record: whose it is, and how far it had come. Makes [`verify`] and [`entries`] refuse a record
/// that was cut back.
///
/// # Errors
/// [`ReadError::Key`]; [`ReadError::Gone`] when nothing of the record in `folder` is left.
pub fn trusted<'a>(folder: &DataFolder, keys: &'a Keys) -> Result<Trusted<'a>, ReadError> {
    // Read before the log, which then reaches at least as far.
    let mark = keys.mark()?;
    match (begun(folder), &mark) {
        (Err(ReadError::NoLedger { path }), Some(mark)) if mark.size > 0 => Err(ReadError::Gone {
            path,
            entries: mark.size,
        }),
        _ => Ok(Trusted {
            key: Some(keys.verifier()),
            mark,
        }),
    }
}

/// Checks every entry, hash, root and signature of the record. `trusted`: a key that the log must be of, or what
/// [`trusted`] gives.
///
/// A gate may be running meanwhile.
///
/// # Errors
/// [`ReadError::File`]; what does not hold is in [`Audit::breaks`].
pub fn verify<'a>(folder: &DataFolder, trusted: impl Into<Trusted<'a>>) -> Result<Audit, ReadError> {
    let trusted = trusted.into();
    begun(folder)?;
    let verifier = content(folder, LedgerFile::Verifier)?;
    let before = content(folder, LedgerFile::Checkpoint)?;
    let path = folder.ledger_file(LedgerFile::Log);
    let mut result = match File::open(&path) {
        Ok(log) => audit(verifier.as_deref(), before.as_deref(), buffered(log), trusted),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let missing = Break {
                file: LedgerFile::Log,
                line: 1,
                offset: 0,
                deviation: Deviation::Missing,
            };
            audit(verifier.as_deref(), before.as_deref(), std::io::empty(), trusted).map(|audit| audit.with(missing))
        }
        Err(source) => return Err(ReadError::File { path, source }),
    }
    .map_err(|source| ReadError::File { path, source })?;
    // A running gate replaces the checkpoint after every group. Where it was not replaced while the log was read, at most
    // one group can be newer; more means that it is an older copy.
    if content(folder, LedgerFile::Checkpoint)? == before {
        result.breaks.extend(older_checkpoint(&result));
    }
    Ok(result)
}

fn older_checkpoint(audit: &Audit) -> Option<Break> {
    let groups = audit.sealed.as_ref()?.after_head;
    let deviation = Deviation::Older { groups };
    (groups > 1).then_some(Break {
        file: LedgerFile::Checkpoint,
        line: 1,
        offset: 0,
        deviation,
    })
}

/// The sealed entries from the first to the last, hashes and roots checked on the way and the signatures from the newest
/// checkpoint on. An error voids what was given out before it.
///
/// # Errors
/// [`ReadError`] for files that are missing or not what they must be.
pub fn entries<'a>(folder: &DataFolder, trusted: impl Into<Trusted<'a>>) -> Result<Entries, ReadError> {
    let Trusted { key: trusted, mark } = trusted.into();
    begun(folder)?;
    let key = read_verifier(content(folder, LedgerFile::Verifier)?.as_deref(), trusted)?;
    let missing = |file| Break {
        file,
        line: 1,
        offset: 0,
        deviation: Deviation::Missing,
    };
    // Read before the log, which then reaches at least as far.
    let checkpoint = content(folder, LedgerFile::Checkpoint)?.ok_or(missing(LedgerFile::Checkpoint))?;
    let head = Head::open(&checkpoint, &key)?;
    let path = folder.ledger_file(LedgerFile::Log);
    let log = File::open(&path).map_err(|source| ReadError::File {
        path: path.clone(),
        source,
    })?;
    let reader = LogReader::new(buffered(log), key, head, Signatures::AfterHead).reaching(mark);
    Ok(Entries {
        reader,
        joiner: Joiner::default(),
        path,
        ready: Vec::new().into_iter(),
        ended: false,
    })
}

/// Entries of a log, group by group. Memory is bounded by one group.
#[derive(Debug)]
pub struct Entries {
    reader: LogReader<BufReader<File>>,
    joiner: Joiner,
    path: PathBuf,
    ready: std::vec::IntoIter<Result<Numbered, ReadError>>,
    ended: bool,
}

impl Iterator for Entries {
    type Item = Result<Numbered, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            if let Some(item) = self.ready.next() {
                self.ended = item.is_err();
                return Some(item);
            }
            match self.reader.next_group() {
                Ok(Some(group)) => self.ready = parse(group, &mut self.joiner).into_iter(),
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(self.error(error)));
                }
            }
        }
        None
    }
}

impl Entries {
    fn error(&self, error: LogError) -> ReadError {
        match error {
            LogError::Break(found) => found.into(),
            LogError::Read(source) => ReadError::File {
                path: self.path.clone(),
                source,
            },
            other => ReadError::File {
                path: self.path.clone(),
                source: std::io::Error::other(other),
            },
        }
    }
}

fn parse(group: &Group, joiner: &mut Joiner) -> Vec<Result<Numbered, ReadError>> {
    let parsed = group.lines().filter_map(|line| match line.entry() {
        Ok(entry) => joiner.take(entry).map(|entry| {
            Ok(Numbered {
                index: line.index,
                entry,
            })
        }),
        Err(error) => Some(Err(error.into())),
    });
    parsed.collect()
}

fn buffered(log: File) -> BufReader<File> {
    BufReader::with_capacity(READ_BYTES, log)
}

/// Tells a record that was never begun from one whose files are gone: of the latter at least one is left, unless whoever
/// took them took all.
pub(crate) fn begun(folder: &DataFolder) -> Result<(), ReadError> {
    let files = [LedgerFile::Log, LedgerFile::Checkpoint, LedgerFile::Verifier];
    let there = files.into_iter().any(|file| folder.ledger_file(file).exists());
    let path = || folder.path().to_owned();
    if there {
        Ok(())
    } else {
        Err(ReadError::NoLedger { path: path() })
    }
}

/// The content of a small file of the record; none when it is not there.
pub(crate) fn content(folder: &DataFolder, file: LedgerFile) -> Result<Option<Vec<u8>>, ReadError> {
    let path = folder.ledger_file(file);
    match std::fs::read(&path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ReadError::File { path, source }),
    }
}

impl From<ReadError> for JournalOpenError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::File { path, source } => Self::File { path, source },
            ReadError::Break(found) => Self::Break(found),
            ReadError::Key(error) => Self::Key(error),
            ReadError::NoLedger { path } | ReadError::Gone { path, .. } => Self::File {
                path,
                source: std::io::ErrorKind::NotFound.into(),
            },
        }
    }
}
