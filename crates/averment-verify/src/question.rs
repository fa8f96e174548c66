//! What whoever asks knows from elsewhere than the bundle.

use averment_ledger::{CosignerKey, NoteError, VerifierKey};
use jiff::Timestamp;

/// A question about a bundle. The less is known from elsewhere, the less the answer shows.
#[derive(Debug, Clone)]
pub struct Question {
    pub(crate) now: Timestamp,
    pub(crate) keys: Vec<VerifierKey>,
    pub(crate) witnesses: Vec<CosignerKey>,
    pub(crate) since: Option<String>,
    pub(crate) school: Option<String>,
}

/// Why a question cannot be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QuestionError {
    /// Not a verifier key.
    #[error(transparent)]
    Key(NoteError),
    /// Not a witness's key.
    #[error("not a witness's key")]
    Witness(#[source] NoteError),
}

impl Question {
    /// Nothing is known but the time.
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            keys: Vec::new(),
            witnesses: Vec::new(),
            since: None,
            school: None,
        }
    }

    /// The ledger must be of this key; surrounding white space is left out.
    ///
    /// # Errors
    /// [`QuestionError::Key`].
    pub fn key(mut self, key: &str) -> Result<Self, QuestionError> {
        self.keys.push(key.trim().parse().map_err(QuestionError::Key)?);
        Ok(self)
    }

    /// This witness must have seen its newest checkpoint.
    ///
    /// # Errors
    /// [`QuestionError::Witness`].
    pub fn witness(mut self, key: &str) -> Result<Self, QuestionError> {
        self.witnesses.push(key.trim().parse().map_err(QuestionError::Witness)?);
        Ok(self)
    }

    /// It must continue what this checkpoint (a signed note) is of.
    #[must_use]
    pub fn since(mut self, note: String) -> Self {
        self.since = Some(note);
        self
    }

    /// The bundle must be for this school.
    #[must_use]
    pub fn school(mut self, school: String) -> Self {
        self.school = Some(school);
        self
    }
}
