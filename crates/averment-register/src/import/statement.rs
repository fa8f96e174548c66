//! One sentence of prose to the claims that it makes, in the register's words.
//!
//! Start at [`read`]. It reads what a sentence says about the organisation as a whole; what leaves to one recipient is the
//! business of `recipient`. Deterministic: the lexicon's phrases and rules of grammar, each with a name that `--explain`
//! prints.
//!
//! Invariant: a sentence that none of the rules understands gives nothing, and is then kept as a statement.

use super::grammar;
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

/// The claims that `sentence` makes; none when it is not understood.
pub(super) fn read(sentence: &str, context: &Context<'_>) -> Vec<Understood> {
    let reading = grammar::read(sentence, context.organisation);
    let complete = reading.claims.iter().any(|claim| claim.phrase.kind == "list_complete");
    complete
        .then(|| Understood {
            kind: ClaimKind::ListComplete {
                unless: Default::default(),
            },
            rule: "list is complete",
        })
        .into_iter()
        .collect()
}
