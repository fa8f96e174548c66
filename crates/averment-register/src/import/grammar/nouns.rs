//! The nouns of a text: elements with their owner, and people.
//!
//! Start at [`nouns`]. People named right before elements own them ("student names"), and those named behind "of" or "for"
//! do too ("addresses of students"); [`groups`] puts together what belongs to the same people.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, SubjectId};

use super::Group;
use crate::import::lexicon::{Hit, Noun, lexicon};
use crate::import::words::Word;

/// A noun phrase that names elements, with its owner, or people.
#[derive(Debug, Default)]
pub(in crate::import) struct Found {
    /// First word.
    pub(in crate::import) start: usize,
    /// Behind the last word.
    pub(in crate::import) end: usize,
    /// The elements; none for people.
    pub(in crate::import) elements: Vec<ElementId>,
    /// They name nothing in particular.
    pub(in crate::import) generic: bool,
    everyone: bool,
    /// Whose: named right before the elements.
    pub(in crate::import) owner: Vec<SubjectId>,
    /// Whose: named right behind them ("addresses of students").
    pub(in crate::import) of_whom: Vec<SubjectId>,
    /// People named here.
    pub(in crate::import) named: Vec<SubjectId>,
    /// People of no particular kind.
    pub(in crate::import) anyone: bool,
}

/// The nouns of `written`, in order; `text`: its words.
pub(in crate::import) fn nouns(written: &str, text: &[Word]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut before: (usize, Vec<SubjectId>) = (usize::MAX, Vec::new());
    for hit in hits(written, text) {
        let mut noun = Found {
            start: hit.start,
            end: hit.end,
            ..Found::default()
        };
        match hit.means {
            Noun::Elements(named) => {
                noun.elements.clone_from(&named.elements);
                let enumerated = named.category && enumerates(written, text, hit.end);
                (noun.generic, noun.everyone) = (named.generic || enumerated, named.everyone);
                if named.subjects.is_empty() {
                    noun.named = people(&text[hit.start..hit.end]);
                }
                noun.owner.clone_from(if before.0 == hit.start {
                    &before.1
                } else {
                    &named.subjects
                });
            }
            Noun::Subjects(subjects) => {
                noun.named.clone_from(subjects);
                let of = hit.start > 0 && ["of", "for"].contains(&text[hit.start - 1].stem.as_str());
                let last = found
                    .last_mut()
                    .filter(|last: &&mut Found| of && last.end + 1 == hit.start);
                if let Some(last) = last.filter(|last| last.owner.is_empty()) {
                    last.of_whom.clone_from(subjects);
                }
                before = (hit.end, subjects.clone());
            }
            Noun::Anyone => noun.anyone = true,
            Noun::Ignore => {}
        }
        found.push(noun);
    }
    found
}

/// The nouns' phrases. One that means nothing does not go over a comma: in "company, email" the e-mail address is meant.
fn hits(written: &str, text: &[Word]) -> Vec<Hit<'static, Noun>> {
    let comma = |at: usize| written[text[at - 1].at.end..text[at].at.start].contains([',', ';', '(']);
    let mut found = Vec::new();
    for hit in lexicon().nouns.find(text) {
        let parts = (hit.start + 1..hit.end).filter(|at| comma(*at));
        let mut ends: Vec<usize> = parts.collect();
        if ends.is_empty() || !matches!(hit.means, Noun::Ignore) {
            found.push(hit);
            continue;
        }
        ends.push(hit.end);
        let mut start = hit.start;
        let mut inner = Vec::new();
        for end in ends {
            inner.extend(lexicon().nouns.find(&text[start..end]).into_iter().map(|part| Hit {
                start: part.start + start,
                end: part.end + start,
                means: part.means,
            }));
            start = end;
        }
        match inner.iter().any(|part| matches!(part.means, Noun::Elements(_))) {
            true => found.extend(inner),
            false => found.push(hit),
        }
    }
    found
}

/// Whether members of what was named before the word at `end` are listed there.
fn enumerates(written: &str, text: &[Word], end: usize) -> bool {
    let Some(next) = text.get(end).filter(|_| end > 0) else {
        return false;
    };
    let gap = &written[text[end - 1].at.end..next.at.start];
    gap.contains(['(', ':']) || ["such", "including", "like", "e.g", "namely"].contains(&next.stem.as_str())
}

/// People named inside a phrase ("images from students' projects").
fn people(words: &[Word]) -> Vec<SubjectId> {
    let hits = words
        .iter()
        .flat_map(|word| lexicon().nouns.find(std::slice::from_ref(word)));
    let subjects = hits.filter_map(|hit| match hit.means {
        Noun::Subjects(subjects) => Some(subjects.clone()),
        _ => None,
    });
    subjects.flatten().collect()
}

/// Elements by owner; those without one belong to everybody whom the clause names.
pub(super) fn groups(nouns: &[&Found]) -> Vec<Group> {
    let everybody: BTreeSet<SubjectId> = nouns.iter().flat_map(|noun| noun.named.iter().cloned()).collect();
    let mut groups: Vec<Group> = Vec::new();
    for noun in nouns.iter().filter(|noun| !noun.elements.is_empty()) {
        let owner: BTreeSet<SubjectId> = noun.owner.iter().cloned().collect();
        let subjects = match (noun.everyone, owner.is_empty()) {
            (true, _) => BTreeSet::new(),
            (false, true) => everybody.clone(),
            (false, false) => owner,
        };
        let elements: BTreeSet<ElementId> = noun.elements.iter().cloned().collect();
        let group = Group {
            elements,
            subjects,
            generic: noun.generic,
            everyone: noun.everyone,
        };
        let same = |other: &&mut Group| {
            (&other.subjects, other.generic, other.everyone) == (&group.subjects, group.generic, group.everyone)
        };
        match groups.iter_mut().find(same) {
            Some(other) => other.elements.extend(group.elements),
            None => groups.push(group),
        }
    }
    groups
}
