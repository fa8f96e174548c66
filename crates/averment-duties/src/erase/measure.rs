//! What a run, or a look afterwards, shows of the claims that say what is erased.

use std::collections::BTreeSet;

use averment_catalog::ElementId;
use averment_ledger::Measurement;
use averment_register::{Charter, ClaimKind, Store};
use jiff::Timestamp;

use super::certificate::unconfirmed;
use super::sweep::Swept;
use super::third_parties::Recipient;

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
    /// When the run began that asks recipients: one that has not confirmed in time from then on goes against the claim.
    pub began_at: Option<Timestamp>,
}

/// A measurement for each claim about erasure; identifiers are left empty.
pub fn measures(charter: &Charter, measured: &Measured) -> Vec<Measurement> {
    let unconfirmed = unconfirmed(&measured.third_parties);
    let mut all = Vec::new();
    for claim in charter.content().claims.values() {
        let ClaimKind::ErasedOn {
            elements,
            except,
            duration,
            ..
        } = &claim.kind
        else {
            continue;
        };
        let concerns = |element: &ElementId| {
            let named = elements.is_empty() || elements.iter().any(|one| one.covers(element));
            named && !except.iter().any(|one| one.covers(element))
        };
        let (mut places, mut left) = (unconfirmed.clone(), 0);
        for swept in &measured.swept {
            let store = charter
                .content()
                .data
                .values()
                .find(|store| store.id.as_str() == swept.store);
            for found in &swept.found {
                // What was found, and what it was found in: an address in a message goes against what is said of both.
                let named = found.element.as_deref().and_then(|name| ElementId::new(name).ok());
                let stands = named.as_ref().is_some_and(&concerns)
                    || store.is_none_or(|store| elements_at(store, &found.place).iter().any(&concerns));
                if stands {
                    left += found.count;
                    places.push(format!("{}: {}", swept.store, found.place));
                }
            }
        }
        if measured
            .asked_at
            .is_some_and(|asked| is_late(asked, measured.until, duration))
        {
            left += measured.people;
            places.push("later than promised".to_owned());
        }
        let is_late = measured
            .began_at
            .is_some_and(|began| is_late(began, measured.until, duration));
        if is_late && !unconfirmed.is_empty() {
            left += unconfirmed.len() as u64;
            places.insert(
                0,
                "recipients have not confirmed in the time that was promised".to_owned(),
            );
        }
        places.truncate(PLACES_MAX);
        let looked = measured.people * measured.swept.len() as u64;
        all.push(Measurement {
            claim: claim.id.to_string(),
            by: "probe.erasure".to_owned(),
            plane: Some(Store::PLANE.as_str().to_owned()),
            from: measured.from.to_string(),
            until: measured.until.to_string(),
            observed: if looked == 0 { left } else { looked.max(left) },
            contrary: left,
            unreadable: measured.swept.iter().map(|swept| swept.unreadable).sum(),
            unseen: measured.unseen + unconfirmed.len() as u64,
            places,
            ..Measurement::default()
        });
    }
    all
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

/// Whether the time since something was asked for is over.
fn is_late(asked: Timestamp, until: Timestamp, duration: &averment_register::Period) -> bool {
    let span = duration.to_string().parse::<jiff::Span>();
    let due = span
        .ok()
        .and_then(|span| asked.to_zoned(jiff::tz::TimeZone::UTC).checked_add(span).ok());
    // `P0D` is at once: a run that began within the hour was.
    let grace = jiff::SignedDuration::from_hours(1);
    due.is_some_and(|due| until > due.timestamp() + grace)
}
