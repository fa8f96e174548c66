//! Rules about where and how something is stored.

use std::collections::BTreeSet;

use averment_catalog::Vocabulary;

use super::clause::Clause;
use super::measure::durations;
use super::tables::{Mark, Verb};
use super::{Understood, said, tables};
use crate::charter::ClaimKind;

/// "We do not store card numbers".
pub(super) fn not_stored(clause: &Clause<'_>) -> Vec<Understood> {
    let Some((verb, false)) = clause.verb(&[Verb::Store, Verb::Keep]) else {
        return Vec::new();
    };
    let passive = clause.words[..verb.start]
        .last()
        .is_some_and(|word| ["is", "are", "be", "not", "never", "nor"].contains(&word.stem.as_str()));
    let before = clause.elements(clause.main.start..verb.start);
    let range = match passive && !before.is_empty() {
        true => clause.main.start..verb.start,
        false if clause.own_act(verb) => verb.end..clause.main.end,
        false => return Vec::new(),
    };
    let measured = !durations(&clause.words, clause.main.clone()).is_empty() || !places(clause).is_empty();
    if clause.conditional() || clause.except.is_some() || measured {
        return Vec::new();
    }
    let owned = clause
        .owned(range.clone())
        .into_iter()
        .filter(|_| !clause.elements(range.clone()).is_empty());
    owned
        .flat_map(|(elements, subjects)| said(ClaimKind::NotStored { elements, subjects }, "not stored"))
        .collect()
}

/// "Passwords are stored as bcrypt hashes", "we hash passwords".
pub(super) fn stored_as(clause: &Clause<'_>) -> Vec<Understood> {
    let Some((verb, true)) = clause.verb(&[Verb::Store, Verb::Keep, Verb::Transform]) else {
        return Vec::new();
    };
    let forms = clause.hits(Vocabulary::Form, clause.main.clone());
    // "Hashed with bcrypt" names a general and a special form; the last is the special one.
    let Some((at, form)) = forms
        .into_iter()
        .max_by_key(|(at, form)| (form.as_str() != "one_way_hash", at.start))
    else {
        return Vec::new();
    };
    if clause.conditional() || clause.except.is_some() {
        return Vec::new();
    }
    let before = clause.owned(clause.main.start..verb.start.max(at.start).min(clause.main.end));
    let owned = match before.is_empty() {
        true => clause.owned(verb.end..clause.main.end),
        false => before,
    };
    owned
        .into_iter()
        .flat_map(|(elements, subjects)| {
            let form = form.clone();
            let kind = ClaimKind::StoredAs {
                elements,
                subjects,
                form,
            };
            said(kind, "stored only in this form")
        })
        .collect()
}

/// "Stored in Ireland", "outside of the European Union, including the US", "never leaves the EEA".
pub(super) fn stored_in(clause: &Clause<'_>) -> Vec<Understood> {
    let Some((verb, affirmed)) = clause.verb(&[Verb::Store, Verb::Keep, Verb::StayIn]) else {
        return Vec::new();
    };
    let places = places(clause).into_iter().filter(|(at, _)| *at >= verb.end).collect();
    let before = clause.main.start..verb.start;
    let outside = clause.first(Mark::Outside, verb.start..clause.main.end);
    let part = clause.marked(Mark::Part, before.clone());
    let (inside, excluded): (BTreeSet<String>, BTreeSet<String>) = split(places, outside.map(|at| at.end));
    let (places, rule) = match (affirmed, excluded.is_empty()) {
        (true, true) => (inside, "stored in"),
        (true, false) => (inside, "stored outside, in"),
        // "Not stored outside the EU", "never leaves the EU".
        (false, false) => (excluded, "not stored outside"),
        (false, true) => return Vec::new(),
    };
    let whole = clause.what(before.clone());
    let subject = match part {
        true => Some(clause.elements(before.clone())),
        false => whole.or_else(|| clause.what(verb.end..clause.main.end)),
    };
    match subject {
        Some(elements) if !places.is_empty() && clause.except.is_none() && !clause.conditional() => {
            let subjects = clause.subjects(before);
            let kind = ClaimKind::StoredIn {
                elements,
                subjects,
                places,
            };
            said(kind, if part { "part of it stored in" } else { rule })
        }
        _ => Vec::new(),
    }
}

/// Places behind the verb with where they stand.
fn places(clause: &Clause<'_>) -> Vec<(usize, String)> {
    let hits = tables().places.find(&clause.words[clause.main.clone()]);
    hits.into_iter()
        .map(|hit| (clause.main.start + hit.start, hit.means.clone()))
        .collect()
}

/// Places, and the first behind an "outside of", which is where it is not.
fn split(places: Vec<(usize, String)>, outside: Option<usize>) -> (BTreeSet<String>, BTreeSet<String>) {
    let behind = outside.and_then(|outside| places.iter().map(|(at, _)| *at).find(|at| *at >= outside));
    let (out, inside): (Vec<_>, Vec<_>) = places.into_iter().partition(|(at, _)| Some(*at) == behind);
    let names = |places: Vec<(usize, String)>| places.into_iter().map(|(_, place)| place).collect();
    (names(inside), names(out))
}

/// "Encrypted in transit and at rest": up to two claims.
pub(super) fn encrypted(clause: &Clause<'_>) -> Vec<Understood> {
    let Some((verb, true)) = clause.verb(&[Verb::Encrypt]) else {
        return Vec::new();
    };
    let before = clause.what(clause.main.start..verb.start);
    let Some(mut elements) = before.or_else(|| clause.what(verb.end..clause.main.end)) else {
        return Vec::new();
    };
    // All traffic is all that can be in transit.
    elements.retain(|element| element.as_str() != "tech.traffic");
    let part = clause.has(Mark::Part) && elements.is_empty();
    if clause.conditional() || clause.except.is_some() || part {
        return Vec::new();
    }
    let mut found = Vec::new();
    if clause.has(Mark::InTransit) {
        let elements = elements.clone();
        found.extend(said(ClaimKind::EncryptedInTransit { elements }, "encrypted in transit"));
    }
    if clause.has(Mark::AtRest) {
        found.extend(said(ClaimKind::EncryptedAtRest { elements }, "encrypted at rest"));
    }
    found
}
