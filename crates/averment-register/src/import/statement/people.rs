//! Rules about people: who sees what, who consents, who is left out.

use std::ops::Range;

use averment_catalog::{SubjectId, Vocabulary, WordId};

use super::clause::Clause;
use super::parts::Scene;
use super::tables::{Mark, Verb};
use super::{Understood, said, tables};
use crate::charter::{ClaimKind, Condition, Elements, Words};
use crate::import::grammar::negates;
use crate::import::lexicon::{Noun, lexicon};
use crate::import::words::words;

/// "Teachers can see …", "visible to anyone with the link", "does not appear on search engines".
pub(super) fn seen_by(clause: &Clause<'_>) -> Vec<Understood> {
    let Some((verb, affirmed)) = clause.verb(&[Verb::Sees, Verb::SeenBy]) else {
        return Vec::new();
    };
    let (before, behind) = (clause.main.start..verb.start, verb.start..clause.main.end);
    let (who, what) = match verb.means {
        Verb::Sees => (before, verb.end..clause.main.end),
        _ => (behind, before),
    };
    let mut viewers = viewers(clause, who.clone());
    if viewers.is_empty() {
        // "Students see each other's data": the viewers stand behind the verb.
        let behind = clause.vocabulary(Vocabulary::Viewer, clause.main.clone());
        viewers.extend(behind.into_iter().filter(|viewer| viewer.as_str() == "peer"));
    }
    if viewers.is_empty() {
        return Vec::new();
    }
    match affirmed {
        true => shown(clause, viewers, who, what),
        false => hidden(clause, viewers, what),
    }
}

/// Those named; behind "they" those of whom the question speaks.
fn viewers(clause: &Clause<'_>, range: Range<usize>) -> Words {
    let named = clause.vocabulary(Vocabulary::Viewer, range.clone());
    let topic = clause
        .context
        .topic
        .filter(|_| named.is_empty() && clause.marked(Mark::Pronoun, range));
    let Some(topic) = topic.map(words) else { return named };
    let hits = tables().vocabulary(Vocabulary::Viewer).find(&topic);
    hits.into_iter().map(|hit| hit.means.clone()).collect()
}

fn shown(clause: &Clause<'_>, viewers: Words, who: Range<usize>, what: Range<usize>) -> Vec<Understood> {
    let Some(named) = clause.what(what.clone()) else {
        return Vec::new();
    };
    let elements = if named.is_empty() { all_personal() } else { named };
    // "If students belong to the same class" says who the viewers are; every other condition has to be understood.
    let about_viewers = clause.first(Mark::If, who.clone()).is_some_and(|at| {
        clause
            .hits(Vocabulary::Viewer, at.end..who.end)
            .iter()
            .any(|(viewer, _)| viewer.start > at.start)
    });
    let when = if about_viewers {
        Some(Condition::Always)
    } else {
        clause.when()
    };
    let (Some(when), None) = (when, &clause.except) else {
        return Vec::new();
    };
    let kind = ClaimKind::VisibleTo {
        elements,
        subjects: whose(clause, what),
        viewers,
        when,
        off_by: off_by(clause),
    };
    said(kind, "visible to")
}

fn hidden(clause: &Clause<'_>, viewers: Words, what: Range<usize>) -> Vec<Understood> {
    let (Some(elements), Some(unless)) = (clause.what(what.clone()), clause.exceptions()) else {
        return Vec::new();
    };
    if clause.conditional() {
        return Vec::new();
    }
    let subjects = whose(clause, what);
    said(
        ClaimKind::HiddenFrom {
            elements,
            subjects,
            viewers,
            unless,
        },
        "hidden from",
    )
}

/// Whose: those named with the elements, or the students of whom the question speaks.
fn whose(clause: &Clause<'_>, what: Range<usize>) -> crate::charter::Subjects {
    let named = clause.subjects(what);
    if !named.is_empty() {
        return named;
    }
    let topic = clause.context.topic.map(Scene::of);
    let hits = topic.map(|scene| subjects(&scene)).unwrap_or_default();
    hits.into_iter().filter(SubjectId::is_student).collect()
}

fn subjects(scene: &Scene<'_>) -> Vec<SubjectId> {
    let hits = lexicon().nouns.find(&scene.words);
    let named = hits.iter().filter_map(|hit| match hit.means {
        Noun::Subjects(subjects) => Some(subjects.clone()),
        _ => None,
    });
    named.flatten().collect()
}

