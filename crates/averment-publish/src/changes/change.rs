//! One change as it is published: the sentence of the comparison, its direction and what it obliges to.

use averment_register::{Charter, Subject};
use serde::{Deserialize, Serialize};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    /// `urn:uuid:…`, made from everything that the change says (RFC 9562, section 5.8).
    pub(crate) id: String,
    /// Kind of change: `recipient`, `discloses`, `claim`, `grade` …
    pub(crate) what: String,
    /// The place in the register that changed, as `averment diff` names it; none in entries that older versions made.
    pub(crate) place: Option<String>,
    /// What it means for the data.
    pub(crate) direction: Direction,
    /// The recipient that it is about.
    pub(crate) recipient: Option<String>,
    /// The claim that it is about, by its identifier in the register after the change where it is still there.
    pub(crate) claim: Option<String>,
    /// The change in one sentence.
    pub(crate) sentence: String,
    /// What it obliges to.
    pub(crate) duties: Vec<DutyRow>,
}

/// A duty that a change triggers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DutyRow {
    id: String,
    label: String,
    /// What it rests on.
    cite: String,
}

/// What a change means for the data, in the order in which readers need to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    /// More may leave.
    Wider,
    /// More in one respect, less in another.
    Mixed,
    /// A claim or an agreement promises less.
    PromisesLess,
    /// A claim has a worse grade.
    ShownLess,
    /// Less may leave.
    Narrower,
    /// A claim or an agreement promises more.
    PromisesMore,
    /// A claim has a better grade.
    ShownMore,
    /// Neither, or nobody can tell.
    Other,
}

impl Change {
    /// `change` leads to `charter`.
    pub(super) fn of(change: &averment_register::Change, charter: &Charter) -> Self {
        Self {
            id: String::new(),
            what: change.what.to_owned(),
            place: Some(change.id.clone()),
            direction: change.direction.into(),
            recipient: change.subject.recipient().map(ToString::to_string),
            claim: claim(&change.subject, charter),
            sentence: change.sentence.clone(),
            duties: change.duties.iter().map(DutyRow::new).collect(),
        }
    }
}

fn claim(subject: &Subject, charter: &Charter) -> Option<String> {
    let Subject::Claim { ids, .. } = subject else {
        return None;
    };
    let still_there = ids.iter().find(|id| charter.content().claims.contains_key(*id));
    still_there.or_else(|| ids.first()).map(ToString::to_string)
}

impl DutyRow {
    fn new(duty: &averment_register::Duty) -> Self {
        Self {
            id: duty.id().to_owned(),
            label: duty.label().to_owned(),
            cite: duty.cite().to_owned(),
        }
    }

    /// `notice to schools (GDPR Art. 28(2))`.
    pub(crate) fn words(&self) -> String {
        format!("{} ({})", self.label, self.cite)
    }
}

impl Direction {
    /// All of them, in order.
    pub(crate) const ALL: [Self; 8] = [
        Self::Wider,
        Self::Mixed,
        Self::PromisesLess,
        Self::ShownLess,
        Self::Narrower,
        Self::PromisesMore,
        Self::ShownMore,
        Self::Other,
    ];

    /// In plain words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Wider => "more may leave",
            Self::Mixed => "more in one respect, less in another",
            Self::PromisesLess => "promises less",
            Self::ShownLess => "less is shown for it",
            Self::Narrower => "less may leave",
            Self::PromisesMore => "promises more",
            Self::ShownMore => "more is shown for it",
            Self::Other => "changed",
        }
    }
}

impl From<averment_register::Direction> for Direction {
    fn from(direction: averment_register::Direction) -> Self {
        use averment_register::Direction as Found;
        match direction {
            Found::Wider => Self::Wider,
            Found::Narrower => Self::Narrower,
            Found::PromisesMore => Self::PromisesMore,
            Found::PromisesLess => Self::PromisesLess,
            Found::Mixed => Self::Mixed,
            Found::Other => Self::Other,
        }
    }
}
