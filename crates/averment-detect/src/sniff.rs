//! Is it worth undoing a run of base64 characters? Most runs are words, keys and numbers, and decode to noise.
//!
//! Invariant: `false` only where the first bytes, six or twelve, are no beginning of text in UTF-8 or Windows-1252 with at
//! most a few control characters, nor of UTF-16 that has a mark, a zero or three units of one block there, nor of anything
//! compressed. UTF-16 that begins otherwise shows further on: [`may_be_wide`].

use crate::unwrap::{base64_value, is_upper_half};

/// Whether anything in `token`, from its start or from behind one of its separators, may decode to something that can be
/// read.
pub(crate) fn may_hold_readable(token: &[u8]) -> bool {
    let mut is_start = true;
    for at in 0..token.len().saturating_sub(7) {
        if is_start && token[at..].first_chunk().is_none_or(may_begin::<8, 6>) {
            return true;
        }
        is_start = !token[at].is_ascii_alphanumeric();
    }
    false
}

/// Whether `token` may decode to something that can be read.
#[inline]
pub(crate) fn may_be_readable(token: &[u8]) -> bool {
    match (token.first_chunk::<16>(), token.first_chunk::<8>()) {
        (Some(letters), _) => may_begin::<16, 12>(letters),
        (None, Some(letters)) => may_begin::<8, 6>(letters),
        (None, None) => true,
    }
}

/// Whether `token` may hold three characters of ASCII in UTF-16, one behind the other, anywhere: wherever they stand,
/// their zeros make two of its letters `A`.
pub(crate) fn may_be_wide(token: &[u8]) -> bool {
    token.iter().filter(|letter| **letter == b'A').nth(1).is_some()
}

/// Whether a byte is a letter or a sign of Windows-1252 beyond ASCII. Five are not assigned.
pub(crate) fn is_latin_high(byte: u8) -> bool {
    byte >= 0x80 && !matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)
}

/// `BYTES`: three for every four letters.
#[inline]
fn may_begin<const LETTERS: usize, const BYTES: usize>(letters: &[u8; LETTERS]) -> bool {
    let values = letters.map(base64_value);
    // White space or padding is among the letters.
    if values.iter().fold(0, |all, value| all | value) > 63 {
        return true;
    }
    let mut head = [0; BYTES];
    for (group, out) in values.as_chunks::<4>().0.iter().zip(head.as_chunks_mut::<3>().0) {
        *out = [
            group[0] << 2 | group[1] >> 4,
            group[1] << 4 | group[2] >> 2,
            group[2] << 6 | group[3],
        ];
    }
    is_latin(&head) || is_unicode(&head) || is_marked(&head)
}

/// Whether UTF-8 may begin so. Noise ends at its first byte above 0x7f.
fn is_unicode(head: &[u8]) -> bool {
    let Some(first) = head.iter().position(|b| *b >= 0x80) else {
        return true;
    };
    let lead = (0xc2..=0xf4).contains(&head[first]);
    let follows = head.get(first + 1).is_none_or(|b| b & 0xc0 == 0x80);
    lead && follows && std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// Words of Windows-1252: printable, and mostly ASCII.
fn is_latin(head: &[u8]) -> bool {
    let printable = |b: u8| b.wrapping_sub(b' ') < 0x5f || is_latin_high(b) || matches!(b, b'\t' | b'\r' | b'\n');
    let high = head.iter().filter(|b| **b >= 0x80).count();
    high <= head.len() / 3 && head.iter().all(|b| printable(*b))
}

/// gzip, zstd, zlib; zeros and byte order marks of UTF-16.
fn is_marked(head: &[u8]) -> bool {
    let compressed = matches!(head, [0x1f, 0x8b, ..] | [0x28, 0xb5, ..] | [0x78, ..]);
    compressed || matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) || head.contains(&0) || is_other_script(head)
}

/// Three units of UTF-16 of one block of another script.
pub(crate) fn is_other_script(head: &[u8]) -> bool {
    let same = |odd: usize| is_upper_half(head[odd]) && head[odd] == head[odd + 2] && head[odd] == head[odd + 4];
    head.len() >= 6 && (same(0) || same(1))
}

#[cfg(test)]
mod tests;
