//! Parts of a multipart body, in place.
//!
//! Source: RFC 2046 section 5.1, RFC 7578 (forms), RFC 2045 section 6 (transfer encodings).

use std::ops::Range;

use super::Walk;
use super::base64::{Alphabet, decode};
use super::body::Media;
use super::names::{HalfName, NameField};
use crate::pointer::Step;
use crate::span::{Edit, apply, shifted};
use crate::{Layer, UnreadableBecause};

/// Longest boundary, RFC 2046 section 5.1.1.
const BOUNDARY_MAX: usize = 70;

impl Walk<'_> {
    pub(super) fn multipart(&mut self, bytes: &[u8], media: &Media) -> Vec<Edit> {
        let boundary = media
            .boundary
            .as_deref()
            .filter(|b| !b.is_empty() && b.len() <= BOUNDARY_MAX);
        let parts = boundary.map(|boundary| parts(bytes, boundary.as_bytes(), self.limits.parts_max));
        match parts {
            Some(Ok(parts)) => self
                .layer(Layer::Multipart, |walk| walk.parts(bytes, parts))
                .unwrap_or_default(),
            Some(Err(because)) => self.not_multipart(bytes, because),
            None => self.not_multipart(bytes, UnreadableBecause::Malformed),
        }
    }

    fn not_multipart(&mut self, bytes: &[u8], because: UnreadableBecause) -> Vec<Edit> {
        self.unreadable(because);
        self.frozen(|walk| walk.raw(bytes));
        Vec::new()
    }

    /// `ranges`: what stands before the first part, the parts, what stands after the last.
    fn parts(&mut self, bytes: &[u8], ranges: Vec<Range<usize>>) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut halves = Vec::new();
        let last = ranges.len() - 1;
        for (index, range) in ranges.into_iter().enumerate() {
            let part = &bytes[range.clone()];
            let found = if index == 0 || index == last {
                self.leaf(part)
            } else {
                halves.extend(half_name(part, range.start));
                self.part(part)
            };
            edits.extend(shifted(found, range.start));
        }
        edits.extend(self.full_names(&halves));
        edits
    }

    fn part(&mut self, part: &[u8]) -> Vec<Edit> {
        let (head, body) = split_head(part);
        let header = |name: &str| header(&part[head.clone()], name);
        let disposition = header("content-disposition").unwrap_or_default();
        let name = super::body::parameter(&disposition, "name").unwrap_or_default();
        let media = Media::parsed(&header("content-type").unwrap_or_else(|| "text/plain".to_owned()));
        let transfer = header("content-transfer-encoding")
            .unwrap_or_default()
            .to_ascii_lowercase();
        self.step(Step::field(name.as_bytes()), |walk| {
            let mut edits = walk.message_head(&part[head.clone()]);
            let content = &part[body.clone()];
            edits.extend(shifted(walk.transferred(content, &transfer, &media), body.start));
            edits
        })
    }

    /// The header lines of a part.
    pub(super) fn head(&mut self, head: &[u8]) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut at = 0;
        for line in head.split(|b| *b == b'\n') {
            let quoted = |edit: Edit| Edit {
                range: edit.range,
                with: edit.with,
            };
            edits.extend(shifted(self.leaf(line).into_iter().map(quoted).collect(), at));
            at += line.len() + 1;
        }
        edits
    }

    /// Content under a transfer encoding.
    pub(super) fn transferred(&mut self, content: &[u8], transfer: &str, media: &Media) -> Vec<Edit> {
        match transfer.trim() {
            "" | "7bit" | "8bit" | "binary" => self.body(content, media),
            "base64" => self.base64_part(content, media),
            "quoted-printable" => self.quoted_printable(content, |walk, decoded| walk.body(decoded, media)),
            _ => {
                self.unreadable(UnreadableBecause::UnknownFormat);
                self.frozen(|walk| walk.raw(content));
                Vec::new()
            }
        }
    }

    fn base64_part(&mut self, content: &[u8], media: &Media) -> Vec<Edit> {
        let Some(decoded) = decode(content) else {
            self.unreadable(UnreadableBecause::Malformed);
            self.frozen(|walk| walk.raw(content));
            return Vec::new();
        };
        if !self.pay(decoded.len()) {
            return Vec::new();
        }
        let edits = self
            .layer(Layer::Base64, |walk| walk.body(&decoded, media))
            .unwrap_or_default();
        if edits.is_empty() {
            return Vec::new();
        }
        vec![Edit {
            range: 0..content.len(),
            with: Alphabet::of(content).encode(&apply(&decoded, edits)),
        }]
    }
}

