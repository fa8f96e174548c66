//! Rules about where, how and how long something is stored.

use std::collections::BTreeSet;

use averment_catalog::{Vocabulary, WordId};

use super::clause::Clause;
use super::measure::durations;
use super::tables::{Mark, Verb};
use super::{Understood, said, tables};
use crate::charter::{ClaimKind, Elements, Period};

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

/// "Kept for 90 days, or 30 days after the account is deleted", "until the contract ends": one claim for each limit.
pub(super) fn retained_for(clause: &Clause<'_>) -> Vec<Understood> {
    let Some((verb, affirmed)) = clause.verb(&[Verb::Store, Verb::Keep, Verb::Erase]) else {
        return Vec::new();
    };
    let limits = limits(clause, verb.end, *verb.means == Verb::Erase);
    let first = limits.first().map_or(clause.main.end, |(at, _, _)| *at);
    let what = clause
        .what(clause.main.start..verb.start)
        .or_else(|| clause.what(verb.end..first.max(verb.end)));
    let unless = clause.except.is_some() || clause.marked(Mark::AtLeast, clause.main.clone());
    let Some(elements) = what.filter(|_| affirmed && !unless) else {
        return Vec::new();
    };
    let subjects = clause.subjects(clause.main.start..first.max(verb.end));
    let mut found = Vec::new();
    for (_, duration, after) in limits {
        let (elements, subjects) = (elements.clone(), subjects.clone());
        let kind = ClaimKind::RetainedFor {
            elements,
            subjects,
            duration,
            after,
        };
        found.extend(said(kind, "kept for"));
    }
    found
}

/// Every limit behind the verb: where it stands, how long, after what. One behind "erased" needs no trigger of its own
/// only when it is the age of the data ("deleted after 90 days").
fn limits(clause: &Clause<'_>, verb: usize, erased: bool) -> Vec<(usize, Period, WordId)> {
    let range = verb.min(clause.main.end)..clause.main.end;
    let lengths = durations(&clause.words, range.clone());
    let mut found = Vec::new();
    for (index, length) in lengths.iter().enumerate() {
        let end = lengths.get(index + 1).map_or(range.end, |next| next.start);
        let trigger = clause.hits(Vocabulary::Trigger, length.end..end).into_iter().next();
        let unknown = trigger.is_none() && clause.marked(Mark::If, length.end..end);
        match trigger {
            // What is erased so long after an event is the business of `erased_on`.
            Some(_) if erased => {}
            Some((_, after)) => found.push((length.start, length.period, after)),
            None if unknown => {}
            None if erased && !after_age(clause, length.start) => {}
            None => found.extend(
                WordId::new("collection")
                    .ok()
                    .map(|after| (length.start, length.period, after)),
            ),
        }
    }
    if lengths.is_empty() && !erased {
        let until = tables().until.find(&clause.words[range.clone()]);
        found.extend(
            until
                .first()
                .map(|hit| (range.start + hit.start, Period::ZERO, hit.means.clone())),
        );
    }
    found
}

/// Whether "after" stands right before the length of time.
fn after_age(clause: &Clause<'_>, start: usize) -> bool {
    start > 0 && clause.words[start - 1].stem == "after"
}

/// "Deleting the account erases the data at once, except logs", "purged 30 days after the account is deleted".
pub(super) fn erased_on(clause: &Clause<'_>) -> Vec<Understood> {
    let mut found = erased_in(clause, clause.main.clone(), clause.except.clone());
    // "With the exception of logs, which are purged after …": the exception has a verb of its own.
    if let Some(except) = clause.except.clone() {
        found.extend(erased_in(clause, except, None));
    }
    found
}

fn erased_in(
    clause: &Clause<'_>,
    range: std::ops::Range<usize>,
    except: Option<std::ops::Range<usize>>,
) -> Vec<Understood> {
    let triggers = clause.hits(Vocabulary::Trigger, range.clone());
    let Some((place, _)) = triggers.first() else {
        return Vec::new();
    };
    // "Delete their account" is the trigger and not what happens then.
    let outside = |start: usize| !(place.start <= start && start < place.end);
    let mut verbs = clause
        .verbs
        .iter()
        .filter(|hit| range.contains(&hit.start) && outside(hit.start));
    // "Stored until the user deletes it" is no promise to erase.
    let until = |at: usize| clause.words[range.start..at].iter().any(|word| word.stem == "until");
    let Some(verb) = verbs.find(|hit| *hit.means == Verb::Erase && !until(hit.start)) else {
        return Vec::new();
    };
    if clause.affirms(verb.start..verb.end) != Some(true) || clause.marked(Mark::AtLeast, range.clone()) {
        return Vec::new();
    }
    let sides = [range.start..verb.start, verb.start..range.end];
    let Some(elements) = sides.into_iter().find_map(|side| clause.what(side)) else {
        return Vec::new();
    };
    let except = match except {
        None => Elements::new(),
        Some(range) => clause.elements(range),
    };
    if clause.except.is_some() && range == clause.main && except.is_empty() {
        return Vec::new();
    }
    let subjects = clause.subjects(range.clone());
    let limits = erasures(clause, &range, triggers[0].1.clone());
    let claims = limits.into_iter().map(|(duration, after)| ClaimKind::ErasedOn {
        elements: elements.clone(),
        subjects: subjects.clone(),
        except: except.clone(),
        after,
        duration,
    });
    claims.flat_map(|kind| said(kind, "erased on")).collect()
}

/// How soon after what: "within 60 days of the end of the contract, or within 30 days of a request" are two.
fn erasures(clause: &Clause<'_>, range: &std::ops::Range<usize>, first: WordId) -> Vec<(Period, WordId)> {
    let lengths = durations(&clause.words, range.clone());
    match lengths.as_slice() {
        [] => vec![(Period::ZERO, first)],
        [one] => vec![(one.period, first)],
        many => {
            let ends = many.iter().skip(1).map(|next| next.start).chain([range.end]);
            let paired = many.iter().zip(ends).filter_map(|(length, end)| {
                let trigger = clause.hits(Vocabulary::Trigger, length.end..end).into_iter().next();
                trigger.map(|(_, after)| (length.period, after))
            });
            paired.collect()
        }
    }
}
