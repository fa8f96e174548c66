//! Items of CBOR.
//!
//! Source: RFC 8949 section 3.

use super::items::{Item, Kind, Read};
use super::msgpack::{big_endian, content};

/// The item at `at`; of a container only its header.
pub(super) fn read(bytes: &[u8], at: usize) -> Option<Read> {
    let first = *bytes.get(at)?;
    let (major, low) = (first >> 5, first & 31);
    let open_ended = low == 31;
    let (argument, behind) = if open_ended {
        (0, at + 1)
    } else {
        argument(bytes, at + 1, low)?
    };
    let count = (!open_ended).then_some(argument);
    let string = |kind: Kind| {
        if open_ended {
            return Some((Item::Pieces(kind), behind));
        }
        let range = content(bytes, behind, usize::try_from(argument).ok()?)?;
        let end = range.end;
        Some(match kind {
            Kind::Text => (Item::Text(range), end),
            Kind::Bytes => (Item::Bytes(range), end),
        })
    };
    let (item, end) = match major {
        0 if !open_ended => (Item::Whole(argument), behind),
        1 if !open_ended => (Item::Simple, behind),
        2 => string(Kind::Bytes)?,
        3 => string(Kind::Text)?,
        4 => (Item::Array(count), behind),
        5 => (Item::Map(count), behind),
        6 if !open_ended => (Item::Tag, behind),
        7 if open_ended => (Item::Break, behind),
        7 => (simple(argument, low), behind),
        _ => return None,
    };
    Some(Read { item, range: at..end })
}

fn argument(bytes: &[u8], at: usize, low: u8) -> Option<(u64, usize)> {
    match low {
        0..=23 => Some((u64::from(low), at)),
        24..=27 => {
            let width = 1 << (low - 24);
            Some((big_endian(bytes, at, width)?, at + width))
        }
        _ => None,
    }
}

fn simple(argument: u64, low: u8) -> Item {
    match low {
        26 => Item::Float(f64::from(f32::from_bits(argument as u32))),
        27 => Item::Float(f64::from_bits(argument)),
        _ => Item::Simple,
    }
}

/// What stands before the content of a string.
pub(super) fn header(kind: Kind, length: usize) -> Vec<u8> {
    let major = match kind {
        Kind::Bytes => 2 << 5,
        Kind::Text => 3 << 5,
    };
    let bytes = (length as u64).to_be_bytes();
    match length {
        0..=23 => vec![major | length as u8],
        24..=0xff => vec![major | 24, length as u8],
        0x100..=0xffff => [&[major | 25], &bytes[6..]].concat(),
        _ => [&[major | 26], &bytes[4..]].concat(),
    }
}
