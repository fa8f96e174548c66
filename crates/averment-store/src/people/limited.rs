//! A reader that fails, rather than ends, where its source is longer than declared: half a source is not a source.

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
