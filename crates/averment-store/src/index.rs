//! The index: what the ledger says, by person, recipient and time, so that a question does not read the whole log.
//!
//! Start at [`Index::open`], then [`Index::follow`], which reads what is new in the log; then ask: [`Index::person`],
//! [`Index::reach`], [`Index::disclosures`]. One SQLite file, `index.db` in the data folder, used by one program at a time.
//!
//! Invariant: every transaction holds rows and the place in the log up to which they go, so that whoever is killed goes on
//! where they were. Nothing links anybody whose key is gone to an entry.
//!
//! Lost: time; it is made again from the log and the directory. Forged: answers are wrong until it is made anew. It links
//! entries about the same person and belongs into no backup.

mod database;
mod export;
mod fold;
mod list;
mod names;
mod one_person;
mod proof;
mod reach;
mod segment;
mod take;
mod words;

use std::fs::File;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use averment_ledger::{Break, Checkpoint, Deviation, Document, Entry, LedgerFile};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::chain::Chain;
use crate::follow::{Follower, FollowerPlace, Reached};
use crate::people::PeopleError;
use crate::read::{ReadError, trusted};
use crate::{DataFolder, Keys, People};
use names::Names;
use take::Taker;

pub use export::{DisclosureRow, Disclosures};
pub use fold::Affected;
pub use list::{ListError, ListedPerson};
pub use proof::{ProofError, Proofs, Proven, proofs};
pub use reach::{ElementReach, Headcount, Question, Reach, Reaching, RecipientReach, SchoolReach};

/// Its file in the data folder.
const NAME: &str = "index.db";

/// Why the index cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The database failed.
    #[error("cannot use the index of the ledger")]
    Database(#[from] rusqlite::Error),
    /// The file system failed.
    #[error("cannot use `{}`", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The record cannot be read or believed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The directory cannot be used.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// A row is not what was written.
    #[error("the index of the ledger is damaged ({what}): make it anew with `averment ledger index --rebuild`")]
    Damaged {
        /// What is wrong.
        what: &'static str,
    },
}

/// What a disclosure that somebody entered says besides its elements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    /// When it was entered, RFC 3339 UTC.
    pub recorded_at: String,
    /// How: `telephone`, `letter` …
    pub means: String,
    /// Who asked or received, for whoever is not in the register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// The legitimate interest or purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interest: Option<String>,
    /// The contract, order or subpoena.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// What shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}

/// What a row of `message` is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    Intent = 0,
    Refusal = 1,
    Entered = 2,
}

/// How far reading came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Entries that are in the index.
    pub entries: u64,
    /// Bytes of the log that were read.
    pub bytes: u64,
    /// Bytes that there are.
    pub bytes_total: u64,
}

/// What [`Index::follow`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Followed {
    /// Entries in the index.
    pub entries: u64,
    /// Of them, those that are new.
    pub new: u64,
    /// People who were unlinked because their key is gone.
    pub forgotten: u64,
    /// Names in all entries that nobody's key makes: of people who were forgotten, or whose directory was lost.
    pub unresolved: u64,
    /// Whether everything was read anew, because there was no index or the log is another one.
    pub anew: bool,
}

/// The index of one ledger. Holds its lock.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    connection: Connection,
    _lock: File,
}

