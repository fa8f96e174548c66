//! XML and HTML: texts, attributes, comments and CDATA in place, and the text as a reader sees it.
//!
//! The reader is lenient, because browsers are: no document is refused, an end tag without its start is passed over, and
//! the document as it stands is looked at as well, so that nothing hides in what was read wrongly. Only declared entities
//! make a document unreadable.
//!
//! Source: XML 1.0 section 2 and 4.2; HTML standard section 13.2.

use std::ops::Range;

use super::Walk;
use super::names::{HalfName, NameField};
use super::references::references_decoded;
use crate::pointer::Step;
use crate::span::{Edit, shifted};
use crate::{Layer, UnreadableBecause};

/// Elements of HTML that have no end.
const VOID: [&[u8]; 14] = [
    b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta", b"param", b"source",
    b"track", b"wbr",
];
/// Elements that may stand inside a word.
const INLINE: [&[u8]; 18] = [
    b"b", b"i", b"u", b"s", b"em", b"strong", b"span", b"font", b"a", b"mark", b"small", b"big", b"sub", b"sup",
    b"code", b"wbr", b"bdi", b"bdo",
];
/// Elements of office documents that end a word; all others may stand inside one.
const OFFICE_BLOCKS: [&[u8]; 9] = [
    b"p",
    b"tc",
    b"tr",
    b"br",
    b"tab",
    b"h",
    b"s",
    b"line-break",
    b"table-cell",
];

/// A piece of a document.
enum Piece {
    /// Text, a comment, CDATA: what stands inside.
    Text(Range<usize>),
    /// A start tag: its name, its inside, and whether it ends itself.
    Start(Range<usize>, Range<usize>, bool),
    End(Range<usize>),
    /// A document type or processing instruction.
    Declaration(Range<usize>),
}

struct Pieces<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Where a search has already failed: it is not made again, or many open comments would cost a scan each.
    without: [bool; 3],
}

/// Where the walk through a document is.
#[derive(Default)]
struct Open<'b> {
    names: Vec<&'b [u8]>,
    halves: Vec<HalfName>,
    /// Texts with nothing for an inline tag and a space for another.
    seen: Vec<u8>,
    edits: Vec<Edit>,
}

