//! Where a deletion stands, in words for people and for the certificate. Names nobody.

use averment_catalog::Certainty;
use jiff::Timestamp;
use serde::Serialize;

use super::deletion::{Deletion, Evidence, Status};
use super::plan::Plan;

/// Where a deletion stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The recipient of the register.
    pub recipient: String,
    /// The third party of the catalog.
    pub third_party: String,
    /// `planned`, `requested`, `accepted`, `confirmed`, `still_there`, `failed`, `manual`, `no_api` or `attested`.
    pub state: &'static str,
    /// Whether it is shown that the person is erased there.
    pub done: bool,
    /// What is so, and why, in a sentence.
    pub says: String,
    /// Records found.
    pub records: u64,
    /// Requests for deletion that were taken.
    pub deletions: u64,
    /// Looks with a known answer that were answered so, after the last deletion.
    pub controls: u64,
    /// When nothing should be found any more, or somebody should have done it.
    pub due: Option<Timestamp>,
    /// Past that, and not done.
    pub overdue: bool,
    /// When to advance it again.
    pub next_at: Option<Timestamp>,
    /// What else happens there.
    pub side_effects: Vec<String>,
    /// What stays there.
    pub keeps: Vec<String>,
    /// How it is done by hand.
    pub by_hand: String,
    /// How the least certain part of the catalog's row is known; none without a row.
    pub certainty: Option<Certainty>,
}

/// Where a deletion stands.
pub fn report(plan: &Plan<'_>, deletion: &Deletion, now: Timestamp) -> Report {
    let due = match deletion.status {
        Status::Manual { due } => Some(due),
        _ => deletion.due,
    };
    let row = plan.erasure;
    Report {
        recipient: plan.order.recipient.clone(),
        third_party: plan.order.third_party.to_string(),
        state: deletion.status.word(),
        done: deletion.is_done(),
        says: says(deletion),
        records: deletion.records,
        deletions: deletion.deletions,
        controls: deletion.controls,
        due,
        overdue: !deletion.is_done() && due.is_some_and(|due| due <= now),
        next_at: deletion.next_at,
        side_effects: row.map(|row| row.side_effects.clone()).unwrap_or_default(),
        keeps: row.map(|row| row.keeps.clone()).unwrap_or_default(),
        by_hand: row.map(|row| row.by_hand.clone()).unwrap_or_default(),
        certainty: row.map(averment_catalog::erasure::Erasure::least_certain),
    }
}

fn says(deletion: &Deletion) -> String {
    let what = match &deletion.status {
        Status::Planned => "nothing has been asked for yet",
        Status::Requested => "deletion is being asked for",
        Status::Accepted => "deletion was accepted, nothing confirms it yet",
        Status::Confirmed { by: Evidence::Look, .. } => "a look after the deletion found nothing",
        Status::Confirmed { by: Evidence::Job, .. } => "the third party's own job says that it is done",
        Status::Confirmed {
            by: Evidence::NothingFound,
            ..
        } => "nothing was found there under what is known of the person",
        Status::StillThere { .. } => "records are still there after the time that the third party says it takes",
        Status::Failed { .. } => "it did not work",
        Status::Manual { .. } => "somebody has to do it",
        Status::NoApi => "there is nothing to ask",
        Status::Attested { .. } => "somebody vouches for it",
    };
    match &deletion.trouble {
        Some(trouble) => format!("{what}: {trouble}"),
        None => what.to_owned(),
    }
}
