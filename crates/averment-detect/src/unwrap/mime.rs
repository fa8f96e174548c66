//! Quoted-printable and encoded words, undone and put back.
//!
//! Source: RFC 2045 section 6.7 (quoted-printable), RFC 2047 (encoded words), RFC 2231 section 5 (language suffix).

use std::ops::Range;

use super::base64;
use super::charset::Charset;
use super::escapes::{Decoded, hex_pair, replaced};
use crate::span::{Edit, apply, merged};

/// Longest encoded word that is looked at; RFC 2047 allows 75, software writes longer ones.
const WORD_MAX: usize = 2000;

/// `None` when there is nothing to decode. A `=` without two hexadecimal digits or a line end stands for itself.
pub(crate) fn quoted_printable_decoded(bytes: &[u8]) -> Option<Decoded> {
    replaced(bytes, quoted(bytes), |byte, out| out.extend(byte))
}

/// Start, length and byte of every escape; a line end behind `=` stands for nothing.
pub(crate) fn quoted(bytes: &[u8]) -> impl Iterator<Item = (usize, usize, Option<u8>)> {
    memchr::memchr_iter(b'=', bytes).filter_map(|at| {
        if let Some(byte) = hex_pair(bytes, at + 1) {
            return Some((at, 3, Some(byte)));
        }
        match bytes.get(at + 1..) {
            Some([b'\r', b'\n', ..]) => Some((at, 3, None)),
            Some([b'\n', ..]) => Some((at, 2, None)),
            _ => None,
        }
    })
}

/// Bytes for the inside of a quoted-printable body or word.
pub(crate) fn quoted_printable_encoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"*.-+@/:".contains(byte) {
            out.push(*byte);
        } else {
            out.extend(format!("={byte:02X}").into_bytes());
        }
    }
    out
}

/// A text with encoded words, decoded, and the pieces that it came from.
pub(crate) struct Words {
    pub(crate) text: String,
    pieces: Vec<Piece>,
}

struct Piece {
    decoded: Range<usize>,
    source: Range<usize>,
    /// `None`: copied as it is.
    word: Option<Word>,
}

#[derive(Clone)]
struct Word {
    charset: Charset,
    label: Vec<u8>,
    base64: bool,
}

/// `None` when there is no encoded word. White space between two words is no part of the text.
pub(crate) fn words_decoded(bytes: &[u8]) -> Option<Words> {
    let mut words = Words {
        text: String::new(),
        pieces: Vec::new(),
    };
    let mut at = 0;
    for start in memchr::memmem::find_iter(bytes, b"=?") {
        if start < at {
            continue;
        }
        let Some((length, word, text)) = encoded_word(&bytes[start..]) else {
            continue;
        };
        let after_word = words.pieces.last().is_some_and(|piece| piece.word.is_some());
        if !(after_word && bytes[at..start].iter().all(u8::is_ascii_whitespace)) {
            words.push(&String::from_utf8_lossy(&bytes[at..start]), at..start, None);
        }
        words.push(&text, start..start + length, Some(word));
        at = start + length;
    }
    if at == 0 {
        return None;
    }
    words.push(&String::from_utf8_lossy(&bytes[at..]), at..bytes.len(), None);
    Some(words)
}

/// Length, spelling and text of the word at the start of `bytes`.
fn encoded_word(bytes: &[u8]) -> Option<(usize, Word, String)> {
    let head = &bytes[..bytes.len().min(WORD_MAX)];
    let mut fields = head.get(2..)?.splitn(3, |b| *b == b'?');
    let (label, encoding, rest) = (fields.next()?, fields.next()?, fields.next()?);
    let inside = &rest[..memchr::memmem::find(rest, b"?=")?];
    if label.is_empty() || label.len() > 40 || inside.contains(&b' ') {
        return None;
    }
    let name = label.split(|b| *b == b'*').next().unwrap_or_default();
    let charset = Charset::named(std::str::from_utf8(name).ok()?)?;
    let base64 = match encoding {
        b"B" | b"b" => true,
        b"Q" | b"q" => false,
        _ => return None,
    };
    let decoded = if base64 {
        base64::decode(inside)?
    } else {
        let spaced: Vec<u8> = inside.iter().map(|b| if *b == b'_' { b' ' } else { *b }).collect();
        quoted_printable_decoded(&spaced).map_or(spaced, |decoded| decoded.bytes)
    };
    let text = charset.decode(&decoded).text;
    let length = 2 + label.len() + 1 + encoding.len() + 1 + inside.len() + 2;
    let word = Word {
        charset,
        label: label.to_vec(),
        base64,
    };
    Some((length, word, text))
}

impl Words {
    fn push(&mut self, text: &str, source: Range<usize>, word: Option<Word>) {
        let start = self.text.len();
        self.text.push_str(text);
        self.pieces.push(Piece {
            decoded: start..self.text.len(),
            source,
            word,
        });
    }

    /// Edits of the text as edits of its source: of an encoded word the whole is made again. `None`: a replacement has
    /// letters that the word's character set does not have.
    pub(crate) fn back(&self, edits: Vec<Edit>) -> Option<Vec<Edit>> {
        let edits = merged(edits);
        let mut out = Vec::new();
        for piece in &self.pieces {
            let local = clipped(&edits, &piece.decoded);
            if local.is_empty() {
                continue;
            }
            match &piece.word {
                None => out.extend(crate::span::shifted(local, piece.source.start)),
                Some(word) => {
                    let text = apply(&self.text.as_bytes()[piece.decoded.clone()], local);
                    out.push(Edit {
                        range: piece.source.clone(),
                        with: word.encode(std::str::from_utf8(&text).ok()?)?,
                    });
                }
            }
        }
        Some(out)
    }
}

/// The parts of `edits` inside `range`, in its coordinates; what an edit puts in stands where it begins.
fn clipped(edits: &[Edit], range: &Range<usize>) -> Vec<Edit> {
    let from = edits.partition_point(|edit| edit.range.end <= range.start);
    let inside = edits[from..].iter().take_while(|edit| edit.range.start < range.end);
    let clip = |edit: &Edit| Edit {
        range: edit.range.start.max(range.start) - range.start..edit.range.end.min(range.end) - range.start,
        with: if range.contains(&edit.range.start) {
            edit.with.clone()
        } else {
            Vec::new()
        },
    };
    inside.map(clip).collect()
}

impl Word {
    fn encode(&self, text: &str) -> Option<Vec<u8>> {
        let bytes = self.charset.encode(text)?;
        let inside = if self.base64 {
            base64::Alphabet::of(b"====").encode(&bytes)
        } else {
            quoted_printable_encoded(&bytes)
        };
        let encoding: &[u8] = if self.base64 { b"B" } else { b"Q" };
        Some([b"=?", self.label.as_slice(), b"?", encoding, b"?", &inside, b"?="].concat())
    }
}
