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

use std::collections::BTreeMap;

use averment_claims::Graded;
use averment_register::{Charter, Controller};
use jiff::Timestamp;
use serde::Serialize;

use register::Register;

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

/// Every document as HTML, Markdown and CSV, by file name below `schools/`.
///
/// `graded`: every claim of `charter`. A school with a variant of its own gets the documents that depend on it from the
/// variant, in files that carry its identifier.
pub fn forms(charter: &Charter, graded: &[Graded], generated_at: Timestamp) -> BTreeMap<String, Vec<u8>> {
    let digest = charter.digest().to_string();
    let mut files = BTreeMap::new();
    for form in all(charter, graded) {
        let page = render::Page {
            form: &form,
            organisation: &charter.content().organisation,
            language: charter.content().about.language.as_deref().unwrap_or("en"),
            charter: &digest,
            generated_at,
        };
        files.insert(format!("schools/{}.html", form.id), page.html().into_bytes());
        files.insert(format!("schools/{}.md", form.id), page.markdown().into_bytes());
        files.insert(format!("schools/{}.csv", form.id), page.csv().into_bytes());
    }
    files
}

/// Identifier, title and paragraph of every document, for pages that link to them.
pub(crate) fn list(charter: &Charter) -> Vec<(String, String, &'static str)> {
    let forms = all(charter, &[]).into_iter();
    forms.map(|form| (form.id, form.title, form.rests_on)).collect()
}

fn all(charter: &Charter, graded: &[Graded]) -> Vec<Form> {
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
        forms.extend(of_school(&Register::new(&narrowed, graded), controller));
    }
    forms
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
