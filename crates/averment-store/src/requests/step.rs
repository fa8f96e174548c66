//! The state machine: what can happen to a request, when, and how it then stands.
//!
//! Start at [`Progress::after`]. Invariants: nothing is done without identity and right having been checked; what is done or
//! refused stays so; more time is taken once.

use averment_ledger::RequestKind;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::request::{Request, State, Step};

/// The right that somebody asks with, as it was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Of a parent or guardian whom no order limits, 34 CFR 99.4.
    Parent,
    /// Of a parent or guardian whom a court order limits, and who may ask for this all the same, 34 CFR 99.4.
    ParentUnderOrder,
    /// Of the student, to whom the rights have passed, 34 CFR 99.5.
    EligibleStudent,
    /// Of somebody for themselves, GDPR Art. 12(6).
    Person,
    /// Of a school for its people, under the contract or in place of the parents under COPPA.
    School,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Parent,
        Self::ParentUnderOrder,
        Self::EligibleStudent,
        Self::Person,
        Self::School,
    ];

    /// The word in answers and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::ParentUnderOrder => "parent_under_order",
            Self::EligibleStudent => "eligible_student",
            Self::Person => "person",
            Self::School => "school",
        }
    }
}

impl std::str::FromStr for Right {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|right| right.as_str() == text);
        known.ok_or_else(|| {
            let words = Self::ALL.map(Self::as_str).join(", ");
            format!("expected one of {words}, found `{text}`")
        })
    }
}

/// What happens to a request. Texts are one line without names; proofs are one too, or `sha256:` and a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Event {
    /// It came.
    Received {
        /// What shows it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        how: Option<String>,
    },
    /// Whoever asks was told that it was received.
    Confirmed {
        /// How they were told.
        how: String,
    },
    /// Whoever asks has to show who they are.
    IdentityWanted {
        /// How they were told.
        how: String,
    },
    /// Identity and right were checked.
    Verified {
        /// With which right.
        right: Right,
        /// How.
        how: String,
        /// SHA-256 of the court order that limits it, `sha256:…`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<String>,
    },
    /// More time was taken.
    Extended {
        /// Why.
        because: String,
        /// The day on which whoever asks was told.
        told_on: Date,
    },
    /// Nothing is done, and nothing destroyed, until the hold is lifted.
    OnHold {
        /// Why.
        because: String,
        /// What shows it.
        how: String,
    },
    /// The hold is lifted; of a restriction that was put into effect, the restriction.
    Lifted {
        /// Why.
        because: String,
        /// What shows it.
        how: String,
    },
    /// It was done.
    Done {
        /// What shows it.
        how: String,
    },
    /// It was refused.
    Refused {
        /// Why.
        because: String,
        /// The provision: `GDPR Art. 12(5)(b)`.
        cite: String,
    },
}

impl Event {
    /// The word in entries.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Received { .. } => "received",
            Self::Confirmed { .. } => "confirmed",
            Self::IdentityWanted { .. } => "identity_wanted",
            Self::Verified { .. } => "verified",
            Self::Extended { .. } => "extended",
            Self::OnHold { .. } => "on_hold",
            Self::Lifted { .. } => "lifted",
            Self::Done { .. } => "done",
            Self::Refused { .. } => "refused",
        }
    }

    /// Whether whoever asks hears of the request with it.
    pub fn tells(&self) -> bool {
        matches!(
            self,
            Self::Confirmed { .. } | Self::IdentityWanted { .. } | Self::Extended { .. }
        )
    }

    /// What shows it.
    pub fn how(&self) -> Option<&str> {
        match self {
            Self::Received { how } => how.as_deref(),
            Self::Confirmed { how }
            | Self::IdentityWanted { how }
            | Self::Verified { how, .. }
            | Self::OnHold { how, .. }
            | Self::Lifted { how, .. }
            | Self::Done { how } => Some(how),
            Self::Extended { .. } | Self::Refused { .. } => None,
        }
    }

    /// Why.
    pub fn because(&self) -> Option<&str> {
        match self {
            Self::Extended { because, .. }
            | Self::OnHold { because, .. }
            | Self::Lifted { because, .. }
            | Self::Refused { because, .. } => Some(because),
            _ => None,
        }
    }

    /// The provision that a refusal rests on.
    pub fn cite(&self) -> Option<&str> {
        match self {
            Self::Refused { cite, .. } => Some(cite),
            _ => None,
        }
    }
}

/// How far a request has come: what its steps amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How it stands apart from a hold.
    base: State,
    on_hold: bool,
    right: Option<Right>,
    extended_on: Option<Date>,
    /// Of a restriction that is in effect: whether it was lifted.
    released: bool,
}

impl Progress {
    /// What the steps of a request amount to.
    pub fn of(request: &Request) -> Self {
        let taken = request
            .steps
            .iter()
            .filter(|step: &&Step| !matches!(step.event, Event::Received { .. }));
        // What was kept was checked when it was entered.
        taken.fold(Self::BEGINNING, |so_far, step| {
            so_far.after(request.kind, &step.event).unwrap_or(so_far)
        })
    }

    /// It came, and nothing else happened.
    const BEGINNING: Self = Self {
        base: State::Received,
        on_hold: false,
        right: None,
        extended_on: None,
        released: false,
    };

    /// How it stands.
    pub fn state(&self) -> State {
        if self.on_hold { State::OnHold } else { self.base }
    }

    /// The right that was checked; none where nothing may be done yet.
    pub fn right(&self) -> Option<Right> {
        self.right
    }

    /// The day on which whoever asks was told that more time is taken.
    pub fn extended_on(&self) -> Option<Date> {
        self.extended_on
    }

    /// Whether a restriction was taken back.
    pub fn is_released(&self) -> bool {
        self.released
    }

    /// How it stands after `event`; none when that cannot happen now.
    pub(super) fn after(self, kind: RequestKind, event: &Event) -> Option<Self> {
        let open = self.base.is_open();
        let free = open && !self.on_hold;
        let new = |base| Some(Self { base, ..self });
        match event {
            Event::Confirmed { .. } if open && kind != RequestKind::LegalHold => Some(self),
            Event::IdentityWanted { .. } if free && self.right.is_none() => new(State::IdentityWanted),
            Event::Verified { right, .. } if free => Some(Self {
                base: State::Verified,
                right: Some(*right),
                ..self
            }),
            Event::Extended { told_on, .. } if free && self.extended_on.is_none() => Some(Self {
                base: State::Extended,
                extended_on: Some(*told_on),
                ..self
            }),
            Event::OnHold { .. } if free => Some(Self { on_hold: true, ..self }),
            Event::Lifted { .. } => self.lifted(kind),
            Event::Done { .. } if free && self.right.is_some() => new(State::Done),
            Event::Refused { .. } if open && kind != RequestKind::LegalHold => Some(Self {
                base: State::Refused,
                on_hold: false,
                ..self
            }),
            _ => None,
        }
    }

    /// A hold goes back to how it stood; a legal hold that nobody asked for ends; a restriction in effect ends.
    fn lifted(self, kind: RequestKind) -> Option<Self> {
        let without = Self { on_hold: false, ..self };
        match kind {
            RequestKind::LegalHold if self.base.is_open() => Some(Self {
                base: State::Done,
                ..without
            }),
            _ if self.on_hold => Some(without),
            RequestKind::Restriction if self.base == State::Done && !self.released => Some(Self {
                released: true,
                ..without
            }),
            _ => None,
        }
    }
}
