//! Opening the journal: believe nothing that is on disk, repair what a crash can leave, refuse everything else.
//!
//! A crash can leave two things, and only these: a group without its checkpoint at the end of the log (it is removed and
//! counted: nobody was told that it is recorded, so nothing was sent on the strength of it) and a file `checkpoint` older
//! than the log (it is written anew). An unsealed group is never sealed afterwards, however whole it looks: its hashes
//! need no key, so whoever can write to the folder could have their lines signed.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock, mpsc};

use averment_ledger::{
    Base64, Break, Checkpoint, Deviation, Frontier, Head, LedgerFile, LogError, LogReader, Signatures, VerifierKey,
    read_verifier,
};
use averment_register::Digest;
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::disk::{Disk, LedgerFiles, private_file};
use super::naming::RunReferences;
use super::writer::{Mark, Pace, State, Writer};
use super::{Clock, Journal, Shared};
use crate::folder::{DataFolder, sync_dir};
use crate::keys::{KeyError, Keys};

/// Bytes read from the log at a time.
const READ_BYTES: usize = 1 << 20;

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
    /// The record was changed, or belongs to another key.
    #[error("the ledger does not hold, so nothing is added to it: {0}")]
    Break(#[from] Break),
    /// There was a record, and now there is none.
    #[error(
        "the ledger in `{}` is gone, `{}` says that it had {entries} entries: put it back, or begin with an empty data \
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
    /// Sealed entries in the log.
    pub entries: u64,
    /// Whole entries that a crash had left without a checkpoint, now removed.
    pub cut_entries: u64,
    /// Bytes that were removed, those entries and a torn line.
    pub cut_bytes: u64,
    /// Checkpoints in the log that the file `checkpoint` had not caught up with.
    pub checkpoint_behind: u64,
}

impl Journal {
    /// Opens the record in `folder`, whose lock must be held, checks all of it and starts the thread.
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
    /// at which a test lets a disk fail or be slow; what it calls done is believed.
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
        let lock = folder
            .share_lock()
            .map_err(|source| file_error(folder.path().to_owned(), source))?;
        let lock = lock.ok_or(JournalOpenError::NotLocked)?;
        make_ledger(folder, keys)?;
        let checkpoint = folder.ledger_file(LedgerFile::Checkpoint);
        let mut files = LedgerFiles {
            log: open_log(folder)?,
            path: folder.ledger_file(LedgerFile::Log),
            bytes: 0,
            checkpoint,
            mark: keys.mark_path().to_owned(),
            _lock: lock,
        };
        let (end, recovery) = recover(folder, keys, &mut files)?;
        let disk = wrap(Box::new(files));
        let journal = Self::start(Start {
            disk,
            end,
            keys,
            clock: Box::new(clock),
            charter,
        })?;
        Ok((journal, recovery))
    }

    /// Starts the thread.
    pub(super) fn start(start: Start<'_>) -> Result<Self, JournalOpenError> {
        let Start {
            disk,
            end: LogEnd { tree, groups },
            keys,
            clock,
            charter,
        } = start;
        let (sender, orders) = mpsc::channel();
        let (state, key) = (Arc::new(State::default()), keys.signing_key());
        let writer = Writer {
            disk,
            tree,
            groups,
            key,
            orders,
            pace: Pace::default(),
            mark: Mark::fresh(),
            state: Arc::clone(&state),
        };
        let thread = writer.start().map_err(JournalOpenError::Thread)?;
        let request_key = Zeroizing::new(*keys.request_key());
        let mut run = Base64([0; 16]);
        getrandom::fill(&mut run.0).map_err(JournalOpenError::Random)?;
        let (charter, thread) = (RwLock::new(charter), Mutex::new(Some(thread)));
        Ok(Self {
            shared: Arc::new(Shared {
                sender,
                state,
                clock,
                charter,
                request_key,
                references: Mutex::new(RunReferences::new(run)),
                thread,
            }),
        })
    }
}

/// What a journal begins with.
pub(super) struct Start<'a> {
    pub(super) disk: Box<dyn Disk>,
    pub(super) end: LogEnd,
    pub(super) keys: &'a Keys,
    pub(super) clock: Clock,
    pub(super) charter: Digest,
}

fn file_error(path: PathBuf, source: std::io::Error) -> JournalOpenError {
    JournalOpenError::File { path, source }
}

fn open_log(folder: &DataFolder) -> Result<File, JournalOpenError> {
    let path = folder.ledger_file(LedgerFile::Log);
    let mut options = OpenOptions::new();
    options
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&path)
        .map_err(|source| file_error(path, source))
}

