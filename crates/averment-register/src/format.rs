//! Register files in one layout: fields in the order of the shapes, even spacing, long lists in lines of 120 columns.
//!
//! Start at [`files`]. Rows keep their order, because rules are named after it. Comments stay with what they stand before
//! or behind; a comment at the top that a blank line parts from the first field stays at the top.
//!
//! Invariant: the laid-out file says the same and has the same comments; a file of which that is not so is left alone.

mod comments;
mod layout;
#[cfg(test)]
mod tests;
mod value;
mod write;

use std::collections::BTreeMap;

use toml_edit::{DocumentMut, TomlError};

use crate::compile::shape::{self, Shape};
use crate::diagnostic::{Context, Diagnostic, Position, Severity};
use crate::source::Source;

pub(crate) use comments::all as comments;
pub use write::write;

/// What laying out the files of a register gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// Files whose layout changes, with their new text, by name.
    pub changed: BTreeMap<String, String>,
    /// How many files were looked at.
    pub count: usize,
    /// Why files were left alone.
    pub left: Vec<Diagnostic>,
}

/// Lays out every file of a register. Files that are no part of a register are not looked at.
pub fn files(source: &Source) -> Formatted {
    let mut formatted = Formatted {
        changed: BTreeMap::new(),
        count: 0,
        left: source.unread().cloned().collect(),
    };
    for (name, text) in source.files() {
        let Some(shape) = shape_of(name) else { continue };
        formatted.count += 1;
        match text_of(name, text, shape) {
            Ok(new) if new == text => {}
            Ok(new) => _ = formatted.changed.insert(name.to_owned(), new),
            Err(finding) => formatted.left.push(*finding),
        }
    }
    formatted
}

/// The shape of a file by its name.
pub(crate) fn shape_of(name: &str) -> Option<&'static Shape> {
    match name.split_once('/') {
        None if name == "organisation.toml" => Some(&shape::ORGANISATION),
        Some(("recipients", _)) => Some(&shape::RECIPIENT),
        Some(("claims", _)) => Some(&shape::CLAIMS),
        Some(("controllers", _)) => Some(&shape::CONTROLLER),
        Some(("data", _)) => Some(&shape::DATA),
        _ => None,
    }
}

fn text_of(name: &str, text: &str, shape: &'static Shape) -> Result<String, Box<Diagnostic>> {
    let document: DocumentMut = text.parse().map_err(|error| Box::new(unreadable(name, text, &error)))?;
    let laid_out = layout::text(&document, shape);
    // A file that was written with CRLF keeps it; what stands inside texts was never touched.
    let crlf = text
        .lines()
        .next()
        .is_some_and(|line| text[line.len()..].starts_with("\r\n"));
    let new = laid_out.join(if crlf { "\r\n" } else { "\n" });
    if says_the_same(text, &new) {
        Ok(new)
    } else {
        let message = "this file cannot be laid out without losing a comment or a value: it was left alone";
        let hint = "write its tables with headers such as `[contract]`, and comments on lines of their own";
        Err(Box::new(finding(name, "layout", message.to_owned(), None, hint)))
    }
}

fn says_the_same(before: &str, after: &str) -> bool {
    let values = |text: &str| toml::from_str::<toml::Table>(text).ok();
    values(after).is_some() && values(before) == values(after) && sorted(before) == sorted(after)
}

fn sorted(text: &str) -> Vec<&str> {
    let mut found = comments::all(text);
    found.sort_unstable();
    found
}

fn unreadable(name: &str, text: &str, error: &TomlError) -> Diagnostic {
    let at = error.span().map(|span| Position::of(text, span));
    let message = format!(
        "cannot read this: {}",
        error.message().lines().next().unwrap_or_default()
    );
    finding(
        name,
        "syntax",
        message,
        at,
        "`averment check` shows everything that is wrong; the file was left alone",
    )
}

fn finding(name: &str, code: &'static str, message: String, at: Option<Position>, hint: &str) -> Diagnostic {
    Diagnostic {
        code,
        severity: Severity::Error,
        message,
        file: name.to_owned(),
        at,
        hint: Some(hint.to_owned()),
        cite: None,
        context: Context::default(),
    }
}