/// The half of a name that a part holds, which starts at `at`.
fn half_name(part: &[u8], at: usize) -> Option<HalfName> {
    let (head, body) = split_head(part);
    let disposition = header(&part[head], "content-disposition")?;
    let name = super::body::parameter(&disposition, "name")?;
    let field = NameField::of(name.as_bytes())?;
    let step = Step::field(name.as_bytes());
    HalfName::new(field, step, &part[body.clone()], at + body.start..at + body.end, 0)
}

/// Preamble, parts and epilogue. A body without a closing delimiter was cut.
fn parts(bytes: &[u8], boundary: &[u8], parts_max: usize) -> Result<Vec<Range<usize>>, UnreadableBecause> {
    let delimiter = [b"--", boundary].concat();
    let mut ranges = Vec::new();
    let mut start = 0;
    for at in memchr::memmem::find_iter(bytes, &delimiter) {
        let Some((next, closing)) = delimiter_at(bytes, at, delimiter.len()) else {
            continue;
        };
        ranges.push(start..before_line_break(bytes, start, at));
        if ranges.len() > parts_max {
            return Err(UnreadableBecause::TooMany);
        }
        start = next;
        if closing {
            ranges.push(start..bytes.len());
            return Ok(ranges);
        }
    }
    Err(UnreadableBecause::Malformed)
}

/// Whether a delimiter line stands at `at`: where the next line starts, and whether it is the closing one.
fn delimiter_at(bytes: &[u8], at: usize, length: usize) -> Option<(usize, bool)> {
    if at > 0 && bytes[at - 1] != b'\n' {
        return None;
    }
    let mut rest = &bytes[at + length..];
    let closing = rest.starts_with(b"--");
    if closing {
        rest = &rest[2..];
    }
    let blank = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let after = bytes.len() - rest.len() + blank;
    match &rest[blank..] {
        [] => Some((after, closing)),
        [b'\n', ..] => Some((after + 1, closing)),
        [b'\r', b'\n', ..] => Some((after + 2, closing)),
        _ => None,
    }
}

fn before_line_break(bytes: &[u8], start: usize, at: usize) -> usize {
    let line = bytes[start..at].strip_suffix(b"\n").unwrap_or(&bytes[start..at]);
    start + line.strip_suffix(b"\r").unwrap_or(line).len()
}

/// Header lines, and the content after the empty line.
pub(super) fn split_head(part: &[u8]) -> (Range<usize>, Range<usize>) {
    if let Some(content) = part.strip_prefix(b"\r\n").or_else(|| part.strip_prefix(b"\n")) {
        return (0..0, part.len() - content.len()..part.len());
    }
    let crlf = memchr::memmem::find(part, b"\r\n\r\n").map(|at| (at, at + 4));
    let lf = memchr::memmem::find(part, b"\n\n").map(|at| (at, at + 2));
    let split = match (crlf, lf) {
        (Some(crlf), Some(lf)) => Some(if lf.0 < crlf.0 { lf } else { crlf }),
        (one, other) => one.or(other),
    };
    let (head, content) = split.unwrap_or((part.len(), part.len()));
    (0..head, content..part.len())
}

/// The value of one header, folded lines joined.
pub(super) fn header(head: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(head)
        .replace("\r\n", "\n")
        .replace("\n ", " ")
        .replace("\n\t", " ");
    let value = |line: &str| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    };
    text.lines().find_map(value)
}
