//! What a change obliges to: five duties, each with the paragraph it rests on.
//!
//! A change that adds a recipient, an element, a purpose, a country or an own use triggers them; one that only narrows
//! triggers none.

use std::collections::BTreeSet;

use super::change::{Aspect, Change, Subject, Value};
use crate::charter::ClaimKind;

/// A duty that a change triggers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Duty {
    /// Schools are told beforehand and may object.
    SubprocessorNotice,
    /// Parents consent again.
    ConsentRenewal,
    /// A material change of the policy is announced before it holds.
    PolicyChangeNotice,
    /// The impact assessment is looked at again.
    ImpactReview,
    /// The schedule of data of the agreement is made anew.
    ScheduleOfData,
}

impl Duty {
    /// The word in the machine form.
    pub fn id(self) -> &'static str {
        match self {
            Self::SubprocessorNotice => "subprocessor_notice",
            Self::ConsentRenewal => "consent_renewal",
            Self::PolicyChangeNotice => "policy_change_notice",
            Self::ImpactReview => "impact_review",
            Self::ScheduleOfData => "schedule_of_data",
        }
    }

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::SubprocessorNotice => "notice to schools",
            Self::ConsentRenewal => "renewed consent of parents",
            Self::PolicyChangeNotice => "notice of a policy change",
            Self::ImpactReview => "review of the impact assessment",
            Self::ScheduleOfData => "new schedule of data",
        }
    }

    /// What it rests on.
    pub fn cite(self) -> &'static str {
        match self {
            Self::SubprocessorNotice => "GDPR Art. 28(2)",
            Self::ConsentRenewal => "16 CFR 312.5(a)(1)",
            Self::PolicyChangeNotice => "C.R.S. 22-16-108(2)",
            Self::ImpactReview => "GDPR Art. 35(11)",
            Self::ScheduleOfData => "NDPA Exhibit B",
        }
    }
}

/// What further personal data in a store oblige to.
pub(super) const STORED: &[Duty] = &[Duty::ImpactReview];

/// What `change` triggers.
pub(super) fn of(change: &Change) -> BTreeSet<Duty> {
    if !change.direction.is_wider() {
        return BTreeSet::new();
    }
    let mut duties = match &change.aspect {
        // What is kept at home goes to nobody new.
        Aspect::Whole if matches!(change.subject, Subject::Store(_)) => STORED.to_vec(),
        Aspect::Whole | Aspect::Discloses(..) => vec![
            Duty::SubprocessorNotice,
            Duty::ConsentRenewal,
            Duty::PolicyChangeNotice,
            Duty::ImpactReview,
            Duty::ScheduleOfData,
        ],
        Aspect::Receives(..) => vec![
            Duty::ConsentRenewal,
            Duty::PolicyChangeNotice,
            Duty::ImpactReview,
            Duty::ScheduleOfData,
        ],
        Aspect::Scalar(scalar, _) => scalar.duties.to_vec(),
        Aspect::Set(set) => set.duties.to_vec(),
        Aspect::Claim => of_claim(change),
        // A school's own wish, taken back by the school: nobody else is to be told.
        Aspect::Removes(..) | Aspect::Hides(..) => Vec::new(),
    };
    let side = &change.sides[1];
    duties.retain(|duty| match duty {
        Duty::ConsentRenewal => side.children,
        Duty::ScheduleOfData => side.students && brings_elements(change),
        _ => true,
    });
    duties.into_iter().collect()
}

/// Whether elements come that were not there under any terms.
fn brings_elements(change: &Change) -> bool {
    match &change.aspect {
        Aspect::Discloses(..) | Aspect::Receives(..) => change.old.is_none(),
        Aspect::Whole => matches!(&change.new, Some(Value::Recipient(recipient)) if !recipient.discloses.is_empty()),
        Aspect::Claim => true,
        _ => false,
    }
}

fn of_claim(change: &Change) -> Vec<Duty> {
    let claim = super::change::claim(change.new.as_ref());
    match claim.map(|claim| &claim.kind) {
        Some(ClaimKind::Collects { .. }) => vec![
            Duty::ConsentRenewal,
            Duty::PolicyChangeNotice,
            Duty::ImpactReview,
            Duty::ScheduleOfData,
        ],
        Some(ClaimKind::VisibleTo { .. }) => vec![Duty::PolicyChangeNotice, Duty::ImpactReview],
        _ if matches!(change.subject, Subject::Claim { .. }) => vec![Duty::PolicyChangeNotice],
        _ => Vec::new(),
    }
}
