//! Reading the record: the whole check, the entries one after another, and what left about one person.
//!
//! Start at [`verify`], [`entries`] and [`crate::person_entries`]; [`raw_entries`] is for those who prove. No lock is needed:
//! a group that a running gate has not sealed yet is left out.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use averment_ledger::{
    Audit, Break, ChainAudit, Checkpoint, Deviation, Entry, EntryLine, Head, Joiner, LedgerFile, Links, LogContent,
    LogError, LogReader, LogState, Signatures, TreeHash, Trusted,
};

use crate::chain::{Chain, log_numbers, open_log};
use crate::folder::DataFolder;
use crate::journal::JournalOpenError;
use crate::keys::{KeyError, Keys};

/// Bytes read from a log at a time.
pub(crate) const READ_BYTES: usize = 1 << 20;

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
    #[error("the ledger in `{}` is gone: `ledger.mark` in the key folder says that it had {entries} entries at least", path.display())]
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
    /// Its number in the whole ledger, from 0; of a message in several entries, that of the last. The order of the ledger; times of
    /// neighbours may be out of order.
    pub index: u64,
    /// Leaf hash of the entry with that number.
    pub leaf: TreeHash,
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

/// Checks every entry, hash, root and signature of every log of the record, and how they follow each other. `trusted`: a
/// key that one of the logs must be of, or what [`trusted`] gives.
///
/// A gate may be running meanwhile.
///
/// # Errors
/// [`ReadError::File`]; what does not hold is in [`Audit::breaks`].
pub fn verify<'a>(folder: &DataFolder, trusted: impl Into<Trusted<'a>>) -> Result<Audit, ReadError> {
    begun(folder)?;
    let mut audit = ChainAudit::new(trusted);
    let mut number = 1;
    loop {
        let is_last = |logs: Vec<u32>| logs.last().is_none_or(|last| *last <= number);
        let was_last = is_last(log_numbers(folder)?);
        let before = audit.clone();
        let checkpoint = take_log(folder, number, &mut audit)?;
        let is_last = is_last(log_numbers(folder)?);
        if was_last && !is_last {
            // A gate ended this log while it was read, perhaps too late to be seen.
            audit = before;
            take_log(folder, number, &mut audit)?;
        }
        if is_last {
            let mut audit = audit.finish();
            // A running gate replaces the checkpoint after every group: while the log was read it may have been replaced.
            if content(folder, number, LedgerFile::Checkpoint)? == checkpoint {
                let older = older_checkpoint(&audit).map(|found| found.in_log(number));
                audit.breaks.extend(older);
            }
            return Ok(audit);
        }
        number += 1;
    }
}

/// Gives the content of the file `checkpoint`, as it was before the log was read.
fn take_log(folder: &DataFolder, number: u32, audit: &mut ChainAudit<'_>) -> Result<Option<Vec<u8>>, ReadError> {
    let checkpoint = content(folder, number, LedgerFile::Checkpoint)?;
    let log = match open_log(folder, number) {
        Ok(log) => Some(buffered(log)),
        Err(ReadError::Break(_)) => None,
        Err(error) => return Err(error),
    };
    let read = audit.take(LogContent {
        verifier: content(folder, number, LedgerFile::Verifier)?,
        checkpoint: checkpoint.clone(),
        log,
    });
    read.map_err(|source| ReadError::File {
        path: folder.log_file(number, LedgerFile::Log),
        source,
    })?;
    Ok(checkpoint)
}

/// Seconds of the record whose replacing of `checkpoint` a power failure can undo: file systems bring a rename to disk within
/// 5 (ext4) to 30 seconds (XFS, Btrfs), and what was asked for in that time may wait as long again.
const LOST_SECONDS: i64 = 60;

/// An older copy of the file `checkpoint`. At most one group is newer where a gate is just writing, more where a power failure
/// undid its last renames. Neither hides anything, since every checkpoint is in the log, and the next start brings the file up
/// to date; older than a power failure can make it, somebody put it there.
fn older_checkpoint(audit: &Audit) -> Option<Break> {
    let groups = audit.sealed.as_ref()?.after_head;
    let second = |time: &Option<String>| Some(time.as_ref()?.parse::<jiff::Timestamp>().ok()?.as_second());
    let lost = second(&audit.last_at).zip(second(&audit.behind_since));
    let is_older = groups > 1 && lost.is_none_or(|(last, since)| last - since > LOST_SECONDS);
    is_older.then(|| Break::at_start(LedgerFile::Checkpoint, Deviation::Older { groups }))
}

