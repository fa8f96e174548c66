//! Claims about what is passed to recipients.

use averment_catalog::Plane;
use averment_register::{Claim, Condition};
use std::collections::BTreeSet;

use super::{Count, Look, concerns};
use crate::drift::case::Case;
use crate::drift::consent::{self, Standing};
use crate::drift::elements::{Found, rules_out};
use crate::observation::{Evidence, How, Tier};
use crate::seen::Look as Kind;

/// The recipient gets only what its rows declare.
pub(super) fn shares(look: &Look<'_>, claim: &Claim, plane: Plane) -> Count {
    count(look, claim, plane, |found| found.undeclared)
}

/// The recipient, or nobody, gets these elements of these people.
pub(super) fn never_shares(look: &Look<'_>, claim: &Claim, plane: Plane) -> Count {
    let mut count = count(look, claim, plane, |found| {
        found.what.1.is_some() && rules_out(claim, found.what)
    });
    // Nobody saw whose it is, and of some people it would go against the claim.
    let passed = look.cases_of(claim, plane).flat_map(|case| &case.observation.passed);
    let unclear = passed.filter(|one| one.subject.is_none() && rules_out(claim, (&one.element, None)));
    count.unseen += unclear.count() as u64;
    count
}

/// The recipient, or whoever gets it with that consent alone, gets these elements only of people who gave it.
///
/// Only where people are recognised in requests; and where a claim is about nobody, and no row asks for the consent, nothing.
pub(super) fn needs_consent(look: &Look<'_>, claim: &Claim, consent: &str, plane: Plane) -> Option<Count> {
    let recipients = look.charter.content().recipients.values();
    let mut rows = recipients.flat_map(|one| &one.discloses);
    let is_told =
        claim.recipient.is_some() || rows.any(|row| matches!(&row.when, Condition::Consent(kind) if kind == consent));
    if !is_told || !matches!(look.report.seen.look, Kind::Har | Kind::Site) {
        return None;
    }
    let cases = || look.cases_of(claim, plane);
    let without = cases().flat_map(|case| consent::without(look.charter, case));
    let without = without.filter(|one| one.claim.id == claim.id);
    let (against, mistaken) = look.against(without.map(|one| one.told()));
    let unclear = cases().flat_map(|case| {
        let passed = case.observation.passed.iter();
        passed.filter(|one| consent::standing(claim, &case.recipients, one) == Some(Standing::Unknown))
    });
    let unclear = unclear.count() as u64;
    let (observed, unseen) = looked_at(look, claim, plane);
    Some(Count {
        observed,
        unseen: unseen + unclear + mistaken,
        against,
    })
}

fn count(look: &Look<'_>, claim: &Claim, plane: Plane, against: impl Fn(&Found<'_, '_>) -> bool) -> Count {
    let here = |one: &&Found<'_, '_>| one.case.observation.plane == plane && concerns(claim, one.case);
    let against = look.found.iter().filter(here).filter(|one| against(one));
    let (against, mistaken) = look.against(against.map(|one| one.told(look.charter)));
    let (observed, unseen) = looked_at(look, claim, plane);
    Count {
        observed,
        unseen: unseen + mistaken,
        against,
    }
}

/// How much of what goes there could be seen into, and how much could not.
fn looked_at(look: &Look<'_>, claim: &Claim, plane: Plane) -> (u64, u64) {
    let cases = look.cases_of(claim, plane);
    match look.report.seen.look {
        // Who recognises nobody finds nothing of anybody: that nothing was found says nothing.
        Kind::Har | Kind::Site if !look.report.seen.knows_people => (0, cases.map(flows).sum()),
        Kind::Export if !look.report.seen.knows_people => (0, cases.map(|_| look.live(plane)).max().unwrap_or(0)),
        // Requests and items are read whole: what was not found in them is not in them.
        Kind::Har | Kind::Site => (cases.map(flows).sum(), 0),
        Kind::Export => (cases.map(|_| look.live(plane)).max().unwrap_or(0), 0),
        Kind::Code => {
            let sums = cases.map(seen_into);
            let (observed, unseen) = sums.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            // Where no call could be seen into the look has nothing to say, for or against.
            (observed, if observed == 0 { 0 } else { unseen })
        }
        Kind::Csp | Kind::Schema => (0, 0),
    }
}

fn flows(case: &Case<'_>) -> u64 {
    let inspected = case.evidence(Tier::Contacted);
    inspected.iter().filter(|one| one.how == How::Request).count() as u64
}

/// Elements that were seen, and what carries data in files where none was.
fn seen_into(case: &Case<'_>) -> (u64, u64) {
    let files: BTreeSet<&str> = case
        .observation
        .passed
        .iter()
        .map(|one| one.spot.file.as_str())
        .collect();
    let carries = |one: &&&Evidence| {
        matches!(one.how, How::Call | How::Script | How::Frame | How::Form | How::Request)
            && !files.contains(one.spot.file.as_str())
    };
    let evidence = case.evidence(Tier::Embedded);
    let closed = evidence.iter().filter(carries).count();
    (case.observation.passed.len() as u64, closed as u64)
}
