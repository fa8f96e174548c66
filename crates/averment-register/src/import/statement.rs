//! One sentence of prose to the claims that it makes, in the register's words.
//!
//! Start at [`read`]. It reads what a sentence says about the organisation as a whole; what leaves to one recipient is the
//! business of `recipient`. `answer` puts a sentence together with the question or the list above it, `parts` parts it,
//! `clause` finds verbs, people, elements and negations, and each rule of [`RULES`] reads one kind of claim. Deterministic: the
//! phrases stand in `data/lexicon.toml` under `statement`, and each rule has a name that `--explain` prints.
//!
//! Invariants: a sentence that none of the rules understands gives nothing, and is then kept as a statement; one that
//! denies never becomes a permission, and one that hedges, asks or sets a condition that no rule knows gives nothing.

mod answer;
mod assurance;
mod clause;
mod measure;
mod parts;
mod people;
mod retention;
mod sharing;
mod storage;
mod tables;

use clause::Clause;
pub(super) use tables::{Mark, Rows, Tables};

use super::lexicon::lexicon;
use crate::charter::ClaimKind;

/// A claim that a sentence makes, and the rule that found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Understood {
    /// The claim with its parameters.
    pub(super) kind: ClaimKind,
    /// Name of the rule.
    pub(super) rule: &'static str,
}

/// What stands around a sentence.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Context<'a> {
    /// Who published it.
    pub(super) organisation: &'a str,
    /// The heading or the question above it, for "Yes" and "these".
    pub(super) topic: Option<&'a str>,
    /// The sentence that ends in a colon and opens the list in which it stands.
    pub(super) opening: Option<&'a str>,
}

/// Reads one kind of claim from a clause.
type Rule = fn(&Clause<'_>) -> Vec<Understood>;

/// Every rule; each looks for its own verb.
const RULES: [Rule; 22] = [
    sharing::list_complete,
    sharing::not_shared,
    sharing::not_sold,
    sharing::only_aggregates,
    sharing::collects,
    storage::not_stored,
    storage::stored_as,
    storage::stored_in,
    storage::encrypted,
    retention::retained_for,
    retention::erased_on,
    people::seen_by,
    people::needs_consent,
    people::exempt_from,
    assurance::performed_every,
    assurance::holds_certificate,
    assurance::complies_with,
    assurance::acts_as,
    assurance::retired_since,
    assurance::embeds_only,
    assurance::contract_says,
    assurance::offers,
];

/// The claims that `sentence` makes; none when it is not understood.
///
/// Time and memory grow with the length of the sentence; one of more than `super::words::SENTENCE_WORDS_MAX` words is no
/// sentence of prose and gives nothing.
pub(super) fn read(sentence: &str, context: &Context<'_>) -> Vec<Understood> {
    for text in answer::texts(sentence, context) {
        let found = read_text(&text, context);
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// The claims of texts that are read together, in order and without doubles.
fn read_text(text: &answer::Text, context: &Context<'_>) -> Vec<Understood> {
    let mut found: Vec<Understood> = Vec::new();
    for part in &text.parts {
        for clause in clause::clauses(part, context) {
            for said in RULES.iter().flat_map(|rule| rule(&clause)) {
                if !found.iter().any(|known| known.kind == said.kind) {
                    found.push(said);
                }
            }
        }
    }
    found
}

/// The tables of this program.
fn tables() -> &'static Tables {
    &lexicon().statement
}

/// One claim, as rules give it.
fn said(kind: ClaimKind, rule: &'static str) -> Vec<Understood> {
    vec![Understood { kind, rule }]
}

#[cfg(test)]
mod tests;
