//! One page of a tree in a file of SQLite: which cells it has, and where in them values lie.
//!
//! Start at [`Page::read`]. In a record values follow one another without anything between them, so that two of them may read as what is in
//! neither.
//!
//! Invariant: what is not as it ought to be is no page of a tree: every number is looked at before it is followed, and no two cells have a
//! byte in common.
//!
//! Source: the format of SQLite's files, <https://sqlite.org/fileformat2.html>, 1.6 and 2.1.

use std::ops::Range;

/// Where the values of a record lie, counted from its beginning, in the order of its columns.
pub(super) type Values = Vec<Range<u64>>;

/// What a page of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    IndexInterior,
    TableInterior,
    IndexLeaf,
    TableLeaf,
}

/// A page of a tree.
pub(super) struct Page {
    pub(super) kind: Kind,
    /// In the order of the page's bytes.
    pub(super) cells: Vec<Cell>,
    /// Of an interior page the child after all cells.
    pub(super) last_child: Option<u32>,
}

/// A cell.
pub(super) struct Cell {
    pub(super) child: Option<u32>,
    /// The bytes of the page that it is.
    pub(super) whole: Range<usize>,
    /// The bytes of its record that lie in the page.
    pub(super) here: Range<usize>,
    /// Bytes of the whole record.
    pub(super) length: u64,
    pub(super) values: Values,
    /// The page in which the rest of the record begins.
    pub(super) overflow: Option<u32>,
}

impl Page {
    /// Reads the page; none where it is of no tree, or is not as it ought to be.
    pub(super) fn read(bytes: &[u8], first: usize, usable: usize) -> Option<Self> {
        let bytes = bytes.get(..usable)?;
        let kind = Kind::of(*bytes.get(first)?)?;
        let count = usize::from(two(bytes, first + 3)?);
        let header = if kind.has_children() { 12 } else { 8 };
        let numbers = bytes.get(first + header..first + header + 2 * count)?;
        let begin = first + header + numbers.len();
        let mut cells = Vec::with_capacity(count);
        for number in numbers.chunks_exact(2) {
            let at = usize::from(two(number, 0)?);
            cells.push((at >= begin).then(|| Cell::read(bytes, at, kind))??);
        }
        cells.sort_by_key(|cell: &Cell| cell.whole.start);
        let apart = cells.windows(2).all(|two| two[0].whole.end <= two[1].whole.start);
        let last_child = if kind.has_children() {
            Some(four(bytes, first + 8)?)
        } else {
            None
        };
        apart.then_some(Self {
            kind,
            cells,
            last_child,
        })
    }
}

impl Kind {
    fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            2 => Self::IndexInterior,
            5 => Self::TableInterior,
            10 => Self::IndexLeaf,
            13 => Self::TableLeaf,
            _ => return None,
        })
    }

    fn has_children(self) -> bool {
        matches!(self, Self::IndexInterior | Self::TableInterior)
    }

    fn has_number(self) -> bool {
        matches!(self, Self::TableInterior | Self::TableLeaf)
    }

    /// How many bytes of a record lie in the page of its cell.
    fn here(self, length: u64, usable: u64) -> Option<u64> {
        let most = match self {
            Self::TableLeaf => usable.checked_sub(35)?,
            _ => (usable.checked_sub(12)? * 64 / 255).checked_sub(23)?,
        };
        if length <= most {
            return Some(length);
        }
        let least = (usable.checked_sub(12)? * 32 / 255).checked_sub(23)?;
        let filled = least + (length - least) % usable.checked_sub(4)?;
        Some(if filled <= most { filled } else { least })
    }
}

impl Cell {
    fn read(bytes: &[u8], at: usize, kind: Kind) -> Option<Self> {
        let mut next = at;
        let mut child = None;
        if kind.has_children() {
            child = Some(four(bytes, next)?);
            next += 4;
        }
        let mut length = 0;
        if kind != Kind::TableInterior {
            length = number(bytes, &mut next)?;
        }
        if kind.has_number() {
            number(bytes, &mut next)?;
        }
        let mut cell = Self {
            child,
            whole: at..next,
            here: next..next,
            length,
            values: Vec::new(),
            overflow: None,
        };
        if kind != Kind::TableInterior {
            cell.record(bytes, kind)?;
        }
        Some(cell)
    }

    fn record(&mut self, bytes: &[u8], kind: Kind) -> Option<()> {
        let here = kind.here(self.length, bytes.len() as u64)?;
        let end = self.here.start + usize::try_from(here).ok()?;
        self.here.end = end;
        self.values = values(bytes.get(self.here.clone())?, self.length)?;
        self.whole.end = end;
        if here < self.length {
            self.overflow = Some(four(bytes, end)?);
            self.whole.end = end + 4;
        }
        Some(())
    }

    /// Whether a part of the record lies in one value.
    pub(super) fn has_in_value(&self, part: Range<u64>) -> bool {
        let mut values = self.values.iter();
        values.any(|value| value.start <= part.start && part.end <= value.end)
    }
}

/// Where the values of a record of `length` bytes lie, of which `record` is the beginning; none where the beginning does not say it, or
/// they are not what the record is made of.
fn values(record: &[u8], length: u64) -> Option<Values> {
    let mut next = 0;
    let header = number(record, &mut next)?;
    let kinds = record.get(..usize::try_from(header).ok()?)?;
    let (mut values, mut end) = (Vec::new(), header);
    while next < kinds.len() {
        let start = end;
        end = start.checked_add(size(number(kinds, &mut next)?)?)?;
        values.push(start..end);
    }
    (next == kinds.len() && end == length).then_some(values)
}

/// Bytes of a value of a kind.
fn size(kind: u64) -> Option<u64> {
    Some(match kind {
        0 | 8 | 9 => 0,
        1..=4 => kind,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return None,
        _ => (kind - 12) / 2,
    })
}

/// A number of one to nine bytes, seven bits of each, all eight of a ninth.
fn number(bytes: &[u8], next: &mut usize) -> Option<u64> {
    let mut value = 0;
    for at in 0..9 {
        let byte = *bytes.get(*next)?;
        *next += 1;
        if at == 8 {
            return Some(value << 8 | u64::from(byte));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            break;
        }
    }
    Some(value)
}

fn two(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..)?.first_chunk::<2>()?;
    Some(u16::from_be_bytes(*two))
}

/// Four bytes as a number, the greatest first.
pub(super) fn four(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_be_bytes(*four))
}
