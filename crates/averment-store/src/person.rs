//! What left about one person: the answer that a parent, a school or the person is owed.
//!
//! Start at [`PersonEntry`]; the index ([`crate::Index::person`]) gives them.
//!
//! Source: 34 CFR 99.32 (record of disclosures); GDPR Art. 15(1)(c).

use averment_ledger::FindingEntry;

use crate::index::{Entered, IndexError};
use crate::people::PeopleError;
use crate::{DataFolder, Index, Keys, People};

/// Why the question cannot be answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PersonError {
    /// The index, or the record that it is made of, cannot be used.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The directory cannot be used.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// Nobody by that id was ever loaded. The id is not repeated.
    #[error("nobody in the directory has this id")]
    Unknown,
    /// The person was erased: their key is gone, and with it every link to an entry.
    #[error("this person was forgotten: no entry can be linked to them any more")]
    Forgotten,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// It went out and was answered.
    Left,
    /// It was about to go out, and whether it did is not known.
    MayHaveLeft,
    /// It was allowed, and not one byte went out.
    NotSent,
    /// It was not let out.
    Refused,
}

impl Fate {
    /// All, as they count: what is certain to have left first.
    pub const ALL: [Self; 4] = [Self::Left, Self::MayHaveLeft, Self::NotSent, Self::Refused];

    /// The words used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::MayHaveLeft => "may have left",
            Self::NotSent => "not sent",
            Self::Refused => "refused",
        }
    }

    /// The word used in files: `may_have_left`.
    pub fn word(self) -> &'static str {
        match self {
            Self::MayHaveLeft => "may_have_left",
            Self::NotSent => "not_sent",
            other => other.as_str(),
        }
    }

    /// How the index has it.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Left => 0,
            Self::MayHaveLeft => 1,
            Self::NotSent => 2,
            Self::Refused => 3,
        }
    }

    /// What the index means by a number.
    pub(crate) fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|fate| fate.number() == number)
    }
}

/// A result that this version does not know is no proof that nothing left.
pub(crate) fn fate_of(result: &str) -> Fate {
    match result {
        "answered" | "sent" => Fate::Left,
        "not_sent" => Fate::NotSent,
        _ => Fate::MayHaveLeft,
    }
}

/// One message about the person, or one disclosure that somebody entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonEntry {
    /// Number of its entry in the ledger.
    pub index: u64,
    /// When, RFC 3339 UTC; of what somebody entered, when it happened.
    pub at: String,
    /// Digest of the charter in force.
    pub charter: String,
    /// Identifier of the request.
    pub id: String,
    /// Identifier of the recipient; none when no recipient declares the host.
    pub recipient: Option<String>,
    /// Host that it was for; none for what somebody entered.
    pub host: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// What of this person was in it: element, rule, reason, authority and what was done to it. In a message that left, what
    /// was `treated` other than `pass` did not leave as it was. Without reference: all are about the one person.
    pub findings: Vec<FindingEntry>,
    /// The request that it is a piece of.
    pub part_of: Option<String>,
    /// What somebody said who entered it; none for what a gate saw.
    pub entered: Option<Entered>,
    /// What later entries say is wrong with it.
    pub corrections: Vec<Corrected>,
    /// Whether it counts no more. Only what somebody entered can be made void.
    pub void: bool,
}

/// A later entry about an entry that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Corrected {
    /// Number of the later entry.
    pub by_entry: u64,
    /// When, RFC 3339 UTC.
    pub at: String,
    /// What is wrong.
    pub because: String,
}

/// Every message about the person with the platform's `id`, in the order of the ledger. Brings the index up to date.
///
/// # Errors
/// [`PersonError`].
pub fn person_entries(
    folder: &DataFolder,
    keys: &Keys,
    people: &People,
    id: &str,
) -> Result<Vec<PersonEntry>, PersonError> {
    let mut index = Index::open(folder, || ())?;
    index.follow(folder, keys, people, |_| ())?;
    index.person(people, id)
}
