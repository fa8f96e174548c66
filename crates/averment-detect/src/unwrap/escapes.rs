//! Percent encoding, undone and put back.
//!
//! Source: RFC 3986 section 2.1; the URL standard's form encoding for `+`; ECMA-262 annex B.2.1 for `%uXXXX`.

use super::json::hex4;
use crate::span::{Edit, SourceMap};

/// What `+` stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    Itself,
    Space,
}

/// Decoded bytes, and where each came from.
pub(crate) struct Decoded {
    pub(crate) bytes: Vec<u8>,
    pub(crate) map: SourceMap,
}

/// `bytes` with every run of `found` (start, length, what it means) replaced by what `write` makes of it; `None` without a run.
/// Runs come in order; one that begins within the run before it is swallowed with it and means nothing.
pub(super) fn replaced<T>(
    bytes: &[u8],
    found: impl Iterator<Item = (usize, usize, T)>,
    write: impl Fn(T, &mut Vec<u8>),
) -> Option<Decoded> {
    let mut found = found.peekable();
    let _ = found.peek()?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut map = SourceMap::default();
    let mut at = 0;
    for (start, length, meaning) in found {
        if start < at {
            continue;
        }
        if start > at {
            map.verbatim(out.len(), at);
            out.extend_from_slice(&bytes[at..start]);
        }
        map.escape(out.len(), start);
        write(meaning, &mut out);
        at = start + length;
    }
    if at < bytes.len() {
        map.verbatim(out.len(), at);
        out.extend_from_slice(&bytes[at..]);
    }
    map.end(bytes.len());
    Some(Decoded { bytes: out, map })
}

/// A character as UTF-8, for [`replaced`].
pub(super) fn utf8(character: char, out: &mut Vec<u8>) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// `None` when there is nothing to decode. A `%` without two hexadecimal digits stands for itself.
pub(crate) fn percent_decoded(bytes: &[u8], plus: Plus) -> Option<Decoded> {
    let is_escape = |at: &usize| match bytes[*at] {
        b'+' => plus == Plus::Space,
        b'%' => hex_pair(bytes, *at + 1).is_some() || unit(bytes, *at).is_some(),
        _ => false,
    };
    let first = memchr::memchr2_iter(b'%', if plus == Plus::Space { b'+' } else { b'%' }, bytes).find(is_escape)?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut map = SourceMap::of_text(bytes.len());
    let (mut at, mut next) = (0, first);
    loop {
        if next > at {
            map.verbatim(out.len(), at);
            out.extend_from_slice(&bytes[at..next]);
        }
        if next == bytes.len() {
            break;
        }
        map.escape(out.len(), next);
        at = next + unescape_at(bytes, next, &mut out);
        // Escapes stand close together: a loop over the bytes between them is faster than a search.
        next = (at..bytes.len()).find(is_escape).unwrap_or(bytes.len());
    }
    map.end(bytes.len());
    Some(Decoded { bytes: out, map })
}

/// Decodes the escape at `at`; gives its length.
fn unescape_at(bytes: &[u8], at: usize, out: &mut Vec<u8>) -> usize {
    if bytes[at] == b'+' {
        out.push(b' ');
        return 1;
    }
    let Some(high) = unit(bytes, at) else {
        out.push(hex_pair(bytes, at + 1).unwrap_or(b'%'));
        return 3;
    };
    let low = unit(bytes, at + 6).filter(|low| (0xd800..0xdc00).contains(&high) && (0xdc00..0xe000).contains(low));
    let code = low.map_or(high, |low| 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00));
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    if low.is_some() { 12 } else { 6 }
}

/// `%uXXXX`, as JavaScript's `escape` writes it: one UTF-16 unit.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let is_unit = matches!(bytes.get(at..at + 2), Some([b'%', b'u' | b'U']));
    if is_unit { hex4(bytes, at + 2) } else { None }
}

/// Whether a backslash stands before something that many notations escape so.
pub(crate) fn has_escapes(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'\\', bytes).any(|at| {
        matches!(
            bytes.get(at + 1),
            Some(b'u' | b'U' | b'x' | b'n' | b'r' | b't' | b'"' | b'\'' | b'/' | b'0'..=b'7')
        )
    })
}

/// Whether bytes are text with at most a few control characters, or Latin-1 with more ASCII than other letters.
pub(crate) fn is_mostly_text(bytes: &[u8]) -> bool {
    let controls = bytes.iter().filter(|b| is_control(**b)).count();
    if std::str::from_utf8(bytes).is_ok() {
        return controls * 3 <= bytes.len();
    }
    let high = bytes.iter().filter(|b| **b >= 0x80).count();
    controls == 0 && high * 2 <= bytes.len() + 1
}

fn is_control(byte: u8) -> bool {
    (byte < b' ' && !matches!(byte, b'\t' | b'\r' | b'\n')) || byte == 0x7f
}

pub(crate) fn hex_pair(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |index: usize| char::from(*bytes.get(index)?).to_digit(16);
    u8::try_from(digit(at)? * 16 + digit(at + 1)?).ok()
}

/// Bytes for a path, query or form: everything but unreserved characters and `*` as `%XX`.
pub(crate) fn percent_encoded(bytes: &[u8]) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'*') {
            out.push(*byte);
        } else {
            out.extend([b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
    out
}

/// Edits of a text that had no escapes, so that a replacement does not break the path or pair that it stands in.
pub(crate) fn encoded(edits: Vec<Edit>) -> Vec<Edit> {
    edits
        .into_iter()
        .map(|edit| Edit {
            range: edit.range,
            with: percent_encoded(&edit.with),
        })
        .collect()
}
