//! Protocol buffers without their schema: what a field holds is told by what it can be.
//!
//! A field with a length is a text, a message, packed numbers or bytes. Where it can be a text and a message, the one that
//! is likelier is walked and may be rewritten, and the other is looked at. A message that was changed gets its new length.
//!
//! Source: the protocol buffers encoding guide (wire types, groups, packed fields).

use std::ops::Range;

use super::Walk;
use super::base64::is_compressed;
use crate::pointer::Step;
use crate::span::{Edit, apply};
use crate::{Layer, UnreadableBecause};

/// Highest field number.
const NUMBER_MAX: u64 = (1 << 29) - 1;
/// Most groups inside each other: what the usual decoders take.
const GROUPS_MAX: usize = 100;

/// One field of a message.
struct Field {
    /// Where its length stands, or its value when it has none.
    at: usize,
    end: usize,
    /// Whether a number has a fixed width.
    fixed: bool,
    value: Value,
}

enum Value {
    Number(u64),
    /// Text, message, packed numbers or bytes.
    Sized(Range<usize>),
    Double(u64),
    None,
}

/// The fields of `bytes`, when they are a message to the last byte.
fn fields(bytes: &[u8]) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    let mut groups = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let (tag, behind) = varint(bytes, at)?;
        let number = tag >> 3;
        if !(1..=NUMBER_MAX).contains(&number) {
            return None;
        }
        let (value, end) = match tag & 7 {
            0 => varint(bytes, behind).map(|(value, end)| (Value::Number(value), end))?,
            1 => (Value::Double(little_endian(bytes, behind, 8)?), behind + 8),
            2 => {
                let (length, start) = varint(bytes, behind)?;
                let range = super::msgpack::content(bytes, start, usize::try_from(length).ok()?)?;
                (Value::Sized(range.clone()), range.end)
            }
            3 if groups.len() < GROUPS_MAX => {
                groups.push(number);
                (Value::None, behind)
            }
            4 if groups.pop() == Some(number) => (Value::None, behind),
            5 => (Value::Number(little_endian(bytes, behind, 4)?), behind + 4),
            _ => return None,
        };
        fields.push(Field {
            at: behind,
            end,
            fixed: matches!(tag & 7, 1 | 5),
            value,
        });
        at = end;
    }
    groups.is_empty().then_some(fields)
}

fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (index, byte) in bytes.get(at..)?.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f).checked_shl(7 * index as u32).unwrap_or_default();
        if byte & 0x80 == 0 {
            return Some((value, at + index + 1));
        }
    }
    None
}