/// Makes an empty record where there never was one. The public key comes last: where it is, log and checkpoint must be too.
fn make_ledger(folder: &DataFolder, keys: &Keys) -> Result<(), JournalOpenError> {
    let [log, checkpoint, verifier] =
        [LedgerFile::Log, LedgerFile::Checkpoint, LedgerFile::Verifier].map(|file| folder.ledger_file(file));
    let exists = |path: &PathBuf| path.try_exists().map_err(|source| file_error(path.clone(), source));
    if exists(&verifier)? {
        return Ok(());
    }
    let log_bytes = std::fs::metadata(&log).map_or(0, |metadata| metadata.len());
    if log_bytes > 0 {
        return Err(Break {
            file: LedgerFile::Verifier,
            line: 1,
            offset: 0,
            deviation: Deviation::Missing,
        }
        .into());
    }
    if let Some(mark) = keys.mark()?.filter(|mark| mark.size > 0) {
        return Err(JournalOpenError::Gone {
            data: folder.path().to_owned(),
            mark: keys.mark_path().to_owned(),
            entries: mark.size,
        });
    }
    let key = &keys.signing_key();
    let empty = Checkpoint::of(key.verifier().name(), &Frontier::new(), 0).sign(key);
    for (path, content) in [
        (log, String::new()),
        (checkpoint, empty),
        (verifier, format!("{}\n", key.verifier())),
    ] {
        let made = private_file(&path).and_then(|mut file| {
            file.write_all(content.as_bytes())?;
            file.sync_all()
        });
        made.map_err(|source| file_error(path, source))?;
    }
    sync_dir(&folder.ledger()).map_err(|source| file_error(folder.ledger(), source))
}

/// Where the log goes on.
#[derive(Default)]
pub(super) struct LogEnd {
    pub(super) tree: Frontier,
    pub(super) groups: u64,
}

/// Checks the whole record and repairs its end.
fn recover(folder: &DataFolder, keys: &Keys, files: &mut LedgerFiles) -> Result<(LogEnd, Recovery), JournalOpenError> {
    let log_path = folder.ledger_file(LedgerFile::Log);
    let log_error = |source| file_error(log_path.clone(), source);
    let head = read_head(folder, keys.verifier())?;
    let input = files.log.try_clone().map_err(log_error)?;
    let mut reader = LogReader::new(
        BufReader::with_capacity(READ_BYTES, input),
        keys.verifier().clone(),
        head,
        Signatures::AfterHead,
    )
    .reaching(keys.mark()?);
    let sealed = reader.read_to_end().map_err(|error| match error {
        LogError::Break(found) => found.into(),
        LogError::Read(source) => log_error(source),
        other => log_error(std::io::Error::other(other)),
    })?;
    let (sealed, tail) = (sealed.clone(), reader.tail());
    let recovery = Recovery {
        entries: sealed.entries,
        cut_entries: tail.map_or(0, |tail| tail.entries),
        cut_bytes: tail.map_or(0, |tail| tail.bytes),
        checkpoint_behind: sealed.after_head,
    };
    // What a crash left in memory only must be on disk before anything relies on it.
    let cut = if tail.is_some() {
        files.log.set_len(sealed.bytes)
    } else {
        Ok(())
    };
    cut.and_then(|()| files.log.sync_all()).map_err(log_error)?;
    files.bytes = sealed.bytes;
    let replaced = files
        .replace_checkpoint(&sealed.note)
        .and_then(|()| sync_dir(&folder.ledger()));
    replaced.map_err(|source| file_error(folder.ledger_file(LedgerFile::Checkpoint), source))?;
    // Here already, so that a key folder that cannot be written to is known before anything is taken.
    files
        .replace_mark(&sealed.note)
        .map_err(|source| file_error(files.mark.clone(), source))?;
    Ok((
        LogEnd {
            tree: reader.tree().clone(),
            groups: sealed.checkpoints,
        },
        recovery,
    ))
}

fn read_head(folder: &DataFolder, key: &VerifierKey) -> Result<Head, JournalOpenError> {
    read_verifier(
        crate::read::content(folder, LedgerFile::Verifier)?.as_deref(),
        Some(key),
    )?;
    let missing = Break {
        file: LedgerFile::Checkpoint,
        line: 1,
        offset: 0,
        deviation: Deviation::Missing,
    };
    let content = crate::read::content(folder, LedgerFile::Checkpoint)?.ok_or(missing)?;
    Ok(Head::open(&content, key)?)
}
