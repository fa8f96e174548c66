//! Rules about agreements with schools, and what their states ask to be said per contract.

use toml::Spanned;

use super::look::{ControllerLook, Register};
use super::rule::{Eyes, Found, Rule, listed};
use crate::charter::ClaimKind;
use crate::diagnostic::Severity::{Error, Note, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "agreement-expired",
        ids: &["US-STU-e", "IL-15-d"],
        severity: Error,
        cite: Some("105 ILCS 85/15(4); GDPR Art. 28(3)"),
        hint: "renew it and mend `until`: nothing of this school may leave without an agreement",
        eyes: Eyes::Controller(expired),
        ..Rule::BLANK
    },
    Rule {
        code: "agreement-missing",
        ids: &["US-STU-e", "IL-15-d", "GDPR-28-c"],
        severity: Warning,
        cite: Some("105 ILCS 85/15(4); GDPR Art. 28(3)"),
        hint: "add `[agreement]` with its form, document and dates",
        eyes: Eyes::Controller(missing),
        ..Rule::BLANK
    },
    Rule {
        code: "agreement-incomplete",
        ids: &["IL-15-e", "NY-3-a", "CT-bb-a", "CA-49073-a", "UT-309-a"],
        severity: Note,
        cite: Some("105 ILCS 85/15(4); 8 NYCRR 121.3(c); Cal. Ed. Code 49073.1; CGS 10-234bb; Utah Code 53E-9-309"),
        hint: "fill in what the agreement says; the school's pages are made from it",
        eyes: Eyes::Controller(incomplete),
        ..Rule::BLANK
    },
    Rule {
        code: "new-york-parts-missing",
        ids: &["NY-3-a"],
        severity: Warning,
        cite: Some("8 NYCRR 121.3(c)"),
        hint: "the supplemental information has six parts: add the claims that say them",
        eyes: Eyes::Register(new_york),
        whole: true,
        ..Rule::BLANK
    },
];

fn expired(look: &ControllerLook<'_>) -> Vec<Found> {
    let until = look.controller.agreement.as_ref().and_then(|agreement| agreement.until);
    let table = look.file.agreement.as_ref();
    let span = table.map_or(look.file.controller.span(), |table| {
        table.get_ref().until.as_ref().map_or(table.span(), Spanned::span)
    });
    let past = until.filter(|until| *until < look.look.today);
    let say = |until| {
        look.at(
            format!("the agreement with `{}` ran out on {until}", look.controller.id),
            span,
        )
    };
    past.map(say).into_iter().collect()
}

fn missing(look: &ControllerLook<'_>) -> Vec<Found> {
    let none = look.controller.agreement.is_none();
    let say = || look.found(format!("no agreement with `{}` is named", look.controller.id));
    none.then(say).into_iter().collect()
}

fn incomplete(look: &ControllerLook<'_>) -> Vec<Found> {
    let (Some(agreement), Some(table)) = (&look.controller.agreement, &look.file.agreement) else {
        return Vec::new();
    };
    let facts = [
        ("document", agreement.document.is_none()),
        ("signed", agreement.signed.is_none()),
        ("until", agreement.until.is_none()),
        ("breach_notice", agreement.breach_notice.is_none()),
        ("deletion", agreement.deletion.is_none()),
        ("notice", agreement.notice.is_none()),
    ];
    let missing: Vec<&str> = facts
        .into_iter()
        .filter(|(_, missing)| *missing)
        .map(|(name, _)| name)
        .collect();
    let message = format!(
        "the agreement with `{}` does not say {}",
        look.controller.id,
        listed(missing.iter().copied(), 8)
    );
    (!missing.is_empty())
        .then(|| look.at(message, table.span()))
        .into_iter()
        .collect()
}

/// The six parts of 8 NYCRR 121.3(c), where the register says that it meets that law: one finding.
fn new_york(register: &Register<'_>) -> Vec<Found> {
    if !register.claims_regime("ny_2d") {
        return Vec::new();
    }
    let said = |what: fn(&ClaimKind) -> bool| register.claims.iter().any(|look| what(&look.claim.kind));
    let purposes = register
        .recipients
        .iter()
        .all(|look| !look.recipient.purposes.is_empty());
    let dated = register
        .content
        .controllers
        .values()
        .filter_map(|school| school.agreement.as_ref());
    let ends = dated.clone().all(|agreement| agreement.until.is_some()) && dated.count() > 0;
    let flows = super::contract::terms_of_all(register).contains("flow_down");
    let flows = flows
        || register
            .recipients
            .iter()
            .all(|look| super::contract::terms(look, &Default::default()).contains("flow_down"));
    let parts = [
        ("exclusive purposes", purposes),
        ("how recipients are bound", flows),
        ("end date and what happens then", ends),
        (
            "how accuracy is challenged",
            said(|kind| matches!(kind, ClaimKind::Offers { offer, .. } if offer.as_str() == "data_correction")),
        ),
        (
            "where data are stored",
            said(|kind| matches!(kind, ClaimKind::StoredIn { .. })),
        ),
        (
            "encryption",
            said(|kind| matches!(kind, ClaimKind::EncryptedAtRest { .. }))
                && said(|kind| matches!(kind, ClaimKind::EncryptedInTransit { .. })),
        ),
    ];
    let missing: Vec<&str> = parts
        .into_iter()
        .filter(|(_, there)| !there)
        .map(|(part, _)| part)
        .collect();
    let message = format!("the six parts for New York lack {}", listed(missing.iter().copied(), 6));
    (!missing.is_empty())
        .then(|| register.found(message))
        .into_iter()
        .collect()
}
