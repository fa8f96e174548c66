//! Base64 in texts: which tokens are worth undoing, and putting them back in the same alphabet.
//!
//! Source: RFC 4648 sections 4 and 5; RFC 2045 section 6.8 for line breaks.

use std::ops::Range;

use super::binary::{is_structured, is_structured_start};
use super::charset::Charset;
use super::{unmarked, utf32};
use crate::mask::{Base64, Finder, long_runs};
use crate::signs::Signs;
use crate::sniff::{is_latin_high, is_other_script, may_be_readable, may_be_wide, may_hold_readable};

/// Fewest characters of a token that is tried.
const TOKEN_MIN: usize = 8;
/// Lines of a wrapped token are at least this long.
const LINE_MIN: usize = 16;
/// White space between two lines of a token: a line end and an indentation, or what a form made of it.
const GAP_MAX: usize = 24;
/// Fewest characters of a token that is taken for Windows-1252.
const LATIN_MIN: usize = 10;
/// Fewest characters of a token that is taken for msgpack, CBOR or a message: shorter ones are so by chance.
const STRUCTURED_MIN: usize = 16;
/// Fewest characters of a token that is taken for hexadecimal digits.
const HEXADECIMAL_MIN: usize = 16;
/// Fewest characters of a token that is taken for words.
const WORDED_MIN: usize = 16;
/// Deepest nesting of such a token.
const NESTING_MAX: usize = 64;
/// What is base64 in one alphabet, or stands between its lines, and is punctuation in the world.
const SEPARATORS: [u8; 6] = [b'\n', b' ', b'/', b'_', b'-', b'+'];
/// How many separators of a token are tried as its start: `v1_<base64>`, `user-data-<base64>`.
const STARTS_MAX: usize = 8;

/// How a token was written.
#[derive(Clone)]
pub(crate) struct Alphabet {
    url: bool,
    padded: bool,
    /// Line length, and what stands between lines.
    line: Option<(usize, Vec<u8>)>,
}

impl Alphabet {
    /// The spelling of `token`.
    pub(crate) fn of(token: &[u8]) -> Self {
        let line = token.iter().position(u8::is_ascii_whitespace);
        let gap = |at: usize| {
            let length = token[at..].iter().take_while(|b| b.is_ascii_whitespace()).count();
            (at, token[at..at + length].to_vec())
        };
        Self {
            url: token.iter().any(|b| matches!(b, b'-' | b'_')),
            padded: token.trim_ascii_end().ends_with(b"=") || value_count(token).is_multiple_of(4),
            line: line.map(gap),
        }
    }

    /// `bytes` in this spelling.
    pub(crate) fn encode(&self, bytes: &[u8]) -> Vec<u8> {
        let set: &[u8; 64] = if self.url {
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        } else {
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        };
        let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
        for group in bytes.chunks(3) {
            let value =
                group.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
            let letters = [18, 12, 6, 0].map(|shift| set[(value >> shift & 63) as usize]);
            out.extend_from_slice(&letters[..=group.len()]);
            if self.padded {
                out.extend(std::iter::repeat_n(b'=', 3 - group.len()));
            }
        }
        match &self.line {
            Some((length, gap)) => wrapped(&out, (*length).max(4), gap),
            None => out,
        }
    }
}

fn wrapped(bytes: &[u8], length: usize, gap: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = bytes.chunks(length).collect();
    lines.join(gap)
}

fn value_count(token: &[u8]) -> usize {
    token.iter().filter(|b| value(**b).is_some()).count()
}

#[inline]
fn value(byte: u8) -> Option<u8> {
    let value = VALUES[usize::from(byte)];
    (value < 64).then_some(value)
}

/// What a byte stands for; 64 and more, nothing.
#[inline]
pub(crate) fn base64_value(byte: u8) -> u8 {
    VALUES[usize::from(byte)]
}

/// What each byte stands for; 64, nothing.
static VALUES: [u8; 256] = {
    let mut values = [64; 256];
    let mut byte = 0;
    while byte < 256 {
        values[byte] = match byte as u8 {
            letter @ b'A'..=b'Z' => letter - b'A',
            letter @ b'a'..=b'z' => letter - b'a' + 26,
            digit @ b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => 64,
        };
        byte += 1;
    }
    values
};

/// Runs of base64 characters, line breaks between long lines and padding included.
pub(crate) fn tokens(bytes: &[u8], signs: Signs) -> impl Iterator<Item = Range<usize>> {
    let mut done = 0;
    let mut ends = Finder::<Base64>::new(bytes);
    // Up to two characters of a token are padding.
    let padding = if signs.any(Signs::EQUALS) { 2 } else { 0 };
    long_runs::<Base64>(bytes, TOKEN_MIN - padding).filter_map(move |start| {
        if start < done {
            return None;
        }
        done = token_end(bytes, start, &mut ends);
        (done - start >= TOKEN_MIN && !is_hexadecimal(&bytes[start..done])).then_some(start..done)
    })
}

