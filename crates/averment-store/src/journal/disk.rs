//! What the journal's thread asks of the disk: the seam at which tests let it fail.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use averment_ledger::LedgerFile;

use super::replace::{Beside, Replacing};
use crate::folder::{DataFolder, make_private_dir, sync_dir};

/// The record's files, as the journal's thread needs them. Whatever an implementation calls done is believed, except that
/// every entry is read back before it is signed.
pub trait Disk: Send {
    /// Writes `bytes` behind everything that was written to the log.
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()>;
    /// Fills `bytes` with what the log holds from byte `offset` on.
    fn read_back(&mut self, offset: u64, bytes: &mut [u8]) -> std::io::Result<()>;
    /// Returns when everything that was written to the log is on disk.
    fn sync(&mut self) -> std::io::Result<()>;
    /// Puts `note` in the place of the file `checkpoint`, whole or not at all, also where power fails. It may be the one
    /// before then. Asked for when the log with this note is on disk, before the next group is.
    fn replace_checkpoint(&mut self, note: &str) -> std::io::Result<()>;
    /// Puts `note` in the place of the high-water mark, whole or not at all, and returns when it is on disk.
    fn replace_mark(&mut self, note: &str) -> std::io::Result<()>;
    /// Makes the next log, whole or not at all, and returns when it and the checkpoint of the log before are on disk.
    /// Whatever is asked from then on is about the new log.
    fn begin_log(&mut self, start: &LogStart) -> std::io::Result<()>;
}

/// What a log begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStart {
    /// Its number in the chain.
    pub number: u32,
    /// The content of its file `verifier`.
    pub verifier: String,
    /// Of its file `log`.
    pub log: Vec<u8>,
    /// Of its file `checkpoint`.
    pub checkpoint: String,
}

/// Files of a ledger folder.
pub(super) struct LedgerFiles {
    folder: DataFolder,
    /// Opened for appending.
    log: File,
    /// Where the log must be found as long as it is written to.
    path: PathBuf,
    /// Length that the log must have: nobody else may write to it.
    bytes: u64,
    /// The file `checkpoint`.
    checkpoint: Beside,
    replacing: Replacing,
    /// The file `ledger.mark` in the key folder.
    mark: PathBuf,
    /// Kept open so that the folder stays locked while this is written to.
    _lock: File,
}

impl LedgerFiles {
    /// Opens log `number`, whose first `bytes` bytes are what it holds: what follows is cut off.
    pub(super) fn open(
        folder: &DataFolder,
        number: u32,
        bytes: u64,
        (mark, lock): (PathBuf, File),
    ) -> std::io::Result<Self> {
        let path = folder.log_file(number, LedgerFile::Log);
        let log = open_log(&path)?;
        if log.metadata()?.len() > bytes {
            log.set_len(bytes)?;
        }
        // What a crash left in memory only must be on disk before anything relies on it.
        log.sync_all()?;
        Ok(Self {
            folder: folder.reading(),
            log,
            path,
            bytes,
            checkpoint: Beside::new(folder.log_file(number, LedgerFile::Checkpoint)),
            replacing: Replacing::default(),
            mark,
            _lock: lock,
        })
    }

    /// Checks that the open file is the one that readers will find, and that nobody else cut or wrote it. An unlinked file
    /// takes every byte and syncs without an error, and is gone with the descriptor.
    fn check_in_place(&self) -> std::io::Result<()> {
        let (open, found) = (self.log.metadata()?, std::fs::metadata(&self.path)?);
        if (open.dev(), open.ino()) != (found.dev(), found.ino()) || open.nlink() == 0 {
            return Err(std::io::Error::other("the log was replaced by another file"));
        }
        if open.len() != self.bytes {
            return Err(std::io::Error::other(format!(
                "the log has {} bytes, expected {}: something else writes to it",
                open.len(),
                self.bytes
            )));
        }
        Ok(())
    }
}

impl Disk for LedgerFiles {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.log.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    fn read_back(&mut self, offset: u64, bytes: &mut [u8]) -> std::io::Result<()> {
        self.log.read_exact_at(bytes, offset)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.log.sync_data()?;
        // Afterwards: what was written to a file that was taken away, before or meanwhile, is in no record.
        self.check_in_place()
    }

    fn replace_checkpoint(&mut self, note: &str) -> std::io::Result<()> {
        // The folder is not synced: the same checkpoint is in the log, which is. After a power failure this file may be
        // older, and opening the journal brings it up to date.
        self.replacing.replace(&mut self.checkpoint, note.as_bytes())
    }

    fn replace_mark(&mut self, note: &str) -> std::io::Result<()> {
        let new = self.mark.with_extension("mark.new");
        let mut file = private_file(&new)?;
        file.write_all(note.as_bytes())?;
        // Before it is renamed, so that no power failure leaves an empty one. The folder is not synced: an older mark is
        // no lie.
        file.sync_all()?;
        std::fs::rename(&new, &self.mark)
    }

    fn begin_log(&mut self, start: &LogStart) -> std::io::Result<()> {
        // Nobody brings the checkpoint of a log up to date once another log follows.
        File::open(self.checkpoint.path())?.sync_all()?;
        self.checkpoint.remove_spare();
        sync_dir(&self.folder.log(start.number - 1))?;
        make_log(&self.folder, start)?;
        self.path = self.folder.log_file(start.number, LedgerFile::Log);
        self.checkpoint = Beside::new(self.folder.log_file(start.number, LedgerFile::Checkpoint));
        self.replacing = Replacing::default();
        self.log = open_log(&self.path)?;
        self.bytes = start.log.len() as u64;
        self.check_in_place()
    }
}

impl Drop for LedgerFiles {
    fn drop(&mut self) {
        self.checkpoint.remove_spare();
    }
}

/// Makes the folder of a log under another name, brings it to disk and renames it: a log is there whole or not at all.
pub(super) fn make_log(folder: &DataFolder, start: &LogStart) -> std::io::Result<()> {
    let unfinished = folder.log(start.number).with_extension("new");
    match std::fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    make_private_dir(&unfinished)?;
    for (file, content) in [
        (LedgerFile::Log, &start.log[..]),
        (LedgerFile::Checkpoint, start.checkpoint.as_bytes()),
        (LedgerFile::Verifier, start.verifier.as_bytes()),
    ] {
        let mut made = private_file(&unfinished.join(file.name()))?;
        made.write_all(content)?;
        made.sync_all()?;
    }
    sync_dir(&unfinished)?;
    std::fs::rename(&unfinished, folder.log(start.number))?;
    sync_dir(&folder.ledger())
}

fn open_log(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).append(true).open(path)
}

/// Makes or empties a file that only its owner may read.
fn private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}
