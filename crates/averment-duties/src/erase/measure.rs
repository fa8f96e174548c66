//! What a run, or a look afterwards, shows of the claims that say what is erased.

use std::collections::BTreeSet;

use averment_catalog::ElementId;
use averment_ledger::Measurement;
use averment_register::{Charter, Claim, ClaimKind, Store};
use jiff::Timestamp;

use super::certificate::unconfirmed;
use super::sweep::Swept;
use super::third_parties::{Recipient, RecipientState};

/// Places that a measurement names.
const PLACES_MAX: usize = 50;

/// What was looked at.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// How many erased people.
    pub people: u64,
    /// Each store that was swept.
    pub swept: Vec<Swept>,
    /// Stores that were not swept.
    pub unseen: u64,
    /// Recipients that got something, or may have.
    pub third_parties: Vec<Recipient>,
    /// When it began.
    pub from: Timestamp,
    /// When it ended.
    pub until: Timestamp,
    /// When erasure was asked for, where that is known: whoever was not erased in time goes against the claim.
    pub asked_at: Option<Timestamp>,
}

/// A measurement for each claim about erasure that was looked at; identifiers are left empty.
pub fn measures(charter: &Charter, measured: &Measured) -> Vec<Measurement> {
    let claims = charter.content().claims.values();
    claims.filter_map(|claim| of_claim(charter, claim, measured)).collect()
}

/// A claim about a recipient is about what is kept there; one about nobody also about what recipients keep.
fn of_claim(charter: &Charter, claim: &Claim, measured: &Measured) -> Option<Measurement> {
    let ClaimKind::ErasedOn { duration, .. } = &claim.kind else {
        return None;
    };
    let about = |id: &str| {
        claim
            .recipient
            .as_ref()
            .is_none_or(|recipient| recipient.as_str() == id)
    };
    let recipients: Vec<Recipient> = measured
        .third_parties
        .iter()
        .filter(|one| about(&one.name))
        .cloned()
        .collect();
    let swept: Vec<&Swept> = measured
        .swept
        .iter()
        .filter(|one| is_kept_in(charter, claim, one))
        .collect();
    if claim.recipient.is_some() && recipients.is_empty() && swept.is_empty() {
        return None;
    }
    let kept = |one: &&Recipient| one.state == RecipientState::StillThere;
    let mut places = unconfirmed(&recipients);
    let open = places.len() - recipients.iter().filter(kept).count();
    let mut left: u64 = recipients.iter().filter(kept).map(|one| one.people).sum();
    for (place, count) in swept.iter().flat_map(|swept| found_of(charter, claim, swept)) {
        left += count;
        places.push(place);
    }
    if is_late(measured, duration) {
        left += measured.people;
        places.push("later than promised".to_owned());
    }
    places.truncate(PLACES_MAX);
    let looked = match claim.recipient {
        Some(_) => recipients.iter().map(|one| one.people).sum(),
        None => measured.people * swept.len() as u64,
    };
    let unswept = if claim.recipient.is_none() { measured.unseen } else { 0 };
    Some(Measurement {
        claim: claim.id.to_string(),
        by: "probe.erasure".to_owned(),
        plane: Some(Store::PLANE.as_str().to_owned()),
        from: measured.from.to_string(),
        until: measured.until.to_string(),
        observed: looked.max(left),
        contrary: left,
        unreadable: swept.iter().map(|swept| swept.unreadable).sum(),
        unseen: unswept + open as u64,
        places,
        ..Measurement::default()
    })
}

/// Whether the store that was swept is one that the claim is about.
fn is_kept_in(charter: &Charter, claim: &Claim, swept: &Swept) -> bool {
    let runs_on = |recipient| store_of(charter, swept).is_some_and(|store| store.runs_on.contains(recipient));
    claim.recipient.as_ref().is_none_or(runs_on)
}

fn store_of<'c>(charter: &'c Charter, swept: &Swept) -> Option<&'c Store> {
    let mut stores = charter.content().data.values();
    stores.find(|store| store.id.as_str() == swept.store)
}

/// What was found again of elements that the claim speaks of: where, and how many.
fn found_of<'s>(charter: &'s Charter, claim: &'s Claim, swept: &'s Swept) -> impl Iterator<Item = (String, u64)> + 's {
    let concerns = |element: &ElementId| match &claim.kind {
        ClaimKind::ErasedOn { elements, except, .. } => {
            let named = elements.is_empty() || elements.iter().any(|one| one.covers(element));
            named && !except.iter().any(|one| one.covers(element))
        }
        _ => false,
    };
    let store = store_of(charter, swept);
    swept.found.iter().filter_map(move |found| {
        // What was found, and what it was found in: an address in a message goes against what is said of both.
        let named = found.element.as_deref().and_then(|name| ElementId::new(name).ok());
        let stands = named.as_ref().is_some_and(concerns)
            || store.is_none_or(|store| elements_at(store, &found.place).iter().any(concerns));
        stands.then(|| (format!("{}: {}", swept.store, found.place), found.count))
    })
}

/// What the place in which something was found holds: a table, a column, or the whole store.
fn elements_at(store: &Store, place: &str) -> BTreeSet<ElementId> {
    let table = store
        .table(place)
        .or_else(|| place.rsplit_once('.').and_then(|(table, _)| store.table(table)));
    let column = place.rsplit_once('.').map(|(_, column)| column);
    let tables = store
        .tables
        .iter()
        .filter(|one| table.is_none_or(|table| table.name() == one.name()));
    let mut elements = BTreeSet::new();
    for one in tables {
        let named = column.and_then(|column| one.column(column)).filter(|_| table.is_some());
        match named {
            Some(column) => elements.extend(column.element.clone()),
            None => elements.extend(one.columns.values().filter_map(|column| column.element.clone())),
        }
        elements.extend(one.elements.iter().cloned());
    }
    elements
}

fn is_late(measured: &Measured, duration: &averment_register::Period) -> bool {
    let Some(asked) = measured.asked_at else { return false };
    let span = duration.to_string().parse::<jiff::Span>();
    let due = span
        .ok()
        .and_then(|span| asked.to_zoned(jiff::tz::TimeZone::UTC).checked_add(span).ok());
    // `P0D` is at once: a run that began within the hour was.
    let grace = jiff::SignedDuration::from_hours(1);
    due.is_some_and(|due| measured.until > due.timestamp() + grace)
}
