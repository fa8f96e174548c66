//! Through msgpack and CBOR: both are items of a kind and a length, some of which hold others.
//!
//! A string is replaced with its header, so that lengths stay true; containers count their items and not their bytes, and
//! so need no change. What does not parse to the last byte is not walked.
//!
//! Source: the MessagePack specification (revision 2017-08); RFC 8949 (CBOR), RFC 8742 (sequences).

use std::ops::Range;

use super::Walk;
use super::names::{HalfName, NameField};
use crate::pointer::{Step, known};
use crate::span::{Edit, apply};
use crate::{Layer, UnreadableBecause};

/// Which notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    Msgpack,
    Cbor,
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    /// Pairs; `None`: up to a break.
    Map(Option<u64>),
    /// Items; `None`: up to a break.
    Array(Option<u64>),
    Text(Range<usize>),
    Bytes(Range<usize>),
    /// Text or bytes in pieces up to a break.
    Pieces(Kind),
    /// Bytes with a type of their own.
    Extension(Range<usize>),
    Whole(u64),
    Float(f64),
    /// Nil, booleans, negative numbers.
    Simple,
    /// Says something of the item behind it.
    Tag,
    Break,
}

/// Text or bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Bytes,
}

/// An item with the bytes that it takes; of a container only its header.
pub(super) struct Read {
    pub(super) item: Item,
    pub(super) range: Range<usize>,
}

impl Notation {
    pub(super) fn layer(self) -> Layer {
        match self {
            Self::Msgpack => Layer::Msgpack,
            Self::Cbor => Layer::Cbor,
        }
    }

    /// The item at `at`. `None`: there is none.
    pub(super) fn read(self, bytes: &[u8], at: usize) -> Option<Read> {
        match self {
            Self::Msgpack => super::msgpack::read(bytes, at),
            Self::Cbor => super::cbor::read(bytes, at),
        }
    }

    fn encode(self, kind: Kind, content: &[u8]) -> Vec<u8> {
        let mut out = match self {
            Self::Msgpack => super::msgpack::header(kind, content.len()),
            Self::Cbor => super::cbor::header(kind, content.len()),
        };
        out.extend_from_slice(content);
        out
    }

    /// Whether `bytes` are a map or an array in this notation, to the last byte, with a word in it.
    pub(super) fn is_likely(self, bytes: &[u8], nesting_max: usize) -> bool {
        let container = matches!(
            self.read(bytes, 0),
            Some(Read {
                item: Item::Map(_) | Item::Array(_) | Item::Tag,
                ..
            })
        );
        container && matches!(checked(self, bytes, nesting_max), Ok(seen) if seen.documents == 1 && seen.words > 0)
    }
}

/// A container that is open.
struct Level {
    /// Items still to come, keys and values counted each. `None`: up to a break.
    left: Option<u64>,
    is_map: bool,
    /// In a map: whether a key comes next.
    key: bool,
    /// The step of the value that comes next, and what its key says.
    step: Step,
    name: Option<NameField>,
}

impl Level {
    fn new(is_map: bool, count: Option<u64>) -> Self {
        let left = count.map(|count| if is_map { count.saturating_mul(2) } else { count });
        Self {
            left,
            is_map,
            key: is_map,
            step: Step::Items,
            name: None,
        }
    }

    /// After an item.
    fn passed(&mut self) {
        self.left = self.left.map(|left| left.saturating_sub(1));
        self.key = self.is_map && !self.key;
    }
}

/// What a check saw.
pub(super) struct Seen {
    documents: usize,
    /// Texts of at least three bytes.
    words: usize,
}

