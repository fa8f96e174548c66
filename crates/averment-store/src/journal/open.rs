//! Opening the journal: believe nothing that is on disk, repair what a crash can leave, refuse everything else.
//!
//! A crash can leave two things, and only these: a group without its checkpoint at the end of the log (it is removed and
//! counted: nobody was told that it is recorded, so nothing was sent on the strength of it) and a file `checkpoint` older
//! than the log (it is written anew). An unsealed group is never sealed afterwards, however whole it looks: its hashes
//! need no key, so whoever can write to the folder could have their lines signed.
//!
//! Where there is no note at all in `checkpoint` (a file system that did not keep its word, an earlier version), the last
//! signed checkpoint of the log takes its place, if the log reaches the mark in the key folder: no less than without the
//! damage.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use averment_ledger::{
    Base64, Break, Checkpoint, Deed, Deviation, Entry, Frontier, Head, LedgerFile, LogReader, LogState, Sealed,
    Signatures, SigningKey, Trusted, VerifierKey,
};
use averment_register::Digest;
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::batch::Batch;
use super::disk::{Disk, LedgerFiles, make_log};
use super::frame::Frame;
use super::latest::Latest;
use super::naming::RunReferences;
use super::pace::Pace;
use super::queue::queue;
use super::state::{Mark, State};
use super::writer::{Log, Writer};
use super::{Journal, Shared, term};
use crate::chain::{Chain, open_log};
use crate::folder::{DataFolder, sync_dir};
use crate::keys::{KeyError, Keys};
use crate::read::{buffered, log_error};

/// Why the journal cannot be opened. Nothing may then be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalOpenError {
    /// The folder was not opened with its lock.
    #[error("the journal needs the lock of the data folder")]
    NotLocked,
    /// The file system failed.
    #[error("cannot use the ledger file `{}`", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key that signs the newest log is not in the key folder.
    #[error(
        "the newest log of the ledger is of the key `{}`, which is not in the key folder: put it back",
        origin
    )]
    NoKey {
        /// The log's origin.
        origin: String,
    },
    /// The record was changed, or belongs to another key.
    #[error("the ledger does not hold, so nothing is added to it: {0}")]
    Break(#[from] Break),
    /// There was a record, and now there is none.
    #[error(
        "the ledger in `{}` is gone, `{}` says that it had {entries} entries at least: put it back, or begin with an empty data \
         folder and a new key folder", data.display(), mark.display()
    )]
    Gone {
        /// The data folder.
        data: PathBuf,
        /// The high-water mark.
        mark: PathBuf,
        /// Entries that there were at least.
        entries: u64,
    },
    /// The high-water mark cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The operating system gave no random bytes.
    #[error("cannot get random bytes for the ledger")]
    Random(#[source] getrandom::Error),
    /// No thread could be started.
    #[error("cannot start the thread of the journal")]
    Thread(#[source] std::io::Error),
}

/// What opening found and repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovery {
    /// Sealed entries in all logs.
    pub entries: u64,
    /// Whole entries that a crash had left without a checkpoint, now removed.
    pub cut_entries: u64,
    /// Bytes that were removed, those entries and a torn line.
    pub cut_bytes: u64,
    /// Checkpoints in the newest log that the file `checkpoint` had not caught up with.
    pub checkpoint_behind: u64,
    /// Whether the file `checkpoint` held no note and was made anew from the log.
    pub checkpoint_mended: bool,
    /// Seconds that the clock runs behind the latest time of the ledger; 0 when nothing is kept back for it.
    pub clock_behind_seconds: i64,
}

impl Journal {
    /// Opens the record in `folder`, whose lock must be held, checks the newest log and the ends of all others, and starts
    /// the thread.
    ///
    /// `clock` gives the time of entries, `charter` the digest for entries that no verdict belongs to.
    ///
    /// # Errors
    /// [`JournalOpenError`].
    pub fn open(
        folder: &DataFolder,
        keys: &Keys,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
        charter: Digest,
    ) -> Result<(Self, Recovery), JournalOpenError> {
        Self::open_with(folder, keys, clock, charter, |disk| disk)
    }

    /// The same with something between the journal's thread and the disk: what `wrap` makes of it is written to. The seam
    /// at which a test lets a disk fail or be slow.
    ///
    /// # Errors
    /// [`JournalOpenError`].
    pub fn open_with(
        folder: &DataFolder,
        keys: &Keys,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
        charter: Digest,
        wrap: impl FnOnce(Box<dyn Disk>) -> Box<dyn Disk>,
    ) -> Result<(Self, Recovery), JournalOpenError> {
        let frame = Frame::new(Box::new(clock), charter);
        let (files, log, recovery) = recover(folder, keys, &frame)?;
        let (journal, writer) = Self::prepare(Start {
            disk: wrap(Box::new(files)),
            log,
            keys,
            frame,
        })?;
        journal.run(writer)?;
        Ok((journal, recovery))
    }

