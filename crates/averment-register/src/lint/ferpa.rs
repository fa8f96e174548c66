//! Rules about disclosures that rest on an exception of FERPA, and on consent.
//!
//! Source: 34 CFR 99.30-99.37.

use std::collections::BTreeSet;
use std::ops::Range;

use averment_catalog::{LegalTest, Treatment, catalog};

use super::contract::{terms, terms_of_all};
use super::look::{RecipientLook, Register};
use super::rule::{Eyes, Found, Rule, listed};
use crate::charter::{Condition, Disclosure};
use crate::diagnostic::Severity::{Error, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "school-official-conditions",
        ids: &["FERPA-31a1-c"],
        severity: Error,
        cite: Some("FERPA 34 CFR 99.31(a)(1)(i)(B)"),
        hint: "all three conditions and the agreement belong to this basis: add them to `[contract]`, or name another basis",
        eyes: Eyes::Register(school_official),
        ..Rule::BLANK
    },
    Rule {
        code: "redisclosure-not-told",
        ids: &["FERPA-33-c"],
        severity: Warning,
        cite: Some("FERPA 34 CFR 99.33(d)"),
        hint: "tell the recipient that it may not pass data on, and add `redisclosure_told` to the terms of `[contract]`",
        eyes: Eyes::Register(not_told),
        ..Rule::BLANK
    },
    Rule {
        code: "study-agreement",
        ids: &["FERPA-31a6-a"],
        severity: Error,
        cite: Some("FERPA 34 CFR 99.31(a)(6)(iii)(C)"),
        hint: "an agreement on a study fixes purpose, duration and the time by which the data are destroyed",
        eyes: Eyes::Recipient(study),
        ..Rule::BLANK
    },
    Rule {
        code: "audit-agreement",
        ids: &["FERPA-35-a"],
        severity: Warning,
        cite: Some("FERPA 34 CFR 99.35(a)"),
        hint: "audit and evaluation need a written agreement with purpose, destruction and time",
        eyes: Eyes::Recipient(audit),
        unverified: true,
        ..Rule::BLANK
    },
    Rule {
        code: "research-code-from-personal-data",
        ids: &["FERPA-31b-c"],
        severity: Error,
        cite: Some("FERPA 34 CFR 99.31(b)(2)(iii)"),
        hint: "a research code may not be made from personal information: use `treatment = \"pseudonym\"` with random codes",
        eyes: Eyes::Recipient(research_code),
        ..Rule::BLANK
    },
    Rule {
        code: "research-code-purpose",
        ids: &["FERPA-31b-b"],
        severity: Warning,
        cite: Some("FERPA 34 CFR 99.31(b)(2)(i)-(ii)"),
        hint: "coded data are for education research only: `purposes = [\"research.study\"]`, or another basis",
        eyes: Eyes::Recipient(research_purpose),
        ..Rule::BLANK
    },
    Rule {
        code: "not-directory-information",
        ids: &["FERPA-37-a", "FERPA-37-e"],
        severity: Error,
        cite: Some("FERPA 34 CFR 99.3, 99.37"),
        hint: "take the element out of the row, or name another basis",
        eyes: Eyes::Recipient(not_directory),
        ..Rule::BLANK
    },
    Rule {
        code: "directory-not-designated",
        ids: &["FERPA-37-a", "FERPA-37-d"],
        severity: Error,
        cite: Some("FERPA 34 CFR 99.37(a), (d)"),
        hint: "a school designates it: `directory_information` in its file under `controllers/`; or name another basis",
        eyes: Eyes::Register(not_designated),
        whole: true,
        ..Rule::BLANK
    },
    Rule {
        code: "consent-basis-without-consent",
        ids: &["FERPA-30-a", "FERPA-30-b", "COPPA-5-a", "GDPR-7-a"],
        severity: Warning,
        cite: Some("FERPA 34 CFR 99.30; COPPA 16 CFR 312.5(a)(1); GDPR Art. 7"),
        hint: "say which consent: `when = \"consent:<kind>\"`, so that nothing leaves without it",
        eyes: Eyes::Recipient(consent_basis),
        ..Rule::BLANK
    },
];

/// Bases whose recipient must be told of the bar on redisclosure, 99.33(c)-(d).
const INFORM: [&str; 9] = [
    "ferpa.consent",
    "ferpa.school_official",
    "ferpa.enrolment",
    "ferpa.audit_evaluation",
    "ferpa.financial_aid",
    "ferpa.juvenile_justice",
    "ferpa.studies",
    "ferpa.accreditation",
    "ferpa.emergency",
];

/// The rows that rest on `basis`.
fn resting<'a>(look: &RecipientLook<'a>, basis: &'static str) -> impl Iterator<Item = (&'a Disclosure, Range<usize>)> {
    look.leaving()
        .filter(move |(row, _)| row.basis.iter().any(|word| word.as_str() == basis))
}

fn school_official(register: &Register<'_>) -> Vec<Found> {
    let of_all = terms_of_all(register);
    let one = |look: &RecipientLook<'_>| {
        let (row, span) = resting(look, "ferpa.school_official").next()?;
        let has = terms(look, &of_all);
        let contract = look.recipient.contract.as_ref();
        let conditions = ["employee_function", "direct_control", "redisclosure_bar"];
        let mut missing: Vec<&str> = conditions.into_iter().filter(|term| !has.contains(term)).collect();
        missing.extend(
            contract
                .is_none_or(|contract| contract.document.is_none())
                .then_some("document"),
        );
        missing.extend(
            contract
                .is_none_or(|contract| contract.signed.is_none())
                .then_some("signed"),
        );
        let names = listed(missing.iter().copied(), 8);
        let message = format!(
            "rule `{}` rests on the school-official basis, and the contract lacks {names}",
            row.rule
        );
        (!missing.is_empty()).then(|| look.at(message, span))
    };
    register.recipients.iter().filter_map(one).collect()
}

