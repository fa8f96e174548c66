//! How a file of SQLite is laid out: as pages of a size, with or without something before each.
//!
//! Start at [`Layout::of`]. What is laid out otherwise is read as bytes only.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::page::four;

/// Bytes before the pages of a write-ahead log, and before each page of it.
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// Bytes of a database before the header of its first page.
const FILE_HEADER: usize = 100;

/// How pages lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Bytes before the first.
    pub(super) before: usize,
    /// Bytes before each.
    pub(super) each: usize,
    /// Bytes of a page.
    pub(super) size: usize,
    /// Bytes of a page without those reserved at its end.
    pub(super) usable: usize,
}

impl Layout {
    /// Of a database's file; none where its beginning is another.
    pub(super) fn of(file: &mut File) -> std::io::Result<Option<Self>> {
        let header = beginning(file, FILE_HEADER)?;
        if !header.starts_with(b"SQLite format 3\0") || header.len() < FILE_HEADER {
            return Ok(None);
        }
        let size = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65536,
            size => usize::from(size),
        };
        let usable = size.checked_sub(usize::from(header[20]));
        let usable = usable.filter(|usable| size.is_power_of_two() && size >= 512 && *usable >= 480);
        Ok(usable.map(|usable| Self {
            before: 0,
            each: 0,
            size,
            usable,
        }))
    }

    /// Of the write-ahead log of a database.
    pub(super) fn of_log(self, log: &mut File) -> std::io::Result<Option<Self>> {
        let header = beginning(log, LOG_HEADER)?;
        let is_log = matches!(four(&header, 0), Some(0x377f_0682 | 0x377f_0683));
        let is_alike = four(&header, 8).is_some_and(|size| usize::try_from(size) == Ok(self.size));
        Ok((is_log && is_alike).then_some(Self {
            before: LOG_HEADER,
            each: FRAME_HEADER,
            ..self
        }))
    }

    /// Bytes of a page and of what lies before it.
    pub(super) fn with_header(self) -> usize {
        self.each + self.size
    }

    /// The page of a number, which counts from 1.
    pub(super) fn page(self, file: &mut File, number: u32) -> std::io::Result<Vec<u8>> {
        let place = u64::from(number.saturating_sub(1)) * self.with_header() as u64 + (self.before + self.each) as u64;
        let mut bytes = vec![0; self.size];
        file.seek(SeekFrom::Start(place))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Where a page's own header begins: the first of a file begins with the file's. `before`: what lies before the page.
    pub(super) fn first(self, before: &[u8], number: u64) -> usize {
        let is_first = match self.each {
            0 => number == 1,
            _ => four(before, 0) == Some(1),
        };
        if is_first { FILE_HEADER } else { 0 }
    }
}

fn beginning(file: &mut File, bytes: usize) -> std::io::Result<Vec<u8>> {
    let mut beginning = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.by_ref().take(bytes as u64).read_to_end(&mut beginning)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(beginning)
}
