//! Digests of addresses that are written in base64: `em.uB3PBgSSWtkh…`, as advertisers' and analytics' tags send them.
//!
//! The directory holds digests in hexadecimal digits. A token of the length of one is made into them and looked up; nothing
//! else is read out of it, so that keys and identifiers of the same length stay what they are.

use std::ops::Range;

use super::Walk;
use super::base64;
use crate::matcher::Hint;
use crate::span::Edit;
use crate::{Directory, Form, Layer};

/// Characters of MD5, SHA-1 and SHA-256 without padding.
const LENGTHS: [usize; 3] = [22, 27, 43];
/// Digits of the longest of them.
const DIGITS_MAX: usize = 64;

/// The parts of a token that are as long as a digest: its lines, also behind a separator (`sha256-…`).
fn candidates(bytes: &[u8], token: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut next = token.start;
    let lines = bytes[token].split(u8::is_ascii_whitespace);
    lines.filter_map(move |line| {
        let from = next;
        next += line.len() + 1;
        let letters = line.iter().rposition(|b| *b != b'=')? + 1;
        let length = LENGTHS.into_iter().rev().find(|length| {
            let before = letters.checked_sub(*length);
            before.is_some_and(|at| at == 0 || matches!(line[at - 1], b'-' | b'_' | b'/' | b'+'))
        })?;
        Some(from + letters - length..from + line.len())
    })
}

/// Digests of known addresses in a token of base64, in hexadecimal digits.
fn known(bytes: &[u8], token: Range<usize>, directory: &Directory) -> Vec<(Range<usize>, String)> {
    let known = |range: Range<usize>| {
        let (digits, length) = digits(&bytes[range.clone()])?;
        let token = directory.token_key().hash(&digits[..length]);
        let passes = directory.filter(Form::Word).passes(token);
        let text = std::str::from_utf8(&digits[..length]).ok().filter(|_| passes)?;
        directory.may_know(Form::Word, text).then(|| (range, text.to_owned()))
    };
    candidates(bytes, token).filter_map(known).collect()
}

/// What base64 stands for in hexadecimal digits, and how many those are. `None`: too much for a digest.
fn digits(letters: &[u8]) -> Option<([u8; DIGITS_MAX], usize)> {
    let (mut digits, mut length) = ([0; DIGITS_MAX], 0);
    for group in letters.chunks(4) {
        let mut bits = 0;
        let mut count = 0;
        for letter in group.iter().filter(|letter| **letter != b'=') {
            let value = base64::base64_value(*letter);
            if value > 63 {
                return None;
            }
            bits = bits << 6 | u32::from(value);
            count += 6;
        }
        for shift in (0..count / 8).map(|byte| count - 8 * (byte + 1)) {
            let byte = (bits >> shift) as u8;
            let digit = |value: u8| b"0123456789abcdef"[usize::from(value & 15)];
            digits
                .get_mut(length..length + 2)?
                .copy_from_slice(&[digit(byte >> 4), digit(byte)]);
            length += 2;
        }
    }
    Some((digits, length))
}

impl Walk<'_> {
    /// The digests in a token; each is replaced as a whole.
    pub(super) fn digests(&mut self, bytes: &[u8], token: Range<usize>) -> Vec<Edit> {
        if token.len() < LENGTHS[0] {
            return Vec::new();
        }
        let known = known(bytes, token, self.directory).into_iter();
        known
            .filter_map(|(range, digits)| self.digest(range, &digits))
            .collect()
    }

    fn digest(&mut self, range: Range<usize>, digits: &str) -> Option<Edit> {
        if !self.pay(digits.len()) {
            return None;
        }
        let matched = |walk: &mut Self| walk.known(|walk| walk.matched(digits, Hint::None));
        let with = self.layer(Layer::Base64, matched)?.into_iter().next()?.with;
        Some(Edit { range, with })
    }
}
