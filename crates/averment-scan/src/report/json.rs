//! The report as JSON, `averment.drift/1`: for programs. `schema/drift.schema.json` describes it.

use serde_json::{Value, json};

use super::excerpt::{Excerpts, word};
use crate::drift::{Drift, Report};
use crate::observation::{Party, Spot};

/// The report as one document, accepted drift included.
///
/// # Panics
/// Never: what is written holds only strings, numbers, lists and tables.
pub fn json(report: &Report) -> Value {
    let seen = &report.seen;
    let excerpts = Excerpts::of(seen);
    let count = |severity| report.count(severity);
    use averment_register::Severity::{Error, Note, Warning};
    json!({
        "schema": "averment.drift/1",
        "charter": report.charter.to_string(),
        "look": seen.look,
        "planes": seen.planes,
        "from": seen.from,
        "until": seen.until,
        "saw_something": seen.coverage.saw_something(),
        "coverage": {
            "read": seen.coverage.read,
            "live": seen.coverage.live,
            "bytes": seen.coverage.bytes,
            "live_by_plane": seen.coverage.live_by_plane,
            "left_out": seen.coverage.left_out,
            "not_looked_at": seen.coverage.not_looked_at,
            "unread": seen.coverage.unread,
        },
        "counts": {
            "errors": count(Error),
            "warnings": count(Warning),
            "notes": count(Note),
            "accepted": report.drift.len() - report.open().count(),
        },
        "drift": report.drift.iter().map(|one| drift(one, &excerpts)).collect::<Vec<_>>(),
        "notices": report.notices,
    })
}

fn drift(drift: &Drift, excerpts: &Excerpts<'_>) -> Value {
    let party = drift.party.as_ref();
    let places = drift.places.iter().map(|spot| place(drift, spot, excerpts));
    json!({
        "rule": drift.rule,
        "severity": drift.severity.as_str(),
        "party": party.map(ToString::to_string),
        "in_catalog": party.map(|party| matches!(party, Party::Known(_))),
        "subject": drift.subject,
        "message": drift.message,
        "hint": drift.hint,
        "places": places.collect::<Vec<_>>(),
        "accepted": drift.accepted,
    })
}

fn place(drift: &Drift, spot: &Spot, excerpts: &Excerpts<'_>) -> Value {
    let evidence = excerpts.at(drift, spot);
    json!({
        "file": spot.file,
        "line": spot.line,
        "column": spot.column,
        "how": evidence.map(|one| word(one.how)),
        "what": evidence.map(|one| &one.what),
    })
}