impl Walk<'_> {
    /// A document that says that it is XML or HTML, as UTF-8.
    pub(super) fn markup(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let before = self.inspection.findings.len();
        if !self.pay(bytes.len()) {
            return Vec::new();
        }
        let mut open = Open::default();
        let walked = self.layer(Layer::Markup, |walk| {
            walk.markup_pieces(bytes, &mut open);
            Vec::new()
        });
        if walked.is_none() {
            return self.leaf(bytes);
        }
        let seen = references_decoded(&open.seen).map_or(std::mem::take(&mut open.seen), |decoded| decoded.bytes);
        self.raw_too(before, &seen);
        self.raw_too(before, bytes);
        open.edits
    }

    fn markup_pieces<'b>(&mut self, bytes: &'b [u8], open: &mut Open<'b>) {
        let base = self.trail.steps.len();
        let mut pieces = Pieces {
            bytes,
            at: 0,
            without: [false; 3],
        };
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Text(range) => self.markup_text(bytes, range, open),
                Piece::Start(name, inside, ended) => self.start_tag(bytes, name, inside, ended, open),
                Piece::End(name) => self.end_tag(&bytes[name], open),
                Piece::Declaration(range) => self.declaration(bytes, range, open),
            }
        }
        for level in std::mem::take(&mut open.halves).chunk_by(|one, other| one.level == other.level) {
            open.edits.extend(self.full_names(level));
        }
        self.trail.steps.truncate(base);
    }

    fn markup_text(&mut self, bytes: &[u8], range: Range<usize>, open: &mut Open<'_>) {
        let text = &bytes[range.clone()];
        open.seen.extend_from_slice(text);
        if text.trim_ascii().is_empty() {
            return;
        }
        open.edits.extend(shifted(self.leaf(text), range.start));
        if let Some(field) = open.names.last().and_then(|name| NameField::of(local(name))) {
            let step = Step::Other;
            open.halves
                .extend(HalfName::new(field, step, text, range, open.names.len() - 1));
        }
    }

    fn start_tag<'b>(
        &mut self,
        bytes: &'b [u8],
        name: Range<usize>,
        inside: Range<usize>,
        ended: bool,
        open: &mut Open<'b>,
    ) {
        let name = &bytes[name];
        open.seen.extend_from_slice(if is_inline(name) { b"" } else { b" " });
        let step = Step::field(local(name));
        let edits = self.step(step.clone(), |walk| walk.attributes(&bytes[inside.clone()]));
        open.edits.extend(shifted(edits, inside.start));
        let void = VOID.iter().any(|void| name.eq_ignore_ascii_case(void));
        if !ended && !void && open.names.len() < self.limits.nesting_max {
            open.names.push(name);
            self.trail.steps.push(step);
        }
    }

    fn end_tag(&mut self, name: &[u8], open: &mut Open<'_>) {
        open.seen.extend_from_slice(if is_inline(name) { b"" } else { b" " });
        // A tag further out than this was not closed by mistake.
        let near = open.names.len().saturating_sub(8);
        let Some(at) = open.names[near..]
            .iter()
            .rposition(|known| known.eq_ignore_ascii_case(name))
        else {
            return;
        };
        let keep = near + at;
        self.end_names(keep, open);
        let steps = self.trail.steps.len() - (open.names.len() - keep);
        self.trail.steps.truncate(steps);
        open.names.truncate(keep);
    }

    /// Joins the halves of names in elements that end: those inside the level `keep`.
    fn end_names(&mut self, keep: usize, open: &mut Open<'_>) {
        let inside = open.halves.iter().rev().take_while(|half| half.level > keep).count();
        let halves = open.halves.split_off(open.halves.len() - inside);
        for level in halves.chunk_by(|one, other| one.level == other.level) {
            open.edits.extend(self.full_names(level));
        }
    }

    fn declaration(&mut self, bytes: &[u8], range: Range<usize>, open: &mut Open<'_>) {
        let declaration = &bytes[range.clone()];
        if memchr::memmem::find(declaration, b"<!ENTITY").is_some() {
            self.unreadable(UnreadableBecause::UnknownFormat);
        }
        open.edits.extend(shifted(self.leaf(declaration), range.start));
    }

    /// `name="value"`, also with single or no quotes.
    fn attributes(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut halves = Vec::new();
        let mut at = 0;
        while let Some(sign) = memchr::memchr(b'=', &bytes[at..]).map(|sign| at + sign) {
            let before = bytes[at..sign].trim_ascii();
            let name = before.rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
            let value = attribute_value(bytes, sign + 1);
            let content = &bytes[value.clone()];
            let step = Step::field(local(name));
            edits.extend(shifted(self.step(step.clone(), |walk| walk.leaf(content)), value.start));
            if let Some(field) = NameField::of(local(name)) {
                halves.extend(HalfName::new(field, step, content, value.clone(), 0));
            }
            at = (value.end + 1).min(bytes.len());
        }
        edits.extend(self.full_names(&halves));
        edits
    }
}

