//! What a decision says: per finding a ruling with rule and reason, for the message an action.

use averment_catalog::{Treatment, WordId};
use averment_register::{ClaimId, Condition, ControllerId, Digest, Mode, RecipientId, RuleId, Words};

use crate::facts::{Sender, Stop};

/// What is done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It goes out as it came.
    Forward,
    /// It goes out after treatment of its findings.
    Rewrite,
    /// It does not go out.
    Refuse,
}

impl Action {
    /// The word used in entries.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Rewrite => "rewrite",
            Self::Refuse => "refuse",
        }
    }
}

/// Why a finding is ruled on as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A disclosure declares it.
    Declared {
        /// Which.
        rule: RuleId,
        /// Its condition. The platform's word is taken for it unless it is a consent or the operator wants it declared.
        when: Condition,
        /// Version of the consent that it rests on, where it rests on one.
        consent_version: Option<u64>,
        /// Whether that is a consent of the school, in the place of the parents.
        consent_of_school: bool,
        /// What the disclosure rests on, in the catalog's words.
        basis: Words,
    },
    /// No disclosure of the recipient declares the element for this kind of subject.
    Undeclared,
    /// A published claim says that it never happens.
    Barred {
        /// Which.
        claim: ClaimId,
    },
    /// A disclosure declares it, given a consent that is not there.
    ConsentMissing {
        /// Which disclosure.
        rule: RuleId,
        /// Kind of the consent.
        consent: String,
        /// Whether the school gave it, and it does not reach so far.
        of_school: bool,
    },
    /// A disclosure declares it as typed in at the recipient by the person, so it has no business in a server's request.
    EnteredElsewhere {
        /// Which disclosure.
        rule: RuleId,
    },
    /// A disclosure declares it of people in some countries, and where this person is is not known to the gate.
    TerritoryUnknown {
        /// Which disclosure.
        rule: RuleId,
    },
    /// A disclosure declares it as directory information, and the person has opted out, 34 CFR 99.37(a)(2).
    OptedOut {
        /// Which disclosure.
        rule: RuleId,
    },
    /// The person, or their school for them, objects to the recipient, GDPR Art. 21.
    Objected,
    /// The person's data may only be stored, GDPR Art. 18(2), and the recipient does more.
    Restricted,
    /// A disclosure declares it under a condition that the sender has not declared, and the operator wants it declared.
    ConditionNotDeclared {
        /// Which disclosure.
        rule: RuleId,
        /// Its condition.
        when: Condition,
    },
    /// No recipient declares the host.
    UnknownHost,
}

impl Reason {
    /// The word used in entries.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Declared { .. } => "declared",
            Self::Undeclared => "undeclared",
            Self::Barred { .. } => "barred",
            Self::ConsentMissing { .. } => "consent_missing",
            Self::EnteredElsewhere { .. } => "entered_elsewhere",
            Self::TerritoryUnknown { .. } => "territory_unknown",
            Self::OptedOut { .. } => "opted_out",
            Self::Objected => "objected",
            Self::Restricted => "restricted",
            Self::ConditionNotDeclared { .. } => "condition_not_declared",
            Self::UnknownHost => "unknown_host",
        }
    }

    /// Version of the consent that it rests on.
    pub fn consent_version(&self) -> Option<u64> {
        match self {
            Self::Declared { consent_version, .. } => *consent_version,
            _ => None,
        }
    }

    /// Whether it rests on a consent of the school, in the place of the parents.
    pub fn consent_of_school(&self) -> bool {
        matches!(
            self,
            Self::Declared {
                consent_of_school: true,
                ..
            }
        )
    }

    /// What lets it out, in the catalog's words and their order: `ferpa.school_official`. Nothing where no disclosure does.
    pub fn basis(&self) -> impl Iterator<Item = &str> {
        let words = match self {
            Self::Declared { basis, .. } => Some(basis),
            _ => None,
        };
        words.into_iter().flatten().map(WordId::as_str)
    }

    /// The disclosure or claim that it rests on; one of the school's charter where [`Ruling::school`] names one.
    pub fn rule(&self) -> Option<&str> {
        match self {
            Self::Declared { rule, .. }
            | Self::ConsentMissing { rule, .. }
            | Self::EnteredElsewhere { rule }
            | Self::TerritoryUnknown { rule }
            | Self::OptedOut { rule }
            | Self::ConditionNotDeclared { rule, .. } => Some(rule.as_str()),
            Self::Barred { claim } => Some(claim.as_str()),
            Self::Undeclared | Self::Objected | Self::Restricted | Self::UnknownHost => None,
        }
    }
}

/// The ruling on one finding; `rulings[i]` is about `findings[i]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// What is to be done to it.
    pub treatment: Treatment,
    /// Why.
    pub reason: Reason,
    /// The school whose charter it was made by; none for the register itself.
    pub school: Option<ControllerId>,
    /// The agreement with that school, as the register names its document, where a disclosure lets the element out.
    pub agreement: Option<String>,
}

/// The verdict on one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The recipient; none when no recipient declares the host.
    pub recipient: Option<RecipientId>,
    /// The contract with it, as the register names its document.
    pub contract: Option<String>,
    /// Report or enforce; enforce where a person's school has switched the recipient off.
    pub mode: Mode,
    /// What enforcement does, or would do in report mode.
    pub judged: Action,
    /// What is done.
    pub action: Action,
    /// One per finding, same order.
    pub rulings: Vec<Ruling>,
    /// Whether something unreadable counts towards refusal.
    pub unreadable_refused: bool,
    /// Whether something unreadable goes out.
    pub unreadable_forwarded: bool,
    /// Why nothing goes out whatever the rulings say, or would not in enforce mode.
    pub stopped: Option<Stop>,
    /// Who sent the message and what it declares.
    pub sender: Sender,
    /// The charter that it was made by.
    pub charter: Digest,
}

/// Leave to forward one message. Made by [`crate::decide`] and nowhere else; not to be copied.
#[derive(Debug)]
pub struct Permit {
    verdict: Verdict,
}

impl Permit {
    pub(crate) fn new(verdict: Verdict) -> Self {
        Self { verdict }
    }

    /// The verdict that gave it.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }
}

/// What [`crate::decide`] answers.
#[derive(Debug)]
pub enum Decision {
    /// The message may go out, after treatment if [`Action::Rewrite`] says so.
    Proceed(Permit),
    /// It may not.
    Refuse(Verdict),
}

impl Decision {
    /// The verdict, whichever way it went.
    pub fn verdict(&self) -> &Verdict {
        match self {
            Self::Proceed(permit) => permit.verdict(),
            Self::Refuse(verdict) => verdict,
        }
    }
}
