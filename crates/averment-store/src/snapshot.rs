//! The directory as the gate uses it: one frozen picture, swapped whole.

use std::collections::HashMap;
use std::sync::Arc;

use averment_detect::{Directory, PersonNumber};
use averment_ledger::{Base64, Reference, reference};
use jiff::Timestamp;
use zeroize::Zeroize as _;

use crate::Persons;

/// A person's own key: references in entries are made with it, and destroying it forgets the person.
pub struct PersonKey(pub(crate) [u8; 32]);

impl PersonKey {
    /// Takes a key.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reference number `count`, from 0, to the person in this `run` of the ledger.
    pub fn reference(&self, run: &Base64<16>, count: u64) -> Reference {
        reference(&self.0, run, count)
    }

    /// The person's school as it stands in the entry that names them by `reference`.
    pub(crate) fn seal_school(&self, reference: &Reference, school: &str) -> Option<String> {
        averment_ledger::seal_school(&self.0, reference, school)
    }

    /// What [`Self::seal_school`] made.
    pub(crate) fn open_school(&self, reference: &Reference, sealed: &str) -> Option<String> {
        averment_ledger::open_school(&self.0, reference, sealed)
    }
}

impl Drop for PersonKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonKey(<32 bytes>)")
    }
}

/// The keys of the people in a directory. What changed since many were read lies over them, so that nobody's key is copied.
#[derive(Debug, Default)]
pub struct PersonKeys {
    many: Arc<HashMap<PersonNumber, PersonKey>>,
    /// None for whoever left.
    changed: HashMap<PersonNumber, Option<PersonKey>>,
}

impl PersonKeys {
    pub(crate) fn over(
        many: Arc<HashMap<PersonNumber, PersonKey>>,
        changed: HashMap<PersonNumber, Option<PersonKey>>,
    ) -> Self {
        Self { many, changed }
    }

    /// The key of a person who is in the directory.
    pub fn get(&self, person: PersonNumber) -> Option<&PersonKey> {
        match self.changed.get(&person) {
            Some(changed) => changed.as_ref(),
            None => self.many.get(&person),
        }
    }

    /// How many people have one.
    pub fn len(&self) -> usize {
        let known = self
            .changed
            .keys()
            .filter(|person| self.many.contains_key(person))
            .count();
        self.many.len() - known + self.changed.values().flatten().count()
    }

    /// Whether nobody has one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<const N: usize> From<[(PersonNumber, PersonKey); N]> for PersonKeys {
    fn from(keys: [(PersonNumber, PersonKey); N]) -> Self {
        Self::over(Arc::new(keys.into()), HashMap::new())
    }
}

/// The directory and the keys of its people at one moment.
#[derive(Debug)]
pub struct Snapshot {
    /// Whose a value is.
    pub directory: Directory,
    /// Each person's key.
    pub person_keys: PersonKeys,
    /// Each person's school, and who shares an identifier with whom.
    pub persons: Persons,
    /// When the people were last loaded; none when they never were.
    pub loaded_at: Option<Timestamp>,
    /// Grows with every load; readers compare it to see a change.
    pub version: u64,
}