fn encoded_varint(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while value > 0x7f {
        out.push(value as u8 & 0x7f | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn little_endian(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let digits = bytes.get(at..at + width)?;
    Some(
        digits
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    )
}

/// Whether `bytes` are a message with a word in it.
pub(super) fn is_likely(bytes: &[u8]) -> bool {
    fields(bytes).is_some_and(|fields| has_word(bytes, &fields))
}

/// Whether some field holds a word, or a message that begins like one with a word.
fn has_word(bytes: &[u8], fields: &[Field]) -> bool {
    fields.iter().any(|field| match &field.value {
        Value::Sized(range) if range.len() >= 3 => {
            let content = &bytes[range.clone()];
            is_clear(content) || is_compressed(content) || self::fields(content).is_some_and(|inner| !inner.is_empty())
        }
        _ => false,
    })
}

/// Whether some field may hold more than a number.
fn holds_strings(fields: &[Field]) -> bool {
    let long = |field: &Field| matches!(&field.value, Value::Sized(range) if range.len() >= 3);
    fields.iter().any(long)
}

/// Text without control characters but white space.
fn is_clear(bytes: &[u8]) -> bool {
    let control = |byte: &u8| *byte < b' ' && !byte.is_ascii_whitespace() || *byte == 0x7f;
    std::str::from_utf8(bytes).is_ok() && !bytes.iter().any(control)
}

impl Walk<'_> {
    /// A body that says that it is a message: what is not, is noted, and its readable runs are looked at.
    pub(super) fn protobuf_declared(&mut self, bytes: &[u8]) -> Vec<Edit> {
        match fields(bytes) {
            Some(fields) => self.protobuf(bytes, &fields),
            None => {
                self.unreadable(UnreadableBecause::Malformed);
                self.frozen(|walk| walk.raw(bytes));
                Vec::new()
            }
        }
    }

    /// Walks `bytes` where they are a message.
    pub(super) fn protobuf_guess(&mut self, bytes: &[u8]) -> Option<Vec<Edit>> {
        let fields = fields(bytes).filter(|fields| has_word(bytes, fields))?;
        Some(self.protobuf(bytes, &fields))
    }

    fn protobuf(&mut self, bytes: &[u8], fields: &[Field]) -> Vec<Edit> {
        self.layer(Layer::Protobuf, |walk| walk.message_fields(bytes, fields))
            .unwrap_or_default()
    }

    fn message_fields(&mut self, bytes: &[u8], fields: &[Field]) -> Vec<Edit> {
        let mut edits = Vec::new();
        for field in fields {
            match &field.value {
                Value::None => {}
                Value::Number(number) => edits.extend(self.number_field(field, *number)),
                Value::Double(bits) => {
                    let double = f64::from_bits(*bits);
                    let whole = double.fract() == 0.0 && (1e4..1e18).contains(&double);
                    let number = if whole { double as u64 } else { *bits };
                    edits.extend(self.number_field(field, number));
                }
                Value::Sized(range) => {
                    let content = &bytes[range.clone()];
                    let inner = self.sized_field(content);
                    if !inner.is_empty() {
                        let content = apply(content, inner);
                        edits.push(Edit {
                            range: field.at..range.end,
                            with: [encoded_varint(content.len()), content].concat(),
                        });
                    }
                }
            }
        }
        edits
    }

    /// Where nothing or `***` is to stand in the place of a number, a zero stands there; no other text can.
    fn number_field(&mut self, field: &Field, number: u64) -> Option<Edit> {
        let found = self.number(number);
        let first = found.first()?;
        if !matches!(&first.with[..], b"" | b"***") {
            self.cannot_rewrite();
            return None;
        }
        let width = if field.fixed { field.end - field.at } else { 1 };
        Some(Edit {
            range: field.at..field.end,
            with: vec![0; width],
        })
    }

    fn sized_field(&mut self, content: &[u8]) -> Vec<Edit> {
        if content.len() < 3 || !self.pay(content.len()) {
            return Vec::new();
        }
        let before = self.inspection.findings.len();
        let inner = fields(content).filter(|inner| holds_strings(inner));
        if !is_clear(content) {
            return match inner {
                Some(inner) => self.inner_message(content, &inner),
                None => self.packed_or_bytes(content),
            };
        }
        // A text that begins with a line end can be a message that begins with its first field.
        match inner {
            Some(inner) if content.iter().any(|b| *b < b' ') => {
                let edits = self.inner_message(content, &inner);
                self.also(before, |walk| walk.leaf(content));
                edits
            }
            Some(inner) => {
                let edits = self.leaf(content);
                self.also(before, |walk| walk.known(|walk| walk.inner_message(content, &inner)));
                edits
            }
            None => self.leaf(content),
        }
    }

    /// A message in a message: no layer of its own, but a level.
    fn inner_message(&mut self, content: &[u8], fields: &[Field]) -> Vec<Edit> {
        if self.trail.steps.len() >= self.limits.nesting_max {
            self.unreadable(UnreadableBecause::TooDeep);
            self.frozen(|walk| walk.raw(content));
            return Vec::new();
        }
        self.step(Step::Other, |walk| walk.message_fields(content, fields))
    }

    fn packed_or_bytes(&mut self, content: &[u8]) -> Vec<Edit> {
        let mut at = 0;
        let mut numbers = Vec::new();
        while let Some((number, end)) = varint(content, at) {
            numbers.push(number);
            at = end;
        }
        if at == content.len() {
            for number in numbers {
                self.frozen(|walk| walk.number(number));
            }
        }
        self.opaque(content)
    }
}