/// Whether `bytes` are items to the last byte.
fn checked(notation: Notation, bytes: &[u8], nesting_max: usize) -> Result<Seen, UnreadableBecause> {
    let mut seen = Seen { documents: 0, words: 0 };
    let mut open: Vec<Level> = Vec::new();
    let mut at = 0;
    let mut tagged = false;
    while at < bytes.len() {
        let read = item(notation, bytes, at).ok_or(UnreadableBecause::Malformed)?;
        at = read.range.end;
        tagged = read.item == Item::Tag;
        match &read.item {
            Item::Tag => continue,
            Item::Break => {
                let level = open.pop().ok_or(UnreadableBecause::Malformed)?;
                if level.left.is_some() || level.is_map && !level.key {
                    return Err(UnreadableBecause::Malformed);
                }
            }
            Item::Map(count) => open.push(Level::new(true, *count)),
            Item::Array(count) => open.push(Level::new(false, *count)),
            Item::Text(content) => seen.words += usize::from(content.len() >= 3),
            _ => {}
        }
        if open.len() > nesting_max {
            return Err(UnreadableBecause::TooDeep);
        }
        if matches!(read.item, Item::Map(count) | Item::Array(count) if count != Some(0)) {
            continue;
        }
        if matches!(read.item, Item::Map(_) | Item::Array(_)) {
            open.pop();
        }
        while let Some(level) = open.last_mut() {
            level.passed();
            if level.left != Some(0) {
                break;
            }
            open.pop();
        }
        seen.documents += usize::from(open.is_empty());
    }
    if open.is_empty() && !tagged && seen.documents > 0 {
        Ok(seen)
    } else {
        Err(UnreadableBecause::Malformed)
    }
}

/// The item at `at`, strings in pieces taken whole.
fn item(notation: Notation, bytes: &[u8], at: usize) -> Option<Read> {
    let read = notation.read(bytes, at)?;
    let Item::Pieces(kind) = read.item else {
        return Some(read);
    };
    let mut end = read.range.end;
    loop {
        let piece = notation.read(bytes, end)?;
        end = piece.range.end;
        match (piece.item, kind) {
            (Item::Break, _) => break,
            (Item::Text(_), Kind::Text) | (Item::Bytes(_), Kind::Bytes) => {}
            _ => return None,
        }
    }
    Some(Read {
        item: Item::Pieces(kind),
        range: at..end,
    })
}

/// Where the walk through items is.
struct Items<'b> {
    notation: Notation,
    bytes: &'b [u8],
    open: Vec<Level>,
    halves: Vec<HalfName>,
    edits: Vec<Edit>,
}

