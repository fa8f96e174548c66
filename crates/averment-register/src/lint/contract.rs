//! Rules about what was agreed with a recipient, and what public lists ask for about it.

use std::collections::BTreeSet;

use super::look::{RecipientLook, Register};
use super::rule::{Eyes, Found, Rule, listed};
use crate::charter::{ClaimKind, Recipient, RecipientRole};
use crate::diagnostic::Severity::{Error, Note, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "contract-expired",
        ids: &["GDPR-28-c", "US-STU-d"],
        severity: Error,
        cite: Some("GDPR Art. 28(3); 105 ILCS 85/15(4)"),
        hint: "renew it and mend `until`, or set `retired` and stop the flow",
        eyes: Eyes::Recipient(expired),
        ..Rule::BLANK
    },
    Rule {
        code: "contract-incomplete",
        ids: &["GDPR-28-c", "GDPR-28-d", "COPPA-8-c", "US-STU-d", "NY-9-a"],
        severity: Warning,
        cite: Some("GDPR Art. 28(3)-(4); COPPA 16 CFR 312.8(c)"),
        hint: "ask for it and add it to `[contract]`; `[[claims]] kind = \"contract_says\"` says it of every recipient",
        eyes: Eyes::Register(incomplete),
        ..Rule::BLANK
    },
    Rule {
        code: "recipient-facts-missing",
        ids: &["US-STU-d", "COPPA-8-c", "IL-27-c", "NY-3-a", "GDPR-28-c", "GDPR-46-a"],
        severity: Note,
        cite: Some("GDPR Art. 28(3), 30(1)(d)-(e); COPPA 16 CFR 312.8(c); 105 ILCS 85/27(a)(3); 8 NYCRR 121.3(c)"),
        hint: "fill in what you know: `[contract]`, `countries`, `address`; schools and authorities ask for it",
        eyes: Eyes::Register(facts),
        whole: true,
        ..Rule::BLANK
    },
    Rule {
        code: "notice-too-short",
        ids: &["GDPR-28-b", "US-STU-f", "CO-108-b"],
        severity: Error,
        cite: Some("GDPR Art. 28(2); CRS 22-16-108(2)"),
        hint: "move `effective`: schools were promised the time to object",
        eyes: Eyes::Register(notice),
        ..Rule::BLANK
    },
    Rule {
        code: "new-recipient-not-announced",
        ids: &["GDPR-28-b", "US-STU-f"],
        severity: Warning,
        cite: Some("GDPR Art. 28(2)"),
        hint: "say when schools were told: `announced = 2026-10-01`",
        eyes: Eyes::Recipient(not_announced),
        ..Rule::BLANK
    },
    Rule {
        code: "unilateral-change",
        ids: &["FERPA-31a1-b"],
        severity: Warning,
        cite: Some("FERPA 34 CFR 99.31(a)(1)(i)(B)(2)"),
        hint: "terms that a recipient may change alone leave the school no direct control: agree otherwise",
        eyes: Eyes::Recipient(unilateral),
        ..Rule::BLANK
    },
    Rule {
        code: "about-incomplete",
        ids: &[
            "GDPR-30-a",
            "GDPR-30-b",
            "GDPR-13-a",
            "COPPA-4-c",
            "IL-27-b",
            "US-STU-b",
            "CO-108-b",
        ],
        severity: Warning,
        cite: Some("GDPR Art. 13(1), 30(1)(a), 30(2)(a); COPPA 16 CFR 312.4(d)(1)"),
        hint: "fill in `[about]`: the forms that schools and authorities ask for are made from it",
        eyes: Eyes::Register(about),
        page: false,
        whole: true,
        ..Rule::BLANK
    },
];

/// The terms that the contract with a processor needs, GDPR Art. 28(3)(a)-(h) and 28(4).
const TERMS: [&str; 9] = [
    "processor_only",
    "confidentiality",
    "security_measures",
    "subprocessor_rules",
    "assist_rights",
    "assist_security",
    "delete_or_return",
    "audit",
    "flow_down",
];

/// The terms that hold for a recipient: its contract's, its claims' and those said of every recipient.
pub(super) fn terms<'a>(look: &'a RecipientLook<'_>, of_all: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let contract = look.recipient.contract.iter().flat_map(|contract| &contract.terms);
    let claims = look.claims.iter().filter_map(|claim| match &claim.kind {
        ClaimKind::ContractSays { term } => Some(term),
        _ => None,
    });
    let own = contract.chain(claims).map(|term| term.as_str());
    own.chain(of_all.iter().copied()).collect()
}

/// The terms that are said of every recipient.
pub(super) fn terms_of_all<'a>(register: &'a Register<'_>) -> BTreeSet<&'a str> {
    let said = register.of_the_list().filter_map(|look| match &look.claim.kind {
        ClaimKind::ContractSays { term } => Some(term.as_str()),
        _ => None,
    });
    said.collect()
}

fn expired(look: &RecipientLook<'_>) -> Vec<Found> {
    let until = look.recipient.contract.as_ref().and_then(|contract| contract.until);
    let past = until.filter(|until| *until < look.look.today && !look.is_retired());
    let table = look.file.contract.as_ref();
    let span = table.map_or(look.file.recipient.span(), |table| {
        let until = table.get_ref().until.as_ref();
        until.map_or(table.span(), toml::Spanned::span)
    });
    let say = |until| {
        look.at(
            format!("the contract with `{}` ran out on {until}", look.recipient.id),
            span,
        )
    };
    past.map(say).into_iter().collect()
}

