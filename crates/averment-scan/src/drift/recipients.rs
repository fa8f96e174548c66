//! Third parties that were seen, held against the recipients that the charter declares.

use std::collections::BTreeSet;

use averment_register::{Charter, Recipient, Severity};

use super::{Drift, Rule};
use crate::identify::registrable;
use crate::observation::{Observation, Party, Tier};
use crate::seen::Seen;

/// Third parties that no recipient declares.
pub(super) fn undeclared(charter: &Charter, seen: &Seen, own: &BTreeSet<String>) -> Vec<Drift> {
    let open = seen
        .observations
        .iter()
        .filter(|one| one.tier() > Tier::Linked && !is_own(one, own) && declared(charter, one).is_empty());
    open.map(undeclared_recipient).collect()
}

/// Recipients of the charter that an observation may be about.
fn declared<'a>(charter: &'a Charter, observation: &Observation) -> Vec<&'a Recipient> {
    let by_party = charter
        .content()
        .recipients
        .values()
        .filter(|recipient| match &observation.party {
            Party::Known(id) => recipient.third_parties.contains(id),
            Party::Domain(_) => false,
        });
    let mut found: Vec<&Recipient> = by_party.collect();
    let by_host = observation
        .hosts
        .iter()
        .flat_map(|host| charter.recipients_of_host(host));
    for recipient in by_host {
        if !found.iter().any(|other| other.id == recipient.id) {
            found.push(recipient);
        }
    }
    found
}

fn is_own(observation: &Observation, own: &BTreeSet<String>) -> bool {
    !observation.hosts.is_empty() && observation.hosts.iter().all(|host| own.contains(&registrable(host)))
}

fn undeclared_recipient(observation: &Observation) -> Drift {
    let tier = observation.tier();
    let strongest = observation.evidence.iter().filter(|one| one.tier == tier);
    Drift {
        rule: Rule::UndeclaredRecipient,
        severity: if tier.is_flow() {
            Severity::Error
        } else {
            Severity::Warning
        },
        party: Some(observation.party.clone()),
        message: format!(
            "`{}` is {} and no recipient declares it",
            observation.party,
            tier.words()
        ),
        hint: Some("declare it, or take it out; `averment propose` drafts the row".to_owned()),
        subject: format!("{} {}", observation.party, observation.plane.as_str()),
        places: strongest.map(|one| one.spot.clone()).collect(),
        accepted: None,
    }
}
