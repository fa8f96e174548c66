//! UTF-32, which browsers do not read and some programs write.
//!
//! Source: Unicode chapter 3.10, D99 to D101.

use super::Walk;
use super::body::Media;
use crate::span::{Edit, apply};
use crate::{Layer, UnreadableBecause};

/// Fewest characters that are taken for UTF-32 without a mark.
const UNITS_MIN: usize = 3;

/// Which byte comes first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// The order of bytes that are UTF-32 with a mark, or without one to the last byte. Most bytes fail at the fourth.
pub(super) fn order_of(bytes: &[u8]) -> Option<Order> {
    if bytes.len() < 4 * UNITS_MIN || !bytes.len().is_multiple_of(4) {
        return None;
    }
    let order = match bytes {
        [_, _, 0..=0x10, 0, ..] => Order::Little,
        [0, 0..=0x10, _, _, ..] => Order::Big,
        _ => return None,
    };
    let is_clear = |c: char| !c.is_control() || matches!(c, '\t' | '\r' | '\n');
    decoded(bytes, order)
        .filter(|text| text.chars().all(is_clear))
        .map(|_| order)
}

fn decoded(bytes: &[u8], order: Order) -> Option<String> {
    let (units, rest) = bytes.as_chunks::<4>();
    let unit = |unit: &[u8; 4]| match order {
        Order::Little => char::from_u32(u32::from_le_bytes(*unit)),
        Order::Big => char::from_u32(u32::from_be_bytes(*unit)),
    };
    if rest.is_empty() {
        units.iter().map(unit).collect()
    } else {
        None
    }
}

fn encoded(text: &str, order: Order) -> Vec<u8> {
    let unit = |c: char| match order {
        Order::Little => u32::from(c).to_le_bytes(),
        Order::Big => u32::from(c).to_be_bytes(),
    };
    text.chars().flat_map(unit).collect()
}

/// The order that a character set's name tells, where it is one of these.
fn named(charset: &str, bytes: &[u8]) -> Option<Order> {
    match charset {
        "utf-32le" | "ucs-4le" => Some(Order::Little),
        "utf-32be" | "ucs-4be" => Some(Order::Big),
        "utf-32" | "utf32" | "ucs-4" | "iso-10646-ucs-4" => Some(match bytes {
            [0xff, 0xfe, 0, 0, ..] => Order::Little,
            [0, 0, 0xfe, 0xff, ..] => Order::Big,
            _ => order_of(bytes).unwrap_or(Order::Big),
        }),
        _ => None,
    }
}

impl Walk<'_> {
    /// A body in UTF-32, decoded and then read by its type. `None`: it is not.
    pub(super) fn utf_32_body(&mut self, bytes: &[u8], media: &Media) -> Option<Vec<Edit>> {
        let order = named(media.charset(), bytes).or_else(|| order_of(bytes).filter(|_| media.may_be_text()))?;
        let plain = media.in_utf_8();
        Some(self.utf_32(bytes, order, |walk, text| walk.body(text, &plain)))
    }

    /// Bytes of no known type in UTF-32. `None`: they are not.
    pub(super) fn utf_32_guess(&mut self, bytes: &[u8]) -> Option<Vec<Edit>> {
        let order = order_of(bytes)?;
        Some(self.utf_32(bytes, order, |walk, text| walk.leaf(text)))
    }

    fn utf_32(&mut self, bytes: &[u8], order: Order, inner: impl FnOnce(&mut Self, &[u8]) -> Vec<Edit>) -> Vec<Edit> {
        let Some(text) = decoded(bytes, order) else {
            self.unreadable(UnreadableBecause::Malformed);
            self.frozen(|walk| walk.raw(bytes));
            return Vec::new();
        };
        if !self.pay(text.len()) {
            return Vec::new();
        }
        // The mark is a character of its own, and stays.
        let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let edits = self
            .layer(Layer::Charset, |walk| inner(walk, &text.as_bytes()[mark..]))
            .unwrap_or_default();
        if edits.is_empty() {
            return edits;
        }
        match String::from_utf8(apply(text.as_bytes(), crate::span::shifted(edits, mark))) {
            Ok(text) => vec![Edit {
                range: 0..bytes.len(),
                with: encoded(&text, order),
            }],
            Err(_) => {
                self.cannot_rewrite();
                Vec::new()
            }
        }
    }
}
