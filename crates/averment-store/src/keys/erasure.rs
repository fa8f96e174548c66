//! What erasing people needs of the keys: digests that outlive a person's own key, values in the place of others, sealing
//! what must survive a crash, and signing what is given out.

use averment_ledger::VerifierKey;

use super::{Keys, derive, keyed_digest};
use crate::people::id_digest;
use crate::wrap::{open_sealed, seal};

impl Keys {
    /// The digest by which an erased person is known again in a restored backup. Still personal data: whoever has
    /// `directory.key` can test guesses.
    pub fn tombstone(&self, parts: &[&[u8]]) -> [u8; 32] {
        keyed_digest(&derive(&self.person, "averment.tombstone/1"), parts)
    }

    /// What stands in the place of a value: the same for the same parts, and nothing that says which they are.
    pub fn in_place_of(&self, parts: &[&[u8]]) -> [u8; 32] {
        keyed_digest(&derive(&self.replacement, "averment.erased/1"), parts)
    }

    /// The keyed digest of the platform's identifier of a person, by which the directory knows them.
    pub fn person_digest(&self, id: &str) -> [u8; 16] {
        id_digest(&self.id, id)
    }

    /// Seals what must not lie on disk for anybody to read, bound to `place`.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn seal(&self, bytes: &[u8], place: &[u8]) -> Result<Vec<u8>, super::KeyError> {
        seal(&derive(&self.person, "averment.sealed/1"), bytes, place).map_err(super::KeyError::Random)
    }

    /// Opens what was sealed for `place`; none when it is anything else.
    pub fn open_sealed(&self, sealed: &[u8], place: &[u8]) -> Option<Vec<u8>> {
        open_sealed(&derive(&self.person, "averment.sealed/1"), sealed, place)
    }

    /// Signs a document with the key of the ledger: a signed note (C2SP `signed-note`). `text` ends with a newline and must
    /// not begin with the name of a log, so that it can never be taken for a checkpoint.
    pub fn sign_document(&self, text: &str) -> String {
        self.ledger.current().of_log(1).sign(text)
    }

    /// The text of a note that one of the ledger's keys signed; none of any other.
    pub fn open_document<'a>(&self, note: &'a str) -> Option<&'a str> {
        let verifiers: Vec<&VerifierKey> = self.ledger.all().map(super::LedgerKey::verifier).collect();
        verifiers.into_iter().find_map(|verifier| verifier.open(note).ok())
    }
}
