//! Wording that leaves a statement open: it cannot fail, because it does not say what is in and what is out.

use std::ops::Range;

use super::{Found, RecipientLook};

/// Phrases that leave a list open.
const OPEN: &[&str] = &[
    "etc",
    "and other",
    "and others",
    "other contact information",
    "other personal data",
    "other optional information",
    "limited other",
    "other data",
    "related information",
    "relevant information",
    "various",
    "and similar",
    "and so on",
    "among others",
    "including but not limited to",
    "such as",
    "certain",
    "as needed",
    "where applicable",
];

/// Phrases that leave open whether it happens.
const PERHAPS: &[&str] = &[
    "may",
    "might",
    "could",
    "in some cases",
    "in some instances",
    "potentially",
    "from time to time",
];

/// Phrases that make data a by-catch.
const INCIDENTAL: &[&str] = &[
    "incidental",
    "incidentally",
    "inadvertently",
    "unintentionally",
    "in passing",
];

/// Wording that leaves the list of elements open.
pub(super) fn open_list(look: &RecipientLook<'_>) -> Vec<Found> {
    summary(look, OPEN, "leaves open what is shared")
}

/// Wording that leaves open whether anything is shared.
pub(super) fn perhaps(look: &RecipientLook<'_>) -> Vec<Found> {
    summary(look, PERHAPS, "leaves open whether it is shared")
}

/// Data said to be by-catch, in words or in a row.
pub(super) fn incidental(look: &RecipientLook<'_>) -> Vec<Found> {
    let found = summary(look, INCIDENTAL, "makes the data a by-catch");
    if !found.is_empty() {
        return found;
    }
    let rows = look.recipient.discloses.iter().zip(&look.file.discloses);
    rows.filter(|(row, _)| row.when == crate::charter::Condition::Incidental)
        .map(|(row, spanned)| (format!("rule `{}` declares a by-catch", row.rule), spanned.span()))
        .collect()
}

/// One finding for the published `information`, with the phrases in it.
fn summary(look: &RecipientLook<'_>, phrases: &[&str], says: &str) -> Vec<Found> {
    let text = look.file.information.get_ref();
    let found: Vec<&str> = phrases.iter().copied().filter(|phrase| holds(text, phrase)).collect();
    let quoted: Vec<String> = found.iter().map(|phrase| format!("`{phrase}`")).collect();
    let Some(first) = found.first() else { return Vec::new() };
    let verb = if found.len() == 1 {
        says.to_owned()
    } else {
        says.replacen("leaves", "leave", 1).replacen("makes", "make", 1)
    };
    vec![(format!("{} {verb}", quoted.join(", ")), place(look, first))]
}

/// The place of a phrase in the file; the whole text when it is written with escapes.
fn place(look: &RecipientLook<'_>, phrase: &str) -> Range<usize> {
    let span = look.file.information.span();
    let raw = look.text.get(span.clone()).unwrap_or_default();
    match find(raw, phrase) {
        Some(at) => span.start + at..span.start + at + phrase.len(),
        None => span,
    }
}

fn holds(text: &str, phrase: &str) -> bool {
    find(text, phrase).is_some()
}

/// The byte position of `phrase` as whole words, in any letter case.
fn find(text: &str, phrase: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    let word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let whole = |at: &usize| {
        let bytes = lower.as_bytes();
        !word(at.checked_sub(1).and_then(|before| bytes.get(before))) && !word(bytes.get(at + phrase.len()))
    };
    lower.match_indices(phrase).map(|(at, _)| at).find(whole)
}
