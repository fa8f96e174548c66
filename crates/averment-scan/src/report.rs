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

use crate::drift::Report;
use averment_register::Severity;

/// Where files of a report lie, for whoever opens them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Roots<'a> {
    /// Folder of what was read, from the root of the sources; empty for that root itself.
    pub read: &'a str,
    /// Folder of the register, when it is one.
    pub register: Option<&'a str>,
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

/// What a terminal, or a reader's eye, would obey instead of show: control characters and those that turn or hide text.
pub fn visible(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().map(|c| if obeyed(c) { ' ' } else { c }).collect()
}

/// The first `most` characters, with a mark where something is left out.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
