//! Character sets: to UTF-8 and back, and the marks by which UTF-16 is known.
//!
//! Source: the encoding standard (labels, decoders), RFC 2781 for UTF-16, Unicode chapter 23.8 for byte order marks.

use encoding_rs::{Encoding, REPLACEMENT, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::Walk;
use crate::span::{Edit, apply};
use crate::{Layer, UnreadableBecause};

/// Fewest bytes that are taken for UTF-16 without being declared so.
const UTF_16_MIN: usize = 6;

/// A character set that can be decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Charset(&'static Encoding);

/// What decoding gave.
pub(crate) struct DecodedText {
    pub(crate) text: String,
    /// Whether every byte had a meaning.
    pub(crate) whole: bool,
}

impl Charset {
    pub(crate) const LATIN: Self = Self(WINDOWS_1252);

    /// By its name in a header. `None`: unknown, or one that is a means of attack.
    pub(crate) fn named(label: &str) -> Option<Self> {
        Encoding::for_label_no_replacement(label.as_bytes())
            .filter(|encoding| *encoding != REPLACEMENT)
            .map(Self)
    }

    /// UTF-16 by its byte order mark, by every other byte being zero or of one block, or by words of ASCII in it.
    pub(crate) fn utf_16_of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xfe, 0, 0, ..] => return None,
            [0xff, 0xfe, ..] => return Some(Self(UTF_16LE)),
            [0xfe, 0xff, ..] => return Some(Self(UTF_16BE)),
            _ => {}
        }
        if bytes.len() < UTF_16_MIN || !bytes.len().is_multiple_of(2) {
            return None;
        }
        if !bytes[..4].contains(&0) {
            return of_other_script(bytes).or_else(|| with_words(bytes));
        }
        let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
        let units = bytes.len() / 2;
        match (zeros(0), zeros(1)) {
            (0, high) if high * 4 >= units * 3 => Some(Self(UTF_16LE)),
            (high, 0) if high * 4 >= units * 3 => Some(Self(UTF_16BE)),
            _ => with_words(bytes),
        }
    }

    pub(crate) fn is_utf_16(self) -> bool {
        self.0 == UTF_16LE || self.0 == UTF_16BE
    }

    /// `bytes` as text; what has no meaning becomes U+FFFD.
    pub(crate) fn decode(self, bytes: &[u8]) -> DecodedText {
        let (text, faults) = self.0.decode_without_bom_handling(bytes);
        DecodedText {
            text: text.into_owned(),
            whole: !faults,
        }
    }

    /// `text` in this character set. `None`: it has letters that the set does not have.
    pub(crate) fn encode(self, text: &str) -> Option<Vec<u8>> {
        if self.is_utf_16() {
            let units = text.encode_utf16();
            let bytes = |unit: u16| {
                if self.0 == UTF_16LE {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            };
            return Some(units.flat_map(bytes).collect());
        }
        let (bytes, _, faults) = self.0.encode(text);
        (!faults).then(|| bytes.into_owned())
    }
}

/// Whether a byte is the upper half of units that are letters, and never a part of UTF-8: the later Latin letters, Greek,
/// Cyrillic, Hebrew, Arabic, and full-width forms.
pub(crate) fn is_upper_half(byte: u8) -> bool {
    matches!(byte, 0x01..=0x06 | 0xff)
}

/// UTF-16 whose letters are of one block of another script: every other byte is the same, but for spaces and signs.
fn of_other_script(bytes: &[u8]) -> Option<Charset> {
    let same = |odd: usize| {
        let half = bytes[odd];
        let count = || bytes.iter().skip(odd).step_by(2).filter(|b| **b == half).count();
        is_upper_half(half) && count() * 4 >= bytes.len() / 2 * 3
    };
    match (same(0), same(1)) {
        (false, true) => Some(Charset(UTF_16LE)),
        (true, false) => Some(Charset(UTF_16BE)),
        _ => None,
    }
}

/// UTF-16 of any script with three characters of ASCII one behind the other: in noise one in a hundred million units begins
/// such a run. All of it has to decode and hold no control characters, in one order of bytes and not in the other.
fn with_words(bytes: &[u8]) -> Option<Charset> {
    // The other half of an ASCII character.
    memchr::memchr(0, bytes)?;
    let (units, _) = bytes.as_chunks::<2>();
    let is_text = |charset: Charset, unit: fn([u8; 2]) -> u16| {
        let is_ascii = |pair: &[u8; 2]| (0x20..0x7f).contains(&unit(*pair));
        units.windows(3).any(|run| run.iter().all(is_ascii)) && {
            let decoded = charset.decode(bytes);
            let is_clear = |letter: char| !letter.is_control() || matches!(letter, '\t' | '\r' | '\n');
            decoded.whole && decoded.text.chars().all(is_clear)
        }
    };
    let (little, big) = (Charset(UTF_16LE), Charset(UTF_16BE));
    match (is_text(little, u16::from_le_bytes), is_text(big, u16::from_be_bytes)) {
        (true, false) => Some(little),
        (false, true) => Some(big),
        _ => None,
    }
}

impl Walk<'_> {
    /// Walks `bytes` as text of `charset`. What does not decode, or would not be the same when encoded again, is looked
    /// at and cannot be put back.
    pub(super) fn recoded(
        &mut self,
        bytes: &[u8],
        charset: Charset,
        inner: impl FnOnce(&mut Self, &[u8]) -> Vec<Edit>,
    ) -> Vec<Edit> {
        if !self.pay(bytes.len()) {
            return Vec::new();
        }
        let decoded = charset.decode(bytes);
        if !decoded.whole {
            self.unreadable(UnreadableBecause::Malformed);
            self.frozen(|walk| {
                walk.layer(Layer::Charset, |walk| inner(walk, decoded.text.as_bytes()))
                    .unwrap_or_default()
            });
            return Vec::new();
        }
        let edits = self
            .layer(Layer::Charset, |walk| inner(walk, decoded.text.as_bytes()))
            .unwrap_or_default();
        if edits.is_empty() {
            return edits;
        }
        let same = charset.encode(&decoded.text).is_some_and(|again| again == bytes);
        let text = String::from_utf8(apply(decoded.text.as_bytes(), edits))
            .ok()
            .filter(|_| same);
        match text.and_then(|text| charset.encode(&text)) {
            Some(with) => vec![Edit {
                range: 0..bytes.len(),
                with,
            }],
            None => {
                self.cannot_rewrite();
                Vec::new()
            }
        }
    }
}