/// Whether a token is written like a UUID or a digest: one in 2^30 tokens of base64 is, and hardly one that text was made
/// into, which has capitals in it.
fn is_hexadecimal(token: &[u8]) -> bool {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
    token.len() >= HEXADECIMAL_MIN && token.iter().all(is_digit)
}

/// Whether a token is written like a path or a sentence: every run of letters and digits in it is small letters alone or
/// digits alone. Of four groups of letters that text was made into, one in 300,000 is.
pub(crate) fn is_worded(token: &[u8]) -> bool {
    const SMALL: u8 = 1;
    const DIGIT: u8 = 2;
    let mut before = 0;
    let is_plain = |byte: &u8| {
        let kind = match byte {
            b'a'..=b'z' => SMALL,
            b'0'..=b'9' => DIGIT,
            b'A'..=b'Z' | b'=' => return false,
            _ => 0,
        };
        let fits = kind | before != SMALL | DIGIT;
        before = kind;
        fits
    };
    token.len() >= WORDED_MIN && token.iter().all(is_plain)
}

fn token_end(bytes: &[u8], start: usize, ends: &mut Finder<'_, Base64>) -> usize {
    let mut line = start;
    let mut at = start;
    // All lines but the last are as long as the first, and end alike.
    let (mut length, mut ending) = (None, None);
    loop {
        at = ends.end(at);
        let pad = bytes[at..].iter().take(2).take_while(|b| **b == b'=').count();
        if pad > 0 {
            return at + pad;
        }
        if at - line < LINE_MIN {
            return at;
        }
        let gap = bytes[at..]
            .iter()
            .take(GAP_MAX)
            .take_while(|b| b.is_ascii_whitespace())
            .count();
        let goes_on = gap > 0 && bytes.get(at + gap).is_some_and(|b| value(*b).is_some());
        let (long, end) = (at - line, &bytes[at..at + gap]);
        if !goes_on || *length.get_or_insert(long) != long || *ending.get_or_insert(end) != end {
            return at;
        }
        at += gap;
        line = at;
    }
}

/// What a token stands for, if that is text or compressed: the whole token, or the pieces between the characters
/// that are base64 in one alphabet and punctuation in the world (`/`, `-`, `_`, `+`).
pub(crate) fn readable(bytes: &[u8], token: Range<usize>) -> Vec<(Range<usize>, Vec<u8>)> {
    let whole = &bytes[token.clone()];
    let wide = may_be_wide(whole);
    if !wide && !may_hold_readable(whole) && !may_be_structured(whole) {
        return unmarked_token(bytes, token).into_iter().collect();
    }
    if let Some(decoded) = decode_readable(whole, Content::Any) {
        return vec![(token, decoded)];
    }
    // Before its pieces, which may be a word by chance.
    if let Some(found) = unmarked_token(bytes, token.clone()) {
        return vec![found];
    }
    let there = separators(whole);
    if there == 0 {
        return Vec::new();
    }
    if let Some(lines) = without_last_line(bytes, &token) {
        let rest = lines.0.end..token.end;
        let last = rest.end - bytes[rest].trim_ascii_start().len()..token.end;
        let decoded = decode_readable(&bytes[last.clone()], Content::Any);
        return std::iter::once(lines)
            .chain(decoded.map(|decoded| (last, decoded)))
            .collect();
    }
    let mut found: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
    let is_there = |separator: &u8| there & separator_bit(*separator) != 0;
    for separator in SEPARATORS.into_iter().filter(is_there) {
        let mut from = token.start;
        for piece in bytes[token.clone()].split(|b| *b == separator) {
            let range = from..from + piece.len();
            from = range.end + 1;
            let content = if matches!(separator, b'\n' | b' ' | b'/') {
                Content::Any
            } else {
                Content::Text
            };
            if wide || may_begin_readable(piece, content) {
                found.extend(decode_readable(piece, content).map(|decoded| (range.clone(), decoded)));
            }
            if matches!(separator, b'\n' | b' ' | b'/') {
                found.extend(after_prefix(bytes, range, wide));
            }
        }
    }
    found.extend(after_prefix(bytes, token, wide));
    found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    found.dedup_by(|later, before| before.0.end >= later.0.end);
    found
}