    /// A journal and what its thread has to do.
    pub(super) fn prepare(start: Start<'_>) -> Result<(Self, Writer), JournalOpenError> {
        let Start { disk, log, keys, frame } = start;
        let (sender, orders) = queue();
        let (state, frame) = (Arc::new(State::default()), Arc::new(frame));
        let request_key = keys
            .of_log(log.key.verifier())
            .map_or(keys.request_key(), |(key, _)| key.request());
        let request_key = Zeroizing::new(*request_key);
        let next_key = keys.for_next_log();
        let writer = Writer {
            disk,
            log,
            base_key: next_key.of_log(1),
            orders,
            pace: Pace::default(),
            unplaced: None,
            mark: Mark::fresh(),
            untold: Vec::new(),
            read: Vec::new(),
            batch: Batch::default(),
            state: Arc::clone(&state),
            frame: Arc::clone(&frame),
        };
        let mut run = Base64([0; 16]);
        getrandom::fill(&mut run.0).map_err(JournalOpenError::Random)?;
        let shared = Shared {
            sender,
            state,
            frame,
            request_key,
            references: RunReferences::new(run),
            thread: Mutex::new(None),
        };
        let journal = Self {
            shared: Arc::new(shared),
        };
        Ok((journal, writer))
    }

    /// Starts the thread.
    pub(super) fn run(&self, writer: Writer) -> Result<(), JournalOpenError> {
        let thread = writer.start().map_err(JournalOpenError::Thread)?;
        *self.thread() = Some(thread);
        Ok(())
    }
}

/// What a journal begins with.
pub(super) struct Start<'a> {
    pub(super) disk: Box<dyn Disk>,
    /// The newest log, to be gone on with.
    pub(super) log: Log,
    pub(super) keys: &'a Keys,
    pub(super) frame: Frame,
}

fn file_error(path: PathBuf, source: std::io::Error) -> JournalOpenError {
    JournalOpenError::File { path, source }
}

/// Checks what must hold of the record, repairs its end, and begins the log that the newest one says comes next.
fn recover(folder: &DataFolder, keys: &Keys, frame: &Frame) -> Result<(LedgerFiles, Log, Recovery), JournalOpenError> {
    let lock = folder.share_lock();
    let lock = lock.map_err(|source| file_error(folder.path().to_owned(), source))?;
    let lock = lock.ok_or(JournalOpenError::NotLocked)?;
    let mark = keys.mark()?;
    begin_ledger(folder, keys, mark.as_ref())?;
    let trusted = Trusted {
        key: None,
        mark: mark.clone(),
    };
    let (chain, damaged) = Chain::read_mending(folder, trusted, keys.mark_note().as_deref())?;
    reach_mark_of_an_old_log(folder, &chain, mark.as_ref())?;
    // A log that cannot make up for the damage is refused for that.
    let newest = read_newest(folder, &chain, mark);
    let (newest, mut recovery) =
        newest.map_err(|error| damaged.as_ref().map_or(error, |found| found.clone().into()))?;
    recovery.checkpoint_mended = damaged.is_some();
    if let Some(latest) = newest.latest {
        frame.seen(latest);
    }
    recovery.clock_behind_seconds = frame.seconds_behind();
    let state = &newest.state;
    let mut files = LedgerFiles::open(folder, state.number, newest.bytes, (keys.mark_path().to_owned(), lock))
        .map_err(|source| file_error(folder.log_file(state.number, LedgerFile::Log), source))?;
    files
        .replace_checkpoint(&state.note)
        .and_then(|()| sync_dir(&folder.log(state.number)))
        .map_err(|source| file_error(folder.log_file(state.number, LedgerFile::Checkpoint), source))?;
    let (log, note) = newest.go_on(folder, keys, frame, &mut files)?;
    // Here already, so that a key folder that cannot be written to is known before anything is taken.
    files
        .replace_mark(&note)
        .map_err(|source| file_error(keys.mark_path().to_owned(), source))?;
    keys.settle_ledger_key(log.key.verifier(), log.number - 1)?;
    Ok((files, log, recovery))
}

/// Makes an empty record where there never was one.
fn begin_ledger(folder: &DataFolder, keys: &Keys, mark: Option<&Checkpoint>) -> Result<(), JournalOpenError> {
    if !crate::chain::log_numbers(folder)?.is_empty() {
        return Ok(());
    }
    if let Some(mark) = mark.filter(|mark| mark.size > 0) {
        return Err(JournalOpenError::Gone {
            data: folder.path().to_owned(),
            mark: keys.mark_path().to_owned(),
            entries: mark.size,
        });
    }
    let first = term::first(&keys.for_next_log().of_log(1));
    make_log(folder, &first).map_err(|source| file_error(folder.log(1), source))
}

/// A crash between the beginning of a log and the next mark leaves a mark in the log before: that one is then read, too.
fn reach_mark_of_an_old_log(
    folder: &DataFolder,
    chain: &Chain,
    mark: Option<&Checkpoint>,
) -> Result<(), JournalOpenError> {
    let is_marked = |log: &&LogState| mark.is_some_and(|mark| mark.origin == log.key.name() && mark.group > 0);
    let newest = chain.newest().number;
    for log in chain.logs().iter().filter(is_marked).filter(|log| log.number < newest) {
        let mut reader = reader(folder, log, mark)?;
        let read = reader.read_to_end().map(|_| ());
        read.map_err(|error| log_error(folder, log.number, error))?;
    }
    Ok(())
}

