//! First and last name in two lines or two pairs of a text: YAML, TOML, INI, LDIF, logs of `key=value`.

use std::ops::Range;

use super::Walk;
use super::names::{HalfName, NameField};
use crate::pointer::Step;
use crate::span::Edit;

/// How far from each other the two may stand, bytes.
const REACH: usize = 400;
/// Longest name of a field and longest value, bytes.
const FIELD_MAX: usize = 60;
const VALUE_MAX: usize = 120;

/// The halves of names in a text, in order.
fn halves(text: &[u8]) -> Vec<(usize, HalfName)> {
    let signs = memchr::memchr2_iter(b':', b'=', text);
    let half = |at: usize| {
        let before = text[..at].trim_ascii_end();
        let before = before
            .strip_suffix(b"\"")
            .or_else(|| before.strip_suffix(b"'"))
            .unwrap_or(before);
        let is_part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        let length = before.iter().rev().take(FIELD_MAX).take_while(is_part).count();
        let name = &before[before.len() - length..];
        let field = NameField::of(name)?;
        let value = value(text, at);
        let half = HalfName::new(field, Step::field(name), &text[value.clone()], value, 0)?;
        Some((at, half))
    };
    signs.filter_map(half).collect()
}

/// The value behind a sign: in quotes, to the end of the line behind `:`, one word behind `=`.
fn value(text: &[u8], at: usize) -> Range<usize> {
    let rest = &text[at + 1..];
    let space = rest
        .iter()
        .take(8)
        .take_while(|b| matches!(b, b' ' | b'\t' | b'>' | b':'))
        .count();
    let start = at + 1 + space;
    let end_of = |ends: &[u8], from: usize| {
        let inside = text[from..].iter().take(VALUE_MAX);
        from + inside.take_while(|b| !ends.contains(b)).count()
    };
    match text.get(start) {
        Some(quote @ (b'"' | b'\'')) => start + 1..end_of(&[*quote, b'\n'], start + 1),
        _ if text[at] == b'=' && space == 0 => start..end_of(b" \t\r\n,;&\"'", start),
        _ => start..end_of(b"\r\n,;}#\"", start),
    }
}

impl Walk<'_> {
    /// The full names that neighbouring halves in `text` make.
    pub(super) fn names_in_text(&mut self, text: &[u8]) -> Vec<Edit> {
        let halves = halves(text);
        let (places, halves): (Vec<usize>, Vec<HalfName>) = halves.into_iter().unzip();
        let mut edits = Vec::new();
        for (pair, places) in halves.windows(2).zip(places.windows(2)) {
            if places[1] - places[0] <= REACH {
                edits.extend(self.full_names(pair));
            }
        }
        edits
    }
}
