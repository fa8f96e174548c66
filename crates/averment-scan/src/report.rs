//! What a look says, for people and programs: a terminal, JSON, code-scanning services, a pull request.
//!
//! Start at [`text`], [`json`](fn@json), [`sarif`](fn@sarif) and [`markdown`]. All four say the same; what was read is shown in
//! such a way that no terminal and no page obeys it.

mod excerpt;
mod json;
mod markdown;
mod sarif;
#[cfg(test)]
mod tests;
mod text;

pub use json::json;
pub use markdown::markdown;
pub use sarif::sarif;
pub use text::text;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use averment_register::{Severity, is_obeyed};

use crate::drift::Report;

/// Where files of a report lie, for whoever opens them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Roots<'a> {
    /// Folder of what was read, from the root of the sources; empty for that root itself.
    pub read: &'a str,
    /// Folder of the register, when it is one.
    pub register: Option<&'a str>,
    /// The files of recipients in it, by identifier: `desk` is in `recipients/desk.toml`.
    pub recipients: Option<&'a BTreeMap<String, String>>,
    /// Tells looks of one kind apart: services take a log of the same kind and name for a later one of the same look.
    pub name: Option<&'a str>,
}

/// `2 errors, 1 warning, 0 notes, 3 accepted for a time`.
pub(crate) fn counts(report: &Report) -> String {
    let [errors, warnings, notes] =
        [Severity::Error, Severity::Warning, Severity::Note].map(|severity| report.count(severity));
    let accepted = report.drift.len() - report.open().count();
    let (errors, warnings, notes) = (
        counted(errors, "error"),
        counted(warnings, "warning"),
        counted(notes, "note"),
    );
    let accepted = match accepted {
        0 => String::new(),
        count => format!(", {count} accepted for a time"),
    };
    format!("{errors}, {warnings}, {notes}{accepted}")
}

pub(crate) fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// Text for a line of a terminal or a page: with blanks for what they would obey.
pub fn visible(text: &str) -> String {
    text.chars().map(|c| if is_obeyed(c) { ' ' } else { c }).collect()
}

/// A document of JSON that says the same and holds nothing that a terminal obeys, but for line feeds between its values.
/// Source: RFC 8259, 7.
pub fn visible_json(document: &str) -> String {
    let mut out = String::with_capacity(document.len());
    for c in document.chars() {
        if c == '\n' || !is_obeyed(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

/// A string of TOML that reads as `text`, with nothing in it that a terminal obeys. Source: TOML 1.0, string.
pub fn visible_toml(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            _ if is_obeyed(c) => _ = write!(out, "\\U{:08X}", u32::from(c)),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The first `most` characters, with a mark where something is left out.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
