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

impl RecipientState {
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
