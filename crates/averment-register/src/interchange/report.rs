//! A form read back, with the report that an import gives: nothing is left to type by hand.

use super::{InterchangeError, Published, find};
use crate::charter::{Charter, Claim, ClaimKind, Recipient};
use crate::import::{Finding, ImportProblem, ImportReport, Imported, Outcome, RecipientReport, SentenceReport};

/// The register in `text` with its report; `None` when `text` holds no form.
pub(crate) fn read_back(name: &str, text: &str) -> Option<Result<Imported, InterchangeError>> {
    find(name, text).map(|found| found.map(|published| imported(name, &published)))
}

fn imported(name: &str, published: &Published) -> Imported {
    let charter = &published.charter;
    let line = u32::try_from(published.line).unwrap_or(u32::MAX);
    let message = format!("published by this program; charter {} read back", charter.digest());
    let recipients = charter.content().recipients.values();
    let report = ImportReport {
        document: name.to_owned(),
        organisation: charter.content().organisation.clone(),
        recipients: recipients.map(|one| recipient(charter, one, line)).collect(),
        sentences: sentences(charter, line),
        problems: vec![ImportProblem { line, message }],
        layout: Vec::new(),
    };
    Imported {
        source: charter.to_source(),
        report,
    }
}

fn recipient(charter: &Charter, recipient: &Recipient, line: u32) -> RecipientReport {
    let claims = charter.content().claims.values();
    let own = claims.filter(|claim| claim.recipient.as_ref() == Some(&recipient.id) && claim.kind != ClaimKind::Shares);
    RecipientReport {
        line,
        id: recipient.id.clone(),
        name: recipient.name.clone(),
        third_parties: recipient.third_parties.iter().cloned().collect(),
        discloses: recipient.discloses.len(),
        claims: own.map(|claim| claim.kind.as_str().to_owned()).collect(),
    }
}

/// Every published sentence: the purposes of recipients, and claims with what they are.
fn sentences(charter: &Charter, line: u32) -> Vec<SentenceReport> {
    let purpose = |one: &Recipient| SentenceReport {
        line,
        recipient: Some(one.id.clone()),
        sentence: one.purpose.clone(),
        outcome: Outcome::Typed(
            one.purposes
                .iter()
                .map(|purpose| read_back_as(format!("purpose {purpose}")))
                .collect(),
        ),
    };
    let claim = |claim: &Claim| SentenceReport {
        line,
        recipient: claim.recipient.clone(),
        sentence: claim.sentence.clone(),
        outcome: Outcome::Typed(vec![read_back_as(format!("claim {}", claim.kind.as_str()))]),
    };
    let content = charter.content();
    let purposes = content.recipients.values().map(purpose);
    purposes.chain(content.claims.values().map(claim)).collect()
}

fn read_back_as(what: String) -> Finding {
    Finding {
        what,
        rule: "read back",
    }
}
