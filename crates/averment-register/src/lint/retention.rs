//! Rules about how long data are kept, and about what is said to leave beside what is said to be collected.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, SubjectId};

use super::look::{Register, categories};
use super::rule::{Eyes, Found, Rule, listed};
use crate::charter::ClaimKind;
use crate::diagnostic::Severity::{Note, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "retention-missing",
        ids: &["COPPA-10-a", "COPPA-10-b", "GDPR-13-a", "GDPR-30-e"],
        severity: Warning,
        cite: Some("COPPA 16 CFR 312.10; GDPR Art. 13(2)(a), 30(1)(f)"),
        hint: "add a `retained_for` or `erased_on` claim for each kind of data: how long, and from when",
        eyes: Eyes::Register(missing),
        whole: true,
        ..Rule::BLANK
    },
    Rule {
        code: "one-period-for-all",
        ids: &["GDPR-30-e"],
        severity: Note,
        cite: Some("GDPR Art. 30(1)(f)"),
        hint: "time limits are asked for per kind of data: name `elements` in each `retained_for` claim",
        eyes: Eyes::Register(one_for_all),
        whole: true,
        ..Rule::BLANK
    },
    Rule {
        code: "leaves-but-not-collected",
        ids: &["NDPA-LINT-3", "IL-27-a"],
        severity: Warning,
        cite: Some("GDPR Art. 5(1)(a); National Data Privacy Agreement, schedule of data"),
        hint: "name it in a `collects` claim: what leaves has been collected, and the schedule of data is made from these claims",
        eyes: Eyes::Register(not_collected),
        whole: true,
        ..Rule::BLANK
    },
    Rule {
        code: "basis-missing",
        ids: &["X-BASIS-1", "GDPR-6-a", "FERPA-30-a"],
        severity: Note,
        cite: Some("GDPR Art. 6(1); FERPA 34 CFR 99.30(a)"),
        hint: "say in each row what it rests on: `basis = [\"ferpa.school_official\", \"gdpr.contract\"]`",
        eyes: Eyes::Register(no_basis),
        page: false,
        whole: true,
        ..Rule::BLANK
    },
];

/// The elements of students that are collected or leave.
fn of_students<'a>(register: &'a Register<'_>) -> BTreeSet<&'a ElementId> {
    let rows = register
        .recipients
        .iter()
        .flat_map(|look| look.leaving().map(|(row, _)| row));
    let rows = rows.filter(|row| row.subjects.iter().any(SubjectId::is_student));
    let collected = register.of_the_list().filter_map(|look| match &look.claim.kind {
        ClaimKind::Collects { elements, subjects, .. } => {
            let students = subjects.is_empty() || subjects.iter().any(SubjectId::is_student);
            students.then_some(elements)
        }
        _ => None,
    });
    rows.flat_map(|row| &row.elements).chain(collected.flatten()).collect()
}

/// Categories of student data without any period: one finding.
fn missing(register: &Register<'_>) -> Vec<Found> {
    let elements = of_students(register);
    let mut kept: BTreeSet<&ElementId> = BTreeSet::new();
    for look in register.of_the_list() {
        match &look.claim.kind {
            ClaimKind::RetainedFor { elements, .. } | ClaimKind::ErasedOn { elements, .. } if elements.is_empty() => {
                return Vec::new();
            }
            ClaimKind::RetainedFor { elements, .. }
            | ClaimKind::ErasedOn { elements, .. }
            | ClaimKind::NotStored { elements, .. } => kept.extend(elements),
            _ => {}
        }
    }
    let has = |id: &&&ElementId| kept.iter().any(|of| of.covers(id) || id.covers(of));
    let open = categories(elements.iter().filter(|id| !has(id)).copied());
    let names = listed(open.iter().copied(), 14);
    let message = format!("nothing says how long {names} of students are kept");
    (!open.is_empty())
        .then(|| register.found(message))
        .into_iter()
        .collect()
}

fn one_for_all(register: &Register<'_>) -> Vec<Found> {
    let periods = || {
        register
            .of_the_list()
            .filter(|look| matches!(look.claim.kind, ClaimKind::RetainedFor { .. }))
    };
    let of_all = periods().find(|look| match &look.claim.kind {
        ClaimKind::RetainedFor { elements, .. } => elements.is_empty(),
        _ => false,
    });
    let only = periods().count() == 1;
    let say = |look: &super::look::ClaimLook<'_>| {
        look.found(format!(
            "claim `{}` gives one period for all kinds of data",
            look.claim.id
        ))
    };
    of_all.filter(|_| only).map(say).into_iter().collect()
}

/// What leaves and no `collects` claim names, where the register says what is collected.
fn not_collected(register: &Register<'_>) -> Vec<Found> {
    let collected: BTreeSet<&ElementId> = register
        .of_the_list()
        .filter_map(|look| match &look.claim.kind {
            ClaimKind::Collects { elements, .. } => Some(elements),
            _ => None,
        })
        .flatten()
        .collect();
    if collected.is_empty() {
        return Vec::new();
    }
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for look in &register.recipients {
        for (row, span) in look.leaving() {
            let students = row.subjects.iter().any(SubjectId::is_student);
            let named = |id: &&ElementId| collected.iter().any(|of| of.covers(id) || id.covers(of));
            let open: Vec<&str> = row
                .elements
                .iter()
                .filter(|id| !named(id))
                .map(|id| id.as_str())
                .collect();
            if students && !open.is_empty() && told.insert(open.clone()) {
                let names = listed(open.iter().copied(), 4);
                let message = format!(
                    "rule `{}` lets {names} leave, which no claim says is collected",
                    row.rule
                );
                found.push(look.at(message, span));
            }
        }
    }
    found
}

/// Rows that rest on nothing, counted: one finding.
fn no_basis(register: &Register<'_>) -> Vec<Found> {
    let bare = |look: &&super::look::RecipientLook<'_>| {
        look.leaving()
            .any(|(row, _)| row.basis.is_empty() && row.subjects.iter().any(SubjectId::is_student))
    };
    let ids: Vec<&str> = register
        .recipients
        .iter()
        .filter(bare)
        .map(|look| look.recipient.id.as_str())
        .collect();
    let whom = if ids.len() > 3 {
        format!("{} recipients", ids.len())
    } else {
        listed(ids.iter().copied(), 3)
    };
    let message = format!("what the disclosures of student data to {whom} rest on is not said");
    (!ids.is_empty()).then(|| register.found(message)).into_iter().collect()
}
