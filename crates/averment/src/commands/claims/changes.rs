//! Every change of a grade that the ledger holds.

use std::fmt::Write as _;

use averment_claims::{Change, Past};
use averment_register::ClaimId;
use serde_json::json;

use super::arguments::ClaimsArgs;
use super::print::minute;
use crate::live::Standing;
use crate::text::wrap;

/// Claim by claim, oldest change first.
pub(super) fn text(standing: &Standing, arguments: &ClaimsArgs) -> String {
    let mut out = String::new();
    for (claim, past) in asked_for(standing, arguments) {
        _ = writeln!(out, "{claim}");
        for change in &past.changes {
            out += &line(change);
        }
    }
    match out.is_empty() {
        true => "no change of a grade is recorded\n".to_owned(),
        false => out,
    }
}

fn line(change: &Change) -> String {
    let at = change.at.map_or_else(|| "?".to_owned(), minute);
    let from = change.from.as_deref().unwrap_or("unverified");
    let head = format!("  {at:<17}  entry {:<7} {from} -> {}\n", change.entry, change.to);
    let indent = " ".repeat(21);
    let rests_on = match change.entries.as_slice() {
        [] => String::new(),
        [entry] => format!(" (entry {entry})"),
        entries => {
            let entries: Vec<String> = entries.iter().map(u64::to_string).collect();
            format!(" (entries {})", entries.join(", "))
        }
    };
    let why = format!("{}{rests_on}", change.reason);
    format!("{head}{indent}{}\n", wrap(&why, 79, &indent))
}

/// For programs.
pub(super) fn json(standing: &Standing, arguments: &ClaimsArgs) -> String {
    let row = |(claim, past): (&str, &Past)| json!({ "id": claim, "changes": past.changes });
    let claims: Vec<_> = asked_for(standing, arguments).map(row).collect();
    let document = json!({ "schema": "averment.claim-history/1", "as_of": standing.now, "claims": claims });
    format!("{document:#}\n")
}

/// Claims that have changes; without a filter those too that are in the register no more.
fn asked_for<'a>(standing: &'a Standing, arguments: &'a ClaimsArgs) -> impl Iterator<Item = (&'a str, &'a Past)> {
    let claims = &standing.charter.content().claims;
    standing.history.claims().filter(move |(claim, _)| {
        let known = ClaimId::new(claim).ok().and_then(|id| claims.get(&id));
        let recipient = known.and_then(|claim| claim.recipient.as_ref());
        arguments.asks_for(claim, recipient.map(averment_register::RecipientId::as_str))
    })
}
