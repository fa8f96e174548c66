//! Identifiers as people call them, and lists of them as they read inside a sentence.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, PurposeId, Vocabulary, WordId, catalog};

use crate::charter::{Condition, Elements, RecipientRole, Words};
use crate::reach;

/// "a", "a and b", "a, b and c".
pub(crate) fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<T> = items.into_iter().collect();
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => last.as_ref().to_owned(),
        Some((last, before)) => {
            let before: Vec<&str> = before.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", before.join(", "), last.as_ref())
        }
    }
}

/// What people call an element or a category of them.
pub(crate) fn element(id: &ElementId) -> String {
    if let Some(element) = catalog().element(id) {
        return element.label.clone();
    }
    let name = match id.as_str() {
        "tech" => "technical",
        "edu" => "education",
        "comms" => "communication",
        other => other,
    };
    format!("all {} data", name.replace(['.', '_'], " "))
}

/// Leaves of the catalog, in the shortest names; "all data" for all of them.
pub(crate) fn elements(leaves: &Elements) -> String {
    if leaves.is_empty() || leaves.len() == catalog().elements().len() {
        return "all data".to_owned();
    }
    list(reach::short_elements(leaves).iter().map(element))
}

/// Kinds of people, in the shortest names, in the plural; "everybody" for all of them.
pub(crate) fn subjects(kinds: &BTreeSet<averment_catalog::SubjectId>) -> String {
    if kinds.is_empty() || kinds.len() == catalog().subjects().len() {
        return "everybody".to_owned();
    }
    list(reach::short_subjects(kinds).iter().map(|name| people(name)))
}

fn people(name: &str) -> &str {
    match name {
        "student" => "students",
        "student (age not known)" => "students of unknown age",
        "student.under13" => "students under 13",
        "student.minor" => "students of 13 to 17",
        "student.eligible" => "adult students",
        "child.public" => "children outside school",
        "guardian" => "parents and guardians",
        "teacher" => "teachers",
        "school_admin" => "school administrators",
        "facilitator" => "facilitators",
        "volunteer" => "volunteers",
        "donor" => "donors",
        "visitor" => "visitors",
        "staff" => "employees of the platform",
        "viewer" => "viewers",
        other => other,
    }
}

/// What people call a word of a vocabulary.
pub(crate) fn word(vocabulary: Vocabulary, id: &WordId) -> String {
    let known = catalog().word(vocabulary, id.as_str());
    known.map_or_else(|| id.to_string(), |word| word.label.clone())
}

/// Words of a vocabulary as a list.
pub(crate) fn words(vocabulary: Vocabulary, ids: &Words) -> String {
    list(ids.iter().map(|id| word(vocabulary, id)))
}

/// What people call a purpose.
pub(crate) fn purpose(id: &PurposeId) -> String {
    let known = catalog().purpose(id);
    known.map_or_else(|| id.to_string(), |purpose| purpose.label.clone())
}

/// What people call a country or a union of them.
pub(crate) fn place(code: &str) -> String {
    match code {
        "EU" => "the European Union".to_owned(),
        "EEA" => "the European Economic Area".to_owned(),
        // Names that stand with an article inside a sentence.
        "US" | "GB" | "NL" | "PH" | "AE" | "DO" | "BS" | "GM" | "MV" => {
            format!(
                "the {}",
                catalog().country(code).map_or(code, |country| country.name.as_str())
            )
        }
        code => catalog()
            .country(code)
            .map_or_else(|| code.to_owned(), |country| country.name.clone()),
    }
}

/// Countries, with unions in their own name where all of their members are there.
pub(crate) fn places(codes: &BTreeSet<String>) -> String {
    let mut left = reach::places(codes);
    let mut named = Vec::new();
    for union in ["EEA", "EU"] {
        let members = reach::places(&BTreeSet::from([union.to_owned()]));
        if members.is_subset(&left) {
            left.retain(|code| !members.contains(code));
            named.push(place(union));
        }
    }
    named.extend(left.iter().map(|code| place(code)));
    list(named)
}

/// A condition as it ends a sentence; nothing for `always`.
pub(crate) fn condition(when: &Condition) -> String {
    match when {
        Condition::Always => String::new(),
        Condition::SubjectChooses => "when they choose to".to_owned(),
        Condition::SubjectEnters => "when they enter it there".to_owned(),
        Condition::OnSupportRequest => "on their support request".to_owned(),
        Condition::Incidental => "by accident".to_owned(),
        Condition::Consent(kind) => format!("with a `{kind}` consent"),
        Condition::Act(what) => format!("when they do `{what}`"),
    }
}

/// A role with its article.
pub(crate) fn role(role: RecipientRole) -> &'static str {
    match role {
        RecipientRole::Processor => "a processor",
        RecipientRole::Subprocessor => "a sub-processor",
        RecipientRole::Controller => "a controller of its own",
        RecipientRole::JointController => "a joint controller",
        RecipientRole::Conduit => "a conduit",
    }
}
