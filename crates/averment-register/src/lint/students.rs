//! Rules about data of students beside what the register says about them.

use averment_catalog::{LegalTest, SubjectId, Treatment, catalog};

use super::{Found, RecipientLook};
use crate::charter::{Condition, Disclosure};

/// The rows that may concern students: a student, or somebody who may be one.
fn rows_with<'a>(
    look: &'a RecipientLook<'_>,
    who: fn(&SubjectId) -> bool,
    what: fn(&str) -> bool,
) -> impl Iterator<Item = (&'a Disclosure, &'a str, std::ops::Range<usize>)> {
    let rows = look.recipient.discloses.iter().zip(&look.file.discloses);
    let leaving = rows.filter(|(row, _)| !matches!(row.treatment, Treatment::Drop | Treatment::Block));
    let of = leaving.filter(move |(row, _)| row.subjects.iter().any(who));
    of.filter_map(move |(row, spanned)| {
        row.elements
            .iter()
            .find(|element| what(element.as_str()))
            .map(|element| (row, element.as_str(), spanned.span()))
    })
}

fn may_be_student(subject: &SubjectId) -> bool {
    catalog()
        .subject(subject)
        .is_some_and(|row| row.student != LegalTest::No)
}

fn within(element: &str, categories: &[&str]) -> bool {
    categories.iter().any(|category| {
        element
            .strip_prefix(category)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

pub(super) fn content_of_students(look: &RecipientLook<'_>) -> Vec<Found> {
    if !look.says_no_student_records() {
        return Vec::new();
    }
    let rows = rows_with(look, may_be_student, |element| within(element, &["content"]));
    rows.map(|(row, element, span)| {
        (
            format!("\"No Student Records\" stands beside `{element}` (rule `{}`)", row.rule),
            span,
        )
    })
    .collect()
}

pub(super) fn traffic_of_students(look: &RecipientLook<'_>) -> Vec<Found> {
    if !look.says_no_student_records() {
        return Vec::new();
    }
    let rows = rows_with(look, may_be_student, |element| {
        within(element, &["tech", "usage", "location"])
    });
    let say = |row: &Disclosure, element: &str| {
        format!(
            "\"No Student Records\" stands beside `{element}` of people who may be students (rule `{}`)",
            row.rule
        )
    };
    rows.map(|(row, element, span)| (say(row, element), span)).collect()
}

pub(super) fn photo_without_consent(look: &RecipientLook<'_>) -> Vec<Found> {
    let rows = rows_with(look, SubjectId::is_student, |element| {
        within(element, &["identity.photo", "identity.video"])
    });
    rows.filter(|(row, ..)| !matches!(row.when, Condition::Consent(_)))
        .map(|(row, element, span)| {
            (
                format!(
                    "rule `{}` lets `{element}` of students leave without a consent",
                    row.rule
                ),
                span,
            )
        })
        .collect()
}

pub(super) fn purpose_bars_students(look: &RecipientLook<'_>) -> Vec<Found> {
    let barred = |id: &&averment_catalog::PurposeId| {
        catalog()
            .purpose(id)
            .is_some_and(|purpose| purpose.student_data == LegalTest::No)
    };
    let Some(purpose) = look.recipient.purposes.iter().find(barred) else {
        return Vec::new();
    };
    if look.recipient.purposes.iter().any(|id| !barred(&id)) {
        return Vec::new();
    }
    rows_with(look, SubjectId::is_student, |_| true)
        .map(|(row, _, span)| {
            (
                format!("rule `{}` lets data of students serve `{purpose}`", row.rule),
                span,
            )
        })
        .collect()
}

pub(super) fn special_category(look: &RecipientLook<'_>) -> Vec<Found> {
    let special = |element: &str| {
        averment_catalog::ElementId::new(element)
            .ok()
            .and_then(|id| catalog().element(&id))
            .is_some_and(|row| row.gdpr_special == LegalTest::Yes)
    };
    rows_with(look, |_| true, special)
        .filter(|(row, ..)| !matches!(row.when, Condition::Consent(_)))
        .map(|(row, element, span)| {
            (
                format!("rule `{}` lets `{element}` leave, a special category", row.rule),
                span,
            )
        })
        .collect()
}
