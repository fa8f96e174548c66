//! Schools in both charters: what each has taken out, shortened, hidden and agreed.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{ElementId, SubjectId, WordId};

use super::change::{Aspect, Change, Side, Subject, Value};
use super::gather::{Both, Collector, named, ranked_period};
use super::{facet, term};
use crate::charter::{Agreement, Controller, RecipientId};
use crate::{label, reach};

pub(super) fn compare(both: Both<'_>, found: &mut Vec<Change>) {
    let (old, new) = (&both.old.controllers, &both.new.controllers);
    let ids: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for id in ids {
        let (before, after) = (old.get(id), new.get(id));
        let mut at = Collector {
            subject: Subject::Controller(id.clone()),
            sides: [side(before), side(after)],
            found,
        };
        match (before, after) {
            (Some(before), Some(after)) => school(&mut at, before, after),
            _ => {
                let whole = |side: Option<&Controller>| side.map(|one| Value::Controller(Box::new(one.clone())));
                at.push(Aspect::Whole, whole(before), whole(after));
            }
        }
    }
}

fn side(controller: Option<&Controller>) -> Side {
    Side {
        name: controller.map(|one| one.name.clone()).unwrap_or_default(),
        students: true,
        children: true,
    }
}

fn school(at: &mut Collector<'_>, old: &Controller, new: &Controller) {
    at.text(&facet::NAME, Some(&old.name), Some(&new.name));
    at.text(&facet::CONTACT, old.contact.as_ref(), new.contact.as_ref());
    at.text(&facet::COUNTRY, old.country.as_ref(), new.country.as_ref());
    at.text(&facet::ZONE, old.zone.as_ref(), new.zone.as_ref());
    let off = |one: &Controller| named(one.off.iter(), |id| format!("`{id}`"));
    at.set(&facet::OFF, &off(old), &off(new));
    let directory = |one: &Controller| {
        named(reach::elements_of(&one.directory_information).iter(), |id| {
            label::element(id)
        })
    };
    at.set(&facet::DIRECTORY, &directory(old), &directory(new));
    shortens(at, old, new);
    removes(at, old, new);
    for (elements, viewers, before, after) in term::changed(&hidden(old), &hidden(new)) {
        let value = |side: Option<()>| side.map(|()| Value::There);
        at.push(Aspect::Hides(elements, viewers), value(before), value(after));
    }
    agreement(at, old.agreement.as_ref(), new.agreement.as_ref());
}

fn shortens(at: &mut Collector<'_>, old: &Controller, new: &Controller) {
    // Of several times for one claim the shortest holds.
    let shortest = |one: &Controller| {
        let mut times = BTreeMap::new();
        for row in &one.shortens {
            let time = times.entry(row.claim.clone()).or_insert(row.duration);
            *time = row.duration.min(*time);
        }
        times
    };
    let (was, is) = (shortest(old), shortest(new));
    let claims: BTreeSet<_> = was.keys().chain(is.keys()).collect();
    for claim in claims {
        let value = |times: &BTreeMap<_, _>| times.get(claim).copied().map(ranked_period);
        at.scalar_of(&facet::SHORTENS, claim.as_str(), value(&was), value(&is));
    }
}

type Removed = BTreeMap<Option<RecipientId>, term::Cells<SubjectId, ()>>;

fn removes(at: &mut Collector<'_>, old: &Controller, new: &Controller) {
    let (was, is) = (removed(old), removed(new));
    let none = BTreeMap::new();
    let recipients: BTreeSet<_> = was.keys().chain(is.keys()).collect();
    for recipient in recipients {
        let cells = |removed: &'_ Removed| removed.get(recipient).unwrap_or(&none).clone();
        for (elements, subjects, before, after) in term::changed(&cells(&was), &cells(&is)) {
            let value = |side: Option<()>| side.map(|()| Value::There);
            at.push(
                Aspect::Removes(recipient.clone(), elements, subjects),
                value(before),
                value(after),
            );
        }
    }
}

/// What is kept from each recipient; under none what is kept from all, which needs no saying again for one.
fn removed(one: &Controller) -> Removed {
    let mut removed = Removed::new();
    for row in one.removes.iter().filter(|row| !row.elements.is_empty()) {
        let named: Vec<_> = row.recipients.iter().cloned().map(Some).collect();
        let recipients = if named.is_empty() { vec![None] } else { named };
        for recipient in recipients {
            let cells = removed.entry(recipient).or_default();
            for element in reach::elements(&row.elements) {
                cells.extend(
                    reach::subjects(&row.subjects)
                        .into_iter()
                        .map(|subject| ((element.clone(), subject), ())),
                );
            }
        }
    }
    let everywhere = removed.get(&None).cloned().unwrap_or_default();
    for (recipient, cells) in &mut removed {
        if recipient.is_some() {
            cells.retain(|cell, ()| !everywhere.contains_key(cell));
        }
    }
    removed
}

fn hidden(one: &Controller) -> term::Cells<WordId, ()> {
    let mut cells = BTreeMap::new();
    for row in &one.hides {
        let elements: BTreeSet<ElementId> = reach::elements_of(&row.elements);
        for element in elements {
            cells.extend(row.viewers.iter().map(|viewer| ((element.clone(), viewer.clone()), ())));
        }
    }
    cells
}

fn agreement(at: &mut Collector<'_>, old: Option<&Agreement>, new: Option<&Agreement>) {
    let form = |side: Option<&Agreement>| side.map(|one| one.form.clone());
    at.text(&facet::AGREEMENT_FORM, form(old).as_ref(), form(new).as_ref());
    let document = |side: Option<&Agreement>| side.and_then(|one| one.document.clone());
    at.text(
        &facet::AGREEMENT_DOCUMENT,
        document(old).as_ref(),
        document(new).as_ref(),
    );
    at.date(
        &facet::AGREEMENT_SIGNED,
        old.and_then(|one| one.signed),
        new.and_then(|one| one.signed),
    );
    at.date(
        &facet::AGREEMENT_UNTIL,
        old.and_then(|one| one.until),
        new.and_then(|one| one.until),
    );
    let breach = |side: Option<&Agreement>| side.and_then(|one| one.breach_notice);
    at.period(&facet::AGREEMENT_BREACH, breach(old), breach(new));
    let deletion = |side: Option<&Agreement>| side.and_then(|one| one.deletion);
    at.period(&facet::AGREEMENT_DELETION, deletion(old), deletion(new));
    let notice = |side: Option<&Agreement>| side.and_then(|one| one.notice);
    at.period(&facet::AGREEMENT_NOTICE, notice(old), notice(new));
}
