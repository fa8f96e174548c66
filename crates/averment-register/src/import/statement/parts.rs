//! A sentence to the places of its clauses.
//!
//! Start at [`parts`]. A sentence is parted at semicolons, before "but", and at "and" and its kin where both sides have a
//! verb of their own; not in brackets, not in an exception, and not where a negation may reach over the joint.

use std::ops::Range;

use super::tables;
use super::tables::{Mark, Verb};
use crate::import::grammar;
use crate::import::lexicon::Hit;
use crate::import::words::{Word, words};

/// Joints between clauses, where both sides have a verb.
const JOINTS: [&str; 6] = ["and", "but", "while", "wherea", "so", "nor"];

/// The words of a text, before it is parted.
pub(super) struct Scene<'t> {
    pub(super) text: &'t str,
    pub(super) words: Vec<Word>,
}

impl<'t> Scene<'t> {
    /// The words of a text by nobody in particular.
    pub(super) fn of(text: &'t str) -> Self {
        Self {
            text,
            words: words(text),
        }
    }

    /// The words of a text with "we" and the publisher's name as `@organisation`, and "US" told from "us".
    pub(super) fn by(text: &'t str, organisation: &str) -> Self {
        let mut words = grammar::spoken(text, organisation);
        for word in &mut words {
            if &text[word.at.clone()] == "US" {
                "usa".clone_into(&mut word.stem);
            }
        }
        Self { text, words }
    }

    /// What stands between a word and the one before it.
    fn gap(&self, at: usize) -> &str {
        &self.text[self.words[at - 1].at.end..self.words[at].at.start]
    }
}

/// Whether the mark stands anywhere.
pub(super) fn has(scene: &Scene<'_>, mark: Mark) -> bool {
    !tables().mark(mark).find(&scene.words).is_empty()
}

/// The places of the clauses among the words.
pub(super) fn parts(scene: &Scene<'_>) -> Vec<Range<usize>> {
    let verbs = tables().verbs.find(&scene.words);
    let mut parts: Vec<Range<usize>> = Vec::new();
    let (joints, bracketed) = joints(scene, &verbs);
    // A remark in brackets does not make a clause of what stands before it.
    let outer: Vec<usize> = verbs.iter().map(|hit| hit.start).filter(|at| !bracketed[*at]).collect();
    let has_verb = |range: &Range<usize>| {
        let first = outer.partition_point(|at| *at < range.start);
        outer.get(first).is_some_and(|at| *at < range.end)
    };
    for part in joints
        .windows(2)
        .map(|pair| pair[0]..pair[1])
        .filter(|part| !part.is_empty())
    {
        match parts.last_mut() {
            // What stands behind "but" is not said of what stands before it, even where one of them has no verb.
            Some(last) if scene.words[part.start].stem != "but" && (!has_verb(last) || !has_verb(&part)) => {
                last.end = part.end
            }
            _ => parts.push(part),
        }
    }
    parts
}

/// Where a clause may begin: the front, every joint outside of brackets and exceptions, and the end; and for every word
/// whether it stands in brackets.
fn joints(scene: &Scene<'_>, verbs: &[Hit<'_, Verb>]) -> (Vec<usize>, Vec<bool>) {
    let excepts = tables().mark(Mark::Except).find(&scene.words);
    let mut joints: Vec<usize> = vec![0];
    let mut bracketed: Vec<bool> = vec![false; scene.words.len().min(1)];
    // How many brackets are open, and whether a negation or an exception stands since the last joint.
    let (mut depth, mut negated, mut excepted) = (0_usize, false, false);
    for at in 1..scene.words.len() {
        let gap = scene.gap(at);
        depth = (depth + gap.matches('(').count()).saturating_sub(gap.matches(')').count());
        bracketed.push(depth > 0);
        negated |= grammar::negates(&scene.words[at - 1]);
        excepted |= excepts.binary_search_by_key(&at, |hit| hit.start).is_ok();
        let hard = gap.contains(';');
        let soft = JOINTS.contains(&scene.words[at].stem.as_str()) && depth == 0 && !excepted && !within(verbs, at);
        // "Does not sell X and shares Y": the "not" may reach over the joint, so that it does not part.
        let next = scene.words.get(at + 1).map(|word| word.stem.as_str());
        let begins = verbs.binary_search_by_key(&(at + 1), |hit| hit.start).is_ok();
        let bare = scene.words[at].stem == "and" && next != Some("@organisation") && (begins || !gap.contains(','));
        let carried = negated && bare;
        if hard || soft && !carried {
            joints.push(at);
            (negated, excepted) = (false, false);
        }
    }
    joints.push(scene.words.len());
    (joints, bracketed)
}

/// Whether one of the phrases goes over the front of the word at `at`, or begins with it.
fn within(hits: &[Hit<'_, Verb>], at: usize) -> bool {
    let first = hits.partition_point(|hit| hit.end <= at);
    hits.get(first).is_some_and(|hit| hit.start <= at)
}
