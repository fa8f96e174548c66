//! The site as one Markdown document, for places that show nothing else.

use std::fmt::Write as _;

use crate::claim_row::ClaimRow;
use crate::document::Document;
use crate::recipient_row::RecipientRow;
use crate::words;

pub(crate) fn markdown(document: &Document) -> String {
    let mut text = format!("# Who receives data from {}\n\n", escape(&document.organisation));
    if let Some(notice) = &document.notice {
        _ = writeln!(text, "> **Please note:** {}\n", escape(notice));
    }
    _ = writeln!(text, "- Made: {}", words::long_time(&document.generated_at.to_string()));
    if let Some(date) = document.about.updated {
        _ = writeln!(text, "- Statements of: {}", crate::terms::date(date));
    }
    _ = writeln!(text, "- Charter: `{}`\n", document.charter);
    let (retired, used): (Vec<_>, Vec<_>) = document.recipients.iter().partition(|row| row.state == "retired");
    used.iter().for_each(|row| recipient(&mut text, row));
    if !retired.is_empty() {
        text += "# No longer used\n\n";
        retired.iter().for_each(|row| recipient(&mut text, row));
    }
    text += "# Statements about the list as a whole\n\n";
    document.claims.iter().for_each(|claim| claim_item(&mut text, claim));
    text
}

fn recipient(text: &mut String, row: &RecipientRow) {
    _ = writeln!(text, "## {}\n", escape(&row.name));
    _ = writeln!(text, "{}\n", escape(&row.purpose));
    if let Some(mode) = row.mode {
        _ = write!(text, "Gateway mode: {mode}. ");
    }
    let records = words::student_records(row.student_records).to_lowercase();
    _ = writeln!(text, "Student records, as published: {records}.\n");
    if !row.discloses.is_empty() {
        text.push_str("What the register lets through:\n\n");
        for flow in &row.discloses {
            _ = writeln!(text, "- {}", escape(&flow.plain));
        }
        text.push_str("\nWhat is said about it:\n\n");
    }
    row.claims.iter().for_each(|claim| claim_item(text, claim));
    text.push('\n');
}

fn claim_item(text: &mut String, claim: &ClaimRow) {
    _ = writeln!(
        text,
        "- **{}** {}",
        words::capital(claim.grade.as_str()),
        escape(&claim.sentence)
    );
    if let Some(plain) = claim.plain.as_ref().filter(|plain| **plain != claim.sentence) {
        _ = writeln!(text, "  In plain words: {}", escape(plain));
    }
    _ = writeln!(text, "  {}", escape(&claim.reason));
    let not: Vec<&str> = claim
        .not_looked_for
        .iter()
        .flatten()
        .map(|row| row.label.as_str())
        .collect();
    if !not.is_empty() {
        _ = writeln!(text, "  Nothing looks yet for: {}.", escape(&not.join("; ")));
    }
}

/// Published sentences are text, whatever characters they hold.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '&' => out.extend(['\\', character]),
            '\n' | '\r' => out.push(' '),
            other => out.push(other),
        }
    }
    out
}
