//! Envelopes of error reports: a header line of JSON, then items, each a header line and a payload.
//!
//! Source: the envelope format of Sentry (serialisation, `length`).

use std::ops::Range;

use super::Walk;
use crate::span::{Edit, apply, shifted};

/// Where the digits of `"length":123` stand in a header line, and what they say.
fn length(header: &[u8]) -> Option<(Range<usize>, usize)> {
    let key = memchr::memmem::find(header, b"\"length\"")? + b"\"length\"".len();
    let space = header[key..].iter().take_while(|b| matches!(b, b' ' | b':')).count();
    let start = key + space;
    let digits = header[start..]
        .iter()
        .take(12)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let value = std::str::from_utf8(&header[start..start + digits]).ok()?.parse().ok()?;
    Some((start..start + digits, value))
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    memchr::memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |at| from + at)
}

impl Walk<'_> {
    /// Header and items; a length that a replacement changes is made right.
    pub(super) fn envelope(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let first = line_end(bytes, 0);
        let mut edits = self.sniffed(&bytes[..first]);
        let mut at = first + 1;
        let mut items = 0;
        while at < bytes.len() {
            items += 1;
            if items > self.limits.parts_max {
                self.unreadable(crate::UnreadableBecause::TooMany);
                self.frozen(|walk| walk.raw(&bytes[at..]));
                return edits;
            }
            let header = at..line_end(bytes, at);
            edits.extend(shifted(self.sniffed(&bytes[header.clone()]), header.start));
            let start = (header.end + 1).min(bytes.len());
            let told = length(&bytes[header.clone()]);
            let end = match &told {
                Some((_, length)) => start.saturating_add(*length).min(bytes.len()),
                None => line_end(bytes, start),
            };
            let payload = &bytes[start..end];
            let inside = if payload.is_empty() {
                Vec::new()
            } else {
                self.sniffed(payload)
            };
            if let (Some((digits, _)), false) = (told, inside.is_empty()) {
                let changed = apply(payload, inside);
                edits.push(Edit {
                    range: header.start + digits.start..header.start + digits.end,
                    with: changed.len().to_string().into_bytes(),
                });
                edits.push(Edit {
                    range: start..end,
                    with: changed,
                });
            } else {
                edits.extend(shifted(inside, start));
            }
            at = end + usize::from(bytes.get(end) == Some(&b'\n'));
        }
        edits
    }
}
