//! What a look says about claims: measurements for the ledger, at most one for each claim and plane.
//!
//! Start at [`measurements`]. What goes against a claim is always told. What speaks for it is told only where the look could
//! have seen the contrary: a call whose arguments nobody could read says nothing about what is passed.
//!
//! Invariant: a look that saw nothing speaks for nothing; drift that is accepted for a time counts like any other. What a look
//! is said to be mistaken about does not go against a claim, and was not seen either.

mod passing;
mod presence;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use averment_catalog::Plane;
use averment_register::{Charter, Claim, ClaimId, ClaimKind, Severity};
use jiff::Timestamp;

use crate::drift::case::{Case, cases};
use crate::drift::elements::{Found, found};
use crate::drift::{Drift, Own, Report};
use crate::report::{clipped, visible};

/// Most places of one measurement, and the longest, in characters.
const PLACES_MAX: usize = 100;
const PLACE_CHARS_MAX: usize = 300;

/// What one look says about one claim on one plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// The claim.
    pub claim: ClaimId,
    /// Who looked: `scan.code`, `scan.code.web`.
    pub by: String,
    /// Where.
    pub plane: Plane,
    /// Begin of the time that it is about.
    pub from: Timestamp,
    /// Its end.
    pub until: Timestamp,
    /// How much was looked at.
    pub observed: u64,
    /// How much of it goes against the claim.
    pub contrary: u64,
    /// How much could not be read.
    pub unreadable: u64,
    /// How much should have been looked at and was not.
    pub unseen: u64,
    /// What goes against the claim, without values.
    pub places: Vec<String>,
}

/// Everything that claims are held against.
struct Look<'a> {
    charter: &'a Charter,
    report: &'a Report,
    cases: &'a [Case<'a>],
    found: &'a [Found<'a, 'a>],
    /// Rule and subject of what is no drift.
    mistaken: BTreeSet<(crate::drift::Rule, &'a str)>,
}

/// What a look found of one claim on one plane.
#[derive(Debug, Default)]
struct Count {
    observed: u64,
    unseen: u64,
    against: Vec<Drift>,
}

/// What a look says about the claims of the charter that its report was made with.
///
/// `own`: as in [`crate::drift()`]. `name`: tells looks of the same kind apart, for one that finds nothing mends what an
/// earlier one of the same name found.
pub fn measurements(charter: &Charter, report: &Report, own: &BTreeSet<String>, name: Option<&str>) -> Vec<Measured> {
    let cases = cases(charter, &report.seen, &Own::of(charter, own));
    let found = found(charter, &cases);
    let wrong = |one: &&Drift| one.accepted.as_ref().is_some_and(|accepted| accepted.mistaken);
    let mistaken = report.drift.iter().filter(wrong);
    let look = Look {
        charter,
        report,
        cases: &cases,
        found: &found,
        mistaken: mistaken.map(|one| (one.rule, one.subject.as_str())).collect(),
    };
    let by = name.map_or_else(
        || report.seen.look.as_str().to_owned(),
        |name| format!("{}.{name}", report.seen.look.as_str()),
    );
    let claims = charter.content().claims.values();
    claims
        .flat_map(|claim| Plane::ALL.into_iter().map(move |plane| (claim, plane)))
        .filter_map(|(claim, plane)| look.measured(claim, plane, &by))
        .collect()
}

impl Look<'_> {
    fn measured(&self, claim: &Claim, plane: Plane, by: &str) -> Option<Measured> {
        let count = self.count(claim, plane)?;
        let coverage = &self.report.seen.coverage;
        let contrary = count.against.len() as u64;
        // What browsers were let to contact, or are said to have tried, is not all that they contact.
        let is_partial = self.report.seen.look == crate::seen::Look::Csp;
        if contrary == 0 && (is_partial || count.observed == 0 || !coverage.saw_something()) {
            return None;
        }
        let places = count.against.iter().take(PLACES_MAX).map(place);
        Some(Measured {
            claim: claim.id.clone(),
            by: by.to_owned(),
            plane,
            from: self.report.seen.from,
            until: self.report.seen.until,
            observed: count.observed.max(contrary),
            contrary,
            unreadable: coverage.unread.len() as u64,
            unseen: count.unseen.saturating_add(coverage.not_looked_at_total()),
            places: places.collect(),
        })
    }

    fn count(&self, claim: &Claim, plane: Plane) -> Option<Count> {
        match &claim.kind {
            ClaimKind::Shares => Some(passing::shares(self, claim, plane)),
            ClaimKind::NeverShares { .. } => Some(passing::never_shares(self, claim, plane)),
            ClaimKind::NeedsConsent { consent, .. } => passing::needs_consent(self, claim, consent, plane),
            ClaimKind::ListComplete { .. } => Some(presence::list_complete(self, plane)),
            ClaimKind::RetiredSince { date } => presence::retired_since(self, claim, *date, plane),
            ClaimKind::EmbedsOnly { host } => presence::embeds_only(self, claim, host, plane),
            _ => None,
        }
    }

    /// Cases on `plane` of the recipient that the claim is about; of everybody where it is about nobody.
    fn cases_of(&self, claim: &Claim, plane: Plane) -> impl Iterator<Item = &Case<'_>> {
        let here = self.cases.iter().filter(move |case| case.observation.plane == plane);
        here.filter(move |case| concerns(claim, case))
    }

    /// Drift that goes against a claim, all errors; and how much would if the look were not said to be mistaken about it.
    fn against(&self, drift: impl Iterator<Item = Drift>) -> (Vec<Drift>, u64) {
        let errors = drift.filter(|one| one.severity == Severity::Error);
        let (mistaken, against): (Vec<Drift>, Vec<Drift>) =
            errors.partition(|one| self.mistaken.contains(&(one.rule, one.subject.as_str())));
        (against, mistaken.len() as u64)
    }

    fn sees(&self, plane: Plane) -> bool {
        self.report.seen.planes.contains(&plane)
    }

    /// What was looked at that can say something about `plane`.
    fn live(&self, plane: Plane) -> u64 {
        self.report.seen.coverage.live_on(plane)
    }
}

fn concerns(claim: &Claim, case: &Case<'_>) -> bool {
    let about = claim.recipient.as_ref();
    about.is_none_or(|id| case.recipients.iter().any(|one| one.id == *id))
}

fn place(drift: &Drift) -> String {
    let place = drift
        .places
        .first()
        .map_or_else(String::new, |spot| format!(", {spot}"));
    clipped(&visible(&format!("{}{place}", drift.subject)), PLACE_CHARS_MAX)
}
