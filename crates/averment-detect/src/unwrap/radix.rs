//! Hexadecimal and base32 in texts: which runs are worth undoing, and putting them back in the same spelling.
//!
//! A run is undone only when what comes out is text or compressed: digests, identifiers and long words are none.
//!
//! Source: RFC 4648 sections 6 and 8.

use std::ops::Range;

use flate2::{Decompress, FlushDecompress, Status};

use super::base64::{is_readable, is_zlib};
use super::body::is_text;
use super::words;
use crate::mask::{Alphanumeric, Finder, long_runs};

/// Fewest characters of a run that is tried.
const RUN_MIN: usize = 8;
/// Fewest hexadecimal digits.
const HEX_MIN: usize = 10;
/// Fewest bytes that come out of a stream that is cut off; noise gives a few.
const CUT_OFF_MIN: usize = 32;

/// How a run was written.
#[derive(Clone, Copy)]
pub(crate) enum Spelling {
    Hex {
        upper: bool,
    },
    Base32 {
        upper: bool,
        padded: bool,
    },
    /// Another alphabet, in which only known people count.
    Rare(words::Alphabet),
}

/// A run that stands for something.
pub(crate) struct Token {
    pub(crate) range: Range<usize>,
    pub(crate) decoded: Vec<u8>,
    pub(crate) spelling: Spelling,
}

/// The runs in `bytes` that stand for text or something compressed.
pub(crate) fn tokens(bytes: &[u8]) -> impl Iterator<Item = Token> {
    let mut ends = Finder::<Alphanumeric>::new(bytes);
    long_runs::<Alphanumeric>(bytes, RUN_MIN).flat_map(move |start| found(bytes, start..ends.end(start)))
}

/// What the run at `run` stands for.
fn found(bytes: &[u8], run: Range<usize>) -> Vec<Token> {
    let run = run.start + prefix(bytes, run.start)..run.end;
    match hexadecimal(bytes, run.clone()).or_else(|| base32(bytes, run.clone())) {
        Some(token) => vec![token],
        None => rare(bytes, run),
    }
}

/// Bytes of `0x` where a run begins, or of the `x` of `\x6164…`, as databases write binary columns.
fn prefix(bytes: &[u8], start: usize) -> usize {
    let escaped = || start.checked_sub(1).is_some_and(|before| bytes[before] == b'\\');
    match bytes[start..] {
        [b'0', b'x' | b'X', ..] => 2,
        [b'x' | b'X', ..] if escaped() => 1,
        _ => 0,
    }
}

fn hexadecimal(bytes: &[u8], range: Range<usize>) -> Option<Token> {
    let run = &bytes[range.clone()];
    let whole = run.len() >= HEX_MIN && run.len().is_multiple_of(2);
    // Most identifiers end here.
    if !whole || !is_text_start(pair(run), pair(&run[2..])) || !run.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let decoded: Vec<u8> = run.chunks_exact(2).map(pair).collect();
    let upper = run.iter().any(u8::is_ascii_uppercase);
    is_worth_reading(&decoded).then_some(Token {
        range,
        decoded,
        spelling: Spelling::Hex { upper },
    })
}

fn pair(digits: &[u8]) -> u8 {
    let digit = |at: usize| match digits[at] {
        digit @ b'0'..=b'9' => digit - b'0',
        digit => (digit | 0x20).wrapping_sub(b'a').wrapping_add(10) & 15,
    };
    digit(0) << 4 | digit(1)
}

fn base32(bytes: &[u8], range: Range<usize>) -> Option<Token> {
    let letters = &bytes[range.clone()];
    // Five bits a letter: four make two bytes and a half. Most words end here.
    let head = letters
        .get(..4)?
        .iter()
        .try_fold(0_u32, |bits, byte| Some(bits << 5 | u32::from(value(*byte)?)))?;
    if !is_text_start((head >> 12) as u8, (head >> 4) as u8) {
        return None;
    }
    let upper = letters[..4].iter().any(u8::is_ascii_uppercase);
    let other = if upper { b'a'..=b'z' } else { b'A'..=b'Z' };
    if letters.len() < RUN_MIN || letters.iter().any(|b| other.contains(b) || value(*b).is_none()) {
        return None;
    }
    let decoded = base32_decoded(letters).filter(|decoded| is_worth_reading(decoded))?;
    let padding = bytes[range.end..].iter().take(6).take_while(|b| **b == b'=').count();
    Some(Token {
        range: range.start..range.end + padding,
        decoded,
        spelling: Spelling::Base32 {
            upper,
            padded: padding > 0,
        },
    })
}

