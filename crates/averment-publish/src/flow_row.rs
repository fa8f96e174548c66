//! One row of what may leave to a recipient, and one of what comes in, as they are published.

use crate::forms::may_be_student;
use averment_catalog::{ElementId, SubjectId, Treatment, Vocabulary};
use averment_register::{Condition, Disclosure, Receipt};
use serde::Serialize;

use crate::terms::{list, people, place, word};
use crate::words::{self, Named, element, subject};

/// One row of what may leave.
#[derive(Debug, Serialize)]
pub(crate) struct DisclosureRow {
    rule: String,
    /// The whole row as one sentence.
    pub(crate) plain: String,
    pub(crate) elements: Vec<Named>,
    pub(crate) subjects: Vec<Named>,
    pub(crate) when: String,
    pub(crate) treatment: &'static str,
    /// Only of people in these countries; everywhere when empty.
    territories: Vec<Named>,
    /// What it rests on.
    basis: Vec<Named>,
}

/// One row of what comes in.
#[derive(Debug, Serialize)]
pub(crate) struct ReceiptRow {
    pub(crate) plain: String,
    elements: Vec<Named>,
    subjects: Vec<Named>,
    when: String,
}

impl DisclosureRow {
    pub(crate) fn new(row: &Disclosure) -> Self {
        let territories: Vec<Named> = row.territories.iter().map(|code| place(code)).collect();
        Self {
            rule: row.rule.to_string(),
            plain: disclosure(row, &territories),
            elements: row.elements.iter().map(element).collect(),
            subjects: row.subjects.iter().map(subject).collect(),
            when: row.when.to_string(),
            treatment: row.treatment.as_str(),
            territories,
            basis: row.basis.iter().map(|id| word(Vocabulary::Basis, id)).collect(),
        }
    }

    /// Whether the row speaks of children, or of people who may be children: whose age is not known may be a parent's child.
    pub(crate) fn is_about_children(&self) -> bool {
        let is_or_may_be = |id: &str| match id {
            "student.eligible" => false,
            id => SubjectId::new(id).is_ok_and(|id| may_be_student(&id)),
        };
        self.subjects.iter().any(|subject| is_or_may_be(&subject.id))
    }

    /// Whether the row speaks of parents.
    pub(crate) fn is_about_guardians(&self) -> bool {
        let of_guardian = |id: &str| id == "guardian" || id.starts_with("guardian.");
        self.subjects.iter().any(|subject| of_guardian(&subject.id))
            || self.elements.iter().any(|element| of_guardian(&element.id))
    }
}

impl ReceiptRow {
    pub(crate) fn new(row: &Receipt) -> Self {
        let condition = words::condition(&row.when.to_string());
        Self {
            plain: format!("{} of {}; {condition}.", data(&row.elements), whose(&row.subjects)),
            elements: row.elements.iter().map(element).collect(),
            subjects: row.subjects.iter().map(subject).collect(),
            when: row.when.to_string(),
        }
    }
}

fn disclosure(row: &Disclosure, territories: &[Named]) -> String {
    let places: Vec<&str> = territories.iter().map(|place| place.label.as_str()).collect();
    let only = match places.is_empty() {
        true => String::new(),
        false => format!(" in {}", list(&places, "and")),
    };
    let condition = words::condition(&row.when.to_string());
    let done = match (&row.when, row.treatment) {
        (Condition::SubjectEnters, _) => "; the gateway does not let it out",
        (_, Treatment::Pass) => "",
        (_, treatment) => {
            return finish(
                row,
                &only,
                &condition,
                &format!("; {}", words::treatment(treatment.as_str())),
            );
        }
    };
    finish(row, &only, &condition, done)
}

fn finish(row: &Disclosure, only: &str, condition: &str, done: &str) -> String {
    format!(
        "{} of {}{only}; {condition}{done}.",
        data(&row.elements),
        whose(&row.subjects)
    )
}

/// `E-mail address and full name`.
fn data<'a>(elements: impl IntoIterator<Item = &'a ElementId>) -> String {
    let labels: Vec<String> = elements.into_iter().map(|id| element(id).label).collect();
    words::capital(&list(&labels, "and"))
}

/// `students and teachers`.
fn whose<'a>(subjects: impl IntoIterator<Item = &'a SubjectId>) -> String {
    let names: Vec<String> = subjects.into_iter().map(people).collect();
    list(&names, "and")
}
