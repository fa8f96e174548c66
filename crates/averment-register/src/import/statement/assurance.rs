//! Rules about what the organisation does, holds, is and offers.

use std::collections::BTreeSet;

use averment_catalog::{ThirdParty, Vocabulary, catalog};

use super::clause::Clause;
use super::measure::{self, durations};
use super::tables::{Mark, Verb};
use super::{Understood, said, tables};
use crate::charter::{ClaimKind, Period, Words};
use crate::import::grammar::negates;
use crate::import::identify;
use crate::import::lexicon::lexicon;
use crate::import::words::Word;

/// "Backups run weekly": the activities that stand together first in the clause.
pub(super) fn performed_every(clause: &Clause<'_>) -> Vec<Understood> {
    let activities = clause.hits(Vocabulary::Activity, clause.main.clone());
    let Some((first, _)) = activities.first().cloned() else {
        return Vec::new();
    };
    let spoken_of = |hit: &&crate::import::lexicon::Hit<'static, Verb>| {
        matches!(
            hit.means,
            Verb::Encrypt | Verb::Keep | Verb::Store | Verb::Erase | Verb::Market | Verb::Advertise
        )
    };
    let performs = clause.verbs.iter().any(|hit| *hit.means == Verb::Perform);
    let other_verb = clause.verbs.iter().find(spoken_of).is_some();
    let every = period(&clause.words[clause.main.clone()]);
    let sure = clause.affirms(first.clone()) == Some(true) && !clause.conditional() && clause.except.is_none();
    if !sure || other_verb || !(performs || every.is_some()) {
        return Vec::new();
    }
    let mut end = first.start;
    let mut found = Vec::new();
    for (at, activity) in activities {
        // "Annual assessments and quarterly reviews": the second has a period of its own.
        let own = period(&clause.words[end.min(at.start)..at.start])
            .filter(|_| end > at.start.saturating_sub(4) && at.start > first.end);
        if at.start > end + 2 + usize::from(own.is_some()) {
            break;
        }
        end = at.end;
        if !["marketing", "profiling", "advertising"].contains(&activity.as_str()) {
            let period = own.or(every).flatten();
            found.extend(said(
                ClaimKind::PerformedEvery { activity, period },
                "performed regularly",
            ));
        }
    }
    found
}

/// How often: `Some(None)` when it is said to be regular and no more.
fn period(words: &[Word]) -> Option<Option<Period>> {
    if let Some(at) = words
        .iter()
        .position(|word| word.stem == "every" || word.stem == "each")
    {
        let length = durations(words, at + 1..words.len().min(at + 5));
        if let Some(length) = length.first() {
            return Some(Some(length.period));
        }
    }
    let hits = tables().every.find(words);
    let hits: Vec<Option<Period>> = hits.iter().map(|hit| *hit.means).collect();
    hits.iter().find(|period| period.is_some()).or(hits.first()).copied()
}

/// "ISO 27001 certified"; not what a data centre or a provider holds.
pub(super) fn holds_certificate(clause: &Clause<'_>) -> Vec<Understood> {
    let certificates = clause.hits(Vocabulary::Certificate, clause.main.clone());
    let Some((_, true)) = clause.verb(&[Verb::Certify, Verb::Comply]) else {
        return Vec::new();
    };
    if !own(clause) || clause.has(Mark::NotOwn) {
        return Vec::new();
    }
    let words = &clause.words[clause.main.clone()];
    let until = measure::date(words).filter(|_| {
        words
            .iter()
            .any(|word| ["until", "through"].contains(&word.stem.as_str()))
    });
    let mut found: Vec<Understood> = Vec::new();
    for (_, certificate) in certificates {
        found.extend(said(
            ClaimKind::HoldsCertificate { certificate, until },
            "holds certificate",
        ));
    }
    found
}

/// "Complies with GDPR and FERPA".
pub(super) fn complies_with(clause: &Clause<'_>) -> Vec<Understood> {
    let regimes: Words = clause.vocabulary(Vocabulary::Regime, clause.main.clone());
    match clause.verb(&[Verb::Comply]) {
        Some((_, true)) if !regimes.is_empty() && own(clause) => {
            said(ClaimKind::CompliesWith { regimes }, "complies with")
        }
        _ => Vec::new(),
    }
}

