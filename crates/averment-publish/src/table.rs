//! The claims and the recipients as CSV (RFC 4180), for spreadsheets: one row per claim, one per thing that may leave.

use averment_register::interchange::may_be_formula;

use crate::claim_row::ClaimRow;
use crate::document::Document;
use crate::flow_row::DisclosureRow;
use crate::recipient_row::RecipientRow;
use crate::words::Named;

const CLAIMS: [&str; 16] = [
    "recipient",
    "name",
    "purpose",
    "mode",
    "claim",
    "kind",
    "sentence",
    "plain",
    "grade",
    "reason",
    "last_evidence_at",
    "planes",
    "charter",
    "looked_for",
    "not_looked_for",
    "notice",
];

const RECIPIENTS: [&str; 16] = [
    "recipient",
    "name",
    "state",
    "role",
    "purpose",
    "purposes",
    "information",
    "student_records",
    "how",
    "mode",
    "grade",
    "elements",
    "subjects",
    "when",
    "treatment",
    "charter",
];

/// One row per claim, with its grade.
pub(crate) fn claims(document: &Document) -> String {
    let rows = document
        .all_claims()
        .map(|(recipient, claim)| claim_row(document, recipient, claim));
    csv(CLAIMS, rows)
}

/// One row per `[[discloses]]` row; a recipient without any has one with those fields empty.
pub(crate) fn recipients(document: &Document) -> String {
    let rows = document.recipients.iter().flat_map(|recipient| {
        let nothing = recipient.discloses.is_empty().then_some(None);
        let flows = recipient.discloses.iter().map(Some).chain(nothing);
        flows.map(|flow| recipient_row(document, recipient, flow))
    });
    csv(RECIPIENTS, rows)
}

fn csv<const WIDTH: usize>(columns: [&str; WIDTH], rows: impl Iterator<Item = [String; WIDTH]>) -> String {
    records(std::iter::once(columns.map(str::to_owned)).chain(rows))
}

/// Records of the same length as CSV; no field is run by a spreadsheet.
pub(crate) fn records<Row: AsRef<[String]>>(rows: impl IntoIterator<Item = Row>) -> String {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row.as_ref().iter().map(|field| no_formula(field)))
            .expect("writing to memory does not fail");
    }
    let bytes = writer.into_inner().expect("writing to memory does not fail");
    String::from_utf8(bytes).expect("every field is text")
}

fn claim_row(document: &Document, recipient: Option<&RecipientRow>, claim: &ClaimRow) -> [String; 16] {
    let of = |field: fn(&RecipientRow) -> &str| recipient.map_or_else(String::new, |row| field(row).to_owned());
    let planes = claim
        .planes
        .iter()
        .map(|plane| format!("{}: {}", plane.plane, plane.grade.as_str()));
    [
        of(|row| &row.id),
        of(|row| &row.name),
        of(|row| &row.purpose),
        of(|row| row.mode.unwrap_or_default()),
        claim.id.clone(),
        claim.kind.to_owned(),
        claim.sentence.clone(),
        claim.plain.clone().unwrap_or_default(),
        claim.grade.as_str().to_owned(),
        claim.reason.clone(),
        claim.last_evidence_at.map_or_else(String::new, |at| at.to_string()),
        planes.collect::<Vec<_>>().join("; "),
        document.charter.clone(),
        labels(claim.looked_for.as_deref(), |row| &row.label),
        labels(claim.not_looked_for.as_deref(), |row| &row.label),
        document.notice.clone().unwrap_or_default(),
    ]
}

fn recipient_row(document: &Document, recipient: &RecipientRow, flow: Option<&DisclosureRow>) -> [String; 16] {
    let named = |field: fn(&DisclosureRow) -> &[Named]| labels(flow.map(field), |row| &row.label);
    [
        recipient.id.clone(),
        recipient.name.clone(),
        recipient.state.to_owned(),
        recipient.role.to_owned(),
        recipient.purpose.clone(),
        labels(Some(&recipient.purposes), |row| &row.label),
        recipient.information.clone(),
        recipient.student_records.to_owned(),
        recipient.planes.join("; "),
        recipient.mode.unwrap_or_default().to_owned(),
        recipient.grade.as_str().to_owned(),
        named(|flow| &flow.elements),
        named(|flow| &flow.subjects),
        flow.map_or_else(String::new, |flow| flow.when.clone()),
        flow.map_or_else(String::new, |flow| flow.treatment.to_owned()),
        document.charter.clone(),
    ]
}

fn labels<Row>(rows: Option<&[Row]>, label: fn(&Row) -> &str) -> String {
    let labels: Vec<&str> = rows.unwrap_or_default().iter().map(label).collect();
    labels.join("; ")
}

/// A spreadsheet runs a field that starts like a formula. An apostrophe in front makes it text.
fn no_formula(field: &str) -> String {
    match may_be_formula(field) {
        true => format!("'{field}"),
        false => field.to_owned(),
    }
}

#[cfg(test)]
mod tests;
