//! Bare deflate and brotli, which have no mark: their first bits say that they may be, and all of it has to decode, to
//! the last byte, to something that can be read.
//!
//! Source: RFC 1951 section 3.2 (blocks, fixed codes, lengths of codes); RFC 7932 section 9.1 and 9.2 (stream header).

use super::Walk;
use super::base64::{decode, is_readable};
use super::compression::{Coding, decoded_whole};
use crate::span::Edit;

/// Fewest bytes that are tried.
const BYTES_MIN: usize = 12;
/// Fewest letters of base64 that stand for so many.
pub(super) const TOKEN_MIN: usize = 16;
/// Letters of a base64 token that are looked at first, and the bytes that they stand for.
const HEAD_LETTERS: usize = 24;
/// Symbols of a fixed block that have to be letters.
const LITERALS_MIN: usize = 4;
/// Decoded size over encoded size up to which a header is believed.
const RATIO_MAX: usize = 64;
/// Decoded bytes that are made to see what they are.
const LOOKED_AT: usize = 4 << 10;

/// Whether a token of base64 may stand for one of the two. Nearly all keys and digests fail here, without allocating
/// for what they hold.
pub(super) fn may_be_token(token: &[u8]) -> bool {
    let Some(head) = token.get(..HEAD_LETTERS) else {
        return token.len() >= TOKEN_MIN && decode(token).is_some_and(|bytes| may_be(&bytes, bytes.len()));
    };
    let mixed = head.iter().any(u8::is_ascii_uppercase) && head.iter().any(u8::is_ascii_lowercase);
    mixed && decode(head).is_some_and(|head| may_be(&head, token.len() / 4 * 3))
}

/// Whether bytes are one of the two and stand for something that can be read.
pub(super) fn coding_of(bytes: &[u8]) -> Option<Coding> {
    if bytes.len() < BYTES_MIN {
        return None;
    }
    let is = |coding: Coding| decoded_whole(bytes, coding, LOOKED_AT).is_some_and(|text| is_content(&text));
    if may_be_deflate(bytes) && may_end_fixed(bytes) && is(Coding::RawDeflate) {
        return Some(Coding::RawDeflate);
    }
    (may_be_brotli(bytes, bytes.len()) && is(Coding::Brotli)).then_some(Coding::Brotli)
}

fn is_content(bytes: &[u8]) -> bool {
    bytes.len() >= 3 && is_readable(bytes)
}

fn may_be(head: &[u8], length: usize) -> bool {
    length >= BYTES_MIN && (may_be_deflate(head) || may_be_brotli(head, length))
}

/// Bits, the lowest of each byte first.
struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for place in 0..count {
            let bit = self.bytes.get(self.at / 8)? >> (self.at % 8) & 1;
            value |= u32::from(bit) << place;
            self.at += 1;
        }
        Some(value)
    }

    /// A code of `count` bits, the highest first.
    fn code(&mut self, count: usize) -> Option<u32> {
        (0..count).try_fold(0, |code, _| Some(code << 1 | self.take(1)?))
    }
}

/// Whether the first block may be one of text.
fn may_be_deflate(bytes: &[u8]) -> bool {
    let mut bits = Bits { bytes, at: 1 };
    match bits.take(2) {
        Some(0) => is_stored(bytes),
        Some(1) => (0..LITERALS_MIN).all(|_| fixed_literal(&mut bits).is_some_and(is_text_byte)),
        Some(2) => has_complete_code(&mut bits).unwrap_or(false),
        _ => false,
    }
}

/// Whether a first block with the fixed codes may end where the bytes do: of what is none, hardly anything gets so far.
/// Other blocks may.
fn may_end_fixed(bytes: &[u8]) -> bool {
    let mut bits = Bits { bytes, at: 0 };
    let (Some(last), Some(kind)) = (bits.take(1), bits.take(2)) else {
        return false;
    };
    if kind != 1 {
        return true;
    }
    let mut made = 0;
    while made <= LOOKED_AT {
        match fixed_symbol(&mut bits) {
            Some(Symbol::Byte(_)) => made += 1,
            Some(Symbol::Copy { length, distance }) if distance <= made => made += length,
            Some(Symbol::End) => return last == 0 || bits.at.div_ceil(8) == bytes.len(),
            Some(Symbol::Copy { .. }) | None => return false,
        }
    }
    true
}

