//! What is not handed to a grammar because its scanner, which is C, could not hold its state for it.
//!
//! A scanner saves its state into 1024 bytes. Those of Python and Ruby may write a byte or two beyond when the state is longer, so
//! sources that could make it that long are read as text instead. Nobody writes them by hand.

use std::collections::BTreeSet;

use crate::Language;

/// Levels of indentation that the scanner of Python can save: two bytes each, beside at most 257 others.
const INDENTATIONS_MAX: usize = 300;

/// Bytes of names of heredocs that may be open at once, with four for each.
const HEREDOCS_MAX: usize = 500;

/// The longest name of a heredoc: its length is kept in one byte.
const HEREDOC_MAX: usize = 100;

/// Whether a source may be parsed.
pub(crate) fn is_safe(language: Language, text: &str) -> bool {
    match language {
        Language::Python => indentations(text) <= INDENTATIONS_MAX,
        Language::Ruby => open_heredocs(text) <= HEREDOCS_MAX,
        _ => true,
    }
}

/// How many widths of indentation there are: each level is wider than the one around it, so there are no more levels.
fn indentations(text: &str) -> usize {
    let widths: BTreeSet<usize> = text
        .lines()
        .map(|line| {
            line.bytes()
                .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | 12))
                .map(|byte| if byte == b'\t' { 8 } else { 1 })
                .sum()
        })
        .collect();
    widths.len()
}

/// The most bytes that names of open heredocs take. A heredoc is open until a line is its name.
fn open_heredocs(text: &str) -> usize {
    let (mut open, mut most): (Vec<&str>, usize) = (Vec::new(), 0);
    for line in text.lines() {
        if let Some(place) = open.iter().position(|name| *name == line.trim()) {
            open.remove(place);
            continue;
        }
        for (at, _) in line.match_indices("<<") {
            let Some(name) = heredoc(&line[at + 2..]) else { continue };
            if name.len() > HEREDOC_MAX {
                return usize::MAX;
            }
            open.push(name);
            most = most.max(open.iter().map(|name| name.len() + 4).sum());
            if most > HEREDOCS_MAX {
                return most;
            }
        }
    }
    most
}

/// The name of a heredoc that begins here.
fn heredoc(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['-', '~']);
    let quote = text.chars().next()?;
    if matches!(quote, '"' | '\'' | '`') {
        let inner = &text[1..];
        // A name in quotes may go over lines and is then as long as the rest.
        return Some(inner.split(quote).next().unwrap_or(inner));
    }
    let end = text
        .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .unwrap_or(text.len());
    (end > 0 && !quote.is_ascii_digit()).then(|| &text[..end])
}
