//! What a claim earned before, and what programs and people say about it, as it is published.

use averment_claims::{Change, Grade, Look, Past, Vouched};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

/// The changes of a claim's grade.
#[derive(Debug, Default, Serialize)]
pub(crate) struct PastRow {
    /// How many there were in all; the page shows the newest.
    pub(crate) count: u64,
    /// Newest first.
    pub(crate) changes: Vec<ChangeRow>,
}

/// One change of a grade.
#[derive(Debug, Serialize)]
pub(crate) struct ChangeRow {
    entry: u64,
    at: Option<Timestamp>,
    from: String,
    to: &'static str,
    reason: String,
    entries: Vec<u64>,
}

/// A claim was broken within the window, and is not any more.
#[derive(Debug, Serialize)]
pub(crate) struct MendedRow {
    entry: u64,
    broken_at: Option<Timestamp>,
    reason: String,
}

/// One look of a program. Where it found what goes against the claim is not published.
#[derive(Debug, Serialize)]
pub(crate) struct LookRow {
    entry: u64,
    until: Option<Timestamp>,
    by: String,
    observed: u64,
    contrary: u64,
    unreadable: u64,
    unseen: u64,
    enforcing: bool,
}

/// Somebody vouches for a claim, or says that it does not hold.
#[derive(Debug, Serialize)]
pub(crate) struct VouchedRow {
    entry: u64,
    at: Option<Timestamp>,
    by: String,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    holds: bool,
    performed_on: Option<Date>,
    valid_until: Option<Date>,
    document: Option<String>,
}

impl PastRow {
    pub(crate) fn new(past: Option<&Past>) -> Self {
        past.map_or_else(Self::default, |past| Self {
            count: past.count,
            changes: past.changes.iter().rev().map(ChangeRow::new).collect(),
        })
    }
}

impl ChangeRow {
    fn new(change: &Change) -> Self {
        Self {
            entry: change.entry,
            at: change.at,
            from: word(change.from.as_deref()).to_owned(),
            to: word(Some(&change.to)),
            reason: change.reason.clone(),
            entries: change.entries.clone(),
        }
    }
}

/// A word that is not known is no pass.
fn word(grade: Option<&str>) -> &'static str {
    let known = Grade::ALL.into_iter().find(|known| Some(known.as_str()) == grade);
    known.unwrap_or(Grade::Unverified).as_str()
}

impl MendedRow {
    pub(crate) fn new(change: &Change) -> Self {
        Self {
            entry: change.entry,
            broken_at: change.at,
            reason: change.reason.clone(),
        }
    }
}

impl LookRow {
    pub(crate) fn new(look: &Look) -> Self {
        Self {
            entry: look.entry,
            until: look.until,
            by: look.by.clone(),
            observed: look.observed,
            contrary: look.contrary,
            unreadable: look.unreadable,
            unseen: look.unseen,
            enforcing: look.enforcing,
        }
    }
}

impl VouchedRow {
    pub(crate) fn new(vouched: &Vouched) -> Self {
        Self {
            entry: vouched.entry,
            at: vouched.at,
            by: vouched.by.clone(),
            says: vouched.says.clone(),
            scope: vouched.scope.clone(),
            holds: vouched.holds,
            performed_on: vouched.performed_on,
            valid_until: vouched.valid_until,
            document: vouched.document.clone(),
        }
    }
}
