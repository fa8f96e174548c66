//! The register as a fenced block of a Markdown page, and back.
//!
//! Source: CommonMark 0.31, 4.5: a fence closes with a run of the same character that is at least as long.

use super::{BLOCK, Block, html, json};
use crate::charter::Charter;

/// The register as a fenced block under a heading, to stand anywhere in a page.
///
/// The fence is longer than any run of backticks inside.
pub fn markdown_block(charter: &Charter) -> String {
    let body = html::inert(&json(charter));
    let fence = "`".repeat(longest_run(&body, '`').max(2) + 1);
    format!("## This register, for programs\n\n{fence}json {BLOCK}\n{body}{fence}\n")
}

fn longest_run(text: &str, of: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for letter in text.chars() {
        run = if letter == of { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// The fence that a line opens or closes: its character, its length, and what follows.
fn fence(line: &str) -> Option<(char, usize, &str)> {
    let line = line.trim();
    let of = line.chars().next().filter(|letter| matches!(letter, '`' | '~'))?;
    let rest = line.trim_start_matches(of);
    let length = line.len() - rest.len();
    (length >= 3).then_some((of, length, rest))
}

/// A fenced block while it is read.
struct Open {
    of: char,
    length: usize,
    ours: bool,
    /// Where its first line begins, and that line's number.
    body: usize,
    line: usize,
}

/// The blocks of a page.
pub(super) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut open: Option<Open> = None;
    let mut at = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let after = at + line.len();
        match (fence(line), &open) {
            (Some((of, length, rest)), Some(one)) if of == one.of && length >= one.length && rest.is_empty() => {
                found.extend(one.ours.then(|| block(text, one, at)));
                open = None;
            }
            (Some((of, length, rest)), None) => {
                let ours = rest.split_ascii_whitespace().any(|word| word == BLOCK);
                let (body, line) = (after, index + 2);
                open = Some(Open {
                    of,
                    length,
                    ours,
                    body,
                    line,
                });
            }
            _ => {}
        }
        at = after;
    }
    // A block that nothing closes goes on to the end of the page.
    found.extend(open.filter(|one| one.ours).map(|one| block(text, &one, text.len())));
    found
}

fn block<'a>(text: &'a str, open: &Open, end: usize) -> Block<'a> {
    Block {
        text: &text[open.body..end],
        line: open.line,
    }
}
