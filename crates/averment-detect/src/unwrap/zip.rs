//! Zip archives, and the office documents that are such: every file's name and content.
//!
//! An archive is not put together again: what is to be replaced in one is refused. Where its directory and its files
//! disagree, two readers would see two archives, and it is unreadable.
//!
//! Source: APPNOTE.TXT 6.3.10 sections 4.3 and 4.4; ECMA-376 part 2 and OpenDocument part 2 for office documents.

use std::ops::Range;

use super::Walk;
use super::compression::Coding;
use crate::pointer::Step;
use crate::span::Edit;
use crate::{Layer, UnreadableBecause};

const END: &[u8] = b"PK\x05\x06";
const END_LENGTH: usize = 22;
const CENTRAL: &[u8] = b"PK\x01\x02";
const CENTRAL_LENGTH: usize = 46;
const LOCAL: &[u8] = b"PK\x03\x04";
const LOCAL_LENGTH: usize = 30;

/// Whether `bytes` begin like an archive with at least one file.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(LOCAL)
}

/// One file.
struct Entry {
    name: Range<usize>,
    content: Range<usize>,
    method: u16,
    encrypted: bool,
}

fn little(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    let digits = bytes.get(at..at.checked_add(width)?)?;
    Some(
        digits
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | usize::from(*byte)),
    )
}

/// The files, in the order of their contents, none overlapping another.
fn entries(bytes: &[u8], parts_max: usize) -> Result<Vec<Entry>, UnreadableBecause> {
    let end = directory_end(bytes).ok_or(UnreadableBecause::Malformed)?;
    let field = |at: usize, width: usize| little(bytes, end + at, width).ok_or(UnreadableBecause::Malformed);
    let (count, start) = (field(10, 2)?, field(16, 4)?);
    if count > parts_max {
        return Err(UnreadableBecause::TooMany);
    }
    if count == 0xffff || start == 0xffff_ffff {
        return Err(UnreadableBecause::UnknownFormat);
    }
    let mut found = Vec::new();
    let mut at = start;
    for _ in 0..count {
        let (entry, next) = entry(bytes, at, start).ok_or(UnreadableBecause::Malformed)?;
        found.push(entry);
        at = next;
    }
    found.sort_by_key(|entry| entry.content.start);
    let overlaps = |pair: &[Entry]| pair[0].content.end > pair[1].name.start - LOCAL_LENGTH;
    if at != end || found.windows(2).any(overlaps) {
        return Err(UnreadableBecause::Malformed);
    }
    Ok(found)
}

/// Where the record stands that ends the archive, comment included.
fn directory_end(bytes: &[u8]) -> Option<usize> {
    let from = bytes.len().saturating_sub(END_LENGTH + 0xffff);
    let at = from + memchr::memmem::rfind(&bytes[from..], END)?;
    let comment = little(bytes, at + 20, 2)?;
    (at + END_LENGTH + comment == bytes.len()).then_some(at)
}

/// The file of the directory's record at `at`, and where the next record stands.
fn entry(bytes: &[u8], at: usize, directory: usize) -> Option<(Entry, usize)> {
    if !bytes.get(at..)?.starts_with(CENTRAL) {
        return None;
    }
    let [name, extra, comment] = [28, 30, 32].map(|field| little(bytes, at + field, 2));
    let name = at + CENTRAL_LENGTH..at + CENTRAL_LENGTH + name?;
    let next = name.end + extra? + comment?;
    let local = little(bytes, at + 42, 4)?;
    if !bytes.get(local..)?.starts_with(LOCAL) {
        return None;
    }
    let local_name = local + LOCAL_LENGTH..local + LOCAL_LENGTH + little(bytes, local + 26, 2)?;
    let start = local_name.end + little(bytes, local + 28, 2)?;
    let content = start..start.checked_add(little(bytes, at + 20, 4)?)?;
    let method = little(bytes, at + 10, 2)?;
    let agrees = bytes.get(local_name.clone())? == bytes.get(name)? && little(bytes, local + 8, 2)? == method;
    if !agrees || content.end > directory {
        return None;
    }
    let entry = Entry {
        name: local_name,
        content,
        method: method as u16,
        encrypted: little(bytes, at + 8, 2)? & 1 != 0,
    };
    Some((entry, next))
}

impl Walk<'_> {
    /// Every file of an archive, and what stands between them.
    pub(super) fn zip(&mut self, bytes: &[u8]) -> Vec<Edit> {
        match entries(bytes, self.limits.parts_max) {
            Ok(entries) => self.frozen(|walk| {
                walk.layer(Layer::Zip, |walk| walk.zip_entries(bytes, &entries))
                    .unwrap_or_default()
            }),
            Err(because) => {
                self.unreadable(because);
                self.frozen(|walk| walk.raw(bytes));
            }
        }
        Vec::new()
    }

    fn zip_entries(&mut self, bytes: &[u8], entries: &[Entry]) -> Vec<Edit> {
        let mut at = 0;
        self.trail.steps.push(Step::Items);
        for entry in entries {
            let _ = self.raw(&bytes[at.min(entry.name.start)..entry.name.start]);
            let _ = self.leaf(&bytes[entry.name.clone()]);
            let _ = self.raw(&bytes[entry.name.end..entry.content.start]);
            self.zip_entry(&bytes[entry.content.clone()], entry);
            at = entry.content.end;
        }
        self.trail.steps.pop();
        // The directory repeats the names, and may have comments.
        self.raw(&bytes[at..])
    }

    fn zip_entry(&mut self, content: &[u8], entry: &Entry) {
        let _ = match entry.method {
            _ if entry.encrypted => self.binary(content),
            0 => self.file(content),
            8 => self.compressed(content, Coding::RawDeflate, &mut |walk, content| walk.file(content)),
            93 => self.compressed(content, Coding::Zstd, &mut |walk, content| walk.file(content)),
            _ => self.binary(content),
        };
    }

    fn file(&mut self, content: &[u8]) -> Vec<Edit> {
        if content.is_empty() {
            return Vec::new();
        }
        self.sniffed(content)
    }
}
