//! The directory as the gate uses it: one frozen picture, swapped whole.

use std::collections::HashMap;

use averment_detect::{Directory, PersonNumber};
use averment_ledger::Base64;
use jiff::Timestamp;
use zeroize::Zeroize as _;

use crate::Persons;
use crate::keys::keyed_digest;

/// A person's own key: references in entries are made with it, and destroying it forgets the person.
pub struct PersonKey(pub(crate) [u8; 32]);

impl PersonKey {
    /// Takes a key.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// How an entry with this `nonce` names the person: HMAC-SHA-256 under the key, first 16 bytes.
    pub fn reference(&self, nonce: &Base64<16>) -> Base64<16> {
        let digest = keyed_digest(&self.0, &[b"averment.ref/1", &nonce.0]);
        Base64(*digest.first_chunk().expect("a digest has 32 bytes"))
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

/// The directory and the keys of its people at one moment.
#[derive(Debug)]
pub struct Snapshot {
    /// Whose a value is.
    pub directory: Directory,
    /// Each person's key.
    pub person_keys: HashMap<PersonNumber, PersonKey>,
    /// Each person's school, and who shares an identifier with whom.
    pub persons: Persons,
    /// When the people were last loaded; none when they never were.
    pub loaded_at: Option<Timestamp>,
    /// Grows with every load; readers compare it to see a change.
    pub version: u64,
}
