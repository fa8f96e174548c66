//! The evidence about a claim as it is published: counts, times, never values.

use averment_claims::{Contrary, Evidence, Grade, PlaneGrade};
use jiff::Timestamp;
use serde::Serialize;

use crate::history_row::LookRow;
use crate::words::{Named, element};

/// A claim's grade on one plane.
#[derive(Debug, Serialize)]
pub(crate) struct PlaneRow {
    pub(crate) plane: &'static str,
    pub(crate) grade: Grade,
    pub(crate) reason: String,
    pub(crate) evidence: Option<EvidenceRow>,
    /// What programs measured.
    measurements: Vec<LookRow>,
}

/// What the grade rests on.
#[derive(Debug, Serialize)]
pub(crate) struct EvidenceRow {
    pub(crate) observed: u64,
    let_out: u64,
    pub(crate) refused: u64,
    not_sent: u64,
    pub(crate) contrary: u64,
    prevented: u64,
    pub(crate) unreadable: u64,
    unattributed: u64,
    decided_in_report_mode: u64,
    decided_in_enforce_mode: u64,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    last_entry: Option<u64>,
    last_contrary: Option<ContraryRow>,
    charters: Vec<String>,
    judged_under_other_charters: u64,
}

/// The last message against a claim.
#[derive(Debug, Serialize)]
struct ContraryRow {
    entry: u64,
    at: Option<Timestamp>,
    element: Option<Named>,
    left: &'static str,
}

impl PlaneRow {
    /// `charter`: digest of the register that the page is made from.
    pub(crate) fn new(plane: &PlaneGrade, charter: &str) -> Self {
        Self {
            plane: plane.plane.as_str(),
            grade: plane.grade,
            reason: plane.reason.clone(),
            evidence: plane
                .evidence
                .as_ref()
                .map(|evidence| EvidenceRow::new(evidence, charter)),
            measurements: plane.looks.iter().map(LookRow::new).collect(),
        }
    }

    pub(crate) fn judged_under_other_charters(&self) -> u64 {
        self.evidence
            .as_ref()
            .map_or(0, |evidence| evidence.judged_under_other_charters)
    }
}

impl EvidenceRow {
    fn new(evidence: &Evidence, charter: &str) -> Self {
        Self {
            observed: evidence.observed,
            let_out: evidence.let_out(),
            refused: evidence.refused,
            not_sent: evidence.not_sent,
            contrary: evidence.contrary,
            prevented: evidence.prevented,
            unreadable: evidence.unreadable,
            unattributed: evidence.unattributed,
            decided_in_report_mode: evidence.reported,
            decided_in_enforce_mode: evidence.enforced,
            first_at: evidence.first_at,
            last_at: evidence.last_at,
            last_entry: evidence.last_entry,
            last_contrary: evidence.last_contrary.as_ref().map(contrary),
            charters: evidence.charters.keys().cloned().collect(),
            judged_under_other_charters: evidence.decided_by_others(charter),
        }
    }
}

fn contrary(contrary: &Contrary) -> ContraryRow {
    ContraryRow {
        entry: contrary.index,
        at: contrary.at,
        element: contrary.element.as_ref().map(element),
        left: contrary.left.as_str(),
    }
}
