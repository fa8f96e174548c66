//! What a run, or a look afterwards, shows of the claims that say what is erased.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, WordId};
use averment_ledger::Measurement;
use averment_register::{Charter, Claim, ClaimKind, Period, Store};
use jiff::Timestamp;

use super::asked::{Asked, Since};
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
    /// Since when erasure was asked for, where that is known: whoever was not erased in time goes against claims that speak of
    /// requests, and so does a recipient that has not confirmed in time since its run began.
    pub asked: Vec<Asked>,
}

/// A measurement for each claim about erasure that was looked at; identifiers are left empty.
pub fn measures(charter: &Charter, measured: &Measured) -> Vec<Measurement> {
    let claims = charter.content().claims.values();
    claims.filter_map(|claim| of_claim(charter, claim, measured)).collect()
}

/// A claim about a recipient is about what is kept there; one about nobody also about what recipients keep.
fn of_claim(charter: &Charter, claim: &Claim, measured: &Measured) -> Option<Measurement> {
    let ClaimKind::ErasedOn { duration, after, .. } = &claim.kind else {
        return None;
    };
    let seen = Seen::of(charter, claim, measured);
    if claim.recipient.is_some() && seen.recipients.is_empty() && seen.swept.is_empty() {
        return None;
    }
    let mut against = seen.left(charter, claim);
    against.late(&seen, measured, after, duration);
    against.places.truncate(PLACES_MAX);
    let unswept = if claim.recipient.is_none() { measured.unseen } else { 0 };
    Some(Measurement {
        claim: claim.id.to_string(),
        by: "probe.erasure".to_owned(),
        plane: Some(Store::PLANE.as_str().to_owned()),
        from: measured.from.to_string(),
        until: measured.until.to_string(),
        observed: seen.looked(measured).max(against.count),
        contrary: against.count,
        unreadable: seen.swept.iter().map(|swept| swept.unreadable).sum(),
        unseen: unswept + seen.open().count() as u64 + seen.pictures(),
        places: against.places,
        ..Measurement::default()
    })
}

/// What a claim is about, of all that was looked at.
struct Seen<'m> {
    recipients: Vec<Recipient>,
    swept: Vec<&'m Swept>,
}

impl<'m> Seen<'m> {
    fn of(charter: &Charter, claim: &Claim, measured: &'m Measured) -> Self {
        let about = |id: &str| {
            let recipient = claim.recipient.as_ref();
            recipient.is_none_or(|recipient| recipient.as_str() == id)
        };
        let recipients = measured.third_parties.iter().filter(|one| about(&one.name));
        let swept = measured.swept.iter().filter(|one| is_kept_in(charter, claim, one));
        Self {
            recipients: recipients.cloned().collect(),
            swept: swept.collect(),
        }
    }

    /// Recipients of which no look or answer says that it is gone or that it is there; nobody looked at those that somebody
    /// vouches for, either.
    fn open(&self) -> impl Iterator<Item = &Recipient> {
        self.recipients.iter().filter(|one| !has_answered(one))
    }

    /// People, once for each store that was swept and each recipient that answered: of one that did not, nothing was seen.
    fn looked(&self, measured: &Measured) -> u64 {
        let answered = self.recipients.iter().filter(|one| has_answered(one));
        let answered: u64 = answered.map(|one| one.people).sum();
        measured.people * self.swept.len() as u64 + answered
    }

    /// Pictures in which the erased may be, for all that anybody knows.
    fn pictures(&self) -> u64 {
        self.swept.iter().map(|swept| swept.pictures_of_anybody).sum()
    }

    /// What is still there.
    fn left(&self, charter: &Charter, claim: &Claim) -> Against {
        let kept = self
            .recipients
            .iter()
            .filter(|one| one.state == RecipientState::StillThere);
        let vouched = self
            .recipients
            .iter()
            .filter(|one| one.state == RecipientState::Vouched);
        let vouched = vouched.map(|one| format!("{}: {}", one.name, Measurement::VOUCHED_FOR));
        let mut against = Against {
            count: kept.map(|one| one.people).sum(),
            places: vouched.chain(unconfirmed(&self.recipients)).collect(),
        };
        for (place, count) in self.swept.iter().flat_map(|swept| found_of(charter, claim, swept)) {
            against.count += count;
            against.places.push(place);
        }
        for swept in self.swept.iter().filter(|swept| swept.pictures_of_anybody > 0) {
            let (store, pictures) = (&swept.store, swept.pictures_of_anybody);
            let told =
                format!("{store}: what {pictures} pictures show was not looked at, and nothing says whose they are");
            against.places.push(told);
        }
        against
    }
}

fn has_answered(recipient: &Recipient) -> bool {
    matches!(recipient.state, RecipientState::Confirmed | RecipientState::StillThere)
}

/// What goes against a claim.
struct Against {
    count: u64,
    places: Vec<String>,
}

impl Against {
    /// A request starts only the clocks of claims that speak of requests: of the deletion of an account, or the end of a contract, it
    /// does not say when it was.
    fn late(&mut self, seen: &Seen<'_>, measured: &Measured, after: &WordId, duration: &Period) {
        let starts = |asked: &Asked| match after.as_str() {
            "request" => Some(asked.at),
            "school_request" => asked.by_school_at,
            _ => None,
        };
        let is_over = |since: Option<Since>| since.is_some_and(|since| since.is_over(duration, measured.until));
        let late = measured.asked.iter().filter(|asked| is_over(starts(asked)));
        let late: u64 = late.map(|asked| asked.people).sum();
        if late > 0 {
            self.count += late;
            self.places.push("later than promised".to_owned());
        }
        if !["request", "school_request"].contains(&after.as_str()) {
            return;
        }
        let owing = seen.open().filter(|one| !one.state.is_settled());
        let waiting = owing.filter(|one| is_over(Since::read(&one.run_began_at)));
        let waiting: u64 = waiting.map(|one| one.people).sum();
        if waiting > 0 {
            self.count += waiting;
            let late = "recipients have not confirmed in the time that was promised";
            self.places.insert(0, late.to_owned());
        }
    }
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

#[cfg(test)]
mod tests;
