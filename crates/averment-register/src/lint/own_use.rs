//! Rules about what a recipient does with data for itself: it then is no mere help, and what it may get shrinks.
//!
//! Source: 16 CFR 312.2 (third party), 312.5(a)(2); GDPR Art. 28(10); 34 CFR 99.33(a); 8 NYCRR 121.1(c).

use std::collections::BTreeSet;
use std::ops::Range;

use averment_catalog::{LegalTest, SubjectId};

use super::contract::{terms, terms_of_all};
use super::look::{RecipientLook, Register};
use super::rule::{Eyes, Found, Rule, listed};
use crate::charter::{Condition, Disclosure, RecipientRole};
use crate::diagnostic::Severity::{Error, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "prohibited-own-use",
        ids: &[
            "US-STU-a",
            "COPPA-5-c",
            "CA-22584-a",
            "IL-10-a",
            "CO-109-a",
            "NY-2-a",
            "CCPA-7070-a",
        ],
        severity: Error,
        cite: Some("COPPA 16 CFR 312.5(a)(2); Cal. Bus. & Prof. Code 22584(b); 105 ILCS 85/10; 8 NYCRR 121.2"),
        hint: "data of students may not be sold, profiled, used for advertising or for training: stop it, or send none",
        eyes: Eyes::Recipient(prohibited),
        ..Rule::BLANK
    },
    Rule {
        code: "own-use-of-child-data",
        ids: &["COPPA-2-d", "COPPA-5-b", "NY-2-a"],
        severity: Warning,
        cite: Some("COPPA 16 CFR 312.2, 312.5(a)(2); 8 NYCRR 121.1(c)"),
        hint: "it needs a consent of its own, apart from the one to collect: `when = \"consent:<kind>\"`; for New York it is barred",
        eyes: Eyes::Recipient(of_children),
        ..Rule::BLANK
    },
    Rule {
        code: "processor-with-own-use",
        ids: &["GDPR-28-e", "FERPA-33-a", "COPPA-2-d"],
        severity: Error,
        cite: Some("GDPR Art. 28(10); FERPA 34 CFR 99.33(a)"),
        hint: "who uses data for itself decides on purposes: `role = \"controller\"`, or end the use",
        eyes: Eyes::Recipient(processor),
        ..Rule::BLANK
    },
    Rule {
        code: "own-use-against-contract",
        ids: &["COPPA-2-d", "FERPA-33-a"],
        severity: Error,
        cite: Some("COPPA 16 CFR 312.2; FERPA 34 CFR 99.33(a)"),
        hint: "one of the two is wrong: mend `own_use`, or the term",
        eyes: Eyes::Register(against_contract),
        ..Rule::BLANK
    },
    Rule {
        code: "processor-and-controller",
        ids: &["GDPR-28-e"],
        severity: Error,
        cite: Some("GDPR Art. 4(7)-(8), 28(10)"),
        hint: "one of the two is wrong: mend `role`, or the term `processor_only`",
        eyes: Eyes::Register(both_roles),
        ..Rule::BLANK
    },
    Rule {
        code: "internal-operations-too-wide",
        ids: &["COPPA-5-f", "COPPA-2-e", "COPPA-4-d"],
        severity: Error,
        cite: Some("COPPA 16 CFR 312.2, 312.5(c)(7)"),
        hint: "this basis carries persistent identifiers only, for internal operations only, without any own use",
        eyes: Eyes::Recipient(internal_operations),
        ..Rule::BLANK
    },
    Rule {
        code: "school-consent-too-wide",
        ids: &["COPPA-5-g"],
        severity: Error,
        cite: Some("COPPA 16 CFR 312.5; guidance of the FTC"),
        hint: "a school consents for its own use and benefit only: name a school purpose without own use, or ask the parent",
        eyes: Eyes::Recipient(school_consent),
        ..Rule::BLANK
    },
    Rule {
        code: "exempt-and-served",
        ids: &["US-STU-a", "CA-22584-a"],
        severity: Error,
        cite: Some("Cal. Bus. & Prof. Code 22584(b); GDPR Art. 5(1)(a)"),
        hint: "one of the two is wrong: take these people out of the rows, or take the sentence back",
        eyes: Eyes::Register(exempt),
        ..Rule::BLANK
    },
];

