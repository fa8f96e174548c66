//! Rules about data of students beside what the register says about them.

use std::ops::Range;

use averment_catalog::{ElementId, LegalTest, SubjectId, catalog};

use super::look::RecipientLook;
use super::rule::{Eyes, Found, Rule, listed};
use crate::charter::{Condition, Disclosure};
use crate::diagnostic::Severity::{Error, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "no-student-records-beside-content",
        ids: &["SEED-a"],
        severity: Error,
        cite: Some("FERPA 34 CFR 99.3; COPPA 16 CFR 312.2"),
        hint: "content that a student makes is student data: say `student_records = \"content\"`, or exclude students",
        eyes: Eyes::Recipient(content_of_students),
        ..Rule::BLANK
    },
    Rule {
        code: "no-student-records-beside-traffic",
        ids: &["SEED-a"],
        severity: Warning,
        cite: Some("COPPA 16 CFR 312.2 (persistent identifier)"),
        hint: "say `student_records = \"technical\"`, or keep this recipient off the pages that students use",
        eyes: Eyes::Recipient(traffic_of_students),
        ..Rule::BLANK
    },
    Rule {
        code: "photo-without-consent",
        ids: &["SEED-d"],
        severity: Warning,
        cite: Some("COPPA 16 CFR 312.2, 312.5(a); FERPA 34 CFR 99.3"),
        hint: "name the consent: `when = \"consent:photo\"`",
        eyes: Eyes::Recipient(photo_without_consent),
        ..Rule::BLANK
    },
    Rule {
        code: "prohibited-purpose",
        ids: &["US-STU-a", "COPPA-5-c", "CA-22584-a", "IL-10-a", "CO-109-a", "NY-2-a"],
        severity: Error,
        cite: Some("Cal. Bus. & Prof. Code 22584(b); 105 ILCS 85/10; CRS 22-16-109; 8 NYCRR 121.2"),
        hint: "data of students may not be sold, profiled, used for advertising or for training: take `student` out of the rows",
        eyes: Eyes::Recipient(prohibited_purpose),
        ..Rule::BLANK
    },
    Rule {
        code: "purpose-bars-student-data",
        ids: &["US-STU-a", "CA-22584-a"],
        severity: Warning,
        cite: Some("Cal. Bus. & Prof. Code 22584; 105 ILCS 85"),
        hint: "student data may not serve this purpose: take `student` out of the rows or name the purpose that fits",
        eyes: Eyes::Recipient(purpose_bars_students),
        ..Rule::BLANK
    },
    Rule {
        code: "special-category",
        ids: &["GDPR-9-a"],
        severity: Warning,
        cite: Some("GDPR Art. 9(1)"),
        hint: "it needs a ground of Art. 9(2), normally a consent: `when = \"consent:<kind>\"`",
        eyes: Eyes::Recipient(special_category),
        ..Rule::BLANK
    },
];

/// Purposes that no law on student data allows.
const PROHIBITED: [&str; 4] = ["marketing.targeted", "profile.noneducational", "sale", "ai.train"];

/// The rows that concern such people, with the elements of such kinds.
fn rows_with<'a>(
    look: &RecipientLook<'a>,
    who: fn(&SubjectId) -> bool,
    what: fn(&ElementId) -> bool,
) -> impl Iterator<Item = (&'a Disclosure, Vec<&'a str>, Range<usize>)> {
    let of = look.leaving().filter(move |(row, _)| row.subjects.iter().any(who));
    of.filter_map(move |(row, span)| {
        let elements: Vec<&str> = row
            .elements
            .iter()
            .filter(|id| what(id))
            .map(|id| id.as_str())
            .collect();
        (!elements.is_empty()).then_some((row, elements, span))
    })
}

fn may_be_student(subject: &SubjectId) -> bool {
    catalog()
        .subject(subject)
        .is_some_and(|row| row.student != LegalTest::No)
}

