//! A school's own variant, as it is published. Its contact is left out: that is often a person's address.

use averment_catalog::Vocabulary;
use averment_register::{Agreement, ClaimKind, Controller, Hiding, Removal, Shortening};
use jiff::civil::Date;
use serde::Serialize;

use crate::context::{Context, Other};
use crate::link::Reach;
use crate::terms::{PeriodRow, place, word};
use crate::words::{Named, element, subject};

/// A school or district with what is different for it.
#[derive(Debug, Serialize)]
pub(crate) struct ControllerRow {
    id: String,
    name: String,
    country: Option<Named>,
    off: Vec<Other>,
    removes: Vec<RemovalRow>,
    shortens: Vec<ShorteningRow>,
    hides: Vec<HidingRow>,
    directory_information: Vec<Named>,
    agreement: Option<AgreementRow>,
}

/// What does not leave for it.
#[derive(Debug, Serialize)]
struct RemovalRow {
    elements: Vec<Named>,
    subjects: Vec<Named>,
    recipients: Vec<Other>,
}

/// A time that is shorter for it.
#[derive(Debug, Serialize)]
struct ShorteningRow {
    claim: String,
    sentence: Option<String>,
    instead_of: Option<PeriodRow>,
    duration: PeriodRow,
}

/// What fewer viewers see.
#[derive(Debug, Serialize)]
struct HidingRow {
    elements: Vec<Named>,
    viewers: Vec<Named>,
}

/// What the agreement with it fixes.
#[derive(Debug, Serialize)]
struct AgreementRow {
    form: Named,
    document: Option<Reach>,
    signed: Option<Date>,
    until: Option<Date>,
    breach_notice: Option<PeriodRow>,
    deletion: Option<PeriodRow>,
    notice: Option<PeriodRow>,
}

impl ControllerRow {
    pub(crate) fn new<'a>(context: &Context<'a>, controller: &'a Controller) -> Self {
        Self {
            id: controller.id.to_string(),
            name: controller.name.clone(),
            country: controller.country.as_deref().map(place),
            off: context.others(&controller.off),
            removes: controller.removes.iter().map(|row| removal_row(context, row)).collect(),
            shortens: controller
                .shortens
                .iter()
                .map(|row| shortening_row(context, row))
                .collect(),
            hides: controller.hides.iter().map(hiding_row).collect(),
            directory_information: controller.directory_information.iter().map(element).collect(),
            agreement: controller.agreement.as_ref().map(agreement_row),
        }
    }
}

fn removal_row<'a>(context: &Context<'a>, removal: &'a Removal) -> RemovalRow {
    RemovalRow {
        elements: removal.elements.iter().map(element).collect(),
        subjects: removal.subjects.iter().map(subject).collect(),
        recipients: context.others(&removal.recipients),
    }
}

fn shortening_row(context: &Context, shortening: &Shortening) -> ShorteningRow {
    let claim = context.charter.content().claims.get(&shortening.claim);
    let instead_of = claim.and_then(|claim| match claim.kind {
        ClaimKind::RetainedFor { duration, .. } | ClaimKind::ErasedOn { duration, .. } => Some(duration),
        _ => None,
    });
    ShorteningRow {
        claim: shortening.claim.to_string(),
        sentence: claim.map(|claim| claim.sentence.clone()),
        instead_of: instead_of.map(PeriodRow::new),
        duration: PeriodRow::new(shortening.duration),
    }
}

fn hiding_row(hiding: &Hiding) -> HidingRow {
    HidingRow {
        elements: hiding.elements.iter().map(element).collect(),
        viewers: hiding.viewers.iter().map(|id| word(Vocabulary::Viewer, id)).collect(),
    }
}

fn agreement_row(agreement: &Agreement) -> AgreementRow {
    AgreementRow {
        form: word(Vocabulary::Agreement, &agreement.form),
        document: agreement.document.as_deref().map(Reach::new),
        signed: agreement.signed,
        until: agreement.until,
        breach_notice: agreement.breach_notice.map(PeriodRow::new),
        deletion: agreement.deletion.map(PeriodRow::new),
        notice: agreement.notice.map(PeriodRow::new),
    }
}