/// Own uses that no law on student data allows.
const PROHIBITED: [&str; 4] = ["train", "advertise", "profile", "sell"];

/// What a recipient does for itself; `none` is nothing.
fn uses<'a>(look: &RecipientLook<'a>) -> Vec<&'a str> {
    let words = look.recipient.own_use.iter().map(|word| word.as_str());
    words.filter(|word| *word != "none").collect()
}

fn of_students<'a>(look: &RecipientLook<'a>) -> impl Iterator<Item = (&'a Disclosure, Range<usize>)> {
    look.leaving()
        .filter(|(row, _)| row.subjects.iter().any(SubjectId::is_student))
}

/// Where `own_use` stands.
fn place(look: &RecipientLook<'_>) -> Range<usize> {
    let first = look.file.own_use.first();
    first.map_or(look.file.recipient.span(), toml::Spanned::span)
}

fn prohibited(look: &RecipientLook<'_>) -> Vec<Found> {
    let uses: Vec<&str> = uses(look)
        .into_iter()
        .filter(|word| PROHIBITED.contains(word))
        .collect();
    if uses.is_empty() {
        return Vec::new();
    }
    let row = of_students(look).next();
    let say = |(row, _): (&Disclosure, _)| {
        let message = format!(
            "`{}` uses data of students to {} (rule `{}`)",
            look.recipient.id,
            listed(uses.iter().copied(), 4),
            row.rule
        );
        look.at(message, place(look))
    };
    row.map(say).into_iter().collect()
}

fn of_children(look: &RecipientLook<'_>) -> Vec<Found> {
    let uses: Vec<&str> = uses(look)
        .into_iter()
        .filter(|word| !PROHIBITED.contains(word))
        .collect();
    if uses.is_empty() {
        return Vec::new();
    }
    let row = of_students(look).find(|(row, _)| !matches!(row.when, Condition::Consent(_)));
    let say = |(row, span): (&Disclosure, Range<usize>)| {
        let uses = listed(uses.iter().copied(), 4);
        look.at(
            format!(
                "rule `{}` lets data of students leave to a recipient that uses them for {uses}",
                row.rule
            ),
            span,
        )
    };
    row.map(say).into_iter().collect()
}

fn processor(look: &RecipientLook<'_>) -> Vec<Found> {
    let uses = uses(look);
    let bound = matches!(
        look.recipient.role,
        RecipientRole::Processor | RecipientRole::Subprocessor
    );
    let say = || {
        let message = format!(
            "`{}` is a processor and uses data for {}",
            look.recipient.id,
            listed(uses.iter().copied(), 4)
        );
        look.at(message, place(look))
    };
    (bound && !uses.is_empty()).then(say).into_iter().collect()
}

/// Which term bars which own use; `*`: any.
const BARRED: [(&str, &str); 5] = [
    ("no_training", "train"),
    ("no_advertising", "advertise"),
    ("no_sale", "sell"),
    ("no_own_use", "*"),
    ("sole_purpose", "*"),
];

fn against_contract(register: &Register<'_>) -> Vec<Found> {
    let of_all = terms_of_all(register);
    let one = |look: &RecipientLook<'_>| {
        let has = terms(look, &of_all);
        let uses = uses(look);
        let meets =
            |(term, bars): &&(&str, &str)| has.contains(term) && uses.iter().any(|word| *bars == "*" || bars == word);
        let (term, bars) = BARRED.iter().find(meets)?;
        let word = uses.iter().find(|word| *bars == "*" || bars == *word)?;
        let message = format!(
            "`{}` has the own use `{word}`, which the term `{term}` rules out",
            look.recipient.id
        );
        Some(look.at(message, place(look)))
    };
    register.recipients.iter().filter_map(one).collect()
}

