//! What is wrong with a register, said like a good clerk: where, what was found, what was expected, how to mend it.

mod json;
mod sarif;

use std::fmt::Write as _;

use jiff::civil::Date;

use crate::charter::Said;

pub use json::json;
pub use sarif::{RuleHelp, sarif, sarif_log, sarif_rule, sarif_uri};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Must be mended or said.
    Warning,
    /// The statement cannot stand, or the register cannot be read.
    Error,
}

impl Severity {
    /// `note`, `warning` or `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place in a text file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Length in characters, at least 1.
    pub length: usize,
    /// The line itself.
    pub excerpt: String,
}

/// Where the lines of a text begin, so that many places in one text are found without reading it again for each.
#[derive(Debug)]
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// The lines of `text`.
    pub fn of(text: &'a str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(breaks).collect(),
        }
    }

    /// The position of the bytes `span`; clipped to one line.
    pub fn position(&self, span: std::ops::Range<usize>) -> Position {
        let start = floor_boundary(self.text, span.start);
        let line = self.starts.partition_point(|begin| *begin <= start);
        let line_start = self.starts.get(line - 1).copied().unwrap_or(0);
        let line_end = self
            .starts
            .get(line)
            .map_or(self.text.len(), |next| next - 1)
            .max(start);
        let end = floor_boundary(self.text, span.end).clamp(start, line_end);
        Position {
            line,
            column: self.text[line_start..start].chars().count() + 1,
            length: self.text[start..end].chars().count().max(1),
            excerpt: self.text[line_start..line_end].trim_end_matches('\r').to_owned(),
        }
    }
}

impl Position {
    /// The position of the bytes `span` in `text`; clipped to one line.
    pub fn of(text: &str, span: std::ops::Range<usize>) -> Self {
        Lines::of(text).position(span)
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// One finding about a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable name of the rule, e.g. `unknown-purpose`.
    pub code: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What was found and what was expected: lower case, no full stop.
    pub message: String,
    /// File, relative to the register.
    pub file: String,
    /// Where in it, when known.
    pub at: Option<Position>,
    /// How to mend it.
    pub hint: Option<String>,
    /// Paragraph that the rule rests on.
    pub cite: Option<&'static str>,
    /// What only findings about statements have.
    pub context: Context,
}

/// What a finding about a statement says besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// Rules of law and good sense that it comes from, e.g. `COPPA-10-a`; `docs/lint.md` lists them.
    pub ids: &'static [&'static str],
    /// The source of the rule is not confirmed from the text of the law itself.
    pub unverified: bool,
    /// Where the statement was published.
    pub said: Option<Said>,
    /// The words that it is about, as published.
    pub words: Option<String>,
    /// It says something about the published page, not only about how the register is kept.
    pub page: bool,
    /// Accepted for a time by the register.
    pub suppressed: Option<Suppressed>,
}

/// Why a finding is accepted, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// Why.
    pub reason: String,
    /// Last day.
    pub until: Date,
}

impl Diagnostic {
    /// The finding as text for a terminal, with excerpt and caret; `root` is put before the file name.
    pub fn render(&self, root: &str) -> String {
        let mut out = format!("{}: {}\n", self.severity.as_str(), visible(&self.message));
        let file = if root.is_empty() {
            self.file.clone()
        } else {
            format!("{}/{}", root.trim_end_matches('/'), self.file)
        };
        match &self.at {
            None => _ = writeln!(out, "  --> {file}"),
            Some(at) => {
                let number = at.line.to_string();
                _ = writeln!(out, "  --> {file}:{}:{}", at.line, at.column);
                let (excerpt, column) = clip(&at.excerpt, at.column);
                _ = writeln!(out, " {number} | {excerpt}");
                let width = at.length.min(excerpt.chars().count().saturating_sub(column - 1)).max(1);
                _ = writeln!(
                    out,
                    " {} | {}{}",
                    " ".repeat(number.len()),
                    " ".repeat(column - 1),
                    "^".repeat(width)
                );
            }
        }
        if let Some(said) = &self.context.said {
            _ = writeln!(out, "said: {} line {}", visible(&said.document), said.line);
        }
        if let Some(hint) = &self.hint {
            _ = writeln!(out, "hint: {}", visible(hint));
        }
        if let Some(accepted) = &self.context.suppressed {
            _ = writeln!(
                out,
                "suppressed: until {}, {}",
                accepted.until,
                visible(&accepted.reason)
            );
        }
        _ = writeln!(out, "rule: {}", self.rule());
        out
    }

    /// Code, rules of law, paragraph.
    fn rule(&self) -> String {
        let mut rule = self.code.to_owned();
        if !self.context.ids.is_empty() {
            _ = write!(rule, " [{}]", self.context.ids.join(", "));
        }
        if let Some(cite) = self.cite {
            _ = write!(rule, ", {cite}");
        }
        if self.context.unverified {
            rule.push_str(" (source not confirmed)");
        }
        rule
    }
}

/// A quoted name may hold what a terminal would obey: it is shown as a space.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Cuts a long line around the column so that the excerpt fits a terminal of 80 columns.
fn clip(line: &str, column: usize) -> (String, usize) {
    const WIDTH: usize = 68;
    let characters: Vec<char> = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if characters.len() <= WIDTH {
        return (characters.into_iter().collect(), column);
    }
    let start = column.saturating_sub(WIDTH / 3).min(characters.len() - WIDTH);
    (characters[start..start + WIDTH].iter().collect(), column - start)
}
