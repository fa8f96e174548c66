//! The claims as CSV (RFC 4180): one row per claim, for spreadsheets.

use crate::document::{ClaimRow, Document};
use crate::recipient_row::RecipientRow;

const COLUMNS: [&str; 15] = [
    "recipient",
    "name",
    "purpose",
    "mode",
    "claim",
    "kind",
    "sentence",
    "grade",
    "reason",
    "last_evidence_at",
    "planes",
    "charter",
    "looked_for",
    "not_looked_for",
    "notice",
];

pub(crate) fn csv(document: &Document) -> String {
    let rows = document
        .all_claims()
        .map(|(recipient, claim)| row(document, recipient, claim));
    records(std::iter::once(COLUMNS.map(str::to_owned)).chain(rows))
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

fn row(document: &Document, recipient: Option<&RecipientRow>, claim: &ClaimRow) -> [String; 15] {
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

fn labels<Row>(rows: Option<&[Row]>, label: fn(&Row) -> &str) -> String {
    let labels: Vec<&str> = rows.unwrap_or_default().iter().map(label).collect();
    labels.join("; ")
}

/// A spreadsheet runs a field that starts like a formula. An apostrophe in front makes it text.
fn no_formula(field: &str) -> String {
    match field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{field}"),
        false => field.to_owned(),
    }
}
