//! What whoever erases asks before something goes, and whom it is about.

use std::collections::BTreeSet;

use crate::erase::EraseError;
use crate::erase::bystanders::Bystanders;
use crate::erase::harvest::Known;
use crate::erase::stores::Opened;

/// Asked just before something goes: an error when somebody has come under hold, and then nothing more goes.
pub type MayGo<'a> = &'a mut dyn FnMut() -> Result<(), EraseError>;

/// What whoever erases asks before something goes.
pub enum Asking<'a> {
    /// Whether nobody has come under hold since.
    Again,
    /// Whether nobody is whose rows go with those of the people of a batch, as the transaction sees them in which they would go. Read
    /// only where anybody is held at all.
    Others(&'a mut dyn FnMut() -> Result<Concerned, EraseError>),
    /// Whether so many rows of others may go, which the transaction would take.
    RowsOfOthers(u64),
}

impl std::fmt::Debug for Asking<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Again => "Again",
            Self::Others(_) => "Others",
            Self::RowsOfOthers(_) => "RowsOfOthers",
        })
    }
}

/// Answers what is asked before rows go: an error when they may not, and then nothing more goes.
pub type MayErase<'a> = &'a mut dyn FnMut(Asking<'_>) -> Result<(), EraseError>;

/// Whom a run is about, for whoever asks for holds.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Concerned {
    /// Numbers of its people, and of others whose rows go with theirs.
    pub numbers: BTreeSet<String>,
    /// How many names that are nobody's number lead to rows that go, and how many rows of others go that lead to nobody's number.
    pub untied: u64,
}

impl std::fmt::Debug for Concerned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Concerned(<{} people>, {})", self.numbers.len(), self.untied)
    }
}

impl Concerned {
    /// Of people with everything they are known by, and of others whose rows go with theirs. `everybody`: numbers of all who are erased.
    pub(in crate::erase) fn of(
        stores: &mut [Opened],
        batches: &[Known],
        everybody: &BTreeSet<String>,
    ) -> Result<Self, EraseError> {
        let mut beside = Bystanders::default();
        for known in batches {
            beside.add(Bystanders::of(stores, known, everybody)?);
        }
        let mut concerned = Self::from(beside);
        for known in batches {
            let theirs = known.numbers.iter().chain(&known.concerned);
            concerned.numbers.extend(theirs.cloned());
            concerned.untied += known.untied;
        }
        Ok(concerned)
    }
}

impl From<Bystanders> for Concerned {
    fn from(beside: Bystanders) -> Self {
        Self {
            numbers: beside.numbers,
            untied: beside.untold,
        }
    }
}
