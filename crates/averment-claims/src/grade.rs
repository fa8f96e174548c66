//! Evidence to grades. Start at [`grade`].
//!
//! A plane that nothing measures is *unverified*, and a claim is as good as the weakest plane that its recipient is
//! declared on: a recipient that browsers talk to directly is not vouched for by what the gateway saw.

use averment_catalog::Plane;
use averment_register::{Charter, Claim, ClaimKind, Mode};
use jiff::Timestamp;
use serde::Serialize;

use crate::evidence::{Evidence, EvidenceByClaim};
use crate::looked_for::{LookedFor, looked_for, not_at_the_gateway};
use crate::reason;

/// What the evidence earns a claim, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// What is recognised as going against it is refused, and nothing was seen to get through.
    Enforced,
    /// It is watched, and nothing that is looked for was seen to go against it.
    Monitored,
    /// Somebody vouches for it with a document.
    Attested,
    /// Nothing measured it, or not lately, or something could not be read or told apart.
    Unverified,
    /// The evidence contradicts it.
    Broken,
}

impl Grade {
    /// All grades, from best to worst.
    pub const ALL: [Self; 5] = [
        Self::Enforced,
        Self::Monitored,
        Self::Attested,
        Self::Unverified,
        Self::Broken,
    ];

    /// The word used in files and on pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::Monitored => "monitored",
            Self::Attested => "attested",
            Self::Unverified => "unverified",
            Self::Broken => "broken",
        }
    }
}

/// The grade of a claim on one plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaneGrade {
    /// The plane.
    pub plane: Plane,
    /// Its grade.
    pub grade: Grade,
    /// Why, in one sentence.
    pub reason: String,
    /// What it rests on; none where nothing was seen.
    pub evidence: Option<Evidence>,
}

/// A claim with what it earned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graded {
    /// The claim.
    pub claim: Claim,
    /// What is looked for, of what the claim speaks of, and what is not; none for a kind that is not about elements.
    pub looked_for: Option<LookedFor>,
    /// One per plane, in the order of [`Plane::ALL`]; empty for a kind that no plane shows.
    pub planes: Vec<PlaneGrade>,
    /// The worst of them.
    pub overall: Grade,
    /// Why, in one sentence.
    pub reason: String,
}

impl Graded {
    /// The grade on one plane.
    pub fn on(&self, plane: Plane) -> Option<&PlaneGrade> {
        self.planes.iter().find(|grade| grade.plane == plane)
    }
}

/// Grades every claim of `charter`, in the order of their identifiers.
///
/// `evidence`: as [`crate::Fold::evidence`] gives it for the same charter and the same `now`.
pub fn grade(charter: &Charter, evidence: &EvidenceByClaim, now: Timestamp) -> Vec<Graded> {
    let evidence_of = |claim: &Claim| evidence.get(&claim.id).map_or(&[][..], Vec::as_slice);
    charter
        .content()
        .claims
        .values()
        .map(|claim| grade_claim(charter, claim, evidence_of(claim), now))
        .collect()
}

fn grade_claim(charter: &Charter, claim: &Claim, evidence: &[Evidence], now: Timestamp) -> Graded {
    let measured = matches!(
        claim.kind,
        ClaimKind::Shares | ClaimKind::NeverShares { .. } | ClaimKind::ListComplete { .. }
    );
    if !measured {
        let reason = reason::not_measured(&claim.kind).to_owned();
        return Graded {
            claim: claim.clone(),
            looked_for: None,
            planes: Vec::new(),
            overall: Grade::Unverified,
            reason,
        };
    }
    let planes: Vec<PlaneGrade> = Plane::ALL
        .into_iter()
        .filter_map(|plane| {
            grade_plane(
                charter,
                claim,
                plane,
                evidence.iter().find(|seen| seen.plane == plane),
                now,
            )
        })
        .collect();
    let overall = planes
        .iter()
        .map(|plane| plane.grade)
        .max()
        .unwrap_or(Grade::Unverified);
    let at_gateway = planes.iter().any(|plane| plane.plane == Plane::Gateway);
    let looked_for = if at_gateway {
        looked_for(claim)
    } else {
        not_at_the_gateway(claim)
    };
    let reason = reason::overall(&planes, overall);
    Graded {
        claim: claim.clone(),
        looked_for,
        planes,
        overall,
        reason,
    }
}

/// The grade on `plane`; none when the claim does not concern it.
fn grade_plane(
    charter: &Charter,
    claim: &Claim,
    plane: Plane,
    evidence: Option<&Evidence>,
    now: Timestamp,
) -> Option<PlaneGrade> {
    if evidence.is_none() && !concerns(charter, claim, plane) {
        return None;
    }
    let mode = mode_now(charter, claim);
    let grade = evidence.map_or(Grade::Unverified, |evidence| grade_evidence(claim, evidence, mode));
    let reason = match evidence {
        Some(evidence) => reason::measured(claim, evidence, grade, mode, now),
        None => reason::unseen(claim, plane),
    };
    Some(PlaneGrade {
        plane,
        grade,
        reason,
        evidence: evidence.cloned(),
    })
}

/// A claim concerns the planes of its recipient; one about the list concerns every plane that any recipient is on, and
/// the gateway, where undeclared recipients would show.
fn concerns(charter: &Charter, claim: &Claim, plane: Plane) -> bool {
    match claim.recipient.as_ref().map(|id| charter.recipient(id)) {
        Some(recipient) => recipient.is_some_and(|recipient| recipient.planes.contains(&plane)),
        None => plane == Plane::Gateway || charter.content().recipients.values().any(|r| r.planes.contains(&plane)),
    }
}

fn mode_now(charter: &Charter, claim: &Claim) -> Mode {
    let recipient = claim.recipient.as_ref().and_then(|id| charter.recipient(id));
    recipient.map_or(charter.content().unknown_hosts, |recipient| recipient.mode)
}

fn grade_evidence(claim: &Claim, evidence: &Evidence, mode: Mode) -> Grade {
    let nothing_seen = evidence.let_out() + evidence.refused == 0;
    if evidence.contrary > 0 {
        Grade::Broken
    } else if nothing_seen
        || evidence.unreadable > 0
        || whose_is_unknown(claim, evidence)
        || evidence.plane != Plane::Gateway
        || nothing_looks_for(claim)
    {
        Grade::Unverified
    } else if mode == Mode::Enforce && evidence.not_enforced == 0 {
        Grade::Enforced
    } else {
        Grade::Monitored
    }
}

/// What a claim rules out left, of somebody outside the directory: that may be one of the people it speaks of.
pub(crate) fn whose_is_unknown(claim: &Claim, evidence: &Evidence) -> bool {
    matches!(claim.kind, ClaimKind::NeverShares { .. }) && evidence.unattributed > 0
}

/// Traffic shows nothing about a claim whose elements nothing recognises.
fn nothing_looks_for(claim: &Claim) -> bool {
    looked_for(claim).is_some_and(|looked_for| looked_for.elements.is_empty())
}
