//! Claims about who may see what, who has to agree, and who is left out of something.

use averment_catalog::{Vocabulary, WordId};
use averment_register::{Condition, Elements, Subjects, Words};

use super::data::{except, when_not_always};
use crate::terms::{Things, labels, list, people, spaced, word};

pub(super) fn visible_to(elements: &Elements, subjects: &Subjects, viewers: &Words, when: &Condition) -> String {
    let things = Things::new(elements, subjects, "everything");
    let viewers = list(&labels(Vocabulary::Viewer, viewers), "and");
    format!("{} can be seen by {viewers}{}.", things.text, when_not_always(when))
}

/// Who can switch it off, as a sentence of its own.
pub(super) fn off_by(giver: Option<&WordId>) -> String {
    giver.map_or_else(String::new, |giver| {
        let who = crate::words::capital(&word(Vocabulary::Giver, giver).label);
        format!(" {who} can switch this off.")
    })
}

pub(super) fn hidden_from(elements: &Elements, subjects: &Subjects, viewers: &Words, unless: &Words) -> String {
    let things = Things::new(elements, subjects, "everything else");
    let viewers = list(&labels(Vocabulary::Viewer, viewers), "or");
    format!(
        "{} {} not shown to {viewers}{}.",
        things.text,
        things.is(),
        except(unless)
    )
}

pub(super) fn needs_consent(consent: &str, giver: &WordId, elements: &Elements, subjects: &Subjects) -> String {
    let giver = word(Vocabulary::Giver, giver).label;
    let about = match (elements.is_empty(), subjects.is_empty()) {
        (true, true) => String::new(),
        _ => format!(" This is about {}.", Things::new(elements, subjects, "everything").text),
    };
    format!("{giver} must agree first. What for: {}.{about}", spaced(&consent))
}

pub(super) fn exempt_from(activity: &WordId, subjects: &Subjects) -> String {
    let who: Vec<String> = subjects.iter().map(people).collect();
    let who = if who.is_empty() {
        "all people".to_owned()
    } else {
        list(&who, "and")
    };
    format!("{who} are left out of {}.", word(Vocabulary::Activity, activity).label)
}
