//! A reader that keeps a JSON stream within bounds before a parser sees it: long strings are cut, and marked as cut; nesting
//! beyond the limit is an error.
//!
//! The parser takes a string as a whole, so one of 100 MB would be held as a whole, twice. Cut here it never is.

use std::io::{Error, ErrorKind, Read, Result};

/// Longest string, in bytes as written.
const STRING_MAX_BYTES: usize = 8 << 20;
/// All strings of one request together; beyond it only [`SHORT_BYTES`] of each are kept.
const ENTRY_MAX_BYTES: usize = 24 << 20;
const SHORT_BYTES: usize = 4 << 10;
/// A string of nothing but escapes is cut between two of them from here on.
const GRACE_BYTES: usize = 64 << 10;
/// Depth of `log.entries[]`, whose elements begin a new account.
const ENTRY_DEPTH: usize = 3;
/// Objects and lists inside each other.
const DEPTH_MAX: usize = 512;
/// Ends a string that was cut: a noncharacter, which no text of a browser has.
pub(super) const CUT: char = '\u{10FFFE}';

/// Bounds what it reads from `inner`.
pub(super) struct Capped<R> {
    inner: R,
    piece: Vec<u8>,
    ready: Vec<u8>,
    taken: usize,
    state: State,
    depth: usize,
    in_entry: usize,
    /// Bytes read from `inner`.
    pub(super) bytes: u64,
}

#[derive(Clone, Copy)]
enum State {
    Between,
    Kept {
        /// Bytes so far.
        bytes: usize,
        escape: u8,
    },
    Dropped {
        escape: u8,
    },
}

impl<R: Read> Capped<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            piece: vec![0; 64 << 10],
            ready: Vec::with_capacity(72 << 10),
            taken: 0,
            state: State::Between,
            depth: 0,
            in_entry: 0,
            bytes: 0,
        }
    }

    /// Takes the next piece of the input; false at its end.
    fn fill(&mut self) -> Result<bool> {
        let mut piece = std::mem::take(&mut self.piece);
        let read = self.inner.read(&mut piece);
        let length = *read.as_ref().unwrap_or(&0);
        self.ready.clear();
        self.taken = 0;
        let stepped = piece[..length].iter().try_for_each(|byte| self.step(*byte));
        self.bytes += length as u64;
        self.piece = piece;
        read?;
        stepped?;
        Ok(length > 0)
    }

    fn step(&mut self, byte: u8) -> Result<()> {
        match self.state {
            State::Between => self.between(byte)?,
            State::Kept { escape: 0, .. } if byte == b'"' => self.end(),
            State::Dropped { escape: 0 } if byte == b'"' => self.end(),
            State::Dropped { escape } => {
                let escape = escaped(escape, byte);
                self.state = State::Dropped { escape };
            }
            State::Kept { bytes, escape } if escape == 0 && self.is_cut(bytes, byte) => {
                self.ready.extend_from_slice(CUT.encode_utf8(&mut [0; 4]).as_bytes());
                let escape = escaped(0, byte);
                self.state = State::Dropped { escape };
            }
            State::Kept { bytes, escape } => {
                self.ready.push(byte);
                self.in_entry += 1;
                let (bytes, escape) = (bytes + 1, escaped(escape, byte));
                self.state = State::Kept { bytes, escape };
            }
        }
        Ok(())
    }

    fn between(&mut self, byte: u8) -> Result<()> {
        self.ready.push(byte);
        match byte {
            b'"' => self.state = State::Kept { bytes: 0, escape: 0 },
            b'{' | b'[' => {
                if self.depth == ENTRY_DEPTH {
                    self.in_entry = 0;
                }
                self.depth += 1;
            }
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth > DEPTH_MAX {
            let told = format!("lists or objects lie deeper than {DEPTH_MAX} in each other");
            return Err(Error::new(ErrorKind::InvalidData, told));
        }
        Ok(())
    }

    fn end(&mut self) {
        self.ready.push(b'"');
        self.state = State::Between;
    }

    /// Whether the string ends here for the parser: never within a character, and not within a pair of escapes if possible.
    fn is_cut(&self, bytes: usize, byte: u8) -> bool {
        let max = if self.in_entry > ENTRY_MAX_BYTES {
            SHORT_BYTES
        } else {
            STRING_MAX_BYTES
        };
        let continues = (0x80..0xc0).contains(&byte) || byte == b'\\';
        bytes >= max && (!continues || bytes >= max + GRACE_BYTES)
    }
}

/// Characters of an escape that are still to come after `byte`; the first after the backslash says how many there are.
fn escaped(before: u8, byte: u8) -> u8 {
    const FIRST: u8 = u8::MAX;
    match (before, byte) {
        (0, b'\\') => FIRST,
        (0, _) => 0,
        (FIRST, b'u') => 4,
        (FIRST, _) => 0,
        (more, _) => more - 1,
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        while self.taken == self.ready.len() {
            if !self.fill()? {
                return Ok(0);
            }
        }
        let length = into.len().min(self.ready.len() - self.taken);
        into[..length].copy_from_slice(&self.ready[self.taken..self.taken + length]);
        self.taken += length;
        Ok(length)
    }
}
