//! What the readers share: bounded reading, and identifiers that may be shown.

use std::io::{BufRead, Error, Read};

use super::ITEM_MAX;

/// A reader that ends in an error after so many bytes: what a small file may unpack to.
pub(super) struct Capped<R> {
    inner: R,
    left: u64,
}

impl<R> Capped<R> {
    pub(super) fn new(inner: R, most: u64) -> Self {
        Self { inner, left: most }
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| Error::other("it unpacks to more than 200 times its size"))?;
        Ok(read)
    }
}

/// How two bytes are a unit of UTF-16.
pub(super) type Unit = fn([u8; 2]) -> u16;

/// A reader that turns UTF-16 into UTF-8; what is no letter becomes `U+FFFD`.
pub(super) struct Utf16<R> {
    inner: R,
    unit: Unit,
    /// A byte, and a unit, that wait for the one behind it.
    byte: Option<u8>,
    high: Option<u16>,
    /// Letters that are not given yet.
    ready: Vec<u8>,
}

impl<R> Utf16<R> {
    pub(super) fn new(inner: R, unit: Unit) -> Self {
        Self {
            inner,
            unit,
            byte: None,
            high: None,
            ready: Vec::new(),
        }
    }

    fn take(&mut self, unit: u16) {
        let high = self.high.take();
        if high.is_none() && (0xd800..0xdc00).contains(&unit) {
            self.high = Some(unit);
            return;
        }
        let mut encoded = [0; 4];
        for letter in char::decode_utf16(high.into_iter().chain([unit])) {
            let letter = letter.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.ready
                .extend_from_slice(letter.encode_utf8(&mut encoded).as_bytes());
        }
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut bytes = [0; 1 << 13];
        while self.ready.is_empty() {
            let read = self.inner.read(&mut bytes)?;
            if read == 0 {
                return Ok(0);
            }
            for byte in &bytes[..read] {
                match self.byte.take() {
                    Some(first) => self.take((self.unit)([first, *byte])),
                    None => self.byte = Some(*byte),
                }
            }
        }
        let length = self.ready.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.ready[..length]);
        self.ready.drain(..length);
        Ok(length)
    }
}

/// A reader that ends in an error where a line is longer than an item may be.
pub(super) struct Lined<R> {
    inner: R,
    since: usize,
}

impl<R> Lined<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, since: 0 }
    }
}

impl<R: Read> Read for Lined<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let last = buffer[..read].iter().rposition(|byte| *byte == b'\n');
        self.since = last.map_or(self.since + read, |at| read - at);
        if self.since > ITEM_MAX {
            return Err(Error::other("a line is longer than 64 MiB"));
        }
        Ok(read)
    }
}

/// The next line with its end, at most as long as an item; none at the end of the file.
pub(super) fn next_line(file: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    let read = file.by_ref().take(ITEM_MAX as u64 + 1).read_until(b'\n', line)?;
    if read > ITEM_MAX {
        return Err(Error::other("a line is longer than 64 MiB"));
    }
    Ok(read > 0)
}

/// Whether `text` is the identifier of a ticket, card or message and could not be anybody's name: digits (with a dot between),
/// `ABC-12`, 16 to 64 hexadecimal digits, or Airtable's `rec…`.
pub(super) fn is_plain_id(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = text.len() <= 32 && text.split('.').count() <= 2 && text.split('.').all(digits);
    let key = text.split_once('-').is_some_and(|(project, number)| {
        (2..=10).contains(&project.len())
            && project
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && digits(number)
            && number.len() <= 10
    });
    let hex = (16..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let record = text.len() == 17 && text.starts_with("rec") && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    numbers || key || hex || record
}
