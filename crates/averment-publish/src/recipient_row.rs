//! A recipient as it is published.

mod facts;

use averment_catalog::{Certainty, Plane, ThirdParty, catalog};
use averment_claims::{Grade, Graded};
use averment_register::{Recipient, StudentRecords, Unreadable};
use jiff::civil::Date;
use serde::Serialize;

use crate::about::role_word;
use crate::chain::Chain;
use crate::claim_row::ClaimRow;
use crate::context::{Context, Other, SaidRow};
use crate::document::mode_word;
use crate::flow_row::{DisclosureRow, ReceiptRow};
use crate::group::family;
use crate::link::Reach;
use crate::terms::place;
use crate::words::{Named, purpose};
use facts::{ContractRow, OnwardRow, TransferRow};

/// A recipient with its claims.
#[derive(Debug, Serialize)]
pub(crate) struct RecipientRow {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The legal entity that runs it, as the register says.
    operator: Option<String>,
    /// Which group of purposes it is listed under.
    pub(crate) group: &'static str,
    /// `in_use`, `announced` or `retired`, on the day of the publication.
    pub(crate) state: &'static str,
    pub(crate) purpose: String,
    pub(crate) purposes: Vec<Named>,
    pub(crate) information: String,
    pub(crate) planes: Vec<&'static str>,
    pub(crate) role: &'static str,
    pub(crate) student_records: &'static str,
    /// Mode of the gateway for it; none when nothing of it passes there.
    pub(crate) mode: Option<&'static str>,
    unreadable: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pseudonyms_in_answers: Option<&'static str>,
    /// The worst grade of its claims.
    pub(crate) grade: Grade,
    /// The worst grade of its claims at the gateway; none when nothing of it passes there.
    gateway_grade: Option<Grade>,
    third_parties: Vec<ThirdPartyRow>,
    pub(crate) hosts: Vec<String>,
    pub(crate) discloses: Vec<DisclosureRow>,
    /// What comes in from it.
    receives: Vec<ReceiptRow>,
    /// Recipients that pass data on to it.
    through: Vec<Other>,
    /// Recipients that it passes data on to.
    passes_to: Vec<Other>,
    /// Recipients that hold what it stores.
    runs_on: Vec<Other>,
    /// Recipients whose data it holds.
    holds_for: Vec<Other>,
    /// Whom data can reach over it and others.
    onwards: Chain,
    /// From whom data can reach it over others.
    backwards: Chain,
    /// Others that get data from it.
    onward: Vec<OnwardRow>,
    countries: Vec<Named>,
    transfers: Vec<TransferRow>,
    /// What it does with data for itself.
    own_use: Vec<Named>,
    contract: Option<ContractRow>,
    address: Option<String>,
    website: Option<Reach>,
    announced: Option<Date>,
    effective: Option<Date>,
    pub(crate) retired: Option<Date>,
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

impl RecipientRow {
    /// `claims`: those about `recipient`.
    pub(crate) fn new<'a>(context: &Context<'a>, recipient: &'a Recipient, claims: Vec<&Graded>) -> Self {
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
            operator: recipient.operator.clone(),
            group: family(&recipient.purposes),
            state: state(context, recipient),
            purpose: recipient.purpose.clone(),
            purposes: recipient.purposes.iter().map(purpose).collect(),
            information: recipient.information.clone(),
            planes: recipient.planes.iter().map(|plane| plane.as_str()).collect(),
            role: role_word(recipient.role),
            student_records: student_records_word(recipient.student_records),
            mode: passes_gateway.then(|| mode_word(recipient.mode)),
            unreadable: unreadable_word(recipient.unreadable),
            pseudonyms_in_answers: (!recipient.pseudonyms_in_answers.are_kept()).then_some("turn_back"),
            grade: claims
                .iter()
                .map(|graded| graded.overall)
                .max()
                .unwrap_or(Grade::Unverified),
            gateway_grade,
            third_parties: third_parties.map(third_party_row).collect(),
            hosts: recipient.hosts.iter().cloned().collect(),
            discloses: recipient.discloses.iter().map(DisclosureRow::new).collect(),
            receives: recipient.receives.iter().map(ReceiptRow::new).collect(),
            through: context.others(&recipient.through),
            passes_to: context.others(context.passes_to.get(&recipient.id).into_iter().flatten().copied()),
            runs_on: context.others(&recipient.runs_on),
            holds_for: context.others(context.carries.get(&recipient.id).into_iter().flatten().copied()),
            onwards: Chain::onwards(context, &recipient.id),
            backwards: Chain::backwards(context, &recipient.id),
            onward: recipient.onward.iter().map(OnwardRow::new).collect(),
            countries: recipient.countries.iter().map(|code| place(code)).collect(),
            transfers: recipient.transfers.iter().map(TransferRow::new).collect(),
            own_use: facts::own_use(&recipient.own_use),
            contract: recipient.contract.as_ref().map(ContractRow::new),
            address: recipient.address.clone(),
            website: recipient.website.as_deref().map(Reach::new),
            announced: recipient.announced,
            effective: recipient.effective,
            retired: recipient.retired,
            said: recipient.said.as_ref().map(|said| context.said(said)),
            claims: claims_in_order(claims)
                .map(|graded| ClaimRow::new(context, graded))
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

/// Whether it is used on the day of the publication.
fn state(context: &Context, recipient: &Recipient) -> &'static str {
    let begun = |day: Option<Date>| day.is_some_and(|day| day <= context.today);
    if begun(recipient.retired) {
        "retired"
    } else if recipient.effective.is_some() && !begun(recipient.effective) {
        "announced"
    } else {
        "in_use"
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