/// Contracts that are there and lack terms: one finding each.
fn incomplete(register: &Register<'_>) -> Vec<Found> {
    let of_all = terms_of_all(register);
    let bound = |look: &&RecipientLook<'_>| {
        matches!(
            look.recipient.role,
            RecipientRole::Processor | RecipientRole::Subprocessor
        ) && !look.is_retired()
    };
    let looks = register.recipients.iter().filter(bound);
    looks.filter_map(|look| lacking(look, &of_all)).collect()
}

fn lacking(look: &RecipientLook<'_>, of_all: &BTreeSet<&str>) -> Option<Found> {
    let contract = look.recipient.contract.as_ref()?;
    let has = terms(look, of_all);
    let mut missing: Vec<&str> = TERMS.into_iter().filter(|term| !has.contains(term)).collect();
    let child = look.gets_student_data();
    let facts = [
        ("written_assurance", child && !has.contains("written_assurance")),
        ("document", contract.document.is_none()),
        ("signed", contract.signed.is_none()),
        ("deletion", contract.deletion.is_none()),
        ("breach_notice", contract.breach_notice.is_none()),
    ];
    missing.extend(facts.into_iter().filter(|(_, missing)| *missing).map(|(name, _)| name));
    let span = look
        .file
        .contract
        .as_ref()
        .map_or(look.file.recipient.span(), toml::Spanned::span);
    let message = format!(
        "the contract with `{}` lacks {}",
        look.recipient.id,
        listed(missing.iter().copied(), 20)
    );
    (!missing.is_empty()).then(|| look.at(message, span))
}

/// A field, and whether a recipient lacks it.
type Fact = (&'static str, fn(&Recipient) -> bool);

/// Facts that a fresh import cannot know, counted: one finding for the whole register.
fn facts(register: &Register<'_>) -> Vec<Found> {
    let facts: [Fact; 3] = [
        ("contract", |recipient| recipient.contract.is_none()),
        ("countries", |recipient| recipient.countries.is_empty()),
        ("address", |recipient| recipient.address.is_none()),
    ];
    let used: Vec<&Recipient> = register
        .recipients
        .iter()
        .filter(|look| !look.is_retired())
        .map(|look| look.recipient)
        .collect();
    let mut parts = Vec::new();
    for (fact, missing) in facts {
        let ids: Vec<&str> = used
            .iter()
            .filter(|one| missing(one))
            .map(|one| one.id.as_str())
            .collect();
        match ids.len() {
            0 => {}
            1..=3 => parts.push(format!("`{fact}` of {}", listed(ids, 3))),
            count => parts.push(format!("`{fact}` of {count} recipients")),
        }
    }
    let message = format!("not said yet: {}", parts.join(", "));
    (!parts.is_empty())
        .then(|| register.found(message))
        .into_iter()
        .collect()
}

/// New recipients whose notice is shorter than promised.
fn notice(register: &Register<'_>) -> Vec<Found> {
    let of_schools = register.content.controllers.values();
    let agreed = of_schools.filter_map(|school| school.agreement.as_ref().and_then(|agreement| agreement.notice));
    let Some(promised) = agreed.chain(register.content.about.notice).max() else {
        return Vec::new();
    };
    let one = |look: &RecipientLook<'_>| {
        let (announced, effective) = (look.recipient.announced?, look.recipient.effective?);
        let days = announced.until(effective).ok()?.get_days();
        let short = i64::from(days) * 86_400 < i64::try_from(promised.approximate_seconds()).ok()?;
        let message = format!(
            "`{}` starts {days} days after its notice, less than the {} promised",
            look.recipient.id,
            promised.in_words()
        );
        let span = look
            .file
            .effective
            .as_ref()
            .map_or(look.file.recipient.span(), toml::Spanned::span);
        short.then(|| look.at(message, span))
    };
    register.recipients.iter().filter_map(one).collect()
}

fn not_announced(look: &RecipientLook<'_>) -> Vec<Found> {
    let silent = look.recipient.announced.is_none();
    let start = look.recipient.effective.filter(|_| silent);
    let span = look
        .file
        .effective
        .as_ref()
        .map_or(look.file.recipient.span(), toml::Spanned::span);
    let say = |date| {
        look.at(
            format!("`{}` is used from {date}, and no notice is said", look.recipient.id),
            span,
        )
    };
    start.map(say).into_iter().collect()
}

fn unilateral(look: &RecipientLook<'_>) -> Vec<Found> {
    let changes = terms(look, &BTreeSet::new()).contains("unilateral_change");
    let say = || look.found(format!("`{}` may change its terms alone", look.recipient.id));
    (changes && look.gets_student_data()).then(say).into_iter().collect()
}

fn about(register: &Register<'_>) -> Vec<Found> {
    let about = &register.content.about;
    let abroad = about
        .country
        .as_deref()
        .is_some_and(|code| !super::look::in_economic_area(code));
    let gdpr = register.under_gdpr();
    let facts = [
        ("role", about.role.is_none()),
        ("contact", about.contact.is_none()),
        ("address", about.address.is_none()),
        ("country", about.country.is_none()),
        ("page", about.page.is_none()),
        ("notice", about.notice.is_none()),
        (
            "data_protection_officer",
            gdpr && about.data_protection_officer.is_none(),
        ),
        ("representative", gdpr && abroad && about.representative.is_none()),
    ];
    let missing: Vec<&str> = facts
        .into_iter()
        .filter(|(_, missing)| *missing)
        .map(|(name, _)| name)
        .collect();
    let message = format!("`[about]` does not say {}", listed(missing.iter().copied(), 10));
    (!missing.is_empty())
        .then(|| register.found(message))
        .into_iter()
        .collect()
}
