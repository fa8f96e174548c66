//! Following the record while a gate writes it: for a page that is always up to date without reading everything again.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

use averment_ledger::{Checkpoint, Entry, Follow, FollowPlace, GROUP_BYTES_MAX, Joiner, LedgerFile, VerifierKey};
use serde::{Deserialize, Serialize};

use crate::folder::DataFolder;
use crate::read::ReadError;

/// Bytes read at a time: more than any group with its hashes and checkpoint takes, so that every round gets on.
const CHUNK_BYTES: u64 = 2 * GROUP_BYTES_MAX as u64;

/// A reader that remembers how far it came.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    follow: Follow,
    joiner: Joiner,
}

/// Where a [`Follower`] stands, to be kept and gone on from later.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FollowerPlace {
    follow: FollowPlace,
    /// Findings whose message had not come yet.
    joiner: Joiner,
}

/// Whether there may be more to read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    Part,
    End,
}

impl Follower {
    /// Begins at the first entry of the record in `folder`, which must be of the key `trusted`.
    pub fn new(folder: &DataFolder, trusted: VerifierKey) -> Self {
        let path = folder.ledger_file(LedgerFile::Log);
        let follow = Follow::new(trusted);
        let joiner = Joiner::default();
        Self { path, follow, joiner }
    }

    /// Goes on where a follower stood; none when the record in `folder` is not the one that it had read.
    pub(crate) fn resume(
        folder: &DataFolder,
        trusted: VerifierKey,
        place: FollowerPlace,
    ) -> Result<Option<Self>, ReadError> {
        let FollowerPlace { follow, joiner } = place;
        let path = folder.ledger_file(LedgerFile::Log);
        let (offset, line) = follow.last_line();
        let read = read_at(&path, offset, line.len() as u64);
        let found = read.map_err(|source| ReadError::File {
            path: path.clone(),
            source,
        })?;
        if found != line {
            return Ok(None);
        }
        let follow = Follow::resume(trusted, follow);
        Ok(Some(Self { path, follow, joiner }))
    }

    /// Where it stands.
    pub(crate) fn place(&self) -> FollowerPlace {
        FollowerPlace {
            follow: self.follow.place(),
            joiner: self.joiner.clone(),
        }
    }

    /// Gives every entry that was sealed since the last call to `each`, with its number; messages in several entries whole, with
    /// the number of the last. Memory is bounded.
    ///
    /// # Errors
    /// [`ReadError`]; the next call begins again at the group that could not be read.
    pub fn read(&mut self, mut each: impl FnMut(u64, Entry)) -> Result<(), ReadError> {
        while self.read_some(&mut each)? == Reached::Part {}
        Ok(())
    }

    /// The same for some of the entries.
    pub(crate) fn read_some(&mut self, mut each: impl FnMut(u64, Entry)) -> Result<Reached, ReadError> {
        let before = self.follow.offset();
        let bytes = read_at(&self.path, before, CHUNK_BYTES).map_err(|source| ReadError::File {
            path: self.path.clone(),
            source,
        })?;
        let joiner = &mut self.joiner;
        self.follow.take(&bytes, |index, entry| {
            if let Some(entry) = joiner.take(entry) {
                each(index, entry);
            }
        })?;
        let is_end = self.follow.offset() == before || (bytes.len() as u64) < CHUNK_BYTES;
        Ok(if is_end { Reached::End } else { Reached::Part })
    }

    /// Bytes of the record that were read, and that there are.
    pub(crate) fn progress(&self) -> (u64, u64) {
        let read = self.follow.offset();
        let all = std::fs::metadata(&self.path).map_or(read, |metadata| metadata.len());
        (read, all.max(read))
    }

    /// The newest checkpoint that was read.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.follow.checkpoint()
    }
}

/// What stands in the file from `offset` on, at most `bytes_max` of it.
fn read_at(path: &std::path::Path, offset: u64, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}
