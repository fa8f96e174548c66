//! The sentence of a change: one line for people, made from its two sides.

use std::collections::BTreeMap;

use averment_catalog::{ElementId, SubjectId, Treatment, Vocabulary};

use super::change::{Aspect, Change, Subject, Value, claim, terms};
use super::facet::Scalar;
use super::term::{Term, Terms};
use super::{phrase, promise, term};
use crate::charter::{Claim, Recipient};
use crate::{label, reach};

pub(super) fn of(change: &Change) -> String {
    let name = change.name();
    let gained = change.old.is_none();
    match (&change.aspect, &change.subject) {
        (Aspect::Whole, _) => whole(change),
        (Aspect::Scalar(scalar, part), subject) => value(change, &lead(name, subject, part), scalar),
        (Aspect::Set(set), _) => {
            let said = if gained { set.gains } else { set.loses };
            let members = [&change.old, &change.new].into_iter().flatten().next();
            format!("{name} {said} {}.", members.map(members_of).unwrap_or_default())
        }
        (Aspect::Discloses(elements, subjects), _) => disclosure(
            name,
            &data_of(elements, subjects),
            terms(change.old.as_ref()),
            terms(change.new.as_ref()),
        ),
        (Aspect::Receives(elements, subjects), _) => {
            let (data, new) = (data_of(elements, subjects), terms(change.new.as_ref()));
            match new.is_empty() {
                true => format!("{data} no longer comes in from {name}."),
                false => format!("{data} now comes in from {name}{}.", how(new, "")),
            }
        }
        (Aspect::Removes(recipient, elements, subjects), _) => {
            let whom = recipient
                .as_ref()
                .map_or_else(|| "anybody".to_owned(), |id| format!("`{id}`"));
            let verb = if gained { "no longer lets" } else { "again lets" };
            format!("{name} {verb} {} leave to {whom}.", data_of(elements, subjects))
        }
        (Aspect::Hides(elements, viewers), _) => {
            let verb = if gained { "now hides" } else { "no longer hides" };
            let viewers = label::words(Vocabulary::Viewer, viewers);
            format!("{name} {verb} {} from {viewers}.", label::elements(elements))
        }
        (Aspect::Claim, _) => claims(name, claim(change.old.as_ref()), claim(change.new.as_ref())),
    }
}

fn data_of(
    elements: &std::collections::BTreeSet<ElementId>,
    subjects: &std::collections::BTreeSet<SubjectId>,
) -> String {
    format!("{} of {}", label::elements(elements), label::subjects(subjects))
}

fn members_of(value: &Value) -> String {
    match value {
        Value::Members(members) => label::list(members.values()),
        _ => String::new(),
    }
}

fn lead(name: &str, subject: &Subject, part: &str) -> String {
    match (subject, part) {
        (Subject::Claim(id, _), _) => format!("{name}, claim `{id}`"),
        (_, "") => name.to_owned(),
        (_, part) => format!("{name}, `{part}`"),
    }
}

fn value(change: &Change, lead: &str, scalar: &Scalar) -> String {
    let text = |value: Option<&Value>| match value {
        Some(Value::Scalar { text, .. }) => text.trim_end_matches('.').to_owned(),
        _ => String::new(),
    };
    let label = scalar.label;
    match change.values() {
        (Some(old), Some(new)) => format!(
            "{lead}: {label} is now {} (before: {}).",
            text(Some(new)),
            text(Some(old))
        ),
        (None, new) => format!("{lead}: {label} is now said: {}.", text(new)),
        (old, None) => format!("{lead}: {label} is no longer said (before: {}).", text(old)),
    }
}

fn whole(change: &Change) -> String {
    let name = change.name();
    match change.values() {
        (None, Some(Value::Recipient(recipient))) => format!("{name} is a new recipient and {}.", gets(recipient)),
        (Some(Value::Recipient(_)), _) => format!("{name} is no longer a recipient."),
        (None, _) => format!("{name} has a variant of its own."),
        (Some(_), _) => format!("{name} has no variant of its own any more."),
    }
}

