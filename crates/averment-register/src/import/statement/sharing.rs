//! Rules about what is collected and to whom it goes.

use super::clause::Clause;
use super::tables::{Mark, Verb};
use super::{Understood, said};
use crate::charter::{ClaimKind, Elements, STUDENT_RECORD_CATEGORIES, Subjects};
use crate::import::grammar;

/// "This is the complete list", and what the organisation gives to nobody besides the declared recipients.
pub(super) fn list_complete(clause: &Clause<'_>) -> Vec<Understood> {
    let Some(place) = clause.first(Mark::Complete, clause.main.clone()) else {
        return Vec::new();
    };
    // "No other providers": the negation is in the phrase itself.
    let own = clause.words[place.clone()]
        .iter()
        .filter(|word| grammar::negates(word))
        .count();
    let all = clause.words[clause.main.clone()]
        .iter()
        .filter(|word| grammar::negates(word))
        .count();
    match clause.exceptions() {
        Some(unless) if own == all && !clause.has(Mark::Doubt) => {
            said(ClaimKind::ListComplete { unless }, "list is complete")
        }
        _ => Vec::new(),
    }
}

/// "We never share …": with nobody besides the declared, or never these elements.
pub(super) fn not_shared(clause: &Clause<'_>) -> Vec<Understood> {
    let Some((verb, false)) = clause.verb(&[Verb::Share, Verb::IsShared]) else {
        return Vec::new();
    };
    if *verb.means == Verb::Share && !clause.own_act(verb) || clause.conditional() {
        return Vec::new();
    }
    let object = match verb.means {
        Verb::Share => verb.end..clause.main.end,
        _ => clause.determined(verb.start)..clause.main.end,
    };
    let Some(unless) = clause.exceptions() else {
        return Vec::new();
    };
    let for_advertising = clause
        .verbs
        .iter()
        .any(|hit| matches!(hit.means, Verb::Advertise | Verb::Market));
    if for_advertising {
        return match unless.is_empty() {
            true => term("no_advertising", "never shares for advertising: term no_advertising"),
            false => Vec::new(),
        };
    }
    let (elements, subjects) = (clause.elements(object.clone()), clause.subjects(clause.main.clone()));
    let students = !subjects.is_empty() && subjects.iter().all(averment_catalog::SubjectId::is_student);
    let unconditional = clause.except.is_none();
    match () {
        () if !elements.is_empty() && unconditional => never(elements, subjects, "never shares these elements"),
        () if !elements.is_empty() => Vec::new(),
        () if students && unconditional && clause.what(object.clone()).is_some() => {
            never(student_records(), subjects, "never shares student data")
        }
        () if clause.what(object).is_some() && (clause.has(Mark::Others) || !unconditional) => said(
            ClaimKind::ListComplete { unless },
            "shares with nobody else: list is complete",
        ),
        () => Vec::new(),
    }
}

fn never(elements: Elements, subjects: Subjects, rule: &'static str) -> Vec<Understood> {
    let subjects = if subjects.is_empty() {
        grammar::everybody()
    } else {
        subjects
    };
    said(ClaimKind::NeverShares { elements, subjects }, rule)
}

fn student_records() -> Elements {
    let ids = STUDENT_RECORD_CATEGORIES.iter();
    ids.filter_map(|text| averment_catalog::ElementId::new(text).ok())
        .collect()
}

/// "We never sell", "not used to train": terms that bind everybody who receives.
pub(super) fn not_sold(clause: &Clause<'_>) -> Vec<Understood> {
    let terms = [
        (Verb::Sell, "no_sale", "never sold: term no_sale"),
        (Verb::Train, "no_training", "trains no models: term no_training"),
    ];
    let denied = |(verb, word, rule): (Verb, &'static str, &'static str)| {
        let (_, affirmed) = clause.verb(&[verb])?;
        let sure = clause.except.is_none() && !clause.conditional() && !clause.people_act();
        (!affirmed && sure).then(|| term(word, rule))
    };
    terms.into_iter().filter_map(denied).flatten().collect()
}

fn term(word: &str, rule: &'static str) -> Vec<Understood> {
    let term = averment_catalog::WordId::new(word).ok();
    term.map(|term| said(ClaimKind::ContractSays { term }, rule))
        .unwrap_or_default()
}

/// "Only aggregate statistics are shared".
pub(super) fn only_aggregates(clause: &Clause<'_>) -> Vec<Understood> {
    let Some((verb, true)) = clause.verb(&[Verb::Share, Verb::IsShared]) else {
        return Vec::new();
    };
    let own = *verb.means == Verb::IsShared || clause.own_act(verb);
    let only = clause.has(Mark::Only) && clause.has(Mark::Aggregate);
    if !own || !only || clause.except.is_some() || clause.conditional() {
        return Vec::new();
    }
    let elements = clause
        .elements(clause.main.clone())
        .into_iter()
        .filter(|element| element.as_str() != "usage.aggregate")
        .collect();
    let subjects = clause.subjects(clause.main.clone());
    said(
        ClaimKind::AggregatesOnly { elements, subjects },
        "only aggregates leave",
    )
}

/// "We collect …": one claim for each owner.
pub(super) fn collects(clause: &Clause<'_>) -> Vec<Understood> {
    let Some((verb, affirmed)) = clause.verb(&[Verb::Collect]) else {
        return Vec::new();
    };
    let passive = clause.words[..verb.start]
        .last()
        .is_some_and(|word| ["is", "are", "be", "been", "not", "never"].contains(&word.stem.as_str()));
    let before = clause.main.start..verb.start;
    // "Is collected": what stands before. "Data is collected, such as names": what stands behind.
    let behind = !passive || clause.elements(before.clone()).is_empty();
    if !passive && !clause.own_act(verb) {
        return Vec::new();
    }
    let object = if behind {
        verb.end..clause.main.end
    } else {
        before.clone()
    };
    let people = clause.subjects(before);
    let (Some(when), None) = (clause.when(), &clause.except) else {
        return Vec::new();
    };
    if clause.elements(object.clone()).is_empty() {
        return Vec::new();
    }
    let rule = match clause.unread() {
        true => "collects; part of the list is not understood",
        false => "collects",
    };
    let owned = clause.owned(object).into_iter();
    let whose = |own: Subjects| if own.is_empty() && behind { people.clone() } else { own };
    owned
        .flat_map(|(elements, own)| {
            let subjects = whose(own);
            match affirmed {
                true => said(
                    ClaimKind::Collects {
                        elements,
                        subjects,
                        when: when.clone(),
                    },
                    rule,
                ),
                false if clause.conditional() => Vec::new(),
                false => said(
                    ClaimKind::NotStored { elements, subjects },
                    "not collected, so not stored",
                ),
            }
        })
        .collect()
}
