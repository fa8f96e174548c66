//! Grades for a terminal of 80 columns.

use std::fmt::Write as _;

use averment_claims::{Grade, Graded, counts};
use jiff::Timestamp;

use crate::live::Standing;
use crate::text::wrap;

/// Each claim with its reason, the worst first.
pub(super) fn text(standing: &Standing) -> String {
    let mut out = String::new();
    for graded in worst_first(&standing.graded) {
        let indent = "            ";
        _ = writeln!(out, "{:<11} {}", graded.overall.as_str(), graded.claim.id);
        _ = writeln!(out, "{indent}{}", wrap(&graded.reason, 79, indent));
        if let Some(mended) = mended(standing, graded) {
            _ = writeln!(out, "{indent}{}", wrap(&mended, 79, indent));
        }
    }
    out + &end(standing)
}

/// One line per claim, the worst first: grade, claim, and the last evidence with the number of its entry.
pub(super) fn table(standing: &Standing) -> String {
    let mut out = format!(
        "{:<11} {:<38} {:<17} {:>8}  \n",
        "grade", "claim", "last evidence", "entry"
    );
    for graded in worst_first(&standing.graded) {
        let last = graded.last_evidence();
        let at = last.map_or_else(|| "-".to_owned(), |(at, _)| minute(at));
        let entry = last.map_or_else(|| "-".to_owned(), |(_, entry)| entry.to_string());
        let mark = if mended(standing, graded).is_some() { "*" } else { "" };
        let line = format!(
            "{:<11} {:<38} {:<17} {entry:>8} {mark}",
            graded.overall.as_str(),
            short(graded.claim.id.as_str(), 38),
            at
        );
        _ = writeln!(out, "{}", line.trim_end());
    }
    if standing.graded.iter().any(|graded| mended(standing, graded).is_some()) {
        out += "* broken within the window, and not any more: see `--history`\n";
    }
    out.replace("  \n", "\n") + &end(standing)
}

fn end(standing: &Standing) -> String {
    let counts = counts(&standing.graded);
    let count = |grade: &Grade| format!("{} {}", counts.get(grade.as_str()).unwrap_or(&0), grade.as_str());
    let counts: Vec<_> = Grade::ALL.iter().map(count).collect();
    let digest = standing.charter.digest();
    let claims = match standing.graded.len() {
        1 => "1 claim".to_owned(),
        all => format!("{all} claims"),
    };
    format!("\n{claims}: {}\ncharter {digest}\n", counts.join(", "))
}

/// That a claim was broken within the window and is not any more.
fn mended(standing: &Standing, graded: &Graded) -> Option<String> {
    let change = standing.history.mended(graded, standing.now, standing.watched)?;
    let at = change
        .at
        .map_or_else(|| "at an unreadable time".to_owned(), |at| format!("on {}", minute(at)));
    Some(format!(
        "It was broken {at} (entry {}), and is not any more: {}",
        change.entry, change.reason
    ))
}

fn worst_first(graded: &[Graded]) -> Vec<&Graded> {
    let mut sorted: Vec<&Graded> = graded.iter().collect();
    sorted.sort_by_key(|graded| std::cmp::Reverse(graded.overall));
    sorted
}

/// To the minute, UTC.
pub(super) fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%MZ").to_string()
}

/// At most `most` characters.
fn short(name: &str, most: usize) -> String {
    match name.chars().count() > most {
        true => name.chars().take(most - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}