/// What a recipient gets, over all of its rows.
pub(super) fn gets(recipient: &Recipient) -> String {
    let mut whose: BTreeMap<Vec<SubjectId>, std::collections::BTreeSet<ElementId>> = BTreeMap::new();
    let mut by_element: BTreeMap<ElementId, Vec<SubjectId>> = BTreeMap::new();
    for (element, subject) in term::disclosed(&recipient.discloses).into_keys() {
        by_element.entry(element).or_default().push(subject);
    }
    for (element, subjects) in by_element {
        whose.entry(subjects).or_default().insert(element);
    }
    if whose.is_empty() {
        return "gets nothing".to_owned();
    }
    let part = |(subjects, elements): (Vec<SubjectId>, _)| data_of(&elements, &subjects.into_iter().collect());
    format!("gets {}", label::list(whose.into_iter().map(part)))
}

fn disclosure(name: &str, data: &str, old: &Terms, new: &Terms) -> String {
    match (old.is_empty(), new.is_empty()) {
        (_, true) => format!("{name} no longer gets {data}."),
        (true, false) => format!("{name} may now get {data}{}.", how(new, "")),
        (false, false) => {
            let plain = "as it is, always";
            format!(
                "{name} may now get {data}{} (before:{}).",
                how(new, plain),
                how(old, plain)
            )
        }
    }
}

/// Terms behind what they are about; `plain` for what is let out as it is and always.
fn how(terms: &Terms, plain: &str) -> String {
    let mut said: Vec<String> = terms.iter().map(|term| one_way(term, plain)).collect();
    said.retain(|text| !text.is_empty());
    match said.is_empty() {
        true => String::new(),
        false => format!(" {}", said.join(", or ")),
    }
}

fn one_way(term: &Term, plain: &str) -> String {
    let treatment = match term.treatment {
        Treatment::Pass => "",
        Treatment::Generalise => "made less precise",
        Treatment::Mask => "masked",
        Treatment::Pseudonym => "as a pseudonym",
        Treatment::Hash => "as a keyed hash",
        Treatment::Drop => "taken out of the message first",
        Treatment::Block => "refused",
    };
    let places = match term.territories.is_empty() {
        true => String::new(),
        false => format!("of people in {}", label::places(&term.territories)),
    };
    let condition = label::condition(&term.when);
    let basis = match term.basis.is_empty() || plain.is_empty() {
        true => String::new(),
        false => format!("resting on {}", label::words(Vocabulary::Basis, &term.basis)),
    };
    let mut parts = vec![treatment, places.as_str(), condition.as_str()];
    parts.retain(|part| !part.is_empty());
    if parts.is_empty() && !plain.is_empty() {
        parts.push(plain);
    }
    if !basis.is_empty() {
        parts.push(&basis);
    }
    parts.join(", ")
}

fn claims(name: &str, old: Option<&Claim>, new: Option<&Claim>) -> String {
    match (old, new) {
        (Some(old), Some(new)) if promise::meaning(&old.kind) == promise::meaning(&new.kind) => {
            let (was, is) = (phrase::quoted(&old.sentence), phrase::quoted(&new.sentence));
            format!("{name} says the same in other words: {is} (before: {was}).")
        }
        (Some(old), Some(new)) => format!("{name} now says: {} (before: {}).", phrase::of(new), phrase::of(old)),
        (None, Some(new)) => format!("{name} newly says: {}.", phrase::of(new)),
        (Some(old), None) => format!("{name} no longer says: {}.", phrase::of(old)),
        (None, None) => String::new(),
    }
}

/// The countries of a recipient, or that none is declared.
pub(super) fn places_of(recipient: &Recipient) -> String {
    match recipient.countries.is_empty() {
        true => "no country is declared".to_owned(),
        false => label::places(&reach::places(&recipient.countries)),
    }
}
