//! What probes saw, for people and for programs.

use std::fmt::Write as _;

use averment_duties::probe::Probed;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::outcome::Failure;
use crate::text::wrap;

/// The version of the document.
const SCHEMA: &str = "averment.probes/1";

/// For programs.
pub(super) fn json(probed: &[Probed], from: Timestamp, until: Timestamp) -> Result<Value, Failure> {
    Ok(json!({
        "schema": SCHEMA,
        "from": from.to_string(),
        "until": until.to_string(),
        "probes": serde_json::to_value(probed)?,
    }))
}

/// For a terminal of 80 columns: a paragraph for each claim.
pub(crate) fn text(probed: &[Probed], notice: Option<&str>) -> String {
    let mut out = String::new();
    if let Some(notice) = notice {
        _ = writeln!(out, "{}", wrap(&format!("note: {notice}"), 80, ""));
    }
    for one in probed {
        _ = writeln!(out, "{}", wrap(&headline(one), 80, "    "));
        for place in &one.places {
            _ = writeln!(out, "    {}", wrap(&format!("against: {place}"), 80, "      "));
        }
        for note in &one.notes {
            _ = writeln!(out, "    {}", wrap(note, 80, "      "));
        }
    }
    if probed.is_empty() {
        out.push_str("no claim of the register is one that these probes look at\n");
    }
    out
}

fn headline(one: &Probed) -> String {
    let word = match one {
        one if one.contrary > 0 => "against",
        one if one.holds() => "holds",
        one if one.attest && !one.is_recorded() => "attest",
        _ => "not measured",
    };
    let mut counts = format!("{} looked at", one.observed);
    for (count, said) in [
        (one.contrary, "against"),
        (one.unreadable, "not readable"),
        (one.unseen, "not seen"),
    ] {
        if count > 0 {
            _ = write!(counts, ", {count} {said}");
        }
    }
    format!("{word}: {} ({}, {}): {counts}", one.claim, one.by, one.plane.as_str())
}
