//! Promises that only one host of a recipient is embedded.

use std::collections::BTreeSet;

use averment_catalog::Plane;
use averment_register::{Charter, ClaimKind, host_matches};

use super::case::{Case, host_of, severity, strength};
use super::{Drift, Rule};
use crate::observation::{Evidence, How, Tier};
use crate::seen::{Look, Seen};

/// Other hosts of the recipient that are embedded.
pub(crate) fn wrong_host(charter: &Charter, seen: &Seen, case: &Case<'_>) -> Vec<Drift> {
    if case.observation.plane != Plane::Browser {
        return Vec::new();
    }
    let concerning = case
        .recipients
        .iter()
        .flat_map(|one| charter.claims_concerning(&one.id));
    let promised: BTreeSet<&str> = concerning
        .filter_map(|claim| match (&claim.kind, &claim.recipient) {
            (ClaimKind::EmbedsOnly { host }, Some(_)) => Some(host.as_str()),
            _ => None,
        })
        .collect();
    promised
        .into_iter()
        .filter_map(|host| against(seen, case, host))
        .collect()
}

fn against(seen: &Seen, case: &Case<'_>, promised: &str) -> Option<Drift> {
    let evidence = case.evidence(Tier::Allowed);
    let fits = |one: &&&Evidence| host_of(one).is_some_and(|host| host_matches(promised, &host));
    let kept = evidence.iter().any(|one| fits(&one));
    // A browser that loads the promised frame asks other hosts for what is inside it: only frames tell them apart then.
    let inside = |one: &Evidence| kept && seen.look != Look::Code && one.how != How::Frame;
    let other = evidence
        .iter()
        .filter(|one| host_of(one).is_some() && !fits(one) && !inside(one));
    let other: Vec<&Evidence> = other.copied().collect();
    let (tier, _) = strength(&other);
    let hosts: BTreeSet<String> = other.iter().filter_map(|one| host_of(one)).collect();
    let names: Vec<String> = hosts.iter().map(|host| format!("`{host}`")).collect();
    let first = names.first()?;
    let more = match names.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let (recipients, how) = (case.names(), tier.words());
    let message = format!("{first}{more} of {recipients} is {how}, where only `{promised}` is promised");
    let drift = case.drift(Rule::WrongEmbedHost, severity(strength(&other)), message, promised);
    Some(
        drift
            .hinting("embed from the promised host")
            .at(other.iter().map(|one| &one.spot)),
    )
}