/// The sealed entries from the first to the last, hashes and roots checked on the way, the signatures from the newest
/// checkpoint of each log on, and how the logs follow each other. An error voids what was given out before it.
///
/// # Errors
/// [`ReadError`] for files that are missing or not what they must be.
pub fn entries<'a>(folder: &DataFolder, trusted: impl Into<Trusted<'a>>) -> Result<Entries, ReadError> {
    Ok(Entries {
        cursor: Cursor::begin(folder, trusted)?,
        joiner: Joiner::default(),
        ready: Vec::new().into_iter(),
        ended: false,
    })
}

/// As [`entries`], from the beginning of log `number` on. Of the logs before it only the ends are looked at.
///
/// # Errors
/// As [`entries`].
pub(crate) fn entries_from<'a>(
    folder: &DataFolder,
    trusted: impl Into<Trusted<'a>>,
    number: u32,
) -> Result<Entries, ReadError> {
    Ok(Entries {
        cursor: Cursor::begin_at(folder, trusted, number)?,
        joiner: Joiner::default(),
        ready: Vec::new().into_iter(),
        ended: false,
    })
}

/// The same as they stand in the logs, checked alike: one line each, for whoever proves that an entry is there.
///
/// # Errors
/// As [`entries`].
pub fn raw_entries<'a>(folder: &DataFolder, trusted: impl Into<Trusted<'a>>) -> Result<RawEntries, ReadError> {
    Ok(RawEntries {
        cursor: Cursor::begin(folder, trusted)?,
        ready: Vec::new().into_iter(),
        ended: false,
    })
}

/// One line of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEntry {
    /// Number of its log in the chain, from 1.
    pub log: u32,
    /// Its number in that log, from 0: which leaf of the tree.
    pub leaf: u64,
    /// Its number in the whole ledger, from 0.
    pub index: u64,
    /// Its leaf hash.
    pub hash: TreeHash,
    /// The bytes that are hashed: the entry as JSON.
    pub json: Vec<u8>,
}

/// Entries of the record, group by group. Memory is bounded by one group.
#[derive(Debug)]
pub struct Entries {
    cursor: Cursor,
    joiner: Joiner,
    ready: std::vec::IntoIter<Numbered>,
    ended: bool,
}

/// Lines of the record, group by group. Memory is bounded by one group.
#[derive(Debug)]
pub struct RawEntries {
    cursor: Cursor,
    ready: std::vec::IntoIter<RawEntry>,
    ended: bool,
}

impl Iterator for Entries {
    type Item = Result<Numbered, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            if let Some(item) = self.ready.next() {
                return Some(Ok(item));
            }
            let (mut group, joiner) = (Vec::new(), &mut self.joiner);
            let read = self.cursor.next_group(|index, line, entry| {
                let leaf = line.hash;
                group.extend(joiner.take(entry).map(|entry| Numbered { index, leaf, entry }));
            });
            self.ended = !matches!(read, Ok(true));
            self.ready = group.into_iter();
            if let Err(error) = read {
                return Some(Err(error));
            }
        }
        None
    }
}

impl Iterator for RawEntries {
    type Item = Result<RawEntry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            if let Some(item) = self.ready.next() {
                return Some(Ok(item));
            }
            let mut group = Vec::new();
            let read = self.cursor.next_group(|index, line, _| {
                group.push(RawEntry {
                    log: line.log,
                    leaf: line.index,
                    index,
                    hash: line.hash,
                    json: line.json.to_vec(),
                });
            });
            self.ended = !matches!(read, Ok(true));
            self.ready = group.into_iter();
            if let Err(error) = read {
                return Some(Err(error));
            }
        }
        None
    }
}

/// Where reading stands in the chain.
#[derive(Debug)]
struct Cursor {
    folder: DataFolder,
    /// Logs that are not read to their end yet.
    logs: std::iter::Peekable<std::vec::IntoIter<LogState>>,
    mark: Option<Checkpoint>,
    open: Option<OpenLog>,
}

/// A log that is being read.
#[derive(Debug)]
struct OpenLog {
    state: LogState,
    reader: LogReader<BufReader<File>>,
    links: Links,
}

