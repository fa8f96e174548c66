//! Claims about which data goes where.

use averment_catalog::Vocabulary;
use averment_register::{Condition, Elements, Subjects, Words};

use super::Speaker;
use crate::terms::{Things, labels, list};
use crate::words::condition;

pub(super) fn shares(speaker: Speaker) -> String {
    format!("{} gets what is listed here and nothing else.", speaker.who())
}

pub(super) fn never_shares(speaker: Speaker, elements: &Elements, subjects: &Subjects) -> String {
    let things = Things::joined(elements, subjects, "personal data", "or").text;
    match speaker.recipient {
        Some(recipient) => format!("{recipient} never gets {things}."),
        None => format!("No recipient gets {things}."),
    }
}

pub(super) fn list_complete(unless: &Words) -> String {
    format!("Nobody who is not on this list gets personal data{}.", except(unless))
}

/// `, except with express consent`; nothing when there is no exception.
pub(super) fn except(unless: &Words) -> String {
    match unless.is_empty() {
        true => String::new(),
        false => format!(", except {}", list(&labels(Vocabulary::Exception, unless), "or")),
    }
}

pub(super) fn aggregates_only(speaker: Speaker, elements: &Elements, subjects: &Subjects) -> String {
    let things = Things::new(elements, subjects, "personal data").text;
    match speaker.recipient {
        Some(recipient) => {
            format!("{recipient} gets only totals made from {things}, never the data of a single person.")
        }
        None => format!("Only totals made from {things} go out, never the data of a single person."),
    }
}

pub(super) fn collects(speaker: Speaker, elements: &Elements, subjects: &Subjects, when: &Condition) -> String {
    let things = Things::new(elements, subjects, "personal data").text;
    format!("{} collects {things}{}.", speaker.who(), when_not_always(when))
}

/// `, if the person chooses to use the feature`; nothing for normal operation.
pub(super) fn when_not_always(when: &Condition) -> String {
    match when {
        Condition::Always => String::new(),
        other => format!(", {}", condition(&other.to_string())),
    }
}
