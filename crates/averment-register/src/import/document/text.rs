//! One line of plain text with what was marked in it.

use std::ops::Range;

/// A text without line breaks, where it stands, and what is bold or a link in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::import) struct Text {
    /// Line in the file, from 1.
    pub(in crate::import) line: u32,
    /// The words.
    pub(in crate::import) plain: String,
    /// What is marked, in order.
    pub(in crate::import) marks: Vec<Mark>,
}

/// A marked part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::import) struct Mark {
    /// Its bytes.
    pub(in crate::import) at: Range<usize>,
    /// Where it leads; none for bold text.
    pub(in crate::import) link: Option<String>,
}

impl Text {
    /// A text without marks; white space and control characters are made single spaces.
    pub(in crate::import) fn new(line: u32, text: &str) -> Self {
        Self {
            line,
            plain: clean(text),
            marks: Vec::new(),
        }
    }

    pub(in crate::import) fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }

    /// Adds `other` behind a space.
    pub(in crate::import) fn join(&mut self, other: Self) {
        if self.plain.is_empty() {
            let line = if self.line == 0 { other.line } else { self.line };
            *self = Self { line, ..other };
            return;
        }
        if other.plain.is_empty() {
            return;
        }
        self.plain.push(' ');
        let by = self.plain.len();
        self.plain.push_str(&other.plain);
        self.marks.extend(other.marks.into_iter().map(|mark| Mark {
            at: mark.at.start + by..mark.at.end + by,
            ..mark
        }));
    }

    /// A part of the text, trimmed, with the marks that lie in it.
    pub(in crate::import) fn part(&self, range: Range<usize>) -> Self {
        let inner = &self.plain[range.clone()];
        let start = range.start + (inner.len() - inner.trim_start().len());
        let end = start + inner.trim().len();
        let marks = self.marks.iter().filter_map(|mark| {
            let at = mark.at.start.max(start)..mark.at.end.min(end);
            (at.start < at.end).then(|| Mark {
                at: at.start - start..at.end - start,
                link: mark.link.clone(),
            })
        });
        Self {
            line: self.line,
            plain: self.plain[start..end].to_owned(),
            marks: marks.collect(),
        }
    }

    /// From a byte to the end.
    pub(in crate::import) fn from(&self, start: usize) -> Self {
        self.part(start..self.plain.len())
    }

    /// Where the text leads, when it holds a link.
    pub(in crate::import) fn link(&self) -> Option<&str> {
        self.marks.iter().find_map(|mark| mark.link.as_deref())
    }

    /// Whether all of it is marked, but for a full stop or a colon at its end.
    pub(in crate::import) fn is_marked(&self) -> bool {
        let end = self.plain.trim_end_matches(['.', ':', ' ']).len();
        self.marks
            .first()
            .is_some_and(|mark| mark.at.start == 0 && mark.at.end >= end)
            && end > 0
    }
}

/// One line of plain text: control characters and runs of white space become one space.
pub(in crate::import) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}' || c == '\u{200b}') {
        if !word.is_empty() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        }
    }
    out
}