fn reader(
    folder: &DataFolder,
    log: &LogState,
    mark: Option<&Checkpoint>,
) -> Result<LogReader<std::io::BufReader<std::fs::File>>, JournalOpenError> {
    let head = Head::open(log.note.as_bytes(), &log.key).map_err(|found| found.in_log(log.number))?;
    let mark = mark.filter(|mark| mark.origin == log.key.name()).cloned();
    let input = buffered(open_log(folder, log.number)?);
    Ok(LogReader::new(input, log.key.clone(), head, Signatures::AfterHead)
        .in_log(log.number)
        .reaching(mark))
}

/// The newest log, read to its end.
struct Newest {
    state: LogState,
    tree: Frontier,
    /// Bytes that are sealed.
    bytes: u64,
    /// From when it lasts.
    begun: Option<Timestamp>,
    last: Option<Entry>,
    /// Of all entries, those of the logs before among them.
    latest: Option<Timestamp>,
}

fn read_newest(
    folder: &DataFolder,
    chain: &Chain,
    mark: Option<Checkpoint>,
) -> Result<(Newest, Recovery), JournalOpenError> {
    let log = chain.newest();
    let mut reader = reader(folder, log, mark.as_ref())?;
    let (mut begun, mut latest, mut last) = (None, Latest::default(), Vec::new());
    while let Some(group) = reader
        .next_group()
        .map_err(|error| log_error(folder, log.number, error))?
    {
        if begun.is_none() {
            let line = group.lines().next().expect("a group holds at least one entry");
            let first = line.entry()?;
            (begun, latest) = (first.at.parse().ok(), Latest::beginning_with(&first));
        }
        group.lines().for_each(|line| latest.take(line.json));
        last.clear();
        last.extend_from_slice(group.last());
    }
    // One that cannot be read might say that the log has ended: nothing may then be written behind it.
    let last = (!last.is_empty()).then(|| serde_json::from_slice(&last)).transpose();
    let last = last.map_err(|error: serde_json::Error| {
        let deviation = Deviation::Entry { column: error.column() };
        Break::at_start(LedgerFile::Log, deviation).in_log(log.number)
    })?;
    let (sealed, tail): (Sealed, _) = (reader.sealed().clone(), reader.tail());
    let recovery = Recovery {
        entries: log.first + sealed.entries,
        cut_entries: tail.map_or(0, |tail| tail.entries),
        cut_bytes: tail.map_or(0, |tail| tail.bytes),
        checkpoint_behind: sealed.after_head,
        checkpoint_mended: false,
        clock_behind_seconds: 0,
    };
    let state = LogState {
        checkpoint: Checkpoint {
            origin: log.key.name().to_owned(),
            size: sealed.entries,
            root: sealed.root,
            group: sealed.checkpoints,
        },
        note: sealed.note,
        ..log.clone()
    };
    let newest = Newest {
        state,
        tree: reader.tree().clone(),
        bytes: sealed.bytes,
        begun: begun.map(|begun| latest.lasts_from(begun)),
        last,
        latest: latest.at(),
    };
    Ok((newest, recovery))
}

impl Newest {
    /// Where to write on, and the newest checkpoint: in this log, or in the one that it names as the next.
    fn go_on(
        self,
        folder: &DataFolder,
        keys: &Keys,
        frame: &Frame,
        files: &mut LedgerFiles,
    ) -> Result<(Log, String), JournalOpenError> {
        let Some(Entry {
            deed: Deed::Ended(ended),
            ..
        }) = &self.last
        else {
            let key = signing_key(keys, &self.state.key)?;
            let log = Log {
                number: self.state.number,
                first: self.state.first,
                tree: self.tree,
                groups: self.state.checkpoint.group,
                bytes: self.bytes,
                key,
                begun: self.begun,
            };
            return Ok((log, self.state.note));
        };
        let number = self.state.number;
        let named: Result<VerifierKey, _> = ended.verifier.parse();
        let not_next = |_| {
            let deviation = Deviation::NotTheNext { expected: number + 1 };
            Break::at_start(LedgerFile::Log, deviation).in_log(number)
        };
        let key = signing_key(keys, &named.map_err(not_next)?)?;
        let (start, tree) = term::continuation(&self.state, &key, frame);
        files
            .begin_log(&start)
            .map_err(|source| file_error(folder.log(start.number), source))?;
        let log = Log {
            number: start.number,
            first: self.state.first + self.state.checkpoint.size,
            tree,
            groups: 1,
            bytes: start.log.len() as u64,
            key,
            begun: Some(frame.now()),
        };
        Ok((log, start.checkpoint))
    }
}

fn signing_key(keys: &Keys, verifier: &VerifierKey) -> Result<SigningKey, JournalOpenError> {
    let origin = || verifier.name().to_owned();
    let (key, number) = keys
        .of_log(verifier)
        .ok_or_else(|| JournalOpenError::NoKey { origin: origin() })?;
    Ok(key.of_log(number))
}