impl Cursor {
    fn begin<'a>(folder: &DataFolder, trusted: impl Into<Trusted<'a>>) -> Result<Self, ReadError> {
        Self::begin_at(folder, trusted, 1)
    }

    /// At the beginning of log `number`.
    fn begin_at<'a>(folder: &DataFolder, trusted: impl Into<Trusted<'a>>, number: u32) -> Result<Self, ReadError> {
        let trusted = trusted.into();
        let mark = trusted.mark.clone();
        let chain = Chain::read(folder, trusted)?;
        let (before, logs): (Vec<LogState>, Vec<LogState>) =
            chain.logs().iter().cloned().partition(|log| log.number < number);
        let mut cursor = Self {
            folder: folder.reading(),
            logs: logs.into_iter().peekable(),
            mark,
            open: None,
        };
        cursor.open_next(before.last().map_or_else(Links::first, Links::after))?;
        Ok(cursor)
    }

    /// Gives every entry of the next group to `each`, with its number in the ledger; false at the end.
    fn next_group(&mut self, mut each: impl FnMut(u64, EntryLine<'_>, Entry)) -> Result<bool, ReadError> {
        while let Some(open) = &mut self.open {
            let (number, first) = (open.state.number, open.state.first);
            let group = open.reader.next_group();
            if let Some(group) = group.map_err(|error| log_error(&self.folder, number, error))? {
                for line in group.lines() {
                    let entry = line.entry()?;
                    let linked = open.links.take(line.index, &entry.deed);
                    linked.map_err(|deviation| line.broken(deviation))?;
                    each(first + line.index, line, entry);
                }
                return Ok(true);
            }
            let done = self.open.take();
            if let (Some(done), Some(next)) = (done, self.logs.peek()) {
                done.ended_before(next)?;
                self.open_next(Links::after(&done.state))?;
            }
        }
        Ok(false)
    }

    fn open_next(&mut self, links: Links) -> Result<(), ReadError> {
        let Some(state) = self.logs.next() else {
            return Ok(());
        };
        let number = state.number;
        let broken = |found: Break| found.in_log(number);
        let head = Head::open(state.note.as_bytes(), &state.key).map_err(broken)?;
        let log = buffered(open_log(&self.folder, number)?);
        let mark = self.mark.clone().filter(|mark| mark.origin == state.key.name());
        let reader = LogReader::new(log, state.key.clone(), head, Signatures::AfterHead)
            .in_log(number)
            .reaching(mark);
        self.open = Some(OpenLog { state, reader, links });
        Ok(())
    }
}

impl OpenLog {
    /// Checks that the log, read to its end, ends where `next` begins.
    fn ended_before(&self, next: &LogState) -> Result<(), Break> {
        let number = self.state.number;
        let at = |file, number, deviation| Break::at_start(file, deviation).in_log(number);
        self.links.lead_to(&next.key).map_err(|deviation| match deviation {
            Deviation::OtherKey { .. } => at(LedgerFile::Verifier, next.number, deviation),
            other => at(LedgerFile::Log, number, other),
        })?;
        match (self.reader.sealed().after_head, self.reader.tail()) {
            (0, None) => Ok(()),
            (0, Some(_)) => Err(at(LedgerFile::Log, number, Deviation::AfterEnd)),
            (groups, _) => Err(at(LedgerFile::Checkpoint, number, Deviation::Older { groups })),
        }
    }
}

/// What a reader of log `number` says, with the file that it was about.
pub(crate) fn log_error(folder: &DataFolder, number: u32, error: LogError) -> ReadError {
    let path = || folder.log_file(number, LedgerFile::Log);
    match error {
        LogError::Break(found) => found.into(),
        LogError::Read(source) => ReadError::File { path: path(), source },
        other => ReadError::File {
            path: path(),
            source: std::io::Error::other(other),
        },
    }
}

pub(crate) fn buffered(log: File) -> BufReader<File> {
    BufReader::with_capacity(READ_BYTES, log)
}

/// Tells a record that was never begun from one whose files are gone: of the latter at least one log is left, unless
/// whoever took them took all.
pub(crate) fn begun(folder: &DataFolder) -> Result<(), ReadError> {
    if log_numbers(folder)?.is_empty() {
        Err(ReadError::NoLedger {
            path: folder.path().to_owned(),
        })
    } else {
        Ok(())
    }
}

/// The content of a small file of log `number`; none when it is not there.
pub(crate) fn content(folder: &DataFolder, number: u32, file: LedgerFile) -> Result<Option<Vec<u8>>, ReadError> {
    let path = folder.log_file(number, file);
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
