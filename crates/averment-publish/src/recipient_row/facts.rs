//! What was agreed with a recipient, where it takes data and who gets it from there.

use averment_catalog::{Vocabulary, WordId, catalog};
use averment_register::{Contract, Onward, Transfer, Words};
use jiff::civil::Date;
use serde::Serialize;

use crate::link::Reach;
use crate::terms::{PeriodRow, place, word};
use crate::words::{Named, element};

/// A party that gets data from the recipient and stands in no row of its own.
#[derive(Debug, Serialize)]
pub(crate) struct OnwardRow {
    name: String,
    purpose: Option<String>,
    elements: Vec<Named>,
    country: Option<Named>,
}

/// A transfer to a third country.
#[derive(Debug, Serialize)]
pub(crate) struct TransferRow {
    to: Named,
    safeguard: Named,
    cite: Option<String>,
    instrument: Option<String>,
    until: Option<Date>,
}

/// What the contract fixes.
#[derive(Debug, Serialize)]
pub(crate) struct ContractRow {
    document: Option<Reach>,
    signed: Option<Date>,
    until: Option<Date>,
    terms: Vec<TermRow>,
    deletion: Option<PeriodRow>,
    breach_notice: Option<PeriodRow>,
}

/// One term, with the paragraph that asks for it.
#[derive(Debug, Serialize)]
struct TermRow {
    id: String,
    label: String,
    cite: Option<String>,
}

impl OnwardRow {
    pub(crate) fn new(onward: &Onward) -> Self {
        Self {
            name: onward.name.clone(),
            purpose: onward.purpose.clone(),
            elements: onward.elements.iter().map(element).collect(),
            country: onward.country.as_deref().map(place),
        }
    }
}

impl TransferRow {
    pub(crate) fn new(transfer: &Transfer) -> Self {
        Self {
            to: place(&transfer.to),
            safeguard: word(Vocabulary::Safeguard, &transfer.safeguard),
            cite: cite(Vocabulary::Safeguard, &transfer.safeguard),
            instrument: transfer.instrument.clone(),
            until: transfer.until,
        }
    }
}

impl ContractRow {
    pub(crate) fn new(contract: &Contract) -> Self {
        Self {
            document: contract.document.as_deref().map(Reach::new),
            signed: contract.signed,
            until: contract.until,
            terms: contract.terms.iter().map(term_row).collect(),
            deletion: contract.deletion.map(PeriodRow::new),
            breach_notice: contract.breach_notice.map(PeriodRow::new),
        }
    }
}

/// What a recipient does with data for itself.
pub(crate) fn own_use(words: &Words) -> Vec<Named> {
    words.iter().map(|id| word(Vocabulary::OwnUse, id)).collect()
}

fn term_row(id: &WordId) -> TermRow {
    TermRow {
        id: id.to_string(),
        label: word(Vocabulary::Term, id).label,
        cite: cite(Vocabulary::Term, id),
    }
}

fn cite(vocabulary: Vocabulary, id: &WordId) -> Option<String> {
    catalog().word(vocabulary, id.as_str())?.cite.clone()
}