fn within(element: &ElementId, categories: &[&str]) -> bool {
    let element = element.as_str();
    categories.iter().any(|category| {
        element
            .strip_prefix(category)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// What students make. A link to it is an address and is taken for traffic.
fn is_content(element: &ElementId) -> bool {
    within(element, &["content"]) && element.as_str() != "content.share_link"
}

fn is_traffic(element: &ElementId) -> bool {
    within(element, &["tech", "usage", "location", "content.share_link"]) && element.as_str() != "usage.aggregate"
}

fn content_of_students(look: &RecipientLook<'_>) -> Vec<Found> {
    if !look.says_no_student_records() {
        return Vec::new();
    }
    let rows = rows_with(look, SubjectId::is_student, is_content);
    let row = rows.into_iter().find(|(row, ..)| row.when != Condition::Incidental);
    let say = |(row, elements, span): (&Disclosure, Vec<&str>, Range<usize>)| {
        let elements = listed(elements, 3);
        look.at(
            format!("\"No Student Records\" stands beside {elements} (rule `{}`)", row.rule),
            span,
        )
    };
    row.map(say).into_iter().collect()
}

/// Traffic of everybody, and content that may be a student's: one finding, at the first row.
fn traffic_of_students(look: &RecipientLook<'_>) -> Vec<Found> {
    if !look.says_no_student_records() {
        return Vec::new();
    }
    let maybe = |subject: &SubjectId| may_be_student(subject) && !subject.is_student();
    let traffic = rows_with(look, may_be_student, is_traffic);
    let content = rows_with(look, maybe, is_content);
    let by_catch = rows_with(look, SubjectId::is_student, is_content);
    let by_catch = by_catch.filter(|(row, ..)| row.when == Condition::Incidental);
    let rows: Vec<_> = traffic.chain(content).chain(by_catch).collect();
    let Some((row, _, span)) = rows.first() else {
        return Vec::new();
    };
    let mut elements: Vec<&str> = rows
        .iter()
        .flat_map(|(_, elements, _)| elements.iter().copied())
        .collect();
    elements.dedup();
    let message = format!(
        "\"No Student Records\" stands beside {} of people who may be students (rule `{}`)",
        listed(elements, 3),
        row.rule
    );
    vec![look.at(message, span.clone())]
}

fn photo_without_consent(look: &RecipientLook<'_>) -> Vec<Found> {
    let rows = rows_with(look, SubjectId::is_student, |element| {
        within(element, &["identity.photo", "identity.video"])
    });
    rows.filter(|(row, ..)| !matches!(row.when, Condition::Consent(_)))
        .map(|(row, elements, span)| {
            let message = format!(
                "rule `{}` lets {} of students leave without a consent",
                row.rule,
                listed(elements, 3)
            );
            look.at(message, span)
        })
        .collect()
}

fn prohibited_purpose(look: &RecipientLook<'_>) -> Vec<Found> {
    let Some(purpose) = look
        .recipient
        .purposes
        .iter()
        .find(|id| PROHIBITED.contains(&id.as_str()))
    else {
        return Vec::new();
    };
    rows_with(look, SubjectId::is_student, |_| true)
        .map(|(row, _, span)| {
            look.at(
                format!("rule `{}` lets data of students serve `{purpose}`", row.rule),
                span,
            )
        })
        .collect()
}

fn purpose_bars_students(look: &RecipientLook<'_>) -> Vec<Found> {
    let barred = |purpose: &&averment_catalog::Purpose| purpose.student_data == LegalTest::No;
    let prohibited = look
        .recipient
        .purposes
        .iter()
        .any(|id| PROHIBITED.contains(&id.as_str()));
    let Some(purpose) = look.purposes().find(barred) else {
        return Vec::new();
    };
    if prohibited || look.purposes().any(|purpose| !barred(&purpose)) {
        return Vec::new();
    }
    rows_with(look, SubjectId::is_student, |_| true)
        .map(|(row, _, span)| {
            let message = format!("rule `{}` lets data of students serve `{}`", row.rule, purpose.id);
            look.at(message, span)
        })
        .collect()
}

fn special_category(look: &RecipientLook<'_>) -> Vec<Found> {
    let special = |element: &ElementId| {
        catalog()
            .element(element)
            .is_some_and(|row| row.gdpr_special == LegalTest::Yes)
    };
    rows_with(look, |_| true, special)
        .filter(|(row, ..)| !matches!(row.when, Condition::Consent(_)))
        .map(|(row, elements, span)| {
            let message = format!(
                "rule `{}` lets {} leave, a special category",
                row.rule,
                listed(elements, 3)
            );
            look.at(message, span)
        })
        .collect()
}
