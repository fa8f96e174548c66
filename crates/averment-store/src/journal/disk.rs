//! What the journal's thread asks of the disk: the seam at which tests let it fail.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The record's files, as the journal's thread needs them. Whatever an implementation calls done is believed.
pub trait Disk: Send {
    /// Appends to the log and returns when the bytes are on disk.
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()>;
    /// Puts `note` in the place of the file `checkpoint`, whole or not at all.
    fn replace_checkpoint(&mut self, note: &str) -> std::io::Result<()>;
    /// Puts `note` in the place of the high-water mark, whole or not at all, and returns when it is on disk.
    fn replace_mark(&mut self, note: &str) -> std::io::Result<()>;
}

/// Files of a ledger folder.
pub(super) struct LedgerFiles {
    /// Opened for appending.
    pub(super) log: File,
    /// Where the log must be found as long as it is written to.
    pub(super) path: PathBuf,
    /// Length that the log must have: nobody else may write to it.
    pub(super) bytes: u64,
    /// The file `checkpoint`.
    pub(super) checkpoint: PathBuf,
    /// The file `ledger.mark` in the key folder.
    pub(super) mark: PathBuf,
    /// Kept open so that the folder stays locked while this is written to.
    pub(super) _lock: File,
}

impl Disk for LedgerFiles {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.log.write_all(bytes)?;
        self.log.sync_data()?;
        self.bytes += bytes.len() as u64;
        // Afterwards: what was written to a file that was taken away, before or meanwhile, is in no record.
        self.check_in_place()
    }

    fn replace_checkpoint(&mut self, note: &str) -> std::io::Result<()> {
        // Not synced: the same checkpoint is in the log, which is. After a power failure this file may be older, and
        // opening the journal brings it up to date.
        let new = self.checkpoint.with_extension("new");
        let mut options = OpenOptions::new();
        let file = options
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&new)?;
        file.write_all_at(note.as_bytes(), 0)?;
        if file.metadata()?.len() != note.len() as u64 {
            file.set_len(note.len() as u64)?;
        }
        put_in_place(&new, &self.checkpoint)
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
}

impl LedgerFiles {
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

impl Drop for LedgerFiles {
    /// The spare of the checkpoint is no part of the record.
    fn drop(&mut self) {
        _ = std::fs::remove_file(self.checkpoint.with_extension("new"));
    }
}

/// Makes or empties a file that only its owner may read.
pub(super) fn private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

/// Puts `new` in the place of `old`. Where the system can, both change places and both stay: making one file and removing
/// one for every group would cost as much as the sync of the log.
fn put_in_place(new: &Path, old: &Path) -> std::io::Result<()> {
    exchange(new, old).or_else(|_| std::fs::rename(new, old))
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(new: &Path, old: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).map_err(std::io::Error::from)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
