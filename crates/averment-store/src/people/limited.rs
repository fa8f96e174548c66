//! Readers that fail, rather than end, where a source or one record of it is longer than declared: half a source is not a
//! source.

use std::io::Read;

/// At most so many bytes.
pub(super) struct Limited<R> {
    inner: R,
    left: u64,
    max: u64,
}

impl<R> Limited<R> {
    pub(super) fn new(inner: R, max: u64) -> Self {
        let left = max;
        Self { inner, left, max }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            let text = format!("expected at most {} bytes", self.max);
            std::io::Error::new(std::io::ErrorKind::InvalidData, text)
        })?;
        Ok(read)
    }
}

/// Most bytes of one record: a quote that nobody closes would otherwise take the whole source into memory.
const RECORD_BYTES_MAX: u64 = 1 << 20;

/// Records of bounded length. What reads them says where one ends.
pub(super) struct ShortRecords<R> {
    inner: R,
    since_end: u64,
}

impl<R> ShortRecords<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, since_end: 0 }
    }

    /// A record has ended.
    pub(super) fn ended(&mut self) {
        self.since_end = 0;
    }
}

impl<R: Read> Read for ShortRecords<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.since_end += read as u64;
        if self.since_end > RECORD_BYTES_MAX {
            let text = format!("expected at most {RECORD_BYTES_MAX} bytes in a record: is a quote not closed?");
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, text));
        }
        Ok(read)
    }
}