/// What "their data" is: everything personal, as the lexicon lists it for "all personal data".
fn all_personal() -> Elements {
    let words = words("all personal data");
    let hits = lexicon().nouns.find(&words);
    let elements = hits.iter().filter_map(|hit| match hit.means {
        Noun::Elements(elements) => Some(elements.elements.iter().cloned()),
        _ => None,
    });
    elements.flatten().collect()
}

/// Who can switch it off; nobody when the sentence does not say.
fn off_by(clause: &Clause<'_>) -> Option<WordId> {
    let at = clause.first(Mark::SwitchedOff, clause.main.clone())?;
    let givers = clause.hits(Vocabulary::Giver, at.end..clause.main.end);
    givers.into_iter().next().map(|(_, giver)| giver)
}

/// "Only with the consent of a parent", "parental consent is required".
pub(super) fn needs_consent(clause: &Clause<'_>) -> Vec<Understood> {
    let Some(verb) = clause.verbs.iter().find(|hit| *hit.means == Verb::Consent) else {
        return Vec::new();
    };
    if doubtful(clause) || clause.verb(&[Verb::Share, Verb::IsShared, Verb::Sell]).is_some() {
        return Vec::new();
    }
    let near = verb.start.saturating_sub(5)..clause.words.len().min(verb.end + 5);
    let giver = clause.hits(Vocabulary::Giver, near.clone()).into_iter().next();
    let (Some((_, giver)), true) = (
        giver,
        needed(clause, verb.start..verb.end) && clause.marked(Mark::Consent, near),
    ) else {
        return Vec::new();
    };
    let topics = tables().consents.find(&clause.words);
    let by_giver = match giver.as_str() {
        "guardian" => "parental",
        "school" => "school",
        _ => "personal",
    };
    let kind = ClaimKind::NeedsConsent {
        consent: topics.first().map_or(by_giver.to_owned(), |hit| hit.means.clone()),
        giver,
        elements: clause.elements(0..clause.words.len()),
        subjects: clause
            .subjects(0..clause.words.len())
            .into_iter()
            .filter(SubjectId::is_student)
            .collect(),
    };
    said(kind, "needs consent")
}

/// Whether it is no promise; "must" is one here.
fn doubtful(clause: &Clause<'_>) -> bool {
    let doubts = tables().mark(Mark::Doubt).find(&clause.words);
    doubts.iter().any(|hit| clause.words[hit.start].stem != "must")
}

/// "Not … without consent" needs it; "no consent is needed" and "… without consent" do not.
fn needed(clause: &Clause<'_>, verb: Range<usize>) -> bool {
    let negated = |words: &[crate::import::words::Word]| words.iter().filter(|word| negates(word)).count();
    let all = negated(&clause.words);
    match negated(&clause.words[verb]) {
        0 => all == 0,
        inside => all == inside + 1,
    }
}

/// "Students are exempt from marketing", "no advertising to students"; of nobody in particular it is a term.
pub(super) fn exempt_from(clause: &Clause<'_>) -> Vec<Understood> {
    let Some((verb, affirmed)) = clause.verb(&[Verb::Advertise, Verb::Market, Verb::Profile]) else {
        return Vec::new();
    };
    let exempt = clause
        .verbs
        .iter()
        .any(|hit| *hit.means == Verb::Exempt && hit.start < verb.start);
    let shares = clause
        .verbs
        .iter()
        .any(|hit| matches!(hit.means, Verb::Share | Verb::IsShared));
    let never = exempt == affirmed;
    if !never || shares || clause.except.is_some() || clause.conditional() {
        return Vec::new();
    }
    let (activity, term) = match verb.means {
        Verb::Advertise => ("advertising", Some("no_advertising")),
        Verb::Market => ("marketing", None),
        _ => ("profiling", None),
    };
    let subjects = clause.subjects(clause.main.clone());
    match (WordId::new(activity), term.and_then(|term| WordId::new(term).ok())) {
        (Ok(activity), _) if !subjects.is_empty() => said(ClaimKind::ExemptFrom { activity, subjects }, "exempt from"),
        (_, Some(term)) => said(ClaimKind::ContractSays { term }, "no advertising: term no_advertising"),
        _ => Vec::new(),
    }
}
