//! What a register would have to say so that nothing that was seen drifts: for whoever drafts rows.
//!
//! Nothing is decided here: a row says what happens, and whether it should is for people to say. What a published sentence
//! rules out is told and not wanted.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use averment_catalog::{ElementId, Plane, SubjectId};
use averment_register::{Charter, ClaimId, RecipientId};

use crate::drift::Own;
use crate::drift::case::{Case, cases, host_of, strength};
use crate::drift::elements::{found, ruling_out};
use crate::observation::{Evidence, Party, Passed, Spot, Tier};
use crate::seen::Seen;

/// An element, and whose where that was seen.
pub type Element = (ElementId, Option<SubjectId>);

/// Where an element is passed, for a person to go to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Where.
    pub spot: Spot,
    /// In traffic host and masked path of the request that carries it.
    pub request: Option<String>,
}

impl Place {
    fn of(passed: &Passed) -> Self {
        Self {
            spot: passed.spot.clone(),
            request: passed.request.clone(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.request {
            Some(request) => write!(f, "{} request {request}", self.spot),
            None => self.spot.fmt(f),
        }
    }
}

/// What is wanted of one recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The recipient that declares it; none where no recipient does.
    pub recipient: Option<RecipientId>,
    /// Planes on which it was seen and that no file names.
    pub planes: BTreeSet<Plane>,
    /// Hosts that no file names.
    pub hosts: BTreeSet<String>,
    /// What shows it, where it is not declared.
    pub evidence: BTreeSet<Evidence>,
    /// Elements that no row declares, and where they are passed.
    pub elements: BTreeMap<Element, BTreeSet<Place>>,
    /// Elements that a published sentence rules out.
    pub ruled_out: BTreeMap<Element, (ClaimId, BTreeSet<Place>)>,
}

/// What is wanted, by third party. `own`: as in [`crate::drift()`].
pub fn wanted(charter: &Charter, looks: &[Seen], own: &BTreeSet<String>) -> BTreeMap<Party, Wanted> {
    let own = Own::of(charter, own);
    let mut wanted: BTreeMap<Party, Wanted> = BTreeMap::new();
    for seen in looks {
        let cases = cases(charter, seen, &own);
        for case in cases.iter().filter(|case| is_wanted(case)) {
            add_case(wanted.entry(case.observation.party.clone()).or_default(), case);
        }
        add_elements(&mut wanted, charter, &cases);
        add_undeclared(&mut wanted, charter, &cases);
    }
    wanted
}

/// Whether the register has to say more about it than which elements go there.
fn is_wanted(case: &Case<'_>) -> bool {
    let other_plane = case
        .recipients
        .iter()
        .all(|one| !one.planes.contains(&case.observation.plane));
    strength(&case.open).0 > Tier::Linked
        || (!case.recipients.is_empty() && other_plane && case.observation.tier().is_flow())
}

fn add_case(wanted: &mut Wanted, case: &Case<'_>) {
    let observation = case.observation;
    wanted.recipient = case.recipients.first().map(|one| one.id.clone());
    wanted.planes.insert(observation.plane);
    let open = case.open.iter().filter(|one| one.tier > Tier::Linked);
    let open: Vec<&Evidence> = open.copied().collect();
    let known: BTreeSet<String> = open.iter().filter_map(|one| host_of(one)).collect();
    wanted.hosts.extend(known.intersection(&observation.hosts).cloned());
    if case.recipients.is_empty() && matches!(observation.party, Party::Domain(_)) {
        wanted.hosts.extend(observation.hosts.iter().cloned());
    }
    let shown = if open.is_empty() {
        case.evidence(Tier::Embedded)
    } else {
        open
    };
    wanted.evidence.extend(shown.into_iter().cloned());
}

/// Elements of recipients that are declared.
fn add_elements(wanted: &mut BTreeMap<Party, Wanted>, charter: &Charter, cases: &[Case<'_>]) {
    for found in found(charter, cases) {
        let element = (found.what.0.clone(), found.what.1.cloned());
        let ruled_out = ruling_out(charter, &found.case.recipients, found.what).next();
        let places = found.passed.iter().map(|passed| Place::of(passed));
        let row = wanted.entry(found.case.observation.party.clone()).or_default();
        row.recipient = found.case.recipients.first().map(|one| one.id.clone());
        match ruled_out {
            Some(claim) => {
                let row = row.ruled_out.entry(element);
                row.or_insert_with(|| (claim.id.clone(), BTreeSet::new()))
                    .1
                    .extend(places);
            }
            None => row.elements.entry(element).or_default().extend(places),
        }
    }
}

/// Elements of who is not declared at all.
fn add_undeclared(wanted: &mut BTreeMap<Party, Wanted>, charter: &Charter, cases: &[Case<'_>]) {
    let undeclared = cases.iter().filter(|case| case.recipients.is_empty());
    for passed in undeclared.flat_map(|case| case.observation.passed.iter().map(move |one| (case, one))) {
        let (case, passed) = passed;
        let what = (&passed.element, passed.subject.as_ref());
        let is_ruled_out = ruling_out(charter, &[], what).next().is_some();
        if let Some(row) = wanted.get_mut(&case.observation.party)
            && !is_ruled_out
        {
            let element = (passed.element.clone(), passed.subject.clone());
            row.elements.entry(element).or_default().insert(Place::of(passed));
        }
    }
}
