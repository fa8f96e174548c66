//! Recipients that got something of erased people, and whether they say that they have erased it, too (GDPR Art. 19).

use averment_ledger::Measurement;
use serde::{Deserialize, Serialize};

/// How far a recipient is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecipientState {
    /// A look found nothing any more, or its own job says so.
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
    /// It was asked, and still has something after the time that it says it takes.
    StillThere,
    /// Somebody says that it was done; nothing looked.
    Vouched,
    /// The catalog says that it keeps nothing about a person: there is nothing to ask for, and nothing looked.
    KeepsNothing,
}

/// A recipient that got something of the people of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Identifier in the register, or the host that no recipient declares.
    pub name: String,
    /// Of how many people.
    pub people: u64,
    /// When the last of it left, RFC 3339 UTC; empty where only the register says that it may have.
    pub last_at: String,
    /// How far it is.
    pub state: RecipientState,
    /// What confirms it or keeps it from being confirmed, or in whose words somebody vouches for it.
    pub says: Option<String>,
    /// When the run began that asks it, RFC 3339 UTC.
    pub run_began_at: String,
}

impl RecipientState {
    const ALL: [Self; 9] = [
        Self::Confirmed,
        Self::Asked,
        Self::Manual,
        Self::NoWay,
        Self::Failed,
        Self::NotAsked,
        Self::StillThere,
        Self::Vouched,
        Self::KeepsNothing,
    ];
    const WORDS: [&'static str; 9] = [
        "confirmed",
        "asked",
        "manual",
        "no_way",
        "failed",
        "not_asked",
        "still_there",
        "vouched",
        "keeps_nothing",
    ];

    /// The word in documents.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether nothing is owed any more: it is confirmed, somebody vouches for it, or nothing is kept there.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Confirmed | Self::Vouched | Self::KeepsNothing)
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
            Self::StillThere => "still has something",
            Self::Vouched => Measurement::VOUCHED_FOR,
            Self::KeepsNothing => "is said to keep nothing about a person",
        }
    }
}

impl Recipient {
    /// Whether the ledger does not say that it got anything: the register says that it may have.
    pub fn is_presumed(&self) -> bool {
        self.last_at.is_empty()
    }

    /// How far it is and why, in words that name nobody.
    pub fn words(&self) -> String {
        let mut words = self.state.as_str().to_owned();
        if let Some(says) = &self.says {
            words.push_str(&format!(" ({says})"));
        }
        if self.is_presumed() && !self.state.is_settled() {
            words.push_str("; whether it got anything the ledger does not say");
        }
        words
    }
}
