//! BSON: documents of typed elements, each document with its length before it.
//!
//! A text is replaced with its length, and so are the lengths of the documents around it. What replaces a number would be
//! of another type, so a number cannot be replaced.
//!
//! Source: the BSON specification 1.1.

use std::ops::Range;

use super::Walk;
use super::names::{HalfName, NameField};
use crate::pointer::{Step, known};
use crate::span::{Edit, apply, shifted};
use crate::{Layer, UnreadableBecause};

/// Shortest document: its length and the zero that ends it.
const DOCUMENT_MIN: usize = 5;

/// What an element holds.
enum Value {
    /// Where the content of a text stands, without its length and the zero behind it.
    Text(Range<usize>),
    Document(Range<usize>),
    Bytes(Range<usize>),
    Number(u64),
    /// Texts that end with a zero, and other things without a length.
    Loose(Range<usize>),
}

struct Element {
    name: Range<usize>,
    /// All of the value.
    range: Range<usize>,
    value: Value,
}

fn little(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let digits = bytes.get(at..at.checked_add(width)?)?;
    Some(
        digits
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    )
}

fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(little(bytes, at, 4)?)
        .ok()
        .filter(|length| *length <= bytes.len())
}

/// Behind the zero that ends the text at `at`.
fn behind_zero(bytes: &[u8], at: usize) -> Option<usize> {
    Some(at + memchr::memchr(0, bytes.get(at..)?)? + 1)
}

/// The element at `at` of a document.
fn element(bytes: &[u8], at: usize) -> Option<Element> {
    let kind = *bytes.get(at)?;
    let start = behind_zero(bytes, at + 1)?;
    let fixed = |width: usize| Some((start + width, Value::Loose(start..start + width)));
    let text = |from: usize| {
        let length = length_at(bytes, from)?.checked_sub(1)?;
        let end = from + 4 + length;
        (bytes.get(end) == Some(&0)).then_some((end + 1, from + 4..end))
    };
    let (end, value) = match kind {
        0x01 => {
            let double = f64::from_bits(little(bytes, start, 8)?);
            let whole = double.fract() == 0.0 && (1e4..1e18).contains(&double);
            (start + 8, Value::Number(if whole { double as u64 } else { 0 }))
        }
        0x02 | 0x0d | 0x0e => text(start).map(|(end, range)| (end, Value::Text(range)))?,
        0x03 | 0x04 => {
            let end = start + length_at(bytes, start).filter(|length| *length >= DOCUMENT_MIN)?;
            (end, Value::Document(start..end))
        }
        0x05 => {
            let content = start + 5..start + 5 + length_at(bytes, start)?;
            (content.end, Value::Bytes(content))
        }
        0x06 | 0x0a | 0x7f | 0xff => fixed(0)?,
        0x07 => fixed(12)?,
        0x08 => fixed(1)?,
        0x09 | 0x11 => fixed(8)?,
        0x0b => {
            let end = behind_zero(bytes, behind_zero(bytes, start)?)?;
            (end, Value::Loose(start..end))
        }
        0x0c => text(start).map(|(end, range)| (end + 12, Value::Loose(range)))?,
        0x0f => {
            let end = start + length_at(bytes, start)?;
            (end, Value::Loose(start..end))
        }
        0x10 => (start + 4, Value::Number(little(bytes, start, 4)?)),
        0x12 => (start + 8, Value::Number(little(bytes, start, 8)?)),
        0x13 => fixed(16)?,
        _ => return None,
    };
    (end < bytes.len()).then_some(Element {
        name: at + 1..start - 1,
        range: start..end,
        value,
    })
}

/// The elements of a document, when it is one to the last byte.
fn elements(bytes: &[u8]) -> Option<Vec<Element>> {
    if bytes.len() < DOCUMENT_MIN || length_at(bytes, 0)? != bytes.len() || bytes.last() != Some(&0) {
        return None;
    }
    let mut elements = Vec::new();
    let mut at = 4;
    while at < bytes.len() - 1 {
        let element = element(bytes, at)?;
        at = element.range.end;
        elements.push(element);
    }
    Some(elements)
}

