//! The catalog's words, countries, dates and periods as a page shows them, and lists of them in a sentence.

use std::fmt::Display;

use averment_catalog::{ElementId, SubjectId, Vocabulary, WordId, catalog};
use averment_claims::element_label;
use averment_register::{Elements, Period, Subjects, Words};
use jiff::civil::Date;
use serde::Serialize;

use crate::words::Named;

/// A length of time, for programs and for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PeriodRow {
    period: Period,
    words: String,
}

impl PeriodRow {
    pub(crate) fn new(period: Period) -> Self {
        Self {
            period,
            words: period.in_words(),
        }
    }
}

/// A word of a closed vocabulary by what people call it.
pub(crate) fn word(vocabulary: Vocabulary, id: &WordId) -> Named {
    let label = catalog()
        .word(vocabulary, id.as_str())
        .map_or_else(|| spaced(id), |word| word.label.clone());
    Named {
        id: id.to_string(),
        label,
    }
}

/// The same for several, as labels.
pub(crate) fn labels(vocabulary: Vocabulary, words: &Words) -> Vec<String> {
    words.iter().map(|id| word(vocabulary, id).label).collect()
}

/// A country, or a group of them, by its usual English name.
pub(crate) fn place(code: &str) -> Named {
    let label = match code {
        "EU" => "the European Union".to_owned(),
        "EEA" => "the European Economic Area".to_owned(),
        _ => catalog()
            .country(code)
            .map_or_else(|| code.to_owned(), |country| country.name.clone()),
    };
    Named {
        id: code.to_owned(),
        label,
    }
}

/// `2026-11-21` → `21 November 2026`.
pub(crate) fn date(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// What kinds of people are called when there are many of them, e.g. `students under 13`.
pub(crate) fn people(id: &SubjectId) -> String {
    match id.as_str() {
        "student" => "students",
        "student.under13" => "students under 13",
        "student.minor" => "students aged 13 to 17",
        "student.eligible" => "adult students",
        "child.public" => "children who use the service outside school",
        "guardian" => "parents and guardians",
        "teacher" => "teachers",
        "school_admin" => "school administrators",
        "facilitator" => "facilitators and regional partners",
        "volunteer" => "volunteers",
        "donor" => "donors",
        "visitor" => "visitors without an account",
        "staff" => "employees of the platform",
        "viewer" => "people who look at a shared item",
        _ => return spaced(id),
    }
    .to_owned()
}

/// ` of students and teachers`; nothing when the set is empty.
pub(crate) fn of_people(subjects: &Subjects) -> String {
    let names: Vec<String> = subjects.iter().map(people).collect();
    match names.is_empty() {
        true => String::new(),
        false => format!(" of {}", list(&names, "and")),
    }
}

/// Data in a sentence, and whether it is one thing or several.
pub(crate) struct Things {
    pub(crate) text: String,
    several: bool,
}

impl Things {
    /// `elements` of `subjects`; `anything`: what to say when no element is named.
    pub(crate) fn new(elements: &Elements, subjects: &Subjects, anything: &str) -> Self {
        Self::joined(elements, subjects, anything, "and")
    }

    /// The same with another word before the last element: "never gets a, b or c".
    pub(crate) fn joined(elements: &Elements, subjects: &Subjects, anything: &str, with: &str) -> Self {
        let names: Vec<String> = elements.iter().map(thing).collect();
        let (text, several) = match names.as_slice() {
            [] => return Self::anything(anything, subjects),
            [one] => (one.clone(), is_plural(one)),
            _ => (list(&names, with), true),
        };
        Self {
            text: text + &of_people(subjects),
            several,
        }
    }

    fn anything(anything: &str, subjects: &Subjects) -> Self {
        Self {
            text: anything.to_owned() + &of_people(subjects).replacen(" of ", " about ", 1),
            several: false,
        }
    }

    /// `is` or `are`.
    pub(crate) fn is(&self) -> &'static str {
        if self.several { "are" } else { "is" }
    }
}

/// An element by its name alone, without the examples in brackets.
fn thing(id: &ElementId) -> String {
    let label = element_label(id);
    label.split(" (").next().unwrap_or(&label).to_owned()
}

/// Whether a label of the catalog names several things: `course grades`, `clubs, sports`, but not `address` or `status`.
fn is_plural(label: &str) -> bool {
    let last = |ending: &str| label.ends_with(ending);
    label.contains(", ") || label.contains(" and ") || (last("s") && !last("ss") && !last("us"))
}

/// `a, b and c`.
pub(crate) fn list(names: &[impl Display], and: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.to_string(),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(ToString::to_string).collect();
            format!("{} {and} {last}", first.join(", "))
        }
    }
}

/// An identifier that nothing translates, as words.
pub(crate) fn spaced(id: &impl Display) -> String {
    id.to_string().replace(['_', '.', '-'], " ")
}

#[cfg(test)]
mod tests;