fn attribute_value(bytes: &[u8], from: usize) -> Range<usize> {
    let start = from + bytes[from..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    if let Some(quote @ (b'"' | b'\'')) = bytes.get(start) {
        let end = memchr::memchr(*quote, &bytes[start + 1..]).map_or(bytes.len(), |at| start + 1 + at);
        return start + 1..end;
    }
    let length = bytes[start..].iter().take_while(|b| !b.is_ascii_whitespace()).count();
    start..start + length
}

/// A name without its namespace.
fn local(name: &[u8]) -> &[u8] {
    name.rsplit(|b| *b == b':').next().unwrap_or_default()
}

fn is_inline(name: &[u8]) -> bool {
    match name.split(|b| *b == b':').next() {
        Some(b"w" | b"a" | b"text") if name.contains(&b':') => !OFFICE_BLOCKS.contains(&local(name)),
        _ => INLINE.iter().any(|inline| name.eq_ignore_ascii_case(inline)),
    }
}

impl Pieces<'_> {
    fn next(&mut self) -> Option<Piece> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let tag = memchr::memchr_iter(b'<', rest).find(|at| is_tag(&rest[at + 1..]));
        match tag {
            Some(0) => Some(self.tag(self.at)),
            other => {
                let start = self.at;
                self.at = other.map_or(self.bytes.len(), |length| start + length);
                Some(Piece::Text(start..self.at))
            }
        }
    }

    fn tag(&mut self, start: usize) -> Piece {
        let rest = &self.bytes[start..];
        if rest.starts_with(b"<!--") {
            return Piece::Text(self.until(start + 4, b"-->", 0));
        }
        if rest.starts_with(b"<![CDATA[") {
            return Piece::Text(self.until(start + 9, b"]]>", 1));
        }
        if rest.starts_with(b"<?") {
            return Piece::Declaration(self.until(start + 2, b"?>", 2));
        }
        if rest.starts_with(b"<!") {
            let inside = start + 2..declaration_end(self.bytes, start + 2);
            self.at = (inside.end + 1).min(self.bytes.len());
            return Piece::Declaration(inside);
        }
        let closing = usize::from(rest.starts_with(b"</"));
        let from = start + 1 + closing;
        let end = tag_end(self.bytes, from);
        self.at = (end + 1).min(self.bytes.len());
        let length = self.bytes[from..end]
            .iter()
            .take_while(|b| !b.is_ascii_whitespace() && **b != b'/')
            .count();
        let name = from..from + length;
        if closing == 1 {
            return Piece::End(name);
        }
        let ended = self.bytes[name.end..end].ends_with(b"/");
        Piece::Start(name.clone(), name.end..end - usize::from(ended), ended)
    }

    /// What stands before `mark`, or the rest where there is none.
    fn until(&mut self, from: usize, mark: &[u8], kind: usize) -> Range<usize> {
        let found = if self.without[kind] {
            None
        } else {
            memchr::memmem::find(&self.bytes[from..], mark).map(|at| from + at)
        };
        self.without[kind] = found.is_none();
        let end = found.unwrap_or(self.bytes.len());
        self.at = (end + mark.len()).min(self.bytes.len());
        from..end
    }
}

fn is_tag(rest: &[u8]) -> bool {
    match rest {
        [b'/', b, ..] => b.is_ascii_alphabetic(),
        [b, ..] => b.is_ascii_alphabetic() || matches!(b, b'!' | b'?' | b'_'),
        [] => false,
    }
}

/// The `>` of a tag, not one in quotes. A quote that does not end is none.
fn tag_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(found) = memchr::memchr3(b'>', b'"', b'\'', &bytes[at..]).map(|found| at + found) {
        if bytes[found] == b'>' {
            return found;
        }
        match memchr::memchr(bytes[found], &bytes[found + 1..]) {
            Some(length) => at = found + length + 2,
            None => return memchr::memchr(b'>', &bytes[found..]).map_or(bytes.len(), |at| found + at),
        }
    }
    bytes.len()
}

/// The `>` of a document type, behind its internal subset.
fn declaration_end(bytes: &[u8], from: usize) -> usize {
    let end = memchr::memchr2(b'>', b'[', &bytes[from..]).map_or(bytes.len(), |at| from + at);
    if bytes.get(end) != Some(&b'[') {
        return end;
    }
    let subset = memchr::memchr(b']', &bytes[end..]).map_or(bytes.len(), |at| end + at);
    memchr::memchr(b'>', &bytes[subset..]).map_or(bytes.len(), |at| subset + at)
}
