//! Recipients that got something of erased people, and whether they say that they have erased it, too (GDPR Art. 19).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// How far a recipient is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecipientState {
    /// It says that it is done, and was asked again whether it is.
    Confirmed,
    /// It was asked and has not said so.
    Asked,
    /// Somebody has to ask by hand.
    Manual,
    /// It has no way to ask.
    NoWay,
    /// It could not be asked.
    Failed,
    /// Nobody asked.
    NotAsked,
}

/// A recipient that got something of the people of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Identifier in the register, or the host that no recipient declares.
    pub name: String,
    /// Of how many people.
    pub people: u64,
    /// When the last of it left, RFC 3339 UTC.
    pub last_at: String,
    /// How far it is.
    pub state: RecipientState,
    /// In whose words it has confirmed, where somebody vouches for it.
    pub says: Option<String>,
}

impl RecipientState {
    const ALL: [Self; 6] = [
        Self::Confirmed,
        Self::Asked,
        Self::Manual,
        Self::NoWay,
        Self::Failed,
        Self::NotAsked,
    ];
    const WORDS: [&'static str; 6] = ["confirmed", "asked", "manual", "no_way", "failed", "not_asked"];

    /// The word in documents.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Asked => "asked, has not confirmed",
            Self::Manual => "to be asked by hand",
            Self::NoWay => "has no way to ask",
            Self::Failed => "could not be asked",
            Self::NotAsked => "not asked",
        }
    }
}

/// Whoever asks recipients to erase.
pub trait ThirdParties {
    /// Asks a recipient of the register to erase the people with these numbers at the platform; asked again it must not ask
    /// twice for the same. Called before their keys are destroyed.
    fn erase(&mut self, recipient: &str, numbers: &BTreeSet<String>) -> RecipientState;
}

/// Asks nobody: every recipient stays unconfirmed.
#[derive(Debug, Clone, Copy, Default)]
pub struct NobodyAsked;

impl ThirdParties for NobodyAsked {
    fn erase(&mut self, _recipient: &str, _numbers: &BTreeSet<String>) -> RecipientState {
        RecipientState::NotAsked
    }
}
