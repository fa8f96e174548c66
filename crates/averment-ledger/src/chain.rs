//! A ledger is a chain of logs: the last entry of a log names the next one, the first entry of that names the one before.
//!
//! Start at [`Links`]. Each log has its own tree, origin and, if it was rotated, key; trust passes from one to the next in
//! both directions. What the old key signed last names the new key, and what the new key signed first holds the last
//! checkpoint of the old one: no log can be cut, exchanged or taken out of the middle unseen.

use serde::{Deserialize, Serialize};

use crate::checkpoint::Checkpoint;
use crate::entry::Deed;
use crate::line::Deviation;
use crate::note::VerifierKey;
use crate::tree::TreeHash;

/// The last entry of a log: which one follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Number of the next log.
    pub next: u32,
    /// Its origin.
    pub origin: String,
    /// Its public key, as in its file `verifier`.
    pub verifier: String,
}

/// The first entry of a log other than the first: which one it goes on from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Number of this log.
    pub log: u32,
    /// Entries in all logs before: the number of this entry in the whole ledger.
    pub first: u64,
    /// The log before.
    pub previous: PreviousLog,
    /// The latest second that was seen in or since the logs before, RFC 3339 UTC: a clock that was set back is known by it
    /// without reading them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<String>,
}

impl Begun {
    /// Whether it goes on from the same log, whatever it says about time.
    fn goes_on_as(&self, other: &Self) -> bool {
        (self.log, self.first, &self.previous) == (other.log, other.first, &other.previous)
    }
}

/// What a log had come to when it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousLog {
    /// Its origin.
    pub origin: String,
    /// Its public key.
    pub verifier: String,
    /// Its number of entries, the one that ended it among them.
    pub size: u64,
    /// Root over them.
    pub root: TreeHash,
    /// Its last checkpoint, the signed note.
    pub checkpoint: String,
}

/// A log and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// Its number in the chain, from 1.
    pub number: u32,
    /// Number of its first entry in the whole ledger.
    pub first: u64,
    /// Its key.
    pub key: VerifierKey,
    /// Its newest checkpoint.
    pub checkpoint: Checkpoint,
    /// The same as a signed note.
    pub note: String,
}

impl LogState {
    /// The first entry of the log that goes on from here, without a time.
    pub fn next_begun(&self) -> Begun {
        Begun {
            log: self.number + 1,
            first: self.first + self.checkpoint.size,
            previous: PreviousLog {
                origin: self.key.name().to_owned(),
                verifier: self.key.to_string(),
                size: self.checkpoint.size,
                root: self.checkpoint.root,
                checkpoint: self.note.clone(),
            },
            latest: None,
        }
    }
}

/// What the entries of one log say about the logs before and after it, while they are read in order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Links {
    number: u32,
    before: Before,
    ended: Option<Ended>,
}

/// What is known of the log before.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Before {
    /// There is none.
    Nothing,
    /// What this log must begin with.
    Expected(Box<Begun>),
    /// It does not hold: nothing can be expected of it.
    Broken,
}

impl Links {
    /// Of the first log.
    pub fn first() -> Self {
        Self::of(1, Before::Nothing)
    }

    /// Of the log that follows `previous`.
    pub fn after(previous: &LogState) -> Self {
        Self::of(previous.number + 1, Before::Expected(Box::new(previous.next_begun())))
    }

    /// Of log `number`, where the one before does not hold.
    pub fn after_a_break(number: u32) -> Self {
        Self::of(number, Before::Broken)
    }

    fn of(number: u32, before: Before) -> Self {
        Self {
            number,
            before,
            ended: None,
        }
    }

    /// Takes entry number `leaf` of the log, from 0.
    ///
    /// # Errors
    /// A [`Deviation`] of an entry that does not fit its place in the chain.
    pub fn take(&mut self, leaf: u64, deed: &Deed) -> Result<(), Deviation> {
        if self.ended.is_some() {
            return Err(Deviation::AfterEnd);
        }
        match (&self.before, leaf, deed) {
            (Before::Nothing, _, Deed::Begun(_)) => return Err(Deviation::BegunAgain),
            (Before::Nothing, ..) => {}
            (Before::Broken, 0, Deed::Begun(begun)) if begun.log == self.number => {}
            (Before::Expected(expected), 0, Deed::Begun(begun)) if begun.goes_on_as(expected) => {}
            (_, 0, _) => {
                return Err(Deviation::NotBegun {
                    previous: self.number.saturating_sub(1),
                });
            }
            (_, _, Deed::Begun(_)) => return Err(Deviation::BegunAgain),
            _ => {}
        }
        if let Deed::Ended(ended) = deed {
            if ended.next != self.number + 1 {
                return Err(Deviation::NotTheNext {
                    expected: self.number + 1,
                });
            }
            self.ended = Some(ended.clone());
        }
        Ok(())
    }

    /// The entry that ended the log, if it was read.
    pub fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// Checks that `next` is the key of the log that this one names as the next.
    ///
    /// # Errors
    /// [`Deviation::NotEnded`] of this log, [`Deviation::OtherKey`] of the file `verifier` of the next.
    pub fn lead_to(&self, next: &VerifierKey) -> Result<(), Deviation> {
        let ended = self.ended.as_ref().ok_or(Deviation::NotEnded)?;
        if ended.origin == next.name() && ended.verifier == next.to_string() {
            Ok(())
        } else {
            let expected = ended.origin.clone();
            Err(Deviation::OtherKey { expected })
        }
    }
}
