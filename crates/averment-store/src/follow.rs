//! Following the record while a gate writes it: for a page that is always up to date without reading everything again.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

use averment_ledger::{Checkpoint, Entry, Follow, GROUP_BYTES_MAX, Joiner, LedgerFile, VerifierKey};

use crate::folder::DataFolder;
use crate::read::ReadError;

/// Bytes read at a time: more than any group with its hashes and checkpoint takes, so that every round gets on.
const CHUNK_BYTES: u64 = 4 * GROUP_BYTES_MAX as u64;

/// A reader that remembers how far it came.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    follow: Follow,
    joiner: Joiner,
}

impl Follower {
    /// Begins at the first entry of the record in `folder`, which must be of the key `trusted`.
    pub fn new(folder: &DataFolder, trusted: VerifierKey) -> Self {
        let path = folder.ledger_file(LedgerFile::Log);
        let follow = Follow::new(trusted);
        let joiner = Joiner::default();
        Self { path, follow, joiner }
    }

    /// Gives every entry that was sealed since the last call to `each`, with its number; messages in several entries whole, with
    /// the number of the last. Memory is bounded.
    ///
    /// # Errors
    /// [`ReadError`]; the next call begins again at the group that could not be read.
    pub fn read(&mut self, mut each: impl FnMut(u64, Entry)) -> Result<(), ReadError> {
        loop {
            let before = self.follow.offset();
            let bytes = self.chunk(before).map_err(|source| ReadError::File {
                path: self.path.clone(),
                source,
            })?;
            let joiner = &mut self.joiner;
            self.follow.take(&bytes, |index, entry| {
                if let Some(entry) = joiner.take(entry) {
                    each(index, entry);
                }
            })?;
            if self.follow.offset() == before || (bytes.len() as u64) < CHUNK_BYTES {
                return Ok(());
            }
        }
    }

    /// The newest checkpoint that was read.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.follow.checkpoint()
    }

    fn chunk(&self, offset: u64) -> std::io::Result<Vec<u8>> {
        let mut log = File::open(&self.path)?;
        log.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        log.take(CHUNK_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
