//! Rules about what is declared, what the catalog knows, and what is switched on.

use averment_catalog::{Certainty, Flow, Plane, Treatment, catalog};

use super::{Found, RecipientLook};
use crate::charter::{ClaimKind, Mode};

pub(super) fn not_stored_here_only(look: &RecipientLook<'_>) -> Vec<Found> {
    let claims = look
        .own_claims()
        .filter(|claim| matches!(claim.kind, ClaimKind::NotStored { .. }));
    claims
        .map(|claim| {
            (
                format!("claim `{}` is silent on the recipient's own retention", claim.id),
                look.claim_span(claim),
            )
        })
        .collect()
}

pub(super) fn nothing_declared(look: &RecipientLook<'_>) -> Vec<Found> {
    let empty = look.recipient.discloses.is_empty();
    empty
        .then(|| {
            (
                format!("recipient `{}` is listed and gets nothing", look.recipient.id),
                look.file.recipient.span(),
            )
        })
        .into_iter()
        .collect()
}

pub(super) fn hashes(look: &RecipientLook<'_>) -> Vec<Found> {
    let hashed = |claim: &&crate::charter::Claim| matches!(&claim.kind, ClaimKind::StoredAs { form, .. } if form.as_str().contains("hash"));
    let claims = look.own_claims().filter(hashed);
    let mut found: Vec<Found> = claims
        .map(|claim| {
            (
                format!("claim `{}` rests on a hash, which stays personal data", claim.id),
                look.claim_span(claim),
            )
        })
        .collect();
    let rows = look.recipient.discloses.iter().zip(&look.file.discloses);
    let rows = rows.filter(|(row, _)| {
        row.treatment == Treatment::Hash || row.elements.iter().any(|element| element.as_str().ends_with("_hash"))
    });
    found.extend(rows.map(|(row, spanned)| {
        (
            format!("rule `{}` lets a hash leave, which stays personal data", row.rule),
            spanned.span(),
        )
    }));
    found
}

pub(super) fn gateway_not_declared(look: &RecipientLook<'_>) -> Vec<Found> {
    if look.recipient.planes.contains(&Plane::Gateway) || look.recipient.discloses.is_empty() {
        return Vec::new();
    }
    let parties = look
        .recipient
        .third_parties
        .iter()
        .filter_map(|id| catalog().third_party(id));
    let by_servers = parties.filter(|party| party.flows.contains(&Flow::Server) && !party.staff_tool);
    let hosting = look.recipient.planes.contains(&Plane::Infrastructure);
    by_servers
        .filter(|_| !hosting)
        .map(|party| {
            (
                format!("`{}` is reached by servers, and `gateway` is not declared", party.id),
                look.file.planes.span(),
            )
        })
        .collect()
}

pub(super) fn own_domain(look: &RecipientLook<'_>) -> Vec<Found> {
    let parties = look
        .recipient
        .third_parties
        .iter()
        .filter_map(|id| catalog().third_party(id));
    let own = parties.filter(|party| party.hosts.iter().any(|host| is_placeholder(&host.pattern)));
    own.filter(|_| look.file.hosts.is_empty())
        .map(|party| {
            (
                format!(
                    "`{}` runs under a domain of your own, which the register does not name",
                    party.id
                ),
                look.file.recipient.span(),
            )
        })
        .collect()
}

/// A catalog pattern that is one placeholder (`{forum-domain}`) stands for a domain that only the organisation knows.
fn is_placeholder(pattern: &str) -> bool {
    pattern.starts_with('{') && pattern.ends_with('}') && !pattern.contains('.')
}

pub(super) fn not_in_catalog(look: &RecipientLook<'_>) -> Vec<Found> {
    let absent = look.recipient.third_parties.is_empty() && look.recipient.hosts.is_empty();
    absent
        .then(|| {
            (
                format!("recipient `{}` is in no catalog and names no host", look.recipient.id),
                look.file.recipient.span(),
            )
        })
        .into_iter()
        .collect()
}

pub(super) fn facts_from_memory(look: &RecipientLook<'_>) -> Vec<Found> {
    let parties = look
        .recipient
        .third_parties
        .iter()
        .filter_map(|id| catalog().third_party(id));
    let unsure = parties.filter(|party| party.certainty == Certainty::Memory);
    unsure
        .map(|party| {
            (
                format!("what the catalog says about `{}` rests on memory", party.id),
                look.file.recipient.span(),
            )
        })
        .collect()
}

pub(super) fn report_mode(look: &RecipientLook<'_>) -> Vec<Found> {
    let visible = look.recipient.planes.contains(&Plane::Gateway);
    let report = look.recipient.mode == Mode::Report && visible;
    report
        .then(|| {
            (
                format!(
                    "`{}` is in report mode: what is not declared is forwarded and recorded",
                    look.recipient.id
                ),
                look.file.recipient.span(),
            )
        })
        .into_iter()
        .collect()
}
