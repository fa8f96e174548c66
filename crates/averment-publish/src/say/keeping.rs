//! Claims about how and how long data is kept.

use std::collections::BTreeSet;

use averment_catalog::{Vocabulary, WordId};
use averment_register::{Elements, Period, Subjects};

use crate::terms::{Things, list, place, word};

/// Who does not keep them is left open: a recipient's file may say it of the recipient or of the platform.
pub(super) fn not_stored(elements: &Elements, subjects: &Subjects) -> String {
    let things = Things::new(elements, subjects, "personal data");
    format!("{} {} not kept.", things.text, things.is())
}

pub(super) fn stored_as(elements: &Elements, subjects: &Subjects, form: &WordId) -> String {
    let things = Things::new(elements, subjects, "personal data");
    format!("{} {} kept only {}.", things.text, things.is(), in_form(form))
}

fn in_form(form: &WordId) -> String {
    match form.as_str() {
        "encrypted" => "in encrypted form".to_owned(),
        "pseudonym" => "under a made-up identifier".to_owned(),
        "truncated" => "in shortened form".to_owned(),
        "anonymous" => "in anonymous form".to_owned(),
        "aggregate" => "as totals".to_owned(),
        _ => format!("in scrambled form ({})", word(Vocabulary::Form, form).label),
    }
}

pub(super) fn stored_in(elements: &Elements, subjects: &Subjects, places: &BTreeSet<String>) -> String {
    let things = Things::new(elements, subjects, "personal data");
    let places: Vec<String> = places.iter().map(|code| place(code).label).collect();
    format!("{} {} kept in {}.", things.text, things.is(), list(&places, "and"))
}

pub(super) fn encrypted_in_transit(elements: &Elements) -> String {
    let things = Things::new(elements, &BTreeSet::new(), "data");
    format!("{} {} encrypted on the way over a network.", things.text, things.is())
}

pub(super) fn encrypted_at_rest(elements: &Elements) -> String {
    let things = Things::new(elements, &BTreeSet::new(), "data");
    format!("{} {} encrypted on disk.", things.text, things.is())
}

pub(super) fn retained_for(elements: &Elements, subjects: &Subjects, duration: Period, after: &WordId) -> String {
    let things = Things::new(elements, subjects, "personal data");
    let (text, is) = (&things.text, things.is());
    match (duration == Period::ZERO, after.as_str()) {
        (true, _) => format!("{text} {is} kept until {}.", event(after)),
        (false, "collection") => format!("{text} {is} kept for {} and no longer.", duration.in_words()),
        (false, _) => format!(
            "{text} {is} kept until {} after {}, and no longer.",
            duration.in_words(),
            event(after)
        ),
    }
}

pub(super) fn erased_on(
    elements: &Elements,
    subjects: &Subjects,
    except: &Elements,
    after: &WordId,
    duration: Period,
) -> String {
    let things = Things::new(elements, subjects, "personal data");
    let (text, is, event) = (&things.text, things.is(), event(after));
    let left = match except.is_empty() {
        true => String::new(),
        false => format!(
            ". This does not include {}",
            Things::new(except, &BTreeSet::new(), "").text
        ),
    };
    match duration == Period::ZERO {
        true => format!("{text} {is} erased at once after {event}{left}."),
        false => format!("{text} {is} erased within {} after {event}{left}.", duration.in_words()),
    }
}

/// What starts a clock, as it reads after "until" and "after".
fn event(after: &WordId) -> String {
    match after.as_str() {
        "collection" => "the data was collected",
        "last_use" => "the last use",
        "account_deleted" => "the account is deleted",
        "account_closed" => "the account is closed",
        "request" => "somebody asks for it",
        "contract_end" => "the contract ends",
        "school_request" => "the school asks for it",
        "consent_withdrawn" => "the consent is taken back",
        "student_leaves" => "the student leaves",
        "purpose_ends" => "it is no longer needed",
        "content_deleted" => "the content is deleted",
        _ => return word(Vocabulary::Trigger, after).label,
    }
    .to_owned()
}