fn not_told(register: &Register<'_>) -> Vec<Found> {
    let of_all = terms_of_all(register);
    let one = |look: &RecipientLook<'_>| {
        let informs = |row: &Disclosure| row.basis.iter().any(|word| INFORM.contains(&word.as_str()));
        let (row, span) = look.leaving().find(|(row, _)| informs(row))?;
        let told = terms(look, &of_all).contains("redisclosure_told");
        let message = format!(
            "`{}` (rule `{}`) has not been told of the bar on redisclosure",
            look.recipient.id, row.rule
        );
        (!told).then(|| look.at(message, span))
    };
    register.recipients.iter().filter_map(one).collect()
}

fn study(look: &RecipientLook<'_>) -> Vec<Found> {
    agreement(look, "ferpa.studies", "a study")
}

fn audit(look: &RecipientLook<'_>) -> Vec<Found> {
    agreement(look, "ferpa.audit_evaluation", "an audit or evaluation")
}

/// An agreement that names where it can be read, its first and last day, and the time to destroy.
fn agreement(look: &RecipientLook<'_>, basis: &'static str, what: &str) -> Vec<Found> {
    let Some((row, span)) = resting(look, basis).next() else {
        return Vec::new();
    };
    let contract = look.recipient.contract.clone().unwrap_or_default();
    let facts = [
        ("document", contract.document.is_none()),
        ("signed", contract.signed.is_none()),
        ("until", contract.until.is_none()),
        ("deletion", contract.deletion.is_none()),
    ];
    let missing: Vec<&str> = facts
        .into_iter()
        .filter(|(_, missing)| *missing)
        .map(|(name, _)| name)
        .collect();
    let names = listed(missing.iter().copied(), 4);
    let message = format!("rule `{}` serves {what}, and the contract lacks {names}", row.rule);
    (!missing.is_empty())
        .then(|| look.at(message, span))
        .into_iter()
        .collect()
}

fn research_code(look: &RecipientLook<'_>) -> Vec<Found> {
    let rows = resting(look, "ferpa.research_code");
    let derived = rows.filter(|(row, _)| {
        row.treatment != Treatment::Pseudonym || row.elements.iter().any(|id| id.as_str().ends_with("_hash"))
    });
    derived
        .map(|(row, span)| {
            let message = format!("rule `{}` sends values or their hashes as a research code", row.rule);
            look.at(message, span)
        })
        .collect()
}

fn research_purpose(look: &RecipientLook<'_>) -> Vec<Found> {
    let research = look.recipient.purposes.iter().any(|id| id.as_str() == "research.study");
    let row = resting(look, "ferpa.research_code").next().filter(|_| !research);
    let say = |(row, span): (&Disclosure, _)| {
        look.at(
            format!("rule `{}` uses a research code, and the purpose is no study", row.rule),
            span,
        )
    };
    row.map(say).into_iter().collect()
}

fn not_directory(look: &RecipientLook<'_>) -> Vec<Found> {
    let never = |id: &averment_catalog::ElementId| {
        let exact = catalog().element(id).map(|row| row.ferpa_directory);
        exact == Some(LegalTest::No) || id.as_str() == "identity.gov_id"
    };
    let rows = resting(look, "ferpa.directory");
    rows.filter_map(|(row, span)| {
        let wrong: Vec<&str> = row
            .elements
            .iter()
            .filter(|id| never(id))
            .map(|id| id.as_str())
            .collect();
        let message = format!(
            "{} cannot be directory information (rule `{}`)",
            listed(wrong.iter().copied(), 4),
            row.rule
        );
        (!wrong.is_empty()).then(|| look.at(message, span))
    })
    .collect()
}

/// Elements that leave as directory information and that a school has not designated, or that no school has.
fn not_designated(register: &Register<'_>) -> Vec<Found> {
    let mut elements = BTreeSet::new();
    let mut first = None;
    for look in &register.recipients {
        for (row, span) in resting(look, "ferpa.directory") {
            elements.extend(&row.elements);
            first.get_or_insert((look, row, span));
        }
    }
    let Some((look, row, span)) = first else {
        return Vec::new();
    };
    if register.controllers.is_empty() {
        let message = format!(
            "rule `{}` rests on directory information, and no school has designated any",
            row.rule
        );
        return vec![look.at(message, span)];
    }
    let schools = register.controllers.iter();
    schools
        .filter_map(|school| {
            let designated = &school.controller.directory_information;
            let covered = |id: &&averment_catalog::ElementId| designated.iter().any(|set| set.covers(id));
            let missing: Vec<&str> = elements
                .iter()
                .filter(|id| !covered(id))
                .map(|id| id.as_str())
                .collect();
            let names = listed(missing.iter().copied(), 4);
            let message = format!(
                "`{}` has not designated {names}, which leave as directory information",
                school.controller.id
            );
            (!missing.is_empty()).then(|| school.found(message))
        })
        .collect()
}

/// Bases that are a consent, beside a row that does not wait for one.
fn consent_basis(look: &RecipientLook<'_>) -> Vec<Found> {
    let bases = ["ferpa.consent", "coppa.parental_consent", "gdpr.consent"];
    let by_consent = |row: &Disclosure| row.basis.iter().find(|word| bases.contains(&word.as_str())).cloned();
    let rows = look
        .leaving()
        .filter(|(row, _)| !matches!(row.when, Condition::Consent(_)));
    rows.filter_map(|(row, span)| {
        let basis = by_consent(row)?;
        Some(look.at(
            format!("rule `{}` rests on `{basis}` and waits for no consent", row.rule),
            span,
        ))
    })
    .collect()
}
