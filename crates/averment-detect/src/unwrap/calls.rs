//! Letters that a program puts together one by one: `chr(97).chr(100)`, `CHAR(97)+CHAR(100)`, `Chr(97) & Chr(100)`.
//!
//! Found and never rewritten: what stands between two calls belongs to the language.

use super::Walk;
use super::base64::is_readable;
use crate::Layer;

/// Fewest letters that are looked at.
const LETTERS_MIN: usize = 5;
/// Longest gap between two calls.
const GAP_MAX: usize = 8;
/// What gives a letter for its number.
const NAMES: [&[u8]; 5] = [b"chr", b"char", b"chrw", b"unichr", b"nchar"];
const NAME_MAX: usize = 7;

/// Letters that are put together, and where the first call stands.
pub(super) fn calls(bytes: &[u8]) -> Vec<(usize, Vec<u8>)> {
    let mut runs: Vec<(usize, Vec<u8>)> = Vec::new();
    let mut end = 0;
    for open in memchr::memchr_iter(b'(', bytes) {
        let Some((start, letter, after)) = call(bytes, open) else {
            continue;
        };
        match runs.last_mut() {
            Some((_, letters)) if bytes.get(end..start).is_some_and(is_joint) => letters.push(letter),
            _ => runs.push((start, vec![letter])),
        }
        end = after;
    }
    runs.retain(|(_, letters)| letters.len() >= LETTERS_MIN && is_readable(letters));
    runs
}

/// Where the call begins whose bracket opens at `open`, what it gives, and where it ends.
fn call(bytes: &[u8], open: usize) -> Option<(usize, u8, usize)> {
    let letters = bytes[..open].iter().rev().take(NAME_MAX);
    let start = open - letters.take_while(|b| b.is_ascii_alphabetic()).count();
    let name = &bytes[start..open];
    NAMES.iter().find(|known| name.eq_ignore_ascii_case(known))?;
    let digits = &bytes[open + 1..];
    let length = digits.iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    let letter = std::str::from_utf8(&digits[..length]).ok()?.parse().ok()?;
    (digits.get(length) == Some(&b')')).then_some((start, letter, open + length + 2))
}

/// Whether this puts two texts together in some language.
fn is_joint(gap: &[u8]) -> bool {
    let sign = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'.' | b'+' | b'&' | b'|' | b',' | b'~');
    (1..=GAP_MAX).contains(&gap.len()) && gap.iter().all(sign)
}

impl Walk<'_> {
    /// Known people in letters that are put together.
    pub(super) fn called_letters(&mut self, text: &[u8]) {
        for (_, letters) in calls(text) {
            if self.pay(letters.len()) {
                let walk = |walk: &mut Self| {
                    walk.layer(Layer::Numbers, |walk| walk.leaf(&letters))
                        .unwrap_or_default()
                };
                self.frozen(|frozen| frozen.known(walk));
            }
        }
    }
}