/// A whole run in other alphabets: several may be right by chance.
fn rare(bytes: &[u8], range: Range<usize>) -> Vec<Token> {
    if range.len() < RUN_MIN {
        return Vec::new();
    }
    let token = |(decoded, alphabet)| Token {
        range: range.clone(),
        decoded,
        spelling: Spelling::Rare(alphabet),
    };
    words::decoded(&bytes[range.clone()]).into_iter().map(token).collect()
}

/// Whether what begins with these bytes may be text of UTF-8, UTF-16 or Windows-1252, or gzip.
pub(super) fn is_text_start(first: u8, second: u8) -> bool {
    let clear = |byte: u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
    match (first, second) {
        (first, second) if clear(first) && (clear(second) || matches!(second, 0 | 0xc2..=0xff)) => true,
        (0xc2..=0xff, second) => clear(second) || second >= 0x80,
        (0, second) => clear(second),
        (0x1f, second) => second == 0x8b,
        // zlib, zstd.
        (0x78, second) => matches!(second, 0x01 | 0x9c),
        (0x28, second) => second == 0xb5,
        _ => false,
    }
}

/// Whether `decoded` is readable and, where it begins as gzip or zlib do, goes on so: of 65,536 digests a few begin so.
fn is_worth_reading(decoded: &[u8]) -> bool {
    is_readable(decoded)
        && match decoded {
            _ if is_text(decoded) => true,
            // RFC 1952 section 2.3.1: the one method, and flags that have a meaning.
            [0x1f, 0x8b, rest @ ..] => matches!(rest, [8, 0..=0x1f, ..]),
            _ if is_zlib(decoded) => inflates(decoded),
            _ => true,
        }
}

/// Whether the first kilobyte comes out of zlib. Of a stream that is cut off, some text must: what is missing is noted when
/// it is read. Noise decodes for a while too, as distances before the beginning are not refused there.
fn inflates(bytes: &[u8]) -> bool {
    let (mut stream, mut out) = (Decompress::new(true), [0; 1024]);
    match stream.decompress(bytes, &mut out, FlushDecompress::None) {
        Ok(Status::StreamEnd) => true,
        Ok(_) => {
            let text = &out[..usize::try_from(stream.total_out()).unwrap_or_default()];
            text.len() >= CUT_OFF_MIN && text.iter().all(|b| *b >= b' ' || b.is_ascii_whitespace())
        }
        Err(_) => false,
    }
}

/// `None`: what is left over of the last letter is not zero, so this is a word.
fn base32_decoded(letters: &[u8]) -> Option<Vec<u8>> {
    let (mut bits, mut count) = (0_u64, 0);
    let mut decoded = Vec::with_capacity(letters.len() * 5 / 8);
    for byte in letters {
        bits = bits << 5 | u64::from(value(*byte)?);
        count += 5;
        if count >= 8 {
            count -= 8;
            decoded.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (bits == 0 && count < 5).then_some(decoded)
}

fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

impl Spelling {
    /// `bytes` in this spelling.
    pub(crate) fn encode(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Rare(alphabet) => alphabet.encode(bytes),
            Self::Hex { upper } => {
                let digits: &[u8; 16] = if upper {
                    b"0123456789ABCDEF"
                } else {
                    b"0123456789abcdef"
                };
                let both = |byte: &u8| [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]];
                bytes.iter().flat_map(both).collect()
            }
            Self::Base32 { upper, padded } => {
                let mut out = base32_encoded(bytes, padded);
                if !upper {
                    out.make_ascii_lowercase();
                }
                out
            }
        }
    }
}

fn base32_encoded(bytes: &[u8], padded: bool) -> Vec<u8> {
    const SET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = Vec::with_capacity(bytes.len().div_ceil(5) * 8);
    for group in bytes.chunks(5) {
        let value = group.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte)) << (8 * (5 - group.len()));
        let letters = (group.len() * 8).div_ceil(5);
        out.extend((0..letters).map(|place| SET[(value >> (35 - 5 * place) & 31) as usize]));
        if padded {
            out.extend(std::iter::repeat_n(b'=', 8 - letters));
        }
    }
    out
}
