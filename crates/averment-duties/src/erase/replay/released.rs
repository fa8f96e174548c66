//! Somebody who was erased has come back, and somebody says so: from then on they are not taken for somebody whom a backup brings back.

use averment_store::Keys;
use jiff::Timestamp;

use super::returned::person;
use crate::erase::stores::Opened;
use crate::erase::{EraseError, Tombstones};
use crate::graph::Subject;

/// What the list holds of somebody who has come back.
pub struct Released {
    stores: Vec<String>,
    subject: Subject,
    /// How many digests of theirs are on the list.
    pub digests: u64,
}

impl std::fmt::Debug for Released {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Released(<{} digests>)", self.digests)
    }
}

impl Released {
    /// Reads by what the stores know the person with this number, and how much of that is on the list.
    ///
    /// # Errors
    /// [`EraseError`] when a store does not answer.
    pub fn of(stores: &mut [Opened], number: &str, list: &Tombstones, keys: &Keys) -> Result<Self, EraseError> {
        let subject = person(stores, number)?;
        let stores: Vec<String> = stores.iter().map(|opened| opened.store.id.to_string()).collect();
        let digests = list.count_of(&stores, &subject, keys);
        Ok(Self {
            stores,
            subject,
            digests,
        })
    }

    /// Whether a text holds a value by which the stores know the person: the directory may have forgotten them. Values of three
    /// bytes and less are in many a text.
    pub fn is_named_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let values = self.subject.elements().flat_map(|element| self.subject.values(element));
        let mut long = values
            .map(|value| value.trim().to_lowercase())
            .filter(|value| value.len() > 3);
        long.any(|value| text.contains(&value))
    }

    /// Writes it down in the list. `release`: the identifier of the entry that says who says so and why.
    ///
    /// # Errors
    /// [`EraseError`].
    pub fn write_down(
        &self,
        list: &mut Tombstones,
        release: &str,
        keys: &Keys,
        now: Timestamp,
    ) -> Result<(), EraseError> {
        Ok(list.release(&self.stores, &self.subject, release, keys, now)?)
    }
}
