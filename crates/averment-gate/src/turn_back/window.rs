//! Pseudonyms in bytes that come in pieces: what could still become one is held back, and nothing else.

use super::Exchanges;

const PREFIX: &[u8] = b"p1_";
/// Of a whole pseudonym.
const LENGTH: usize = 35;
/// What stands before a pseudonym, for the name of its field.
const BEHIND_BYTES: usize = 80;

/// A look at one answer, or at one message after another.
pub(crate) struct Window {
    exchanged: Exchanges,
    /// Whether any character can be written.
    is_unicode: bool,
    /// The end of what came, as long as it may be the beginning of a pseudonym.
    held: Vec<u8>,
    /// The end of what was let out.
    behind: Vec<u8>,
}

impl Window {
    pub(crate) fn new(exchanged: Exchanges, is_unicode: bool) -> Self {
        Self {
            exchanged,
            is_unicode,
            held: Vec::new(),
            behind: Vec::new(),
        }
    }

    /// Takes the next bytes; gives what can be let out.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        let whole = std::mem::take(&mut self.held);
        let open = open_at(&whole);
        self.held = whole[open..].to_vec();
        self.turn(&whole, open)
    }

    /// What is left when no more comes. What is fed then begins something new.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        let rest = std::mem::take(&mut self.held);
        let out = self.turn(&rest, rest.len());
        self.behind.clear();
        out
    }

    #[cfg(test)]
    pub(super) fn held_bytes(&self) -> usize {
        self.held.len()
    }

    /// Turns what stands before `end`; what follows says whether a pseudonym goes on.
    fn turn(&mut self, bytes: &[u8], end: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(end);
        let mut done = 0;
        while let Some(at) = next_at(bytes, done, end) {
            let after = at + LENGTH;
            out.extend_from_slice(&bytes[done..at]);
            match self.value(&bytes[at..after], &out) {
                Some(value) => out.extend_from_slice(value.as_bytes()),
                None => out.extend_from_slice(&bytes[at..after]),
            }
            done = after;
        }
        out.extend_from_slice(&bytes[done..end]);
        let from = out.len().saturating_sub(BEHIND_BYTES);
        self.behind.extend_from_slice(&out[from..]);
        self.behind.drain(..self.behind.len().saturating_sub(BEHIND_BYTES));
        out
    }

    /// What a pseudonym becomes. `before`: what is let out before it with these bytes.
    fn value(&self, pseudonym: &[u8], before: &[u8]) -> Option<String> {
        let near = before.len().saturating_sub(BEHIND_BYTES);
        let before = [self.behind.as_slice(), &before[near..]].concat();
        let pseudonym = std::str::from_utf8(pseudonym).ok()?.to_ascii_lowercase();
        let value = self.exchanged.value(&pseudonym, field_before(&before))?;
        (self.is_unicode || value.is_ascii()).then_some(value)
    }
}

/// Where the next whole pseudonym begins that ends before `end`.
fn next_at(bytes: &[u8], from: usize, end: usize) -> Option<usize> {
    let candidates = (from..end).filter(|at| bytes[*at].eq_ignore_ascii_case(&PREFIX[0]));
    candidates
        .filter(|at| end - at >= LENGTH && is_beginning(&bytes[*at..at + LENGTH]))
        .find(|at| !bytes.get(at + LENGTH).is_some_and(u8::is_ascii_alphanumeric))
}

/// From where on the bytes may be the beginning of a pseudonym, or be one whose end is not known yet.
fn open_at(bytes: &[u8]) -> usize {
    let near = bytes.len().saturating_sub(LENGTH);
    let mut open = near..bytes.len();
    open.find(|at| is_beginning(&bytes[*at..])).unwrap_or(bytes.len())
}

/// At most [`LENGTH`] bytes.
fn is_beginning(bytes: &[u8]) -> bool {
    let (prefix, digits) = bytes.split_at(bytes.len().min(PREFIX.len()));
    prefix.eq_ignore_ascii_case(&PREFIX[..prefix.len()]) && digits.iter().all(u8::is_ascii_hexdigit)
}

/// The name in `"name": "`, where that is how `before` ends; the quotes may be escaped once.
fn field_before(before: &[u8]) -> Option<&str> {
    let quoted = |bytes: &[u8]| {
        Some(
            bytes
                .strip_suffix(b"\"")?
                .strip_suffix(b"\\")
                .map_or(bytes.len() - 1, <[u8]>::len),
        )
    };
    let rest = &before[..quoted(before)?];
    let rest = rest.trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
    let rest = &rest[..quoted(rest)?];
    let begin = rest.iter().rposition(|byte| *byte == b'"')? + 1;
    std::str::from_utf8(&rest[begin..]).ok()
}