impl Walk<'_> {
    /// A body that says that it is msgpack or CBOR: what is not, is noted, and its readable runs are looked at.
    pub(super) fn items_declared(&mut self, bytes: &[u8], notation: Notation) -> Vec<Edit> {
        match checked(notation, bytes, self.limits.nesting_max) {
            Ok(_) => self.items(bytes, notation),
            Err(because) => {
                self.unreadable(because);
                self.frozen(|walk| walk.raw(bytes));
                Vec::new()
            }
        }
    }

    /// Walks `bytes`, which are items to the last byte.
    pub(super) fn items(&mut self, bytes: &[u8], notation: Notation) -> Vec<Edit> {
        self.layer(notation.layer(), |walk| {
            let base = walk.trail.steps.len();
            let mut items = Items {
                notation,
                bytes,
                open: Vec::new(),
                halves: Vec::new(),
                edits: Vec::new(),
            };
            let mut at = 0;
            while let Some(read) = item(notation, bytes, at) {
                at = read.range.end;
                walk.item(&mut items, read);
            }
            walk.trail.steps.truncate(base);
            items.edits
        })
        .unwrap_or_default()
    }

    fn item(&mut self, items: &mut Items<'_>, read: Read) {
        match read.item {
            Item::Tag => return,
            Item::Map(count) | Item::Array(count) => {
                let is_map = matches!(read.item, Item::Map(_));
                self.trail
                    .steps
                    .extend(items.open.last().map(|level| level.step.clone()));
                items.open.push(Level::new(is_map, count));
                if count != Some(0) {
                    return;
                }
                self.end_container(items);
            }
            Item::Break => self.end_container(items),
            _ => self.scalar(items, read),
        }
        while let Some(level) = items.open.last_mut() {
            level.passed();
            if level.left != Some(0) {
                return;
            }
            self.end_container(items);
        }
    }

    fn end_container(&mut self, items: &mut Items<'_>) {
        items.open.pop();
        let level = items.open.len();
        let inside = items.halves.iter().rev().take_while(|half| half.level > level).count();
        let halves = items.halves.split_off(items.halves.len() - inside);
        let notation = items.notation;
        let edits = self.full_names(&halves);
        items.edits.extend(edits.into_iter().map(|edit| Edit {
            range: edit.range,
            with: notation.encode(Kind::Text, &edit.with),
        }));
        if !items.open.is_empty() {
            self.trail.steps.pop();
        }
    }

    fn scalar(&mut self, items: &mut Items<'_>, read: Read) {
        let key = items.open.last().is_some_and(|level| level.key);
        let step = match items.open.last() {
            Some(_) if key => Some(Step::Items),
            level => level.map(|level| level.step.clone()),
        };
        if key {
            items.take_key(&read);
            if matches!(&read.item, Item::Text(content) if known(&items.bytes[content.clone()]).is_some()) {
                return;
            }
        } else {
            items.take_half(&read);
        }
        let pushed = step.is_some();
        self.trail.steps.extend(step);
        let (content, kind, edits) = self.content(items, &read);
        if pushed {
            self.trail.steps.pop();
        }
        if !edits.is_empty() {
            items.edits.push(Edit {
                range: read.range,
                with: items.notation.encode(kind, &apply(&content, edits)),
            });
        }
    }

    /// What a scalar holds, looked at.
    fn content(&mut self, items: &Items<'_>, read: &Read) -> (Vec<u8>, Kind, Vec<Edit>) {
        let bytes = items.bytes;
        match &read.item {
            Item::Text(range) => {
                let edits = self.leaf(&bytes[range.clone()]);
                (
                    if edits.is_empty() {
                        Vec::new()
                    } else {
                        bytes[range.clone()].to_vec()
                    },
                    Kind::Text,
                    edits,
                )
            }
            Item::Bytes(range) => {
                let edits = self.opaque(&bytes[range.clone()]);
                (
                    if edits.is_empty() {
                        Vec::new()
                    } else {
                        bytes[range.clone()].to_vec()
                    },
                    Kind::Bytes,
                    edits,
                )
            }
            Item::Pieces(kind) => {
                let joined = items.joined(read.range.clone());
                if !self.pay(joined.len()) {
                    return (joined, *kind, Vec::new());
                }
                let edits = match kind {
                    Kind::Text => self.leaf(&joined),
                    Kind::Bytes => self.opaque(&joined),
                };
                (joined, *kind, edits)
            }
            Item::Extension(range) => {
                self.frozen(|walk| walk.opaque(&bytes[range.clone()]));
                (Vec::new(), Kind::Bytes, Vec::new())
            }
            Item::Whole(number) => self.whole(*number),
            Item::Float(number) if number.fract() == 0.0 && (0.0..1e18).contains(number) => self.whole(*number as u64),
            _ => (Vec::new(), Kind::Text, Vec::new()),
        }
    }

    /// A number may be somebody's; what replaces it is a text.
    fn whole(&mut self, number: u64) -> (Vec<u8>, Kind, Vec<Edit>) {
        let edits = self.number(number);
        (number.to_string().into_bytes(), Kind::Text, edits)
    }

    /// What the matcher finds in the digits of a number.
    pub(super) fn number(&mut self, number: u64) -> Vec<Edit> {
        if number < 10_000 {
            return Vec::new();
        }
        let hint = if number >= 1_000_000_000 {
            self.trail.hint()
        } else {
            crate::matcher::Hint::None
        };
        self.matched(&number.to_string(), hint)
    }
}

impl Items<'_> {
    /// Keeps what a key says of the value that follows it.
    fn take_key(&mut self, read: &Read) {
        let name = match &read.item {
            Item::Text(content) => &self.bytes[content.clone()],
            _ => b"".as_slice(),
        };
        if let Some(level) = self.open.last_mut() {
            level.step = Step::field(name);
            level.name = NameField::of(name);
        }
    }

    /// Keeps a value as a half of a name.
    fn take_half(&mut self, read: &Read) {
        let level = self.open.len();
        let Some(open) = self.open.last_mut() else { return };
        let Some(field) = open.name.take() else { return };
        if let Item::Text(content) = &read.item {
            let value = &self.bytes[content.clone()];
            let half = HalfName::new(field, open.step.clone(), value, read.range.clone(), level);
            self.halves.extend(half);
        }
    }

    /// The pieces of a string, joined.
    fn joined(&self, range: Range<usize>) -> Vec<u8> {
        let mut joined = Vec::with_capacity(range.len());
        let mut at = range.start + 1;
        while let Some(piece) = self.notation.read(self.bytes, at).filter(|_| at < range.end) {
            if let Item::Text(content) | Item::Bytes(content) = piece.item {
                joined.extend_from_slice(&self.bytes[content]);
            }
            at = piece.range.end;
        }
        joined
    }
}
