//! UTF-7 and its variant in the names of mailboxes: `ada+AEA-school.example`, `&AGE-da`.
//!
//! Source: RFC 2152 (UTF-7); RFC 3501 section 5.1.3 (`&` for `+`, `,` for `/`).

use super::base64::base64_value;
use super::escapes::{Decoded, replaced};

/// Longest run that is looked at, bytes.
const RUN_MAX: usize = 4096;
/// Fewest letters of a run: one character is two and two thirds.
const LETTERS_MIN: usize = 3;

/// Length and meaning of the run at `at`, when it is one.
fn run(bytes: &[u8], at: usize) -> Option<(usize, String)> {
    let mailbox = bytes[at] == b'&';
    let value = |byte: u8| match byte {
        b',' if mailbox => 63,
        b'/' if mailbox => 64,
        // A run that goes on over the next marker would be read anew at each.
        b'+' if !mailbox => 64,
        b'-' | b'_' => 64,
        _ => base64_value(byte),
    };
    let letters = &bytes[at + 1..];
    let length = letters.iter().take(RUN_MAX).take_while(|b| value(**b) < 64).count();
    if length < LETTERS_MIN || !matches!(length % 8, 0 | 3 | 6) {
        return None;
    }
    let (mut bits, mut count, mut units) = (0_u32, 0, Vec::new());
    for letter in &letters[..length] {
        bits = bits << 6 | u32::from(value(*letter));
        count += 6;
        if count >= 16 {
            count -= 16;
            units.push((bits >> count) as u16);
            bits &= (1 << count) - 1;
        }
    }
    // A full stop of ASCII would have no need of a run, but may be written so.
    let text = String::from_utf16(&units).ok()?;
    let is_clear = |c: char| !c.is_control() || matches!(c, '\t' | '\r' | '\n');
    let ended = usize::from(letters.get(length) == Some(&b'-'));
    let sound = bits == 0 && text.chars().all(is_clear) && (ended == 1 || !mailbox);
    sound.then_some((1 + length + ended, text))
}

/// The text with the runs behind `marker` undone; `None` when there is none.
pub(super) fn decoded(bytes: &[u8], marker: u8) -> Option<Decoded> {
    let found = memchr::memchr_iter(marker, bytes).filter_map(|at| {
        let (length, text) = run(bytes, at)?;
        Some((at, length, text))
    });
    replaced(bytes, found, |text, out| out.extend_from_slice(text.as_bytes()))
}

/// Bytes for a text in which `marker` begins a run.
pub(super) fn encoded(bytes: &[u8], marker: u8) -> Vec<u8> {
    let spelled = |byte: &u8| {
        if *byte == marker {
            vec![marker, b'-']
        } else {
            vec![*byte]
        }
    };
    bytes.iter().flat_map(spelled).collect()
}