fn is_text_byte(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n' | 0x80..)
}

/// Length and its complement behind the head.
fn is_stored(bytes: &[u8]) -> bool {
    matches!(bytes, [_, a, b, c, d, first, ..] if *a == !*c && *b == !*d && is_text_byte(*first))
}

/// What a symbol of a block stands for.
enum Symbol {
    Byte(u8),
    Copy { length: usize, distance: usize },
    End,
}

/// The next symbol of the fixed code, when it is a byte.
fn fixed_literal(bits: &mut Bits<'_>) -> Option<u8> {
    match fixed_symbol(bits)? {
        Symbol::Byte(byte) => Some(byte),
        Symbol::Copy { .. } | Symbol::End => None,
    }
}

/// RFC 1951 section 3.2.6. `None`: it is none, or the bytes end in it.
fn fixed_symbol(bits: &mut Bits<'_>) -> Option<Symbol> {
    let seven = bits.code(7)?;
    if seven < 0x18 {
        return if seven == 0 {
            Some(Symbol::End)
        } else {
            copy(bits, seven - 1)
        };
    }
    let eight = seven << 1 | bits.take(1)?;
    match eight {
        0x30..=0xbf => Some(Symbol::Byte((eight - 0x30) as u8)),
        0xc0..=0xc7 => copy(bits, eight - 0xc0 + 23),
        _ => Some(Symbol::Byte((((eight << 1 | bits.take(1)?) - 0x190) + 144) as u8)),
    }
}

/// What is copied; `code`: of its length, from 0 on.
fn copy(bits: &mut Bits<'_>, code: u32) -> Option<Symbol> {
    let length = match code {
        0..=7 => code + 3,
        28 => 258,
        29.. => return None,
        _ => {
            let extra = code / 4 - 1;
            ((4 + code % 4) << extra) + 3 + bits.take(extra as usize)?
        }
    };
    let distance = match bits.code(5)? {
        code @ 0..=3 => code + 1,
        30.. => return None,
        code => {
            let extra = code / 2 - 1;
            ((2 + code % 2) << extra) + 1 + bits.take(extra as usize)?
        }
    };
    Some(Symbol::Copy {
        length: length as usize,
        distance: distance as usize,
    })
}

/// Whether the code for the lengths of codes uses every word of bits, as an encoder makes it.
fn has_complete_code(bits: &mut Bits<'_>) -> Option<bool> {
    let (literals, distances, count) = (bits.take(5)?, bits.take(5)?, bits.take(4)? + 4);
    let mut used = 0;
    for _ in 0..count {
        // The bits of a head may end here; then what is there has to be enough.
        let Some(length) = bits.take(3) else {
            return Some(used <= 128);
        };
        used += if length > 0 { 128 >> length } else { 0 };
    }
    Some(literals <= 29 && distances <= 29 && used == 128)
}

/// Whether the header of a stream tells a size that `length` bytes may decode to.
fn may_be_brotli(bytes: &[u8], length: usize) -> bool {
    brotli_size(bytes).is_some_and(|size| size >= 3 && size <= length.saturating_mul(RATIO_MAX) && size * 4 >= length)
}

/// Decoded size of the first part of a stream.
fn brotli_size(bytes: &[u8]) -> Option<usize> {
    let mut bits = Bits { bytes, at: 0 };
    // The size of the window: one bit, four, or seven.
    if bits.take(1)? == 1 && bits.take(3)? == 0 && bits.take(3)? == 1 {
        return None;
    }
    let last = bits.take(1)? == 1;
    if last && bits.take(1)? == 1 {
        return None;
    }
    let nibbles = bits.take(2)? as usize + 4;
    if nibbles == 7 {
        return None;
    }
    let size = bits.take(nibbles * 4)? as usize + 1;
    // The highest of more than four nibbles is not zero.
    (nibbles == 4 || size > 1 << (4 * (nibbles - 1))).then_some(size)
}

impl Walk<'_> {
    /// Walks bare deflate or brotli. `None`: it is neither.
    pub(super) fn unmarked(&mut self, bytes: &[u8]) -> Option<Vec<Edit>> {
        let coding = coding_of(bytes)?;
        Some(self.compressed(bytes, coding, &mut |walk, content| walk.sniffed(content)))
    }
}
