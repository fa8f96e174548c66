//! A claim with the grade that it earned, as it is published.

use averment_claims::{Grade, Graded, NotLookedFor};
use averment_register::{Claim, ClaimKind, EvidenceDuty};
use jiff::Timestamp;
use serde::Serialize;

use crate::context::{Context, SaidRow};
use crate::evidence_row::PlaneRow;
use crate::history_row::{MendedRow, PastRow, VouchedRow};
use crate::say::{self, Speaker};
use crate::terms::PeriodRow;
use crate::words::{Named, element, subject};

/// A claim with its grade.
#[derive(Debug, Serialize)]
pub(crate) struct ClaimRow {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) sentence: String,
    /// What it is read as, in plain words; none for a sentence without parameters.
    pub(crate) plain: Option<String>,
    said: Option<SaidRow>,
    /// What a `never_shares` sentence is read as.
    checked: Option<Checked>,
    /// Elements that are looked for; none for a kind that no elements are looked for.
    pub(crate) looked_for: Option<Vec<Named>>,
    /// What the sentence speaks of and nothing looks for yet.
    pub(crate) not_looked_for: Option<Vec<NotLookedForRow>>,
    pub(crate) grade: Grade,
    pub(crate) reason: String,
    pub(crate) last_evidence_at: Option<Timestamp>,
    /// Number of its entry in the ledger.
    last_evidence_entry: Option<u64>,
    /// It was broken within the window, and is not any more.
    mended: Option<MendedRow>,
    /// Requests of the evidence that were judged under another version of the register.
    judged_under_other_charters: u64,
    pub(crate) planes: Vec<PlaneRow>,
    /// Who vouches for it, or says that it does not hold.
    attestation: Option<VouchedRow>,
    /// What it earned before.
    history: PastRow,
    /// What has to be shown for it from time to time.
    duty: Option<DutyRow>,
    /// What is offered, for an `offers` claim.
    #[serde(skip)]
    offer: Option<String>,
}

/// What somebody has to show for a claim, and how often.
#[derive(Debug, Serialize)]
struct DutyRow {
    every: PeriodRow,
    document: Option<String>,
}

/// A category or element that nothing looks for yet, or of which only a part is looked for.
#[derive(Debug, Serialize)]
pub(crate) struct NotLookedForRow {
    id: String,
    pub(crate) label: String,
    /// Some of it is looked for: this is about the rest.
    rest: bool,
}

/// What a `never_shares` sentence is checked as.
#[derive(Debug, Serialize)]
struct Checked {
    elements: Vec<Named>,
    subjects: Vec<Named>,
}

impl ClaimRow {
    pub(crate) fn new(context: &Context, graded: &Graded) -> Self {
        let claim = &graded.claim;
        let looked_for = graded.looked_for.as_ref();
        let planes: Vec<PlaneRow> = graded
            .planes
            .iter()
            .map(|plane| PlaneRow::new(plane, &context.digest))
            .collect();
        Self {
            looked_for: looked_for
                .as_ref()
                .map(|found| found.elements.iter().map(element).collect()),
            not_looked_for: looked_for
                .as_ref()
                .map(|found| found.not.iter().map(|part| not_looked_for_row(claim, part)).collect()),
            judged_under_other_charters: planes.iter().map(PlaneRow::judged_under_other_charters).sum(),
            id: claim.id.to_string(),
            kind: claim.kind.as_str(),
            sentence: claim.sentence.clone(),
            said: claim.said.as_ref().map(|said| context.said(said)),
            plain: plain(context, claim),
            checked: checked(claim),
            grade: graded.overall,
            reason: graded.reason.clone(),
            last_evidence_at: graded.last_evidence().map(|(at, _)| at),
            last_evidence_entry: graded.last_evidence().map(|(_, entry)| entry),
            mended: context.mended(graded).map(MendedRow::new),
            planes,
            attestation: graded.vouched.as_ref().map(VouchedRow::new),
            history: PastRow::new(context.past(&claim.id)),
            duty: claim.evidence.as_ref().map(duty_row),
            offer: match &claim.kind {
                ClaimKind::Offers { offer, .. } => Some(offer.to_string()),
                _ => None,
            },
        }
    }

    /// Whether it offers one of these.
    pub(crate) fn offers(&self, offers: &[&str]) -> bool {
        self.offer.as_deref().is_some_and(|offer| offers.contains(&offer))
    }
}

fn plain(context: &Context, claim: &Claim) -> Option<String> {
    let speaker = Speaker {
        organisation: &context.charter.content().organisation,
        recipient: claim.recipient.as_ref().map(|id| context.name(id)),
    };
    say::claim(claim, speaker)
}

/// Who has to show it is left out: that is often a person's address.
fn duty_row(duty: &EvidenceDuty) -> DutyRow {
    DutyRow {
        every: PeriodRow::new(duty.every),
        document: duty.document.clone(),
    }
}

fn not_looked_for_row(claim: &Claim, part: &NotLookedFor) -> NotLookedForRow {
    NotLookedForRow {
        id: part.element.to_string(),
        // `shares` speaks of every category there is; examples of each would bury the list.
        label: match claim.kind {
            ClaimKind::Shares => part.label(),
            _ => part.label_with_examples(),
        },
        rest: part.rest,
    }
}

fn checked(claim: &Claim) -> Option<Checked> {
    match &claim.kind {
        ClaimKind::NeverShares { elements, subjects } => Some(Checked {
            elements: elements.iter().map(element).collect(),
            subjects: subjects.iter().map(subject).collect(),
        }),
        _ => None,
    }
}
