//! What a parent wants to know, taken from the document: who gets what about my child, why, can I say no, how long, and
//! how do you know. Short sentences; nothing that the register does not say.

mod simple;

use averment_claims::Grade;
use serde::Serialize;

use crate::claim_row::ClaimRow;
use crate::document::Document;
use crate::flow_row::DisclosureRow;
use crate::recipient_row::RecipientRow;

/// What is offered to people who want something changed.
const CHOICES: [&str; 7] = [
    "opt_out",
    "opt_in",
    "objection",
    "settings",
    "data_deletion",
    "data_access",
    "data_correction",
];

/// The answers.
#[derive(Debug, Serialize)]
pub(crate) struct Parents<'a> {
    /// Who may get something about children.
    gets: Vec<Gets<'a>>,
    /// Who the register lets nothing about children through to.
    nothing: Vec<Who<'a>>,
    /// Who may get something about parents.
    about_you: Vec<Gets<'a>>,
    /// Ways to say no.
    choices: Vec<Answer<'a>>,
    /// How long data is kept and when it is erased.
    keeping: Vec<Answer<'a>>,
    /// Who may see what on the platform.
    seeing: Vec<Answer<'a>>,
    /// What is promised never to happen.
    never: Vec<Answer<'a>>,
}

/// A recipient.
#[derive(Debug, Serialize)]
struct Who<'a> {
    id: &'a str,
    name: &'a str,
}

/// A recipient with what it may get.
#[derive(Debug, Serialize)]
struct Gets<'a> {
    id: &'a str,
    name: &'a str,
    why: &'a str,
    what: Vec<String>,
    /// Grade of the sentence that it gets this and nothing else.
    grade: Grade,
}

/// A sentence that answers a question, with its grade.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    /// Name of the recipient that it is about, when the sentence does not say it.
    recipient: Option<&'a str>,
    plain: &'a str,
    sentence: &'a str,
    grade: Grade,
    reason: &'a str,
}

impl<'a> Parents<'a> {
    pub(crate) fn new(document: &'a Document) -> Self {
        let used = || document.recipients.iter().filter(|row| row.state != "retired");
        let answers = |kinds: &[&str]| -> Vec<Answer<'a>> {
            let asked = document
                .all_claims()
                .filter(|(row, claim)| kinds.contains(&claim.kind) && row.is_none_or(|row| row.state != "retired"));
            asked.filter_map(|(row, claim)| answer(row, claim)).collect()
        };
        Self {
            gets: used()
                .filter_map(|row| gets(row, DisclosureRow::is_about_children))
                .collect(),
            nothing: used()
                .filter(|row| !row.discloses.iter().any(DisclosureRow::is_about_children))
                .map(|row| Who {
                    id: &row.id,
                    name: &row.name,
                })
                .collect(),
            about_you: used()
                .filter_map(|row| gets(row, DisclosureRow::is_about_guardians))
                .collect(),
            choices: choices(document),
            keeping: answers(&["retained_for", "erased_on", "not_stored"]),
            seeing: answers(&["visible_to", "hidden_from"]),
            never: answers(&["never_shares", "exempt_from", "list_complete"]),
        }
    }
}

fn gets(row: &RecipientRow, wanted: fn(&DisclosureRow) -> bool) -> Option<Gets<'_>> {
    let what: Vec<String> = row
        .discloses
        .iter()
        .filter(|rule| wanted(rule))
        .map(simple::row)
        .collect();
    let shares = row.claims.iter().find(|claim| claim.kind == "shares");
    (!what.is_empty()).then(|| Gets {
        id: &row.id,
        name: &row.name,
        why: &row.purpose,
        what,
        grade: shares.map_or(Grade::Unverified, |claim| claim.grade),
    })
}

/// Consents that are asked for, and what is offered to those who do not want something.
fn choices(document: &Document) -> Vec<Answer<'_>> {
    let is_choice = |claim: &ClaimRow| match claim.kind {
        "needs_consent" => true,
        _ => claim.offers(&CHOICES),
    };
    document
        .all_claims()
        .filter(|(_, claim)| is_choice(claim))
        .filter_map(|(row, claim)| answer(row, claim))
        .collect()
}

fn answer<'a>(row: Option<&'a RecipientRow>, claim: &'a ClaimRow) -> Option<Answer<'a>> {
    let plain = claim.plain.as_deref()?;
    Some(Answer {
        recipient: row.map(|row| row.name.as_str()).filter(|name| !plain.contains(name)),
        plain,
        sentence: &claim.sentence,
        grade: claim.grade,
        reason: &claim.reason,
    })
}
