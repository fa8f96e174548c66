//! Following the record while a gate writes it: for a page that is always up to date without reading everything again.

use std::io::{Read as _, Seek as _, SeekFrom};

use averment_ledger::{
    Break, Checkpoint, Deviation, Entry, Follow, GROUP_BYTES_MAX, Joiner, LedgerFile, Links, LogState, VerifierKey,
    read_verifier,
};

use crate::chain::{log_numbers, open_log};
use crate::folder::DataFolder;
use crate::read::{ReadError, begun, content};

/// Bytes read at a time: more than any group with its hashes and checkpoint takes, so that every round gets on.
const CHUNK_BYTES: u64 = 4 * GROUP_BYTES_MAX as u64;

/// A reader that remembers how far it came.
#[derive(Debug)]
pub struct Follower {
    folder: DataFolder,
    trusted: VerifierKey,
    joiner: Joiner,
    log: Option<Following>,
}

/// Where it stands in the chain.
#[derive(Debug)]
struct Following {
    number: u32,
    /// Number of the log's first entry in the whole ledger.
    first: u64,
    follow: Follow,
    links: Links,
}

impl Follower {
    /// Begins at the first entry of the record in `folder`, of which one log must be of the key `trusted`.
    pub fn new(folder: &DataFolder, trusted: VerifierKey) -> Self {
        Self {
            folder: folder.reading(),
            trusted,
            joiner: Joiner::default(),
            log: None,
        }
    }

    /// Gives every entry that was sealed since the last call to `each`, with its number; messages in several entries whole, with
    /// the number of the last. Memory is bounded.
    ///
    /// # Errors
    /// [`ReadError`]; the next call begins again at the group that could not be read.
    pub fn read(&mut self, mut each: impl FnMut(u64, Entry)) -> Result<(), ReadError> {
        let mut log = match self.log.take() {
            Some(log) => log,
            None => self.begin()?,
        };
        let read = loop {
            if let Err(error) = log.read(&self.folder, &mut self.joiner, &mut each) {
                break Err(error);
            }
            match log.next(&self.folder) {
                Ok(Some(next)) => log = next,
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.log = Some(log);
        read
    }

    /// The newest checkpoint that was read, of the newest log.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.log.as_ref()?.follow.checkpoint()
    }

    /// The first log. Trust passes along the chain, so any log may be the one of the trusted key.
    fn begin(&self) -> Result<Following, ReadError> {
        begun(&self.folder)?;
        let mut first = None;
        let mut is_trusted = false;
        for number in log_numbers(&self.folder)? {
            let key = key_of(&self.folder, number)?;
            is_trusted |= key.is_same_key(&self.trusted);
            first = first.or((number == 1).then_some(key));
        }
        let missing = Break::at_start(LedgerFile::Verifier, Deviation::LogMissing);
        let key = first.ok_or(missing)?;
        if !is_trusted {
            let expected = self.trusted.name().to_owned();
            return Err(Break::at_start(LedgerFile::Verifier, Deviation::OtherKey { expected }).into());
        }
        Ok(Following {
            number: 1,
            first: 0,
            follow: Follow::new(key),
            links: Links::first(),
        })
    }
}

impl Following {
    fn read(
        &mut self,
        folder: &DataFolder,
        joiner: &mut Joiner,
        each: &mut impl FnMut(u64, Entry),
    ) -> Result<(), ReadError> {
        loop {
            let before = self.follow.offset();
            let bytes = self.chunk(folder, before)?;
            let first = self.first;
            let (mut links, mut misplaced) = (self.links.clone(), None);
            let mut follow = self.follow.clone();
            let mut found = Vec::new();
            follow.take(&bytes, |leaf, entry| {
                if misplaced.is_none() {
                    misplaced = links.take(leaf, &entry.deed).err();
                }
                found.push((first + leaf, entry));
            })?;
            if let Some(deviation) = misplaced {
                let mut found = Break::at_start(LedgerFile::Log, deviation).in_log(self.number);
                found.offset = before;
                return Err(found.into());
            }
            (self.follow, self.links) = (follow, links);
            for (index, entry) in found {
                if let Some(entry) = joiner.take(entry) {
                    each(index, entry);
                }
            }
            if self.follow.offset() == before || (bytes.len() as u64) < CHUNK_BYTES {
                return Ok(());
            }
        }
    }

    /// The log that follows, when this one has ended and that one is there already.
    fn next(&self, folder: &DataFolder) -> Result<Option<Self>, ReadError> {
        let number = self.number + 1;
        if self.links.ended().is_none() || !folder.log(number).exists() {
            return Ok(None);
        }
        let key = key_of(folder, number)?;
        let led = self.links.lead_to(&key);
        led.map_err(|deviation| Break::at_start(LedgerFile::Verifier, deviation).in_log(number))?;
        let checkpoint = self.follow.checkpoint().cloned();
        let state = LogState {
            number: self.number,
            first: self.first,
            key: self.follow.key().clone(),
            checkpoint: checkpoint.expect("a log that ended has a checkpoint"),
            note: self.follow.note().unwrap_or_default().to_owned(),
        };
        Ok(Some(Self {
            number,
            first: state.first + state.checkpoint.size,
            follow: Follow::new(key).in_log(number),
            links: Links::after(&state),
        }))
    }

    fn chunk(&self, folder: &DataFolder, offset: u64) -> Result<Vec<u8>, ReadError> {
        let mut log = open_log(folder, self.number)?;
        let mut bytes = Vec::new();
        let read = log
            .seek(SeekFrom::Start(offset))
            .and_then(|_| log.take(CHUNK_BYTES).read_to_end(&mut bytes));
        read.map_err(|source| ReadError::File {
            path: folder.log_file(self.number, LedgerFile::Log),
            source,
        })?;
        Ok(bytes)
    }
}

fn key_of(folder: &DataFolder, number: u32) -> Result<VerifierKey, ReadError> {
    let content = content(folder, number, LedgerFile::Verifier)?;
    Ok(read_verifier(content.as_deref(), None).map_err(|found| found.in_log(number))?)
}
