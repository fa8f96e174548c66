//! Following the record while a gate writes it: for a page that is always up to date without reading everything again.

use std::io::{Read as _, Seek as _, SeekFrom};

use averment_ledger::{
    Break, Checkpoint, Deviation, Entry, Follow, FollowPlace, GROUP_BYTES_MAX, Joiner, LedgerFile, Links, LogState,
    VerifierKey, read_verifier,
};
use serde::{Deserialize, Serialize};

use crate::chain::{log_numbers, open_log};
use crate::folder::DataFolder;
use crate::read::{ReadError, begun, content};

/// Bytes read at a time: a gate serves meanwhile, and larger pieces with all that is made of them take memory that the system
/// has to find and clear first.
const CHUNK_BYTES: u64 = 512 << 10;
/// Where a group is larger: more than any takes with its hashes and checkpoint, so that every round gets on.
const CHUNK_BYTES_MAX: u64 = 2 * GROUP_BYTES_MAX as u64;

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

/// Where a [`Follower`] stands, to be kept and gone on from later.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FollowerPlace {
    log: Option<LogPlace>,
    /// Findings whose message had not come yet.
    joiner: Joiner,
}

/// Where it stands in the chain.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct LogPlace {
    number: u32,
    first: u64,
    follow: FollowPlace,
    links: Links,
}

/// Whether there may be more to read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    Part,
    End,
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

    /// Goes on where a follower stood; none when the record in `folder` is not the one that it had read.
    pub(crate) fn resume(
        folder: &DataFolder,
        trusted: VerifierKey,
        place: FollowerPlace,
    ) -> Result<Option<Self>, ReadError> {
        let mut follower = Self::new(folder, trusted);
        let Some(log) = place.log else {
            return Ok(Some(follower));
        };
        follower.check_trusted()?;
        if !folder.log(log.number).exists() {
            return Ok(None);
        }
        let (offset, line) = log.follow.last_line();
        if read_at(folder, log.number, offset, line.len() as u64)? != line {
            return Ok(None);
        }
        let key = key_of(folder, log.number)?;
        follower.joiner = place.joiner;
        follower.log = Some(Following {
            number: log.number,
            first: log.first,
            follow: Follow::resume(key, log.follow).in_log(log.number),
            links: log.links,
        });
        Ok(Some(follower))
    }

    /// Where it stands.
    pub(crate) fn place(&self) -> FollowerPlace {
        let log = self.log.as_ref().map(|log| LogPlace {
            number: log.number,
            first: log.first,
            follow: log.follow.place(),
            links: log.links.clone(),
        });
        FollowerPlace {
            log,
            joiner: self.joiner.clone(),
        }
    }

    /// Gives every entry that was sealed since the last call to `each`, with its number; messages in several entries whole, with
    /// the number of the last. Memory is bounded.
    ///
    /// # Errors
    /// [`ReadError`]; the next call begins again at the group that could not be read.
    pub fn read(&mut self, mut each: impl FnMut(u64, Entry)) -> Result<(), ReadError> {
        while self.read_chunk(CHUNK_BYTES, &mut each)? == Reached::Part {}
        Ok(())
    }

    /// The same for some of the entries: as many as one transaction should hold.
    pub(crate) fn read_some(&mut self, each: impl FnMut(u64, Entry)) -> Result<Reached, ReadError> {
        self.read_chunk(CHUNK_BYTES_MAX, each)
    }

    fn read_chunk(&mut self, bytes: u64, mut each: impl FnMut(u64, Entry)) -> Result<Reached, ReadError> {
        let log = match self.log.take() {
            Some(log) => log,
            None => self.begin()?,
        };
        let log = self.log.insert(log);
        if log.read_some((&self.folder, bytes), &mut self.joiner, &mut each)? == Reached::Part {
            return Ok(Reached::Part);
        }
        match log.next(&self.folder)? {
            Some(next) => {
                *log = next;
                Ok(Reached::Part)
            }
            None => Ok(Reached::End),
        }
    }

    /// Bytes of the record that were read, and that there are.
    pub(crate) fn progress(&self) -> (u64, u64) {
        let (current, offset) = self
            .log
            .as_ref()
            .map_or((1, 0), |log| (log.number, log.follow.offset()));
        let (mut read, mut all) = (offset, 0);
        for number in log_numbers(&self.folder).unwrap_or_default() {
            let path = self.folder.log_file(number, LedgerFile::Log);
            let bytes = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
            all += bytes;
            read += if number < current { bytes } else { 0 };
        }
        (read, all.max(read))
    }

    /// The newest checkpoint that was read, of the newest log.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.log.as_ref()?.follow.checkpoint()
    }

    fn begin(&self) -> Result<Following, ReadError> {
        self.check_trusted()?;
        Ok(Following {
            number: 1,
            first: 0,
            follow: Follow::new(key_of(&self.folder, 1)?).in_log(1),
            links: Links::first(),
        })
    }

    /// Trust passes along the chain, so any log may be the one of the trusted key.
    fn check_trusted(&self) -> Result<(), ReadError> {
        begun(&self.folder)?;
        let numbers = log_numbers(&self.folder)?;
        if numbers.first() != Some(&1) {
            return Err(Break::at_start(LedgerFile::Verifier, Deviation::LogMissing).into());
        }
        for number in numbers {
            if key_of(&self.folder, number)?.is_same_key(&self.trusted) {
                return Ok(());
            }
        }
        let expected = self.trusted.name().to_owned();
        Err(Break::at_start(LedgerFile::Verifier, Deviation::OtherKey { expected }).into())
    }
}

