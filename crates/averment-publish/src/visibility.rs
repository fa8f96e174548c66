//! Who may see what on the platform, as a table: what the `visible_to` and `hidden_from` claims say, element by viewer.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, Vocabulary, WordId, catalog};
use averment_register::{Claim, ClaimKind, Condition, Elements, Subjects, Words};
use serde::Serialize;

use crate::terms::{labels, list, people, word};
use crate::words::{Named, condition, element};

/// The table. Empty when no claim says who may see what.
#[derive(Debug, Serialize)]
pub(crate) struct Visibility {
    viewers: Vec<Named>,
    rows: Vec<VisibilityRow>,
}

/// What is said about one element of the same people.
#[derive(Debug, Serialize)]
struct VisibilityRow {
    /// None: everything that no other row of these people names.
    element: Option<Named>,
    /// Whose; everybody's when empty.
    subjects: String,
    /// One per viewer of the table, in its order.
    cells: Vec<Vec<Said>>,
}

/// One thing that a claim says about a cell.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Said {
    seen: bool,
    /// When, or when not.
    note: Option<String>,
    claim: String,
}

/// A `visible_to` or `hidden_from` claim.
struct Rule<'a> {
    claim: &'a Claim,
    elements: &'a Elements,
    subjects: &'a Subjects,
    viewers: &'a Words,
    seen: bool,
    note: Option<String>,
}

impl Visibility {
    pub(crate) fn new<'a>(claims: impl Iterator<Item = &'a Claim>) -> Self {
        let rules: Vec<Rule> = claims.filter_map(rule).collect();
        let named: BTreeSet<&WordId> = rules.iter().flat_map(|rule| rule.viewers).collect();
        let words = catalog().words(Vocabulary::Viewer).iter();
        let viewers: Vec<&WordId> = words.map(|word| &word.id).filter(|id| named.contains(id)).collect();
        let keys: BTreeSet<(&Subjects, Option<&ElementId>)> = rules.iter().flat_map(keys).collect();
        Self {
            viewers: viewers.iter().map(|id| word(Vocabulary::Viewer, id)).collect(),
            // `None` sorts first and means the rest, which is said last.
            rows: in_order(keys)
                .map(|(subjects, element)| row(&rules, &viewers, subjects, element))
                .collect(),
        }
    }
}

fn in_order<'a>(
    keys: BTreeSet<(&'a Subjects, Option<&'a ElementId>)>,
) -> impl Iterator<Item = (&'a Subjects, Option<&'a ElementId>)> {
    let mut keys: Vec<_> = keys.into_iter().collect();
    keys.sort_by_key(|(subjects, element)| (*subjects, element.is_none(), *element));
    keys.into_iter()
}

fn rule(claim: &Claim) -> Option<Rule<'_>> {
    let (elements, subjects, viewers, seen, note) = match &claim.kind {
        ClaimKind::VisibleTo {
            elements,
            subjects,
            viewers,
            when,
            off_by,
        } => (elements, subjects, viewers, true, seen_note(when, off_by.as_ref())),
        ClaimKind::HiddenFrom {
            elements,
            subjects,
            viewers,
            unless,
        } => {
            let except = labels(Vocabulary::Exception, unless);
            let note = (!except.is_empty()).then(|| format!("except {}", list(&except, "or")));
            (elements, subjects, viewers, false, note)
        }
        _ => return None,
    };
    Some(Rule {
        claim,
        elements,
        subjects,
        viewers,
        seen,
        note,
    })
}

fn seen_note(when: &Condition, off_by: Option<&WordId>) -> Option<String> {
    let when = (*when != Condition::Always).then(|| condition(&when.to_string()));
    let off = off_by.map(|giver| format!("{} can switch it off", word(Vocabulary::Giver, giver).label));
    let notes: Vec<String> = when.into_iter().chain(off).collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}

fn keys<'a>(rule: &Rule<'a>) -> Vec<(&'a Subjects, Option<&'a ElementId>)> {
    match rule.elements.is_empty() {
        true => vec![(rule.subjects, None)],
        false => rule
            .elements
            .iter()
            .map(|element| (rule.subjects, Some(element)))
            .collect(),
    }
}

fn row(rules: &[Rule], viewers: &[&WordId], subjects: &Subjects, of: Option<&ElementId>) -> VisibilityRow {
    let names: Vec<String> = subjects.iter().map(people).collect();
    let about: Vec<&Rule> = rules
        .iter()
        .filter(|rule| (rule.subjects.is_empty() || rule.subjects == subjects) && speaks_of(rule, of))
        .collect();
    let cell = |viewer: &WordId| {
        let rules = about.iter().filter(|rule| rule.viewers.contains(viewer));
        rules
            .map(|rule| Said {
                seen: rule.seen,
                note: rule.note.clone(),
                claim: rule.claim.id.to_string(),
            })
            .collect()
    };
    VisibilityRow {
        element: of.map(element),
        subjects: list(&names, "and"),
        cells: viewers.iter().map(|viewer| cell(viewer)).collect(),
    }
}

/// Whether a rule speaks of the element of a row; a rule about the rest speaks of the row for the rest alone.
fn speaks_of(rule: &Rule, of: Option<&ElementId>) -> bool {
    match of {
        None => rule.elements.is_empty(),
        Some(element) => rule.elements.iter().any(|named| named.covers(element)),
    }
}