fn both_roles(register: &Register<'_>) -> Vec<Found> {
    let of_all = terms_of_all(register);
    let one = |look: &RecipientLook<'_>| {
        let decides = matches!(
            look.recipient.role,
            RecipientRole::Controller | RecipientRole::JointController
        );
        let own = BTreeSet::new();
        // A sentence about "our recipients" in general does not speak of those that decide themselves.
        let bound = terms(look, &own).contains("processor_only") && !of_all.contains("processor_only");
        let message = || {
            format!(
                "`{}` decides on purposes, and the contract says that it acts only on instructions",
                look.recipient.id
            )
        };
        (decides && bound).then(|| look.found(message()))
    };
    register.recipients.iter().filter_map(one).collect()
}

fn resting<'a>(look: &RecipientLook<'a>, basis: &'static str) -> Option<(&'a Disclosure, Range<usize>)> {
    look.leaving()
        .find(|(row, _)| row.basis.iter().any(|word| word.as_str() == basis))
}

fn internal_operations(look: &RecipientLook<'_>) -> Vec<Found> {
    let Some((row, span)) = resting(look, "coppa.internal_operations") else {
        return Vec::new();
    };
    let wide = row.elements.iter().find(|id| !id.as_str().starts_with("tech"));
    let purpose = look
        .purposes()
        .find(|purpose| purpose.coppa_internal_operations == LegalTest::No);
    let message = match (uses(look).first(), purpose, wide) {
        (Some(own), ..) => format!(
            "rule `{}` rests on internal operations, and the recipient has the own use `{own}`",
            row.rule
        ),
        (_, Some(purpose), _) => format!(
            "rule `{}` rests on internal operations, and `{}` is none",
            row.rule, purpose.id
        ),
        (.., Some(element)) => format!(
            "rule `{}` rests on internal operations, and `{element}` is no persistent identifier",
            row.rule
        ),
        _ => return Vec::new(),
    };
    vec![look.at(message, span)]
}

fn school_consent(look: &RecipientLook<'_>) -> Vec<Found> {
    let Some((row, span)) = resting(look, "coppa.school_consent") else {
        return Vec::new();
    };
    let purpose = look.purposes().find(|purpose| purpose.school_purpose == LegalTest::No);
    let message = match (uses(look).first(), purpose) {
        (Some(own), _) => format!(
            "rule `{}` rests on the school's consent, and the recipient has the own use `{own}`",
            row.rule
        ),
        (_, Some(purpose)) => format!(
            "rule `{}` rests on the school's consent, and `{}` is no school purpose",
            row.rule, purpose.id
        ),
        _ => return Vec::new(),
    };
    vec![look.at(message, span)]
}

/// Which purposes serve an activity that people can be exempt from.
fn serves(activity: &str, purpose: &str) -> bool {
    match activity {
        "marketing" => purpose.starts_with("marketing."),
        "advertising" => purpose == "marketing.targeted",
        "profiling" => purpose == "profile.noneducational",
        _ => false,
    }
}

/// People said to be exempt, beside rows that serve the activity with their data: one look at each recipient.
fn exempt(register: &Register<'_>) -> Vec<Found> {
    let claims: Vec<_> = register
        .claims
        .iter()
        .filter_map(|look| match &look.claim.kind {
            crate::charter::ClaimKind::ExemptFrom { activity, subjects } => Some((look, activity.as_str(), subjects)),
            _ => None,
        })
        .take(64)
        .collect();
    let mut found = Vec::new();
    for look in &register.recipients {
        for (claim, activity, subjects) in &claims {
            let Some(purpose) = look.recipient.purposes.iter().find(|id| serves(activity, id.as_str())) else {
                continue;
            };
            let meets = |row: &Disclosure| {
                row.subjects
                    .iter()
                    .any(|of| subjects.iter().any(|exempt| exempt.covers(of) || of.covers(exempt)))
            };
            if let Some((row, span)) = look.leaving().find(|(row, _)| meets(row)) {
                let message = format!(
                    "rule `{}` serves `{purpose}`, from which {} exempts these people",
                    row.rule,
                    claim.named()
                );
                found.push(look.at(message, span));
            }
        }
    }
    found
}