impl Following {
    fn read_some(
        &mut self,
        (folder, bytes): (&DataFolder, u64),
        joiner: &mut Joiner,
        each: &mut impl FnMut(u64, Entry),
    ) -> Result<Reached, ReadError> {
        let reached = match self.read_chunk((folder, bytes), joiner, each)? {
            // No group ends among them.
            None => self.read_chunk((folder, CHUNK_BYTES_MAX), joiner, each)?,
            reached => reached,
        };
        Ok(reached.unwrap_or(Reached::End))
    }

    /// Takes the whole groups among the next `bytes_max` bytes. None: there are more bytes, and no group ends among these.
    fn read_chunk(
        &mut self,
        (folder, bytes_max): (&DataFolder, u64),
        joiner: &mut Joiner,
        each: &mut impl FnMut(u64, Entry),
    ) -> Result<Option<Reached>, ReadError> {
        let before = self.follow.offset();
        let bytes = read_at(folder, self.number, before, bytes_max)?;
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
        let is_all = (bytes.len() as u64) < bytes_max;
        Ok(match self.follow.offset() == before {
            _ if is_all => Some(Reached::End),
            true => None,
            false => Some(Reached::Part),
        })
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
}

/// What stands in log `number` from `offset` on, at most `bytes_max` of it.
fn read_at(folder: &DataFolder, number: u32, offset: u64, bytes_max: u64) -> Result<Vec<u8>, ReadError> {
    let mut log = open_log(folder, number)?;
    let mut bytes = Vec::new();
    let read = log
        .metadata()
        .map(|metadata| metadata.len().saturating_sub(offset).min(bytes_max))
        .and_then(|there| {
            bytes.reserve(usize::try_from(there).unwrap_or_default());
            log.seek(SeekFrom::Start(offset))
        })
        .and_then(|_| log.take(bytes_max).read_to_end(&mut bytes));
    read.map_err(|source| ReadError::File {
        path: folder.log_file(number, LedgerFile::Log),
        source,
    })?;
    Ok(bytes)
}

fn key_of(folder: &DataFolder, number: u32) -> Result<VerifierKey, ReadError> {
    let content = content(folder, number, LedgerFile::Verifier)?;
    Ok(read_verifier(content.as_deref(), None).map_err(|found| found.in_log(number))?)
}
