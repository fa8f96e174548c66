//! References that lead nowhere: consents that nobody describes, documents that nothing cites, "here" without an address.

use std::collections::BTreeSet;

use super::look::{ORGANISATION, Register, SentenceLook};
use super::phrase::words;
use super::rule::{Eyes, Found, Rule};
use crate::charter::{ClaimKind, Condition};
use crate::diagnostic::Severity::{Error, Note, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "consent-undescribed",
        ids: &["SEED-d", "FERPA-30-b", "COPPA-5-a"],
        severity: Note,
        cite: Some("FERPA 34 CFR 99.30(b); COPPA 16 CFR 312.5(a)(1)"),
        hint: "add a `needs_consent` claim of that kind: what for, who gives it, which elements",
        eyes: Eyes::Register(consents),
        whole: true,
        ..Rule::BLANK
    },
    Rule {
        code: "dead-reference",
        severity: Warning,
        cite: Some("GDPR Art. 12(1)"),
        hint: "write the address: a reader of the register, or of a copy, cannot follow the word",
        eyes: Eyes::Sentence(here),
        ..Rule::BLANK
    },
    Rule {
        code: "unused-document",
        severity: Note,
        hint: "refer to it by `said`, or remove the row",
        eyes: Eyes::Register(documents),
        page: false,
        whole: true,
        ..Rule::BLANK
    },
    Rule {
        code: "count-differs",
        ids: &["IL-27-c", "US-STU-b"],
        severity: Error,
        cite: Some("105 ILCS 85/27(a)(3)"),
        hint: "mend the number, or declare those that are missing",
        eyes: Eyes::Sentence(count_differs),
        whole: true,
        ..Rule::BLANK
    },
];

/// Kinds of consent that rows rest on and that no `needs_consent` claim describes: one finding per kind.
fn consents(register: &Register<'_>) -> Vec<Found> {
    let described: BTreeSet<&str> = register
        .claims
        .iter()
        .filter_map(|look| match &look.claim.kind {
            ClaimKind::NeedsConsent { consent, .. } => Some(consent.as_str()),
            _ => None,
        })
        .collect();
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for look in &register.recipients {
        for (row, span) in look.leaving() {
            let Condition::Consent(kind) = &row.when else { continue };
            if !described.contains(kind.as_str()) && told.insert(kind.as_str()) {
                let message = format!(
                    "rule `{}` rests on consent `{kind}`, which no claim describes",
                    row.rule
                );
                found.push(look.at(message, span));
            }
        }
    }
    found
}

/// Words that make "here" a link.
const POINTERS: &[&str] = &[
    "review",
    "see",
    "read",
    "find",
    "found",
    "more",
    "available",
    "learn",
    "click",
    "certificate",
    "about",
    "settings",
    "view",
    "download",
    "policy",
];

/// A sentence that ends in "here", or in "at" and a colon, and holds no address.
fn here(look: &SentenceLook<'_>) -> Vec<Found> {
    let dead = look.text.sentences().find_map(|(lower, raw)| {
        let address = lower.contains("://") || lower.contains("www.") || lower.contains(".com/");
        let last: Vec<&str> = words(lower).collect();
        let points = last.last() == Some(&"here") && last.iter().any(|word| POINTERS.contains(word));
        let opens = lower.trim_end().ends_with("available at:") || lower.trim_end().ends_with("available at");
        (!address && (points || opens)).then(|| raw.trim())
    });
    let say = |raw: &str| {
        let words = if raw.to_lowercase().trim_end_matches(['.', '!']).ends_with("here") {
            raw.rsplit(char::is_whitespace).next().unwrap_or(raw)
        } else {
            raw
        };
        let message = "the sentence points at something and gives no address".to_owned();
        look.found(message, words)
    };
    dead.map(say).into_iter().collect()
}

fn documents(register: &Register<'_>) -> Vec<Found> {
    let Some(file) = &register.look.files.organisation else {
        return Vec::new();
    };
    let of_recipients = register
        .recipients
        .iter()
        .filter_map(|look| look.recipient.said.as_ref());
    let of_claims = register.claims.iter().filter_map(|look| look.claim.said.as_ref());
    let cited: BTreeSet<&str> = of_recipients
        .chain(of_claims)
        .map(|said| said.document.as_str())
        .collect();
    let rows = file.documents.iter().map(|row| &row.id);
    let idle = rows.filter(|id| !cited.contains(id.get_ref().as_str()));
    idle.map(|id| Found {
        message: format!("nothing refers to document `{}`", id.get_ref()),
        file: ORGANISATION.to_owned(),
        span: Some(id.span()),
        ..Found::default()
    })
    .collect()
}

/// What a number of recipients is called.
const COUNTED: &[&str] = &[
    "service providers",
    "subprocessors",
    "sub-processors",
    "recipients",
    "vendors",
    "providers",
    "third parties",
    "processors",
];

/// "These 44 service providers", beside a register that declares another number.
fn count_differs(look: &SentenceLook<'_>) -> Vec<Found> {
    let listed = look
        .claims
        .iter()
        .any(|claim| matches!(claim.kind, ClaimKind::ListComplete { .. }));
    if !listed || look.recipient.is_some() {
        return Vec::new();
    }
    let hits = look.text.hits(COUNTED, |hit| {
        hit.word_before()
            .parse::<usize>()
            .is_ok_and(|said| said != look.recipients)
    });
    let say = |words: &&str| {
        let message = format!(
            "the sentence counts other {words} than the register, which declares {}",
            look.recipients
        );
        look.found(message, words)
    };
    hits.first().map(say).into_iter().collect()
}
