//! Is it worth undoing a run of base64 characters? Most runs are words, keys and numbers, and decode to noise.
//!
//! Invariant: `false` only where the first nine bytes are no beginning of text in UTF-8, UTF-16 or Windows-1252 with at
//! most a few control characters, nor of anything compressed.

use crate::unwrap::base64_value;

/// Characters that are looked at, and what they decode to.
const LETTERS: usize = 12;
const BYTES: usize = LETTERS / 4 * 3;

/// Whether `token` may decode to something that can be read.
pub(crate) fn may_be_readable(token: &[u8]) -> bool {
    let Some(letters) = token.first_chunk::<LETTERS>() else {
        return true;
    };
    let Some(head) = decoded(letters) else { return true };
    is_compressed(&head) || head.contains(&0) || is_text(&head)
}

/// `None`: white space or padding is among the letters.
fn decoded(letters: &[u8; LETTERS]) -> Option<[u8; BYTES]> {
    let values = letters.map(base64_value);
    if values.iter().any(|value| *value > 63) {
        return None;
    }
    let mut head = [0; BYTES];
    for (group, out) in values.chunks_exact(4).zip(head.chunks_exact_mut(3)) {
        let bits = group.iter().fold(0, |bits, value| bits << 6 | u32::from(*value));
        out.copy_from_slice(&bits.to_be_bytes()[1..]);
    }
    Some(head)
}

fn is_compressed(head: &[u8; BYTES]) -> bool {
    matches!(head, [0x1f, 0x8b, ..] | [0x28, 0xb5, ..] | [0x78, ..])
}

/// UTF-8, or Windows-1252 with no control characters and not mostly other letters than ASCII.
fn is_text(head: &[u8; BYTES]) -> bool {
    let is_control = |b: u8| (b < b' ' && !matches!(b, b'\t' | b'\r' | b'\n')) || b == 0x7f;
    let controls = head.iter().filter(|b| is_control(**b)).count();
    let unicode = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    let high = head.iter().filter(|b| **b >= 0x80).count();
    // Byte order marks are no text in either.
    unicode || (controls == 0 && high <= BYTES / 2 + 1) || matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
}

#[cfg(test)]
mod tests;
