//! All grades as one document, `averment.claims/2`: what the command prints, what a bundle holds, and whose SHA-256 the
//! ledger records. The same grades always give the same bytes: fields stand in the order of the structures below.

use std::collections::BTreeMap;

use averment_catalog::{ElementId, Plane};
use averment_register::{Charter, ClaimId, RecipientId};
use jiff::Timestamp;
use serde::Serialize;

use crate::evidence::{Contrary, Evidence, Left, Watched};
use crate::grade::{Grade, Graded, PlaneGrade};
use crate::history::{Change, History};
use crate::testimony::{Look, Vouched};

/// The name of the format.
pub const DOCUMENT_SCHEMA: &str = "averment.claims/2";

/// JSON Schema of the document.
pub const SCHEMA: &str = include_str!("../schema/claims.schema.json");

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    as_of: Timestamp,
    charter: String,
    entries: u64,
    window_s: i64,
    watched_s: i64,
    grades: BTreeMap<&'static str, usize>,
    claims: Vec<ClaimRow<'a>>,
}

#[derive(Serialize)]
struct ClaimRow<'a> {
    id: &'a ClaimId,
    kind: &'static str,
    recipient: Option<&'a RecipientId>,
    sentence: &'a str,
    grade: Grade,
    reason: &'a str,
    last_evidence: Option<LastRow>,
    entries: Vec<u64>,
    mended: Option<MendedRow<'a>>,
    planes: Vec<PlaneRow<'a>>,
    attestation: Option<&'a Vouched>,
}

#[derive(Serialize)]
struct LastRow {
    at: Timestamp,
    entry: u64,
}

#[derive(Serialize)]
struct MendedRow<'a> {
    broken_at: Option<Timestamp>,
    entry: u64,
    reason: &'a str,
}

#[derive(Serialize)]
struct PlaneRow<'a> {
    plane: Plane,
    grade: Grade,
    reason: &'a str,
    evidence: Option<MessagesRow<'a>>,
    measurements: &'a [Look],
}

/// What messages show: counts, and when the first and the last were seen.
#[derive(Serialize)]
struct MessagesRow<'a> {
    observed: u64,
    let_out: u64,
    refused: u64,
    not_sent: u64,
    contrary: u64,
    prevented: u64,
    unreadable: u64,
    unattributed: u64,
    judged_under_other_charters: u64,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    last_entry: Option<u64>,
    last_contrary: Option<ContraryRow<'a>>,
}

#[derive(Serialize)]
struct ContraryRow<'a> {
    entry: u64,
    at: Option<Timestamp>,
    element: Option<&'a ElementId>,
    left: &'static str,
}

/// The document: JSON with two spaces of indent, one newline at the end.
///
/// `graded`: as [`crate::grade`] gives it, whole or in part; `entries`: how many entries of the ledger were taken.
pub fn document(
    charter: &Charter,
    graded: &[Graded],
    history: &History,
    watched: Watched,
    (as_of, entries): (Timestamp, u64),
) -> String {
    let digest = charter.digest().to_string();
    let mended = |graded: &Graded| history.mended(graded, as_of, watched);
    let rows = graded.iter().map(|graded| claim_row(graded, &digest, mended(graded)));
    let document = Document {
        schema: DOCUMENT_SCHEMA,
        as_of,
        charter: digest.clone(),
        entries,
        window_s: watched.window.as_secs(),
        watched_s: watched.watched.as_secs(),
        grades: counts(graded),
        claims: rows.collect(),
    };
    serde_json::to_string_pretty(&document).expect("texts, numbers and lists") + "\n"
}

/// How many claims earned each grade.
pub fn counts(graded: &[Graded]) -> BTreeMap<&'static str, usize> {
    let count = |grade: Grade| graded.iter().filter(|graded| graded.overall == grade).count();
    Grade::ALL
        .into_iter()
        .map(|grade| (grade.as_str(), count(grade)))
        .collect()
}

fn claim_row<'a>(graded: &'a Graded, digest: &str, mended: Option<&'a Change>) -> ClaimRow<'a> {
    ClaimRow {
        id: &graded.claim.id,
        kind: graded.claim.kind.as_str(),
        recipient: graded.claim.recipient.as_ref(),
        sentence: &graded.claim.sentence,
        grade: graded.overall,
        reason: &graded.reason,
        last_evidence: graded.last_evidence().map(|(at, entry)| LastRow { at, entry }),
        entries: graded.entries(),
        mended: mended.map(|change| MendedRow {
            broken_at: change.at,
            entry: change.entry,
            reason: &change.reason,
        }),
        planes: graded.planes.iter().map(|row| plane_row(row, digest)).collect(),
        attestation: graded.vouched.as_ref(),
    }
}

fn plane_row<'a>(row: &'a PlaneGrade, digest: &str) -> PlaneRow<'a> {
    PlaneRow {
        plane: row.plane,
        grade: row.grade,
        reason: &row.reason,
        evidence: row.evidence.as_ref().map(|seen| messages_row(seen, digest)),
        measurements: &row.looks,
    }
}

fn messages_row<'a>(seen: &'a Evidence, digest: &str) -> MessagesRow<'a> {
    MessagesRow {
        observed: seen.observed,
        let_out: seen.let_out(),
        refused: seen.refused,
        not_sent: seen.not_sent,
        contrary: seen.contrary,
        prevented: seen.prevented,
        unreadable: seen.unreadable,
        unattributed: seen.unattributed,
        judged_under_other_charters: seen.decided_by_others(digest),
        first_at: seen.first_at,
        last_at: seen.last_at,
        last_entry: seen.last_entry,
        last_contrary: seen.last_contrary.as_ref().map(contrary_row),
    }
}

fn contrary_row(contrary: &Contrary) -> ContraryRow<'_> {
    ContraryRow {
        entry: contrary.index,
        at: contrary.at,
        element: contrary.element.as_ref(),
        left: contrary.left.as_str(),
    }
}

impl Left {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Surely => "surely",
            Self::Perhaps => "perhaps",
        }
    }
}