/// A token, whole or without its last line, that stands for bare deflate or brotli.
fn unmarked_token(bytes: &[u8], token: Range<usize>) -> Option<(Range<usize>, Vec<u8>)> {
    if token.len() < unmarked::TOKEN_MIN {
        return None;
    }
    let last = bytes[token.clone()].iter().rposition(u8::is_ascii_whitespace);
    let shorter =
        last.map(|last| token.start..token.start + bytes[token.start..token.start + last].trim_ascii_end().len());
    [Some(token), shorter].into_iter().flatten().find_map(|range| {
        let letters = Some(&bytes[range.clone()]).filter(|letters| unmarked::may_be_token(letters))?;
        let decoded = decode(letters).filter(|decoded| unmarked::coding_of(decoded).is_some())?;
        Some((range, decoded))
    })
}

/// One bit for each separator that is in `token`, and the highest where something else is that is no letter or digit.
fn separators(token: &[u8]) -> u8 {
    token
        .iter()
        .fold(0, |there, byte| there | SEPARATOR_BITS[usize::from(*byte)])
}

fn separator_bit(separator: u8) -> u8 {
    SEPARATOR_BITS[usize::from(separator)]
}

static SEPARATOR_BITS: [u8; 256] = {
    let mut bits = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        bits[byte] = if (byte as u8).is_ascii_alphanumeric() { 0 } else { 0x80 };
        byte += 1;
    }
    let mut at = 0;
    while at < SEPARATORS.len() {
        bits[SEPARATORS[at] as usize] = 1 << at;
        at += 1;
    }
    bits
};

/// All lines but the last, which may be what a text goes on with: the last line of base64 can be as long as the others.
fn without_last_line(bytes: &[u8], token: &Range<usize>) -> Option<(Range<usize>, Vec<u8>)> {
    let is_end = |b: &u8| b.is_ascii_whitespace();
    let last = bytes[token.clone()].iter().rposition(is_end)?;
    let before = bytes[token.start..token.start + last].trim_ascii_end();
    let decoded = decode_readable(before, Content::Any).filter(|_| before.iter().any(is_end))?;
    Some((token.start..token.start + before.len(), decoded))
}

/// The first readable rest of a token behind one of its separators.
fn after_prefix(bytes: &[u8], token: Range<usize>, wide: bool) -> Option<(Range<usize>, Vec<u8>)> {
    let is_separator = |at: &usize| matches!(bytes[*at], b'_' | b'-' | b'+' | b'/');
    let starts = token.clone().filter(is_separator).take(STARTS_MAX).map(|at| at + 1);
    starts
        .filter(|start| wide || may_begin_readable(&bytes[*start..token.end], Content::Text))
        .filter_map(|start| {
            Some((
                start..token.end,
                decode_readable(&bytes[start..token.end], Content::Text)?,
            ))
        })
        .next()
}

/// Whether a token that is not wide may be readable, by its first letters.
fn may_begin_readable(token: &[u8], content: Content) -> bool {
    token.len() >= TOKEN_MIN && (may_be_readable(token) || content == Content::Any && may_be_structured(token))
}

fn decode_readable(token: &[u8], content: Content) -> Option<Vec<u8>> {
    if token.len() < TOKEN_MIN {
        return None;
    }
    decode_by_start(token, content).or_else(|| {
        let decoded = may_be_wide(token).then(|| decode(token)).flatten()?;
        (is_utf_16(&decoded) || utf32::order_of(&decoded).is_some()).then_some(decoded)
    })
}

/// The first three bytes decide whether the rest is worth decoding: most words fail there.
fn decode_by_start(token: &[u8], content: Content) -> Option<Vec<u8>> {
    let structured = content == Content::Any && may_be_structured(token);
    if !structured && !may_be_readable(token) {
        return None;
    }
    let head = head(token)?;
    if is_text_start(&head) || is_compressed(&head) || is_other_script_start(token, head) {
        return decoded_if_readable(token, structured);
    }
    if content == Content::Text {
        return None;
    }
    if !structured && !is_latin_start(token, &head) {
        return None;
    }
    decoded_if_readable(token, structured)
}

fn decoded_if_readable(token: &[u8], structured: bool) -> Option<Vec<u8>> {
    let decoded = decode(token)?;
    let readable = is_readable(&decoded) || structured && is_structured(&decoded, NESTING_MAX);
    readable.then_some(decoded)
}

/// Whether a token may begin msgpack, CBOR or a message of protocol buffers.
fn may_be_structured(token: &[u8]) -> bool {
    token.len() >= STRUCTURED_MIN && head(token).is_some_and(|head| is_structured_start(head, token.len()))
}

/// What a token may stand for. A piece of one is more often a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    /// UTF-8, or compressed.
    Text,
    /// Also Windows-1252, msgpack, CBOR, a message.
    Any,
}

