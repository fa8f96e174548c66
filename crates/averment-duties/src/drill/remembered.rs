//! Whom a restored backup brings back, by the list that outlives all backups, erased again in the scratch database.

use averment_store::Keys;
use jiff::Timestamp;

use super::{Erased, Replayed};
use crate::erase::{EraseError, Eraser, Journal, Opened, PEOPLE_AT_ONCE, Replay, Tombstones, people_erased};

/// The list of who was erased, and the keys that it was written with.
#[derive(Debug)]
pub struct Remembered<'a> {
    /// The list.
    pub tombstones: &'a Tombstones,
    /// Of the data folder.
    pub keys: &'a Keys,
    /// Now.
    pub now: Timestamp,
}

impl Erased for Remembered<'_> {
    fn replay(&mut self, opened: &mut Opened) -> Result<Replayed, String> {
        self.again(std::slice::from_mut(opened)).map_err(|error| told(&error))
    }
}

impl Remembered<'_> {
    fn again(&self, stores: &mut [Opened]) -> Result<Replayed, EraseError> {
        let back = people_erased(stores, self.tombstones, self.keys)?;
        if back.is_nobody() {
            return Ok(Replayed::default());
        }
        let replay = Replay::of(stores, &back, self.keys, self.now)?;
        // What is erased from a scratch database is no erasure: it has a journal of its own, which goes with it.
        let journal = Journal::open(":memory:".as_ref())?;
        let mut eraser = Eraser {
            stores,
            journal: &journal,
            keys: self.keys,
            at_once: PEOPLE_AT_ONCE,
            progress: &mut |_| {},
        };
        let run = eraser.begin_again(&replay, "drill", None, self.now)?;
        eraser.erase(&run, &mut |_| Ok(()))?;
        let left = people_erased(stores, self.tombstones, self.keys)?;
        Ok(Replayed {
            came_back: back.count() as u64,
            still_there: left.count() as u64,
        })
    }
}

/// An error with what caused it.
fn told(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", told(source)),
        None => error.to_string(),
    }
}
