//! The sentence of a change: one line for people, made from its two sides.

use std::collections::BTreeMap;

use averment_catalog::{ElementId, SubjectId, Treatment, Vocabulary};

use super::change::{Aspect, Change, Direction, Subject, Value, claim, terms};
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
        (Aspect::Discloses(elements, subjects), _) => disclosure(change, &data_of(elements, subjects)),
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
        (Subject::Claim { ids, .. }, _) => {
            let ids = label::list(ids.iter().map(|id| format!("`{id}`")));
            format!("{name}, claim {ids}")
        }
        (_, "") => name.to_owned(),
        (_, part) => format!("{name}, `{part}`"),
    }
}

fn value(change: &Change, lead: &str, scalar: &Scalar) -> String {
    let text = |value: Option<&Value>| match value {
        Some(Value::Scalar { text, .. }) if scalar.quoted => format!("“{text}”"),
        Some(Value::Scalar { text, .. }) => text.clone(),
        _ => String::new(),
    };
    let label = scalar.label;
    let said = match change.values() {
        (Some(old), Some(new)) => format!(
            "{lead}: {label} is now {} (before: {})",
            text(Some(new)),
            text(Some(old))
        ),
        (None, new) => format!("{lead}: {label} is now said: {}", text(new)),
        (old, None) => format!("{lead}: {label} is no longer said (before: {})", text(old)),
    };
    let stop = if said.ends_with('.') { "" } else { "." };
    said + stop
}

fn whole(change: &Change) -> String {
    let name = change.name();
    match change.values() {
        (None, Some(Value::Recipient(recipient))) => format!("{name} is a new recipient and {}.", gets(recipient)),
        (Some(Value::Recipient(_)), _) => format!("{name} is no longer a recipient."),
        (None, Some(Value::Store(store))) if store.is_personal() => format!("{name} is new and holds personal data."),
        (None, Some(Value::Store(_))) => format!("{name} is new and holds nothing personal."),
        (Some(Value::Store(_)), _) => format!("{name} is no longer in the data map."),
        (None, _) => format!("{name} has a variant of its own."),
        (Some(_), _) => format!("{name} has no variant of its own any more."),
    }
}

/// What a recipient gets, over all of its rows.
fn gets(recipient: &Recipient) -> String {
    let cells = term::disclosed(&recipient.discloses);
    let part = |(elements, subjects, _, new): (_, _, _, Option<Terms>)| {
        let how = new.map_or_else(String::new, |terms| how(&terms, ""));
        format!("{}{how}", data_of(&elements, &subjects))
    };
    let parts: Vec<String> = term::changed(&BTreeMap::new(), &cells).into_iter().map(part).collect();
    match parts.is_empty() {
        true => "gets nothing".to_owned(),
        false => format!("gets {}", parts.join("; ")),
    }
}

fn disclosure(change: &Change, data: &str) -> String {
    let name = change.name();
    let (old, new) = (terms(change.old.as_ref()), terms(change.new.as_ref()));
    let plain = "as it is, always";
    match (old.is_empty(), new.is_empty(), change.direction) {
        (_, true, _) => format!("{name} no longer gets {data}."),
        (true, false, Direction::Other) => format!(
            "{name} still does not get {data}, now{} and no longer refused.",
            how(new, "")
        ),
        (true, false, _) => format!("{name} may now get {data}{}.", how(new, "")),
        (_, _, Direction::Narrower) => {
            format!(
                "{name} now gets {data} only{} (before:{}).",
                how(new, plain),
                how(old, plain)
            )
        }
        (_, _, Direction::Other) => format!("{name} gets {data}{} (before:{}).", how(new, plain), how(old, plain)),
        _ => format!(
            "{name} may now get {data}{} (before:{}).",
            how(new, plain),
            how(old, plain)
        ),
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
