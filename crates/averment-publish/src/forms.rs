//! The documents that schools and authorities ask for, filled from the register: one model, three forms of each.
//!
//! Start at [`forms`]. Each builder gives a [`Form`]: numbered facts, tables, and what the register does not say. A fact that
//! is missing is printed as missing, never guessed; where a statement has a grade the grade stands beside it.
//!
//! Source: GDPR Art. 28(2), 30(1), 30(2); 16 CFR 312.4(d); 8 NYCRR 121.3(c); 105 ILCS 85/15, 85/27; CRS 22-16-107, 108;
//! National Data Privacy Agreement, Exhibit B (rows by identifier and label only). An engineering reading, not legal advice.

mod coppa;
mod gdpr;
mod ndpa;
mod notice;
mod register;
mod render;
mod states;

use averment_claims::Graded;
use averment_register::{Charter, Controller};
use serde::Serialize;

use register::Register;

pub(crate) use register::may_be_student;
pub(crate) use render::Page;

/// One document.
#[derive(Debug, Serialize)]
pub(crate) struct Form {
    /// Name of its files.
    pub(crate) id: String,
    pub(crate) title: String,
    /// Paragraphs that ask for it.
    pub(crate) rests_on: &'static str,
    /// What it is and who uses it, in a sentence or two.
    pub(crate) about: String,
    pub(crate) facts: Vec<Fact>,
    pub(crate) tables: Vec<Table>,
    /// What a reader has to know before relying on it.
    pub(crate) notes: Vec<String>,
}

/// One numbered item of a document.
#[derive(Debug, Serialize)]
pub(crate) struct Fact {
    /// Its place in the paragraph, e.g. `(a)`.
    pub(crate) place: &'static str,
    pub(crate) label: &'static str,
    /// Lines; none when the register does not say.
    pub(crate) lines: Vec<String>,
}

/// A table.
#[derive(Debug, Serialize)]
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) headings: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
}

/// What stands where the register says nothing.
pub(crate) const NOT_DECLARED: &str = "Not declared in the register.";

impl Form {
    /// The items about which the register says nothing.
    pub(crate) fn missing(&self) -> Vec<String> {
        let empty = self.facts.iter().filter(|fact| fact.lines.is_empty());
        empty
            .map(|fact| format!("{} {}", fact.place, fact.label).trim().to_owned())
            .collect()
    }
}

impl Fact {
    pub(crate) fn new(place: &'static str, label: &'static str, lines: impl IntoIterator<Item = String>) -> Self {
        Self {
            place,
            label,
            lines: lines.into_iter().collect(),
        }
    }
}

/// A document, for pages that link to it.
#[derive(Debug, Serialize)]
pub(crate) struct Listed {
    id: String,
    title: String,
    rests_on: &'static str,
    /// How many facts it asks for and the register does not say.
    missing: usize,
}

impl Listed {
    pub(crate) fn new(form: &Form) -> Self {
        Self {
            missing: form.missing().len(),
            id: form.id.clone(),
            title: form.title.clone(),
            rests_on: form.rests_on,
        }
    }
}

/// Every document. A school with a variant of its own gets those that depend on it from the variant, under names that carry
/// its identifier.
///
/// `graded`: every claim of `charter`.
pub(crate) fn forms(charter: &Charter, graded: &[Graded]) -> Vec<Form> {
    let register = Register::new(charter, graded);
    let mut forms = vec![
        gdpr::controller_record(&register),
        gdpr::processor_record(&register),
        ndpa::schedule(&register, None),
        states::new_york(&register, None),
        states::illinois(&register),
        states::colorado(&register),
        coppa::third_parties(&register),
        notice::subprocessors(&register),
    ];
    for controller in charter.content().controllers.values() {
        let Some(narrowed) = charter.for_controller(&controller.id) else {
            continue;
        };
        forms.extend(
            of_school(&Register::new(&narrowed, graded), controller).map(|form| Form {
                notes: with_digest(form.notes, &narrowed),
                ..form
            }),
        );
    }
    forms
}

/// Says which variant of the register the document was made from.
fn with_digest(mut notes: Vec<String>, variant: &Charter) -> Vec<String> {
    notes.push(format!(
        "Made from the register as it holds for this school, digest {}.",
        variant.digest()
    ));
    notes
}

/// The documents that belong to one agreement.
fn of_school(register: &Register<'_>, controller: &Controller) -> [Form; 2] {
    [
        ndpa::schedule(register, Some(controller)),
        states::new_york(register, Some(controller)),
    ]
}

#[cfg(test)]
mod tests;
