//! Leaf hashes and entries of one log, from its first byte on, as far as they are sealed.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use averment_ledger::{Break, Checkpoint, Follow, GROUP_BYTES_MAX, LedgerFile, TreeHash, VerifierKey};

use super::folder::TileFolder;

/// Bytes read at a time: a gate serves meanwhile, and larger pieces take memory that the system has to find and clear first.
const CHUNK_BYTES: u64 = 512 << 10;
/// Where a group is larger: more than any takes with its hashes and checkpoint, so that every round gets on.
const CHUNK_BYTES_MAX: u64 = GROUP_BYTES_MAX as u64 + (2 << 20);

/// A multiple of what the system remembers together.
#[cfg(any(target_os = "linux", target_os = "android"))]
const PAGE_BYTES: u64 = 64 << 10;

/// Why a log cannot be read or believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogReadError {
    /// The file system failed.
    #[error("cannot read the log `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The record is not what it must be.
    #[error("the ledger does not hold")]
    Break(#[from] Break),
}

/// Follows one log.
#[derive(Debug)]
pub struct LogLeaves {
    path: PathBuf,
    is_from_disk: bool,
    follow: Follow,
}

impl LogLeaves {
    /// Begins at the first entry of the log in `folder`, which must be of `key`.
    pub fn new(folder: &Path, key: VerifierKey) -> Self {
        Self {
            path: folder.join(LedgerFile::Log.name()),
            is_from_disk: false,
            follow: Follow::new(key),
        }
    }

    /// The same, of what is on disk and not of what the system remembers of it: its memory is dropped first, where it can be
    /// asked to (Linux). Costs the reading.
    #[must_use]
    pub fn from_disk(self) -> Self {
        Self {
            is_from_disk: true,
            ..self
        }
    }

    /// Gives some entries that were sealed since the last call to `each`, with their leaf hashes; hashes and roots are
    /// computed anew, signatures checked. Whether there were some: then there may be more.
    ///
    /// # Errors
    /// [`LogReadError`]; nothing was given then, and the next call begins at the same entry.
    pub fn next(&mut self, mut each: impl FnMut(TreeHash, &[u8])) -> Result<bool, LogReadError> {
        let more = self.take(CHUNK_BYTES, &mut each)?;
        // One group may be larger.
        Ok(more || self.take(CHUNK_BYTES_MAX, &mut each)?)
    }

    fn take(&mut self, bytes_max: u64, each: &mut impl FnMut(TreeHash, &[u8])) -> Result<bool, LogReadError> {
        let before = self.follow.offset();
        let bytes = self.chunk(before, bytes_max).map_err(|source| LogReadError::File {
            path: self.path.clone(),
            source,
        })?;
        let leaves = self.follow.take_leaves(&bytes)?;
        leaves.into_iter().for_each(|(hash, entry)| each(hash, entry));
        Ok(self.follow.offset() > before)
    }

    /// The newest checkpoint that was read.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.follow.checkpoint()
    }

    /// Its note, signed by the log and nobody else.
    pub fn note(&self) -> Option<&str> {
        self.follow.note()
    }

    fn chunk(&self, offset: u64, bytes_max: u64) -> std::io::Result<Vec<u8>> {
        let mut log = File::open(&self.path)?;
        if self.is_from_disk {
            forget(&log, offset, bytes_max);
        }
        log.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        log.take(bytes_max).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Asks the system to forget what it remembers of a part of a file and has written out. One that does not answers as before.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn forget(file: &File, offset: u64, bytes: u64) {
    use rustix::fs::{Advice, fadvise};
    // From the page on in which it begins: of others it would keep the beginning.
    let start = offset - offset % PAGE_BYTES;
    let length = std::num::NonZeroU64::new(bytes + offset % PAGE_BYTES);
    _ = fadvise(file, start, length, Advice::DontNeed);
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn forget(_: &File, _: u64, _: u64) {}

/// Reads the whole log in `folder`; gives every sealed entry to `each`, with its number and leaf hash.
///
/// # Errors
/// [`LogReadError`]; it voids what was given out before.
pub fn read_leaves(
    folder: &Path,
    key: VerifierKey,
    mut each: impl FnMut(u64, TreeHash, &[u8]),
) -> Result<LogLeaves, LogReadError> {
    let (mut leaves, mut index) = (LogLeaves::new(folder, key), 0);
    while leaves.next(|hash, entry| {
        each(index, hash, entry);
        index += 1;
    })? {}
    Ok(leaves)
}

/// Where a gate keeps the tiles of the log in `folder`.
pub fn tiles_of(folder: &Path) -> TileFolder {
    TileFolder::new(folder.join("tiles"))
}
