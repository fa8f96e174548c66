//! Items of msgpack.
//!
//! Source: the MessagePack specification, section "Formats".

use std::ops::Range;

use super::items::{Item, Kind, Read};

/// The item at `at`; of a container only its header.
pub(super) fn read(bytes: &[u8], at: usize) -> Option<Read> {
    let first = *bytes.get(at)?;
    let behind = at + 1;
    let number = |width: usize| big_endian(bytes, behind, width);
    let sized = |width: usize, kind: fn(Range<usize>) -> Item| {
        let length = usize::try_from(number(width)?).ok()?;
        content(bytes, behind + width, length).map(|range| (kind(range.clone()), range.end))
    };
    let counted = |width: usize, kind: fn(Option<u64>) -> Item| {
        let count = number(width)?;
        Some((kind(Some(count)), behind + width))
    };
    let (item, end) = match first {
        0x00..=0x7f => (Item::Whole(u64::from(first)), behind),
        0x80..=0x8f => (Item::Map(Some(u64::from(first & 15))), behind),
        0x90..=0x9f => (Item::Array(Some(u64::from(first & 15))), behind),
        0xa0..=0xbf => {
            let range = content(bytes, behind, usize::from(first & 31))?;
            (Item::Text(range.clone()), range.end)
        }
        0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => (Item::Simple, behind),
        0xc1 => return None,
        0xc4 => sized(1, Item::Bytes)?,
        0xc5 => sized(2, Item::Bytes)?,
        0xc6 => sized(4, Item::Bytes)?,
        0xc7..=0xc9 => extension(bytes, behind, 1 << (first - 0xc7))?,
        0xca => {
            let bits = u32::try_from(number(4)?).ok()?;
            (Item::Float(f64::from(f32::from_bits(bits))), behind + 4)
        }
        0xcb => (Item::Float(f64::from_bits(number(8)?)), behind + 8),
        0xcc..=0xcf => {
            let width = 1 << (first - 0xcc);
            (Item::Whole(number(width)?), behind + width)
        }
        0xd0..=0xd3 => {
            let width = 1 << (first - 0xd0);
            (signed(number(width)?, width), behind + width)
        }
        0xd4..=0xd8 => {
            let range = content(bytes, behind + 1, 1 << (first - 0xd4))?;
            (Item::Extension(range.clone()), range.end)
        }
        0xd9 => sized(1, Item::Text)?,
        0xda => sized(2, Item::Text)?,
        0xdb => sized(4, Item::Text)?,
        0xdc => counted(2, Item::Array)?,
        0xdd => counted(4, Item::Array)?,
        0xde => counted(2, Item::Map)?,
        0xdf => counted(4, Item::Map)?,
    };
    Some(Read { item, range: at..end })
}

fn extension(bytes: &[u8], at: usize, width: usize) -> Option<(Item, usize)> {
    let length = usize::try_from(big_endian(bytes, at, width)?).ok()?;
    let range = content(bytes, at + width + 1, length)?;
    Some((Item::Extension(range.clone()), range.end))
}

fn signed(number: u64, width: usize) -> Item {
    if number >> (8 * width - 1) == 0 {
        Item::Whole(number)
    } else {
        Item::Simple
    }
}

pub(super) fn content(bytes: &[u8], start: usize, length: usize) -> Option<Range<usize>> {
    let end = start.checked_add(length)?;
    (end <= bytes.len()).then_some(start..end)
}

/// A number of `width` bytes, the highest first.
pub(super) fn big_endian(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let digits = bytes.get(at..at.checked_add(width)?)?;
    Some(digits.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// What stands before the content of a string.
pub(super) fn header(kind: Kind, length: usize) -> Vec<u8> {
    let wide = |first: u8, width: usize| [&[first], &(length as u64).to_be_bytes()[8 - width..]].concat();
    match (kind, length) {
        (Kind::Text, 0..=31) => vec![0xa0 | length as u8],
        (Kind::Text, 32..=0xff) => wide(0xd9, 1),
        (Kind::Text, 0x100..=0xffff) => wide(0xda, 2),
        (Kind::Text, _) => wide(0xdb, 4),
        (Kind::Bytes, 0..=0xff) => wide(0xc4, 1),
        (Kind::Bytes, 0x100..=0xffff) => wide(0xc5, 2),
        (Kind::Bytes, _) => wide(0xc6, 4),
    }
}