impl Index {
    /// Opens the index of the ledger in `folder`; an empty one is made where there is none. `waiting` is called when another
    /// program uses it, before that is waited for.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn open(folder: &DataFolder, waiting: impl FnOnce()) -> Result<Self, IndexError> {
        let path = folder.path().join(NAME);
        let lock = database::lock(&path, waiting)?;
        let connection = database::open(&path)?;
        Ok(Self {
            path,
            connection,
            _lock: lock,
        })
    }

    /// Throws away what is there; [`Self::follow`] then reads everything.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn clear(&mut self) -> Result<(), IndexError> {
        // Closed before its file goes.
        self.connection = Connection::open_in_memory()?;
        self.connection = database::anew(&self.path)?;
        Ok(())
    }

    /// The index of the ledger in `folder`; none where none was made yet. `waiting`: see [`Self::open`].
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn open_existing(folder: &DataFolder, waiting: impl FnOnce()) -> Result<Option<Self>, IndexError> {
        let is_there = folder.path().join(NAME).exists();
        is_there.then(|| Self::open(folder, waiting)).transpose()
    }

    /// Unlinks whoever was forgotten from every row, without reading the log; gives how many they are.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn forget(&mut self, people: &People) -> Result<u64, IndexError> {
        names::forget(&mut self.connection, people)
    }

    /// Unlinks whoever was forgotten, then reads what is new in the log. Killed at any moment, the next call goes on.
    ///
    /// # Errors
    /// [`IndexError`]; what was read before stays.
    pub fn follow(
        &mut self,
        folder: &DataFolder,
        keys: &Keys,
        people: &People,
        mut progress: impl FnMut(Progress),
    ) -> Result<Followed, IndexError> {
        // First, so that it is done whether or not the log can be read.
        let mut followed = Followed {
            forgotten: self.forget(people)?,
            ..Followed::default()
        };
        let known = trusted(folder, keys)?;
        let mark = known.mark.clone();
        Chain::read(folder, known)?;
        let follower = match self.resumed(folder, keys)? {
            Some(follower) => follower,
            None => {
                followed.anew = true;
                self.clear()?;
                Follower::new(folder, keys.verifier().clone())
            }
        };
        let before = self.entries()?;
        let known_end = follower.checkpoint().cloned();
        let (sender, receiver) = sync_channel(1);
        let reached = std::thread::scope(|scope| {
            scope.spawn(move || read(follower, &sender));
            self.take_all(&receiver, people, &mut progress)
        })?;
        behind_mark(mark.as_ref(), reached.or(known_end).as_ref())?;
        database::index_people(&self.connection)?;
        followed.entries = self.entries()?;
        followed.new = followed.entries.saturating_sub(before);
        let sql = "select unresolved from state";
        followed.unresolved = self.connection.query_row(sql, [], |row| row.get(0))?;
        Ok(followed)
    }

    /// The follower that stands where the index does; none when there is nothing to go on from.
    fn resumed(&self, folder: &DataFolder, keys: &Keys) -> Result<Option<Follower>, IndexError> {
        let sql = "select place from state";
        let place: Option<String> = self.connection.query_row(sql, [], |row| row.get(0))?;
        let place = place.and_then(|place| serde_json::from_str::<FollowerPlace>(&place).ok());
        let Some(place) = place else { return Ok(None) };
        Ok(Follower::resume(folder, keys.verifier().clone(), place)?)
    }

    /// Takes what is read until the end; gives the newest checkpoint.
    fn take_all(
        &mut self,
        receiver: &Receiver<Result<Chunk, ReadError>>,
        people: &People,
        progress: &mut impl FnMut(Progress),
    ) -> Result<Option<Checkpoint>, IndexError> {
        let mut taker = None;
        let mut reached = None;
        for chunk in receiver {
            let chunk = chunk?;
            // Of a log that is only just begun there is none to be read yet.
            reached = chunk.checkpoint.or(reached);
            if !chunk.entries.is_empty() {
                let taker = match &mut taker {
                    Some(taker) => taker,
                    None => taker.insert(Taker::new(Names::load(&self.connection, people)?)),
                };
                taker.names.refresh(&self.connection, people)?;
                self.take(taker, chunk.entries, &chunk.place)?;
            }
            progress(Progress {
                entries: self.entries()?,
                bytes: chunk.bytes.0,
                bytes_total: chunk.bytes.1,
            });
        }
        Ok(reached)
    }

    fn take(&mut self, taker: &mut Taker, entries: Vec<(u64, Entry)>, place: &FollowerPlace) -> Result<(), IndexError> {
        let next = entries.last().map_or(0, |(index, _)| index + 1);
        let transaction = self.connection.transaction()?;
        taker.take(&transaction, entries)?;
        let place = serde_json::to_string(place).expect("a place is texts and numbers");
        transaction.execute("update state set place = ?1, entries = ?2", params![place, next])?;
        Ok(transaction.commit()?)
    }

    /// Entries of the log that are in the index.
    ///
    /// # Errors
    /// [`IndexError::Database`].
    pub fn entries(&self) -> Result<u64, IndexError> {
        let sql = "select entries from state";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }
}

/// Some of the log, as read.
struct Chunk {
    entries: Vec<(u64, Entry)>,
    place: FollowerPlace,
    checkpoint: Option<Checkpoint>,
    bytes: (u64, u64),
}

/// Reads and parses beside whoever takes: each costs about as much as the other.
fn read(mut follower: Follower, sender: &SyncSender<Result<Chunk, ReadError>>) {
    loop {
        let mut entries = Vec::new();
        let read = follower.read_some(|index, entry| entries.push((index, entry)));
        let is_last = !matches!(read, Ok(Reached::Part));
        let chunk = read.map(|_| Chunk {
            entries,
            place: follower.place(),
            checkpoint: follower.checkpoint().cloned(),
            bytes: follower.progress(),
        });
        // Whoever takes has met an error of its own when this fails.
        if sender.send(chunk).is_err() || is_last {
            return;
        }
    }
}

/// A log that ends before the mark was cut back.
fn behind_mark(mark: Option<&Checkpoint>, reached: Option<&Checkpoint>) -> Result<(), ReadError> {
    let Some(mark) = mark.filter(|mark| reached.is_none_or(|reached| reached.origin == mark.origin)) else {
        // The mark is of a log that has ended; that its end is the one that the next log names was seen on the way.
        return Ok(());
    };
    let (expected, found) = (mark.size, reached.map_or(0, |checkpoint| checkpoint.size));
    if expected > found {
        let deviation = Deviation::BehindMark { expected, found };
        return Err(Break::at_start(LedgerFile::Log, deviation).into());
    }
    Ok(())
}
