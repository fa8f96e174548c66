//! Texts made of lines: tables of comma-separated values, and event streams.
//!
//! Source: RFC 4180 (CSV; also with `;` and tabs), HTML standard section 9.2 (event streams).

use std::ops::Range;

use super::Walk;
use super::names::{HalfName, NameField};
use crate::Layer;
use crate::pointer::Step;
use crate::span::{Edit, SourceMap, shifted};

/// Columns whose names are kept.
const COLUMNS_MAX: usize = 1000;

impl Walk<'_> {
    /// A table: every cell by itself, under the name of its column, and each row as it stands.
    pub(super) fn table(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let before = self.inspection.findings.len();
        let edits = self.layer(Layer::Table, |walk| walk.rows(bytes));
        let Some(edits) = edits else { return self.leaf(bytes) };
        // Two cells side by side may be one name.
        self.raw_too(before, bytes);
        edits
    }

    fn rows(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let mut cells = Cells::new(bytes);
        let mut columns: Vec<(Step, Option<NameField>)> = Vec::new();
        let mut edits = Vec::new();
        let mut halves = Vec::new();
        let (mut row, mut column) = (0, 0);
        while let Some(cell) = cells.next() {
            if row == 0 && columns.len() < COLUMNS_MAX {
                let name = bytes[cell.inside.clone()].trim_ascii();
                columns.push((Step::field(name), NameField::of(name)));
            }
            let (step, field) = columns.get(column).cloned().unwrap_or((Step::Other, None));
            let step = if row == 0 { Step::Other } else { step };
            let content = &bytes[cell.inside.clone()];
            let found = self.step(step.clone(), |walk| walk.cell(content, &cell));
            edits.extend(shifted(found, cell.inside.start));
            if let Some(field) = field.filter(|_| row > 0) {
                halves.extend(HalfName::new(field, step, content, cell.inside, 0));
            }
            column += 1;
            if cell.last {
                edits.extend(self.full_names(&std::mem::take(&mut halves)));
                (row, column) = (row + 1, 0);
            }
        }
        edits
    }

    fn cell(&mut self, content: &[u8], cell: &Cell) -> Vec<Edit> {
        if !cell.doubled {
            return self.leaf(content);
        }
        let (decoded, map) = undoubled(content);
        if !self.pay(decoded.len()) {
            return Vec::new();
        }
        let edits = self.leaf(&decoded);
        map.back(edits, doubled)
    }

    /// An event stream: every line without its field name, and the data of an event as one text.
    pub(super) fn event_stream(&mut self, bytes: &[u8]) -> Vec<Edit> {
        self.layer(Layer::EventStream, |walk| walk.events(bytes))
            .unwrap_or_default()
    }

    fn events(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut data: Vec<&[u8]> = Vec::new();
        let mut before = self.inspection.findings.len();
        let mut at = 0;
        for line in bytes.split(|b| *b == b'\n').chain([b"".as_slice()]) {
            let content = line.strip_suffix(b"\r").unwrap_or(line);
            if content.is_empty() {
                self.event(&std::mem::take(&mut data), before);
                before = self.inspection.findings.len();
            }
            let value = content
                .strip_prefix(b"data:")
                .map(|value| value.strip_prefix(b" ").unwrap_or(value));
            data.extend(value);
            let value = value.unwrap_or(content);
            edits.extend(shifted(self.leaf(value), at + content.len() - value.len()));
            at += line.len() + 1;
        }
        edits
    }

    /// The data of one event where it stands on several lines.
    fn event(&mut self, data: &[&[u8]], before: usize) {
        if data.len() < 2 {
            return;
        }
        let joined = data.join(b"\n".as_slice());
        if self.pay(joined.len()) {
            self.also(before, |walk| walk.leaf(&joined));
        }
    }
}

/// A cell of a table, without its quotes.
struct Cell {
    inside: Range<usize>,
    /// Whether `""` stands for a quote in it.
    doubled: bool,
    /// Whether the row ends behind it.
    last: bool,
}

struct Cells<'b> {
    bytes: &'b [u8],
    at: usize,
    separator: u8,
    done: bool,
}

impl<'b> Cells<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        let first = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
        let count = |separator: &u8| memchr::memchr_iter(*separator, first).count();
        let separator = [b'|', b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',');
        Self {
            bytes,
            at: 0,
            separator,
            done: false,
        }
    }

    fn next(&mut self) -> Option<Cell> {
        if self.done {
            return None;
        }
        let (inside, doubled) = match self.bytes.get(self.at) {
            Some(b'"') => quoted_cell(self.bytes, self.at + 1),
            _ => (self.at..self.at, false),
        };
        // What follows a closing quote belongs to the cell all the same, for readers that take it so.
        let from = inside.end;
        let end = memchr::memchr2(self.separator, b'\n', &self.bytes[from..]).map_or(self.bytes.len(), |at| from + at);
        let rest = self.bytes[from..end]
            .strip_prefix(b"\"")
            .unwrap_or(&self.bytes[from..end]);
        let plain = rest.trim_ascii().is_empty() && from > self.at;
        let inside = if plain { inside } else { self.at..end };
        self.done = end >= self.bytes.len();
        let last = self.done || self.bytes[end] == b'\n';
        self.at = end + 1;
        Some(Cell {
            inside,
            doubled: doubled && plain,
            last,
        })
    }
}

/// The inside of a quoted cell, and whether it holds doubled quotes. Without a closing quote there is none.
fn quoted_cell(bytes: &[u8], start: usize) -> (Range<usize>, bool) {
    let (mut at, mut doubled) = (start, false);
    while let Some(quote) = memchr::memchr(b'"', &bytes[at..]).map(|quote| at + quote) {
        if bytes.get(quote + 1) != Some(&b'"') {
            return (start..quote, doubled);
        }
        doubled = true;
        at = quote + 2;
    }
    (start..bytes.len(), doubled)
}

fn undoubled(bytes: &[u8]) -> (Vec<u8>, SourceMap) {
    let mut out = Vec::with_capacity(bytes.len());
    let mut map = SourceMap::default();
    let mut at = 0;
    while at < bytes.len() {
        let plain = memchr::memmem::find(&bytes[at..], b"\"\"").unwrap_or(bytes.len() - at);
        if plain > 0 {
            map.verbatim(out.len(), at);
            out.extend_from_slice(&bytes[at..at + plain]);
            at += plain;
        }
        if at < bytes.len() {
            map.escape(out.len(), at);
            out.push(b'"');
            at += 2;
        }
    }
    map.end(bytes.len());
    (out, map)
}

fn doubled(bytes: &[u8]) -> Vec<u8> {
    let both = |byte: &u8| if *byte == b'"' { vec![b'"', b'"'] } else { vec![*byte] };
    bytes.iter().flat_map(both).collect()
}