/// Whether decoded bytes are text (UTF-8, UTF-16, Windows-1252) or compressed, and not the noise that most words, keys
/// and digests decode to.
pub(crate) fn is_readable(decoded: &[u8]) -> bool {
    is_text(decoded) || is_compressed(decoded) || is_utf_16(decoded) || is_latin(decoded)
}

pub(crate) fn is_utf_16(bytes: &[u8]) -> bool {
    Charset::utf_16_of(bytes).is_some_and(|charset| {
        let decoded = charset.decode(bytes);
        decoded.whole && controls(&decoded.text) == 0
    })
}

/// Words of Windows-1252: one letter in four at most is not ASCII, and nothing is a control character.
fn is_latin(bytes: &[u8]) -> bool {
    let high = bytes.iter().filter(|b| **b >= 0x80).count();
    let letters = bytes
        .iter()
        .filter(|b| b.is_ascii_alphanumeric() || **b == b' ')
        .count();
    let clear = |byte: &u8| is_latin_high(*byte) || matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
    bytes.len() >= 6 && high > 0 && high * 4 <= bytes.len() && letters * 2 >= bytes.len() && bytes.iter().all(clear)
}

/// The first three bytes, without allocating.
fn head(token: &[u8]) -> Option<[u8; 3]> {
    let mut bits = 0;
    for byte in &token[..4] {
        bits = bits << 6 | u32::from(value(*byte)?);
    }
    let [_, one, two, three] = bits.to_be_bytes();
    Some([one, two, three])
}

fn is_text_start(head: &[u8]) -> bool {
    // UTF-16 with a mark, of either order, and with a first letter beyond ASCII.
    if matches!(head, [0xff, 0xfe, _] | [0xfe, 0xff, _] | [0, _, 0])
        || (head[1] == 0 && (head[0] >= 0xa0 || head[2] >= 0xa0))
    {
        return true;
    }
    if head.iter().all(u8::is_ascii) {
        return head.iter().filter(|b| is_control(**b)).count() <= 1;
    }
    match std::str::from_utf8(head) {
        Ok(text) => controls(text) <= 1,
        Err(error) => {
            error.error_len().is_none()
                && controls(std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()) <= 1
        }
    }
}

/// Whether the first six bytes may be UTF-16 of another script.
fn is_other_script_start(token: &[u8], head: [u8; 3]) -> bool {
    let next = token.get(4..).filter(|rest| rest.len() >= 4).and_then(self::head);
    next.is_some_and(|next| is_other_script(&[head[0], head[1], head[2], next[0], next[1], next[2]]))
}

/// Whether the first six bytes may be Windows-1252. Two of the first three are ASCII.
fn is_latin_start(token: &[u8], head: &[u8; 3]) -> bool {
    let clear = |byte: &u8| matches!(byte, b' '..=b'~');
    let may_be = |byte: &u8| clear(byte) || is_latin_high(*byte);
    token.len() >= LATIN_MIN
        && head.iter().filter(|b| clear(b)).count() == 2
        && head.iter().all(may_be)
        && self::head(&token[4..]).is_some_and(|next| next.iter().all(may_be))
}

/// Text, with a few control characters at most: SASL puts zeros between a name and a password, terminals colour lines.
fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| controls(text) * 4 <= bytes.len())
}

/// Of ASCII.
fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && !matches!(byte, b'\t' | b'\r' | b'\n')
}

fn controls(text: &str) -> usize {
    text.chars()
        .filter(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n'))
        .count()
}

/// Whether `bytes` start like gzip, zip, zstd or zlib.
pub(crate) fn is_compressed(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
        || bytes.starts_with(b"PK\x03")
        || bytes.starts_with(&[0x28, 0xb5, 0x2f])
        || is_zlib(bytes)
}

/// RFC 1950 section 2.2: deflate, window up to 32 KiB, header check.
pub(crate) fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [0x78, flags @ (0x01 | 0x5e | 0x9c | 0xda), ..] if (0x7800 + u16::from(*flags)).is_multiple_of(31))
}

/// Decodes either alphabet, padded or not, ignoring white space. `None`: not base64.
pub(crate) fn decode(token: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(token.len() / 4 * 3 + 3);
    let (mut bits, mut count, mut padding) = (0_u32, 0, 0);
    for byte in token.iter().filter(|b| !b.is_ascii_whitespace()) {
        if *byte == b'=' {
            padding += 1;
            continue;
        }
        bits = bits << 6 | u32::from(value(*byte).filter(|_| padding == 0)?);
        count += 1;
        if count % 4 == 0 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            bits = 0;
        }
    }
    match count % 4 {
        0 => {}
        2 => out.push((bits >> 4) as u8),
        3 => out.extend_from_slice(&((bits >> 2) as u16).to_be_bytes()),
        _ => return None,
    }
    (padding <= 2).then_some(out)
}

#[cfg(test)]
mod tests;
