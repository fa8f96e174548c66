//! Rules about how long something is kept, and on what it is erased.

use std::ops::Range;

use averment_catalog::{Vocabulary, WordId};

use super::clause::Clause;
use super::measure::durations;
use super::tables::{Mark, Verb};
use super::{Understood, said, tables};
use crate::charter::{ClaimKind, Elements, Period};

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

fn erased_in(clause: &Clause<'_>, range: Range<usize>, except: Option<Range<usize>>) -> Vec<Understood> {
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
fn erasures(clause: &Clause<'_>, range: &Range<usize>, first: WordId) -> Vec<(Period, WordId)> {
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
