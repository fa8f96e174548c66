//! The report for a pull request: one line that says how it stands, the rest folded away.

use std::fmt::Write as _;

use averment_register::Severity;

use super::{clipped, counts, visible};
use crate::drift::{Drift, Report};

/// Most drift in the table: what is longer nobody reads there, and services cut it off.
const ROWS_MAX: usize = 50;
/// Longest table, in bytes: a comment holds 65,536 characters, and marks become longer when they are written out.
const BYTES_MAX: usize = 40_000;
/// Longest text of a cell, in characters.
const CELL_MAX: usize = 240;

/// The report as Markdown of GitHub's flavour. `places_max`: places named per drift.
pub fn markdown(report: &Report, places_max: usize) -> String {
    let mut out = format!("### Averment: {}\n\n", counts(report));
    let coverage = &report.seen.coverage;
    if !coverage.saw_something() {
        out.push_str("**Nothing could be seen, so nothing was found out: this is no pass.**\n\n");
    }
    let open: Vec<&Drift> = report.open().collect();
    if !open.is_empty() {
        table(&mut out, &open, places_max);
    }
    for notice in &report.notices {
        _ = writeln!(out, "- baseline: {}", escaped(&clipped(notice, CELL_MAX)));
    }
    _ = writeln!(
        out,
        "\n<sub>{}: {} read, {} of them live, {} could not be read. Charter {}.</sub>",
        escaped(report.seen.look.as_str()),
        coverage.read,
        coverage.live,
        coverage.unread.len(),
        escaped(&report.charter.to_string()),
    );
    out
}

fn table(out: &mut String, open: &[&Drift], places_max: usize) {
    let folded = open.iter().all(|one| one.severity != Severity::Error);
    let state = if folded { "" } else { " open" };
    _ = writeln!(out, "<details{state}><summary>What drifted</summary>\n");
    out.push_str("| | what | where | rule |\n|---|---|---|---|\n");
    let mut shown = 0;
    for one in open.iter().take(ROWS_MAX) {
        if out.len() > BYTES_MAX {
            break;
        }
        shown += 1;
        let what = one
            .hint
            .as_ref()
            .map_or_else(|| one.message.clone(), |hint| format!("{}; {hint}", one.message));
        let (severity, what) = (one.severity.as_str(), escaped(&clipped(&what, CELL_MAX)));
        let (places, rule) = (places(one, places_max), one.rule.as_str());
        _ = writeln!(out, "| {severity} | {what} | {places} | {rule} |");
    }
    if open.len() > shown {
        _ = writeln!(out, "\nand {} more", open.len() - shown);
    }
    out.push_str("\n</details>\n\n");
}

fn places(drift: &Drift, places_max: usize) -> String {
    let shown = drift.places.iter().take(places_max);
    let mut cells: Vec<String> = shown
        .map(|spot| escaped(&clipped(&spot.to_string(), CELL_MAX)))
        .collect();
    let more = drift.places.len() - cells.len();
    if more > 0 {
        cells.push(format!("and {more} more"));
    }
    cells.join("<br>")
}

/// Text that no Markdown, no HTML and no table obeys, that mentions nobody and links nowhere.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in visible(text).chars() {
        match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | ',' | ';' | '-' => out.push(letter),
            _ if letter.is_alphanumeric() => out.push(letter),
            // Services look for mentions behind the markup: a comment parts the sign from the name.
            '@' | '#' => _ = write!(out, "&#{};<!-- -->", u32::from(letter)),
            // A character reference is never read as markup.
            _ => _ = write!(out, "&#{};", u32::from(letter)),
        }
    }
    out
}