/// Whether the clause speaks of the organisation itself, without exception or condition.
fn own(clause: &Clause<'_>) -> bool {
    // "Yes, certified since 2020", "complies with …": the clause begins with its verb.
    let begins = clause.verbs.first().is_some_and(|hit| hit.start == clause.main.start);
    let unnamed = (clause.context.organisation.is_empty() || begins) && !clause.has(Mark::Pronoun);
    let speaks = clause.speaks_of_own || clause.has(Mark::OwnService) || unnamed;
    speaks && !clause.other_agent() && !clause.conditional() && clause.except.is_none()
}

/// "We act as a processor": the part that is named right behind the verb.
pub(super) fn acts_as(clause: &Clause<'_>) -> Vec<Understood> {
    let Some((verb, true)) = clause.verb(&[Verb::Act]) else {
        return Vec::new();
    };
    let near = verb.end..clause.main.end.min(verb.end + 5);
    let roles = tables().roles.find(&clause.words[near]);
    match roles.first() {
        Some(hit) => said(ClaimKind::ActsAs { role: *hit.means }, "acts as"),
        None => Vec::new(),
    }
}

/// "No longer used since 3 May 2021": a full date.
pub(super) fn retired_since(clause: &Clause<'_>) -> Vec<Understood> {
    let retired = clause.verbs.iter().any(|hit| *hit.means == Verb::Retire);
    let date = measure::date(&clause.words);
    match date.filter(|_| retired && !clause.has(Mark::Doubt) && !clause.conditional()) {
        Some(date) => said(ClaimKind::RetiredSince { date }, "not used since"),
        None => Vec::new(),
    }
}

/// "Videos are embedded from YouTube's no-cookie host": the host of the third party that is named, as the catalog knows it.
pub(super) fn embeds_only(clause: &Clause<'_>) -> Vec<Understood> {
    let hits = lexicon().claims.find(&clause.words[clause.main.clone()]);
    let part = hits.iter().find_map(|hit| hit.means.host.as_ref());
    let Some(part) = part.filter(|_| !clause.has(Mark::Doubt) && !clause.conditional() && clause.except.is_none())
    else {
        return Vec::new();
    };
    // The phrase says "no" itself; a second negation is not understood.
    if clause
        .words
        .iter()
        .filter(|word| negates(word) && word.stem != "no")
        .count()
        > 0
    {
        return Vec::new();
    }
    let spoken_of = |party: &&ThirdParty| {
        let mut words = clause.words.iter();
        words.any(|word| identify::spoken_of(party, clause.text, word))
    };
    let named = catalog().third_parties().filter(spoken_of);
    let hosts: BTreeSet<&String> = named
        .flat_map(|party| &party.hosts)
        .map(|host| &host.pattern)
        .filter(|host| host.contains(part))
        .collect();
    match hosts.first() {
        Some(host) if hosts.len() == 1 => said(
            ClaimKind::EmbedsOnly {
                host: host.to_ascii_lowercase(),
            },
            "embeds only",
        ),
        _ => Vec::new(),
    }
}

/// What is agreed with those who receive: "under the same conditions".
pub(super) fn contract_says(clause: &Clause<'_>) -> Vec<Understood> {
    let terms = clause.hits(Vocabulary::Term, clause.main.clone());
    // A promise to schools is no term that binds those who receive; one that names where it lies names the recipient.
    let of_recipients = [Mark::Declared, Mark::Others, Mark::Recipients]
        .iter()
        .any(|mark| clause.has(*mark));
    let sure = |at: &std::ops::Range<usize>| clause.affirms(at.clone()) == Some(true) && clause.except.is_none();
    terms
        .into_iter()
        .filter(|(at, term)| sure(at) && (of_recipients || term.as_str() == "only_there"))
        .flat_map(|(_, term)| said(ClaimKind::ContractSays { term }, "contract says"))
        .collect()
}

/// "You can export your data", "opt out".
pub(super) fn offers(clause: &Clause<'_>) -> Vec<Understood> {
    let offers = clause.vocabulary(Vocabulary::Offer, clause.main.clone());
    let possible = clause.verbs.iter().any(|hit| *hit.means == Verb::Offer);
    let sure = clause.affirms(0..0).is_some_and(|affirmed| affirmed);
    if !possible || !sure || clause.has(Mark::SwitchedOff) {
        return Vec::new();
    }
    let url = measure::link(clause.text).map(str::to_owned);
    offers
        .into_iter()
        .flat_map(|offer| {
            said(
                ClaimKind::Offers {
                    offer,
                    url: url.clone(),
                },
                "offers",
            )
        })
        .collect()
}
