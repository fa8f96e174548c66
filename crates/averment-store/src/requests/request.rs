//! What a request is: about whom, by whom, and what became of it.

use averment_ledger::{Reference, RequestChange, RequestKind};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::step::Event;
use crate::consents::Proof;
use crate::persons::PersonId;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Requester {
    /// A parent or guardian, 34 CFR 99.3, 99.4.
    Parent,
    /// The student, from 18 on or in postsecondary education, 34 CFR 99.5.
    EligibleStudent,
    /// Somebody else, for themselves.
    Person,
    /// The school, for itself or for one of its people.
    School,
    /// Nobody: the platform's own office places a legal hold.
    Office,
}

impl Requester {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Parent,
        Self::EligibleStudent,
        Self::Person,
        Self::School,
        Self::Office,
    ];

    /// The word in the database, in entries and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::EligibleStudent => "eligible_student",
            Self::Person => "person",
            Self::School => "school",
            Self::Office => "office",
        }
    }
}

impl std::str::FromStr for Requester {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|by| by.as_str() == text);
        known.ok_or_else(|| {
            let words = Self::ALL.map(Self::as_str).join(", ");
            format!("expected one of {words}, found `{text}`")
        })
    }
}

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// On paper.
    Letter,
    /// By e-mail.
    Email,
    /// By telephone.
    Telephone,
    /// In a form of the platform.
    Form,
    /// In person.
    InPerson,
    /// Otherwise.
    Other,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Letter,
        Self::Email,
        Self::Telephone,
        Self::Form,
        Self::InPerson,
        Self::Other,
    ];

    /// The word in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Email => "email",
            Self::Telephone => "telephone",
            Self::Form => "form",
            Self::InPerson => "in_person",
            Self::Other => "other",
        }
    }
}

impl std::str::FromStr for Channel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|channel| channel.as_str() == text);
        known.ok_or_else(|| {
            let words = Self::ALL.map(Self::as_str).join(", ");
            format!("expected one of {words}, found `{text}`")
        })
    }
}

/// Whom a request, or a hold, is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Concerned {
    /// One person.
    Person(PersonId),
    /// Everybody of a school, as [`averment_policy::normal_name`] spells it.
    School(String),
}

impl Concerned {
    /// Everybody of the school with this identifier or name.
    pub fn school(name: &str) -> Self {
        Self::School(averment_policy::normal_name(name))
    }
}

/// A request to be entered.
#[derive(Debug, Clone)]
pub struct NewRequest<'a> {
    /// What is asked for.
    pub kind: RequestKind,
    /// About whom: the person with this identifier at the platform, or everybody of a school.
    pub about: crate::consents::About<'a>,
    /// Other names of the school that it is about, in the register and in the directory: it is held under each of them.
    pub school_names: &'a [String],
    /// Who asks.
    pub by: Requester,
    /// The school that asks for one of its people.
    pub acting_school: Option<&'a str>,
    /// How it came.
    pub channel: Channel,
    /// The day on which it was received.
    pub received_on: Date,
    /// What shows it.
    pub how: Option<&'a Proof>,
    /// What is recorded of its clocks.
    pub clocks: &'a Clocks,
}

/// What is recorded of the clocks of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clocks {
    /// Rules and agreements that set, or may set, a time: `GDPR-12-a`.
    pub laws: Vec<String>,
    /// The earliest last day.
    pub due: Option<Date>,
}

/// One step of a request, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Counts the steps of all requests, from 1.
    pub number: u64,
    /// Random identifier, 32 hex digits.
    pub id: String,
    /// What happened.
    pub event: Event,
    /// As of this step.
    pub clocks: Clocks,
    /// When it was entered.
    pub at: Timestamp,
}

/// How a request stands. What it is called follows from its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It came.
    Received,
    /// Whoever asks has to show who they are, GDPR Art. 12(6).
    IdentityWanted,
    /// Identity and right were checked.
    Verified,
    /// More time was taken, and whoever asks was told, GDPR Art. 12(3).
    Extended,
    /// Nothing is done until the hold is lifted.
    OnHold,
    /// It was done.
    Done,
    /// It was refused, with reason and provision.
    Refused,
}

impl State {
    /// The word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::IdentityWanted => "identity_wanted",
            Self::Verified => "verified",
            Self::Extended => "extended",
            Self::OnHold => "on_hold",
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }

    /// Whether something is still to be done.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Done | Self::Refused)
    }
}

/// One request with its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Counts all requests, from 1.
    pub number: u64,
    /// Its identifier: 10 hex digits.
    pub id: String,
    /// What is asked for.
    pub kind: RequestKind,
    /// About whom.
    pub about: Concerned,
    /// Who asks.
    pub by: Requester,
    /// The school that asks for one of its people.
    pub acting_school: Option<String>,
    /// How it came.
    pub channel: Channel,
    /// The day on which it was received.
    pub received_on: Date,
    /// What happened, in order; never empty.
    pub steps: Vec<Step>,
}

impl Request {
    /// What is recorded of its clocks as of the last step.
    pub fn clocks(&self) -> Clocks {
        self.steps.last().map(|step| step.clocks.clone()).unwrap_or_default()
    }

    /// Whether whoever asks was told something since it was received: that it was, that they have to show who they are, or
    /// that more time is taken.
    pub fn is_confirmed(&self) -> bool {
        self.steps.iter().any(|step| step.event.tells())
    }

    /// What the ledger is told of a step. `person`: how it names the person.
    pub fn entry(&self, step: &Step, person: Option<Reference>) -> RequestChange {
        let school = match &self.about {
            Concerned::School(school) => Some(school.clone()),
            Concerned::Person(_) => self.acting_school.clone(),
        };
        RequestChange {
            id: step.id.clone(),
            request: self.id.clone(),
            asks: self.kind.as_str().to_owned(),
            state: step.event.as_str().to_owned(),
            by: self.by.as_str().to_owned(),
            received_on: self.received_on.to_string(),
            laws: step.clocks.laws.clone(),
            due: step.clocks.due.map(|day| day.to_string()),
            how: step.event.how().map(str::to_owned),
            because: step.event.because().map(str::to_owned),
            cite: step.event.cite().map(str::to_owned),
            person,
            school,
        }
    }
}
