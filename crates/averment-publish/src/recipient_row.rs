//! A recipient as it is published.

use averment_catalog::{Certainty, Plane, ThirdParty, catalog};
use averment_claims::{Grade, Graded};
use averment_register::{Charter, Disclosure, Recipient, RecipientRole, StudentRecords, Unreadable};
use serde::Serialize;

use crate::document::{ClaimRow, SaidRow, mode_word, said_row};
use crate::words::{Named, element, purpose, subject};

/// A recipient with its claims.
#[derive(Debug, Serialize)]
pub(crate) struct RecipientRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) purpose: String,
    purposes: Vec<Named>,
    pub(crate) information: String,
    pub(crate) planes: Vec<&'static str>,
    role: &'static str,
    pub(crate) student_records: &'static str,
    /// Mode of the gateway for it; none when nothing of it passes there.
    pub(crate) mode: Option<&'static str>,
    unreadable: &'static str,
    /// The worst grade of its claims.
    pub(crate) grade: Grade,
    /// The worst grade of its claims at the gateway; none when nothing of it passes there.
    gateway_grade: Option<Grade>,
    third_parties: Vec<ThirdPartyRow>,
    hosts: Vec<String>,
    discloses: Vec<DisclosureRow>,
    said: Option<SaidRow>,
    pub(crate) claims: Vec<ClaimRow>,
}

/// Who stands behind a recipient, as far as the catalog knows.
#[derive(Debug, Serialize)]
struct ThirdPartyRow {
    id: String,
    company: String,
    product: String,
    /// `sourced` or `memory`.
    certainty: Certainty,
    collected: String,
    /// Published facts that are less certain than the rest.
    unconfirmed: Vec<String>,
}

/// One row of what may leave.
#[derive(Debug, Serialize)]
struct DisclosureRow {
    rule: String,
    elements: Vec<Named>,
    subjects: Vec<Named>,
    when: String,
    treatment: &'static str,
}

impl RecipientRow {
    /// `claims`: those about `recipient`.
    pub(crate) fn new(charter: &Charter, recipient: &Recipient, claims: Vec<&Graded>) -> Self {
        let third_parties = recipient
            .third_parties
            .iter()
            .filter_map(|id| catalog().third_party(id));
        let gateway_grade = claims
            .iter()
            .filter_map(|graded| Some(graded.on(Plane::Gateway)?.grade))
            .max();
        let passes_gateway = gateway_grade.is_some() || recipient.planes.contains(&Plane::Gateway);
        Self {
            id: recipient.id.to_string(),
            name: recipient.name.clone(),
            purpose: recipient.purpose.clone(),
            purposes: recipient.purposes.iter().map(purpose).collect(),
            information: recipient.information.clone(),
            planes: recipient.planes.iter().map(|plane| plane.as_str()).collect(),
            role: role_word(recipient.role),
            student_records: student_records_word(recipient.student_records),
            mode: passes_gateway.then(|| mode_word(recipient.mode)),
            unreadable: unreadable_word(recipient.unreadable),
            grade: claims
                .iter()
                .map(|graded| graded.overall)
                .max()
                .unwrap_or(Grade::Unverified),
            gateway_grade,
            third_parties: third_parties.map(third_party_row).collect(),
            hosts: recipient.hosts.iter().cloned().collect(),
            discloses: recipient.discloses.iter().map(disclosure_row).collect(),
            said: recipient.said.as_ref().map(|said| said_row(charter, said)),
            claims: claims_in_order(claims)
                .map(|graded| ClaimRow::new(charter, graded))
                .collect(),
        }
    }
}

/// What it gets comes first, then what it never gets, then the rest.
fn claims_in_order(mut claims: Vec<&Graded>) -> impl Iterator<Item = &Graded> {
    claims.sort_by_key(|graded| match graded.claim.kind.as_str() {
        "shares" => 0,
        "never_shares" => 1,
        "statement" => 3,
        _ => 2,
    });
    claims.into_iter()
}

fn third_party_row(party: &ThirdParty) -> ThirdPartyRow {
    let published = |field: &str| {
        ["company", "product", "hosts"]
            .iter()
            .any(|shown| field.starts_with(shown))
    };
    let from_memory = party
        .uncertain
        .iter()
        .filter(|fact| fact.certainty == Certainty::Memory);
    let unconfirmed = from_memory.filter(|fact| published(&fact.field));
    ThirdPartyRow {
        id: party.id.to_string(),
        company: party.company.clone(),
        product: party.product.clone(),
        certainty: party.certainty,
        collected: party.collected.clone(),
        unconfirmed: unconfirmed.map(|fact| fact.field.clone()).collect(),
    }
}

fn disclosure_row(row: &Disclosure) -> DisclosureRow {
    DisclosureRow {
        rule: row.rule.to_string(),
        elements: row.elements.iter().map(element).collect(),
        subjects: row.subjects.iter().map(subject).collect(),
        when: row.when.to_string(),
        treatment: row.treatment.as_str(),
    }
}

fn role_word(role: RecipientRole) -> &'static str {
    match role {
        RecipientRole::Processor => "processor",
        RecipientRole::Subprocessor => "subprocessor",
        RecipientRole::Controller => "controller",
        RecipientRole::JointController => "joint controller",
        RecipientRole::Conduit => "conduit",
    }
}

fn student_records_word(records: StudentRecords) -> &'static str {
    match records {
        StudentRecords::None => "none",
        StudentRecords::Technical => "technical",
        StudentRecords::Content => "content",
        StudentRecords::Possible => "possible",
        StudentRecords::Yes => "yes",
    }
}

fn unreadable_word(unreadable: Unreadable) -> &'static str {
    match unreadable {
        Unreadable::Refuse => "refuse",
        Unreadable::Forward => "forward",
    }
}