/// Whether `bytes` are one document with something in it. Its length says so at once.
pub(super) fn is_document(bytes: &[u8]) -> bool {
    little(bytes, 0, 4) == u64::try_from(bytes.len()).ok() && elements(bytes).is_some_and(|found| !found.is_empty())
}

impl Walk<'_> {
    /// One document or several, as they stand in a body.
    pub(super) fn bson(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let document = length_at(&bytes[at..], 0).and_then(|length| bytes.get(at..at + length));
            let Some(found) = document.and_then(elements) else {
                self.unreadable(UnreadableBecause::Malformed);
                self.frozen(|walk| walk.raw(&bytes[at..]));
                return edits;
            };
            let document = document.unwrap_or_default();
            let inner = self.layer(Layer::Bson, |walk| walk.bson_document(document, found, 0));
            edits.extend(shifted(inner.unwrap_or_default(), at));
            at += document.len();
        }
        edits
    }

    /// Edits of a document, with that of its own length where they change it.
    fn bson_document(&mut self, bytes: &[u8], elements: Vec<Element>, depth: usize) -> Vec<Edit> {
        if depth > self.limits.nesting_max {
            self.unreadable(UnreadableBecause::TooDeep);
            self.frozen(|walk| walk.raw(bytes));
            return Vec::new();
        }
        let mut edits = Vec::new();
        let mut halves = Vec::new();
        for element in elements {
            let name = &bytes[element.name.clone()];
            let step = Step::field(name);
            if let (Some(field), Value::Text(range)) = (NameField::of(name), &element.value) {
                halves.extend(HalfName::new(
                    field,
                    step.clone(),
                    &bytes[range.clone()],
                    element.range.clone(),
                    0,
                ));
            }
            if known(name).is_none() && name.len() >= 3 {
                self.frozen(|walk| walk.leaf(name));
            }
            edits.extend(self.step(step, |walk| walk.bson_value(bytes, &element, depth)));
        }
        let text = |edit: Edit| Edit {
            range: edit.range,
            with: text_of(&edit.with),
        };
        edits.extend(self.full_names(&halves).into_iter().map(text));
        if edits.is_empty() {
            return edits;
        }
        let mut changed = apply(bytes, edits);
        let length = u32::try_from(changed.len()).unwrap_or(u32::MAX).to_le_bytes();
        changed[..4].copy_from_slice(&length);
        vec![Edit {
            range: 0..bytes.len(),
            with: changed,
        }]
    }

    fn bson_value(&mut self, bytes: &[u8], element: &Element, depth: usize) -> Vec<Edit> {
        match &element.value {
            Value::Text(range) => {
                let content = &bytes[range.clone()];
                let inner = self.leaf(content);
                if inner.is_empty() {
                    return inner;
                }
                vec![Edit {
                    range: element.range.clone(),
                    with: text_of(&apply(content, inner)),
                }]
            }
            Value::Document(range) => match elements(&bytes[range.clone()]) {
                Some(found) => shifted(self.bson_document(&bytes[range.clone()], found, depth + 1), range.start),
                None => {
                    self.unreadable(UnreadableBecause::Malformed);
                    self.frozen(|walk| walk.raw(&bytes[range.clone()]));
                    Vec::new()
                }
            },
            Value::Bytes(range) => {
                self.frozen(|walk| walk.opaque(&bytes[range.clone()]));
                Vec::new()
            }
            Value::Number(number) => {
                self.frozen(|walk| walk.number(*number));
                Vec::new()
            }
            Value::Loose(range) => {
                self.frozen(|walk| walk.raw(&bytes[range.clone()]));
                Vec::new()
            }
        }
    }
}

/// A text with its length and the zero behind it.
fn text_of(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 1).unwrap_or(u32::MAX);
    [&length.to_le_bytes()[..], content, &[0]].concat()
}
