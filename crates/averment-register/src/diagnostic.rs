//! What is wrong with a register, said like a good clerk: where, what was found, what was expected, how to mend it.

use std::fmt::Write as _;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// To be looked at; the charter is still made.
    Warning,
    /// No charter is made.
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

impl Position {
    /// The position of the bytes `span` in `text`; clipped to one line.
    pub fn of(text: &str, span: std::ops::Range<usize>) -> Self {
        let start = floor_boundary(text, span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let end = floor_boundary(text, span.end).clamp(start, line_end);
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            length: text[start..end].chars().count().max(1),
            excerpt: text[line_start..line_end].trim_end_matches('\r').to_owned(),
        }
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
        if let Some(hint) = &self.hint {
            _ = writeln!(out, "hint: {}", visible(hint));
        }
        let rule = self
            .cite
            .map_or_else(|| self.code.to_owned(), |cite| format!("{}, {cite}", self.code));
        _ = writeln!(out, "rule: {rule}");
        out
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
