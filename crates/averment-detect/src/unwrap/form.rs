//! Pairs: queries, forms and cookies.
//!
//! Source: the URL standard, `application/x-www-form-urlencoded`; RFC 6265 section 4.2 for cookies.

use std::ops::Range;

use super::Walk;
use super::escapes::{Plus, encoded, percent_decoded};
use super::names::{HalfName, NameField};
use super::seen::Seen;
use crate::UnreadableBecause;
use crate::matcher::Hint;
use crate::pointer::{Step, hint_of};
use crate::signs::Signs;
use crate::span::{Edit, shifted};

impl Walk<'_> {
    /// `name=value` between `&`.
    pub(super) fn pairs(&mut self, bytes: &[u8]) -> Vec<Edit> {
        if memchr::memchr_iter(b'&', bytes).count() >= self.limits.parts_max {
            self.unreadable(UnreadableBecause::TooMany);
            self.frozen(|walk| walk.raw(bytes));
            return Vec::new();
        }
        let mut edits = Vec::new();
        let mut halves = Vec::new();
        let mut quiet = Seen::new(bytes, ());
        let mut at = 0;
        for pair in bytes.split(|b| *b == b'&') {
            edits.extend(self.pair(bytes, at..at + pair.len(), &mut quiet));
            halves.extend(half_name(pair, at));
            at += pair.len() + 1;
        }
        edits.extend(encoded(self.full_names(&halves)));
        edits
    }

    /// The pair at `pair`. `quiet`: the names and values in which nothing is.
    fn pair(&mut self, bytes: &[u8], pair: Range<usize>, quiet: &mut Seen<'_, ()>) -> Vec<Edit> {
        let inside = &bytes[pair.clone()];
        let end = pair.start + memchr::memchr(b'=', inside).unwrap_or(inside.len());
        let name = pair.start..end;
        let value = (end + 1).min(pair.end)..pair.end;
        let hint = hint_of(&bytes[name.clone()]);
        if hint == Hint::None && quiet.get(&value).is_some() && quiet.get(&name).is_some() {
            self.inspection.bytes_read += (name.len() + value.len()) as u64;
            return Vec::new();
        }
        let step = Step::field(&bytes[name.clone()]);
        let is_known = matches!(step, Step::Known(_)) && !value.is_empty();
        self.step(step, |walk| {
            let mut edits = Vec::new();
            if !is_known {
                edits = walk.pair_part(bytes, name, quiet);
            }
            if hint == Hint::None {
                edits.extend(walk.pair_part(bytes, value, quiet));
            } else {
                edits.extend(shifted(walk.encoded_leaf(&bytes[value.clone()]), value.start));
            }
            edits
        })
    }

    /// A name or value of which its own name says nothing.
    fn pair_part(&mut self, bytes: &[u8], range: Range<usize>, quiet: &mut Seen<'_, ()>) -> Vec<Edit> {
        if quiet.get(&range).is_some() {
            self.inspection.bytes_read += range.len() as u64;
            return Vec::new();
        }
        let before = self.noted();
        let edits = shifted(self.encoded_leaf(&bytes[range.clone()]), range.start);
        let is_document = bytes[range.clone()].iter().any(|b| matches!(b, b'{' | b'['));
        if self.noted() == before && !is_document {
            quiet.keep(&range, ());
        }
        edits
    }

    /// A name or value of a pair. A `+` is a space to the one who decodes it as he should, and a `+` to the reader of
    /// the raw text, so an address with a tag is looked for in both.
    fn encoded_leaf(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let before = self.inspection.findings.len();
        let mut edits = self
            .percent(bytes, Plus::Space)
            .unwrap_or_else(|| encoded(self.leaf(bytes)));
        self.before_escapes(before, bytes);
        if memchr::memchr(b'+', bytes).is_none() {
            return edits;
        }
        let number = bytes.starts_with(b"+") && bytes.get(1).is_some_and(u8::is_ascii_digit);
        let address = memchr::memchr(b'@', bytes).is_some() || memchr::memmem::find(bytes, b"%40").is_some();
        if address || number {
            let between = self.inspection.findings.len();
            edits.extend(
                self.percent(bytes, Plus::Itself)
                    .unwrap_or_else(|| encoded(self.leaf(bytes))),
            );
            let _ = self.keep_better(before, between);
        } else {
            self.also(before, |walk| walk.plus_base64(bytes));
        }
        edits
    }

    /// Base64 whose `+` was not escaped.
    fn plus_base64(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let decoded = percent_decoded(bytes, Plus::Itself);
        let raw = decoded.as_ref().map_or(bytes, |decoded| decoded.bytes.as_slice());
        std::str::from_utf8(raw).map_or(Vec::new(), |text| self.base64_tokens(text, Signs::of(raw)))
    }

    /// `name=value` between `;`.
    pub(super) fn cookies(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut at = 0;
        for cookie in bytes.split(|b| *b == b';') {
            let name = &cookie[..memchr::memchr(b'=', cookie).unwrap_or(cookie.len())];
            let step = Step::field(name.trim_ascii());
            let found = self.step(step, |walk| {
                let value = cookie.get(name.len() + 1..).unwrap_or_default();
                let mut edits = walk.leaf(name);
                edits.extend(shifted(walk.leaf(value), cookie.len() - value.len()));
                edits
            });
            edits.extend(shifted(found, at));
            at += cookie.len() + 1;
        }
        edits
    }
}

/// The half of a name that a pair holds, which starts at `at`.
fn half_name(pair: &[u8], at: usize) -> Option<HalfName> {
    let equals = memchr::memchr(b'=', pair)?;
    let plain = |bytes: &[u8]| percent_decoded(bytes, Plus::Space).map(|decoded| decoded.bytes);
    let name = &pair[..equals];
    let field = match plain(name) {
        Some(name) => NameField::of(&name)?,
        None => NameField::of(name)?,
    };
    let value = &pair[equals + 1..];
    let decoded = plain(value);
    let text = decoded.as_deref().unwrap_or(value);
    let range = at + equals + 1..at + pair.len();
    HalfName::new(field, Step::field(name), text, range, 0)
}
