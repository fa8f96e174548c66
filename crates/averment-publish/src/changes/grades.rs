//! Grades of an earlier publication, read from its page, against those of today.

use std::collections::{BTreeMap, VecDeque};

use averment_claims::Grade;
use serde::Deserialize;

use super::{Change, Direction};
use crate::claim_row::ClaimRow;
use crate::document::Document;
use crate::recipient_row::RecipientRow;

/// What is read of a page.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) schema: String,
    pub(super) charter: String,
    recipients: Vec<Recipient>,
    claims: Vec<Claim>,
}

#[derive(Debug, Deserialize)]
struct Recipient {
    id: String,
    claims: Vec<Claim>,
}

#[derive(Debug, Deserialize)]
struct Claim {
    id: String,
    kind: String,
    sentence: String,
    grade: String,
}

/// The grade of a claim then.
#[derive(Debug, Clone)]
pub(super) struct Then {
    recipient: Option<String>,
    id: String,
    kind: String,
    sentence: String,
    grade: String,
}

impl Page {
    /// Every claim with its grade.
    pub(super) fn grades(self) -> Vec<Then> {
        let of = |recipient: Option<&String>, claims: Vec<Claim>| -> Vec<Then> {
            let then = |claim: Claim| Then {
                recipient: recipient.cloned(),
                id: claim.id,
                kind: claim.kind,
                sentence: claim.sentence,
                grade: claim.grade,
            };
            claims.into_iter().map(then).collect()
        };
        let recipients = self.recipients.into_iter();
        let mut grades: Vec<Then> = recipients.flat_map(|row| of(Some(&row.id), row.claims)).collect();
        grades.extend(of(None, self.claims));
        grades
    }
}

/// Recipient, kind and sentence.
type Words<'a> = (Option<&'a str>, &'a str, &'a str);

/// The claims of both publications whose grade is another. Identifiers of changes are empty.
pub(super) fn changes(then: &[Then], document: &Document) -> Vec<Change> {
    let mut by_words: BTreeMap<Words<'_>, VecDeque<&Then>> = BTreeMap::new();
    for one in then {
        let words = (one.recipient.as_deref(), one.kind.as_str(), one.sentence.as_str());
        by_words.entry(words).or_default().push_back(one);
    }
    let mut changes = Vec::new();
    let mut rest = Vec::new();
    // Identifiers may be numbers that move on when a claim comes in between: the same words come first.
    for (recipient, claim) in document.all_claims() {
        let words = (
            recipient.map(|row| row.id.as_str()),
            claim.kind,
            claim.sentence.as_str(),
        );
        match by_words.get_mut(&words).and_then(VecDeque::pop_front) {
            Some(then) => changes.extend(change(then, recipient, claim, document)),
            None => rest.push((recipient, claim)),
        }
    }
    let left = by_words.into_values().flatten();
    // Two kinds under one identifier are two claims.
    let by_name: BTreeMap<(&str, &str), &Then> = left
        .map(|then| ((then.id.as_str(), then.kind.as_str()), then))
        .collect();
    for (recipient, claim) in rest {
        if let Some(then) = by_name.get(&(claim.id.as_str(), claim.kind)) {
            changes.extend(change(then, recipient, claim, document));
        }
    }
    changes
}

fn change(then: &Then, recipient: Option<&RecipientRow>, now: &ClaimRow, document: &Document) -> Option<Change> {
    let grade = now.grade.as_str();
    if then.grade == grade {
        return None;
    }
    let about = recipient.map_or(&document.organisation, |row| &row.name);
    Some(Change {
        id: String::new(),
        what: "grade".to_owned(),
        place: Some(format!("claims/{}/grade", now.id)),
        direction: match rank(grade) > rank(&then.grade) {
            true => Direction::ShownLess,
            false => Direction::ShownMore,
        },
        recipient: recipient.map(|row| row.id.clone()),
        claim: Some(now.id.clone()),
        sentence: format!("{about}: “{}” was {} and is {grade} now.", now.sentence, then.grade),
        duties: Vec::new(),
    })
}

/// From best to worst.
fn rank(grade: &str) -> usize {
    let grades = Grade::ALL.iter();
    grades.take_while(|known| known.as_str() != grade).count()
}
