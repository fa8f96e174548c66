//! Escapes of style sheets: `\61 da\40school`, one to six digits and a space that ends them.
//!
//! Source: CSS Syntax Module Level 3, section 4.3.7.

use super::escapes::{Decoded, replaced, utf8};

/// `None` when there is no such escape.
pub(super) fn decoded(bytes: &[u8]) -> Option<Decoded> {
    replaced(bytes, escapes(bytes), utf8)
}

/// Start, length and meaning of every escape.
fn escapes(bytes: &[u8]) -> impl Iterator<Item = (usize, usize, char)> {
    memchr::memchr_iter(b'\\', bytes).filter_map(|at| {
        let rest = &bytes[at + 1..];
        let digits = rest.iter().take(6).take_while(|b| b.is_ascii_hexdigit()).count();
        let text = std::str::from_utf8(&rest[..digits]).ok()?;
        let character = char::from_u32(u32::from_str_radix(text, 16).ok()?).filter(|c| !c.is_control())?;
        let space = match &rest[digits..] {
            [b'\r', b'\n', ..] => 2,
            [b' ' | b'\t' | b'\n' | b'\r', ..] => 1,
            _ => 0,
        };
        Some((at, 1 + digits + space, character))
    })
}

/// Bytes for a string or name of a style sheet.
pub(super) fn encoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if matches!(byte, b'\\' | b'"' | b'\'') {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out
}
