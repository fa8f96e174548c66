//! Is this JSON? A strict check without a tree, so that the walk can trust what it steps over.
//!
//! Source: RFC 8259; stricter readers and looser ones disagree about everything that is refused here, and what two
//! readers read differently cannot be called clean.

use crate::UnreadableBecause;
use crate::mask::{Finder, StringEnd};

/// Why a text is not accepted as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonFault {
    Malformed,
    TooDeep,
}

impl JsonFault {
    pub(crate) fn because(self) -> UnreadableBecause {
        match self {
            Self::Malformed => UnreadableBecause::Malformed,
            Self::TooDeep => UnreadableBecause::TooDeep,
        }
    }
}

/// Which numbers are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    Strict,
    /// Also `NaN` and `Infinity`, which many serialisers write and which hide nothing.
    WithNaN,
}

/// Whether `bytes` are one JSON text of at most `nesting_max` levels.
pub(crate) fn is_valid(bytes: &[u8], nesting_max: usize, numbers: Numbers) -> Result<(), JsonFault> {
    if std::str::from_utf8(bytes).is_err() {
        return Err(JsonFault::Malformed);
    }
    let string_ends = Finder::new(bytes);
    let mut scan = Scan {
        bytes,
        at: 0,
        numbers,
        string_ends,
    };
    scan.document(nesting_max)?;
    scan.space();
    if scan.at == bytes.len() {
        Ok(())
    } else {
        Err(JsonFault::Malformed)
    }
}

/// Whether `bytes` are NDJSON: every line that is not empty is a JSON text, and there are at least two.
pub(crate) fn are_lines(bytes: &[u8], nesting_max: usize, numbers: Numbers) -> bool {
    let mut lines = 0;
    let mut texts = bytes
        .split(|b| *b == b'\n')
        .filter(|line| !line.trim_ascii().is_empty());
    texts.all(|line| {
        lines += 1;
        is_valid(line, nesting_max, numbers).is_ok()
    }) && lines > 1
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    numbers: Numbers,
    string_ends: Finder<'a, StringEnd>,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline(always)]
    fn space(&mut self) {
        // Nearly every byte of a document is above the space.
        while let Some(0..=b' ') = self.peek() {
            if !matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
                return;
            }
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonFault> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(JsonFault::Malformed)
    }

    /// One value, without recursion: `open` remembers for each level whether it is an object.
    fn document(&mut self, nesting_max: usize) -> Result<(), JsonFault> {
        let mut open: Vec<bool> = Vec::new();
        loop {
            self.space();
            match self.peek() {
                Some(bracket @ (b'{' | b'[')) => {
                    self.at += 1;
                    if open.len() >= nesting_max {
                        return Err(JsonFault::TooDeep);
                    }
                    open.push(bracket == b'{');
                    if self.first(bracket)? {
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            if self.closes(&mut open)? {
                return Ok(());
            }
        }
    }

    /// After an opening bracket: `true` when a value follows, `false` when it closes at once.
    fn first(&mut self, bracket: u8) -> Result<bool, JsonFault> {
        self.space();
        if self.peek() == Some(bracket + 2) {
            return Ok(false);
        }
        if bracket == b'{' {
            self.key()?;
        }
        Ok(true)
    }

    #[inline(always)]
    fn key(&mut self) -> Result<(), JsonFault> {
        self.space();
        self.expect(b'"')?;
        self.string()?;
        self.space();
        self.expect(b':')
    }

    /// After a value: closes levels until another value follows (`false`) or the document ends (`true`).
    fn closes(&mut self, open: &mut Vec<bool>) -> Result<bool, JsonFault> {
        while let Some(is_object) = open.last().copied() {
            self.space();
            if self.peek() == Some(if is_object { b'}' } else { b']' }) {
                self.at += 1;
                open.pop();
                continue;
            }
            self.expect(b',')?;
            if is_object {
                self.key()?;
            }
            return Ok(false);
        }
        Ok(true)
    }

    fn scalar(&mut self) -> Result<(), JsonFault> {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.string()
            }
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            Some(b'N') if self.numbers == Numbers::WithNaN => self.literal(b"NaN"),
            Some(b'I') if self.numbers == Numbers::WithNaN => self.literal(b"Infinity"),
            _ => self.number(),
        }
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), JsonFault> {
        if self.bytes[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        Err(JsonFault::Malformed)
    }

    #[inline(always)]
    fn string(&mut self) -> Result<(), JsonFault> {
        loop {
            self.at = self.string_ends.next(self.at).unwrap_or(self.bytes.len());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                _ => return Err(JsonFault::Malformed),
            }
        }
    }

    fn escape(&mut self) -> Result<(), JsonFault> {
        let length = match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') if hex4(self.bytes, self.at + 2).is_some() => 6,
            _ => return Err(JsonFault::Malformed),
        };
        self.at += length;
        Ok(())
    }

    fn number(&mut self) -> Result<(), JsonFault> {
        if self.peek() == Some(b'-') {
            self.at += 1;
            if self.peek() == Some(b'I') && self.numbers == Numbers::WithNaN {
                return self.literal(b"Infinity");
            }
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonFault> {
        let count = self.bytes[self.at..].iter().take_while(|b| b.is_ascii_digit()).count();
        self.at += count;
        if count > 0 { Ok(()) } else { Err(JsonFault::Malformed) }
    }
}

/// Four hexadecimal digits.
pub(crate) fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 4)?;
    digits
        .iter()
        .try_fold(0, |value, byte| Some(value * 16 + char::from(*byte).to_digit(16)?))
}
