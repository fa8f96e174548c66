//! Binary property lists: a table of objects, of which the texts, bytes and numbers are looked at.
//!
//! What is found cannot be put back: the table tells places, and every one behind would be another.
//!
//! Source: CFBinaryPList.c of Apple's CoreFoundation, as it describes the format.

use super::Walk;
use super::charset::Charset;
use crate::span::Edit;
use crate::{Layer, UnreadableBecause};

const MAGIC: &[u8] = b"bplist00";
const TRAILER: usize = 32;

pub(super) fn is_plist(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

fn big(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    let digits = bytes.get(at..at.checked_add(width)?)?;
    let number = digits.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    usize::try_from(number).ok()
}

/// Where the objects begin, in the order of the table.
fn offsets(bytes: &[u8], most: usize) -> Option<Vec<usize>> {
    let trailer = bytes.len().checked_sub(TRAILER)?;
    let width = usize::from(bytes[trailer + 6]);
    let (count, table) = (big(bytes, trailer + 8, 8)?, big(bytes, trailer + 24, 8)?);
    if !(1..=8).contains(&width) || count > most {
        return None;
    }
    (0..count)
        .map(|at| big(bytes, table.checked_add(at * width)?, width).filter(|offset| *offset < trailer))
        .collect()
}

/// Kind of the object at `at`, where its content begins, and how many of its units there are.
fn object(bytes: &[u8], at: usize) -> Option<(u8, usize, usize)> {
    let marker = *bytes.get(at)?;
    let count = usize::from(marker & 15);
    if count < 15 || marker >> 4 < 4 {
        return Some((marker >> 4, at + 1, count));
    }
    let width = 1_usize << (bytes.get(at + 1)? & 15).min(3);
    Some((marker >> 4, at + 2 + width, big(bytes, at + 2, width)?))
}

impl Walk<'_> {
    pub(super) fn plist(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let Some(offsets) = offsets(bytes, self.limits.parts_max) else {
            return self.binary(bytes);
        };
        self.frozen(|walk| {
            walk.layer(Layer::Plist, |walk| {
                for at in offsets {
                    if walk.plist_object(bytes, at).is_none() {
                        walk.unreadable(UnreadableBecause::Malformed);
                    }
                }
                Vec::new()
            })
            .unwrap_or_default()
        });
        Vec::new()
    }

    fn plist_object(&mut self, bytes: &[u8], at: usize) -> Option<()> {
        let (kind, start, count) = object(bytes, at)?;
        let content = |width: usize| bytes.get(start..start.checked_add(count.checked_mul(width)?)?);
        match kind {
            1 => {
                let number = big(bytes, start, 1 << count.min(3))?;
                let _ = self.number(number as u64);
            }
            4 | 5 => {
                let content = content(1).filter(|content| self.pay(content.len()))?;
                let _ = self.opaque(content);
            }
            6 => {
                let content = content(2).filter(|content| self.pay(content.len()))?;
                let text = Charset::named("utf-16be")?.decode(content).text;
                let _ = self.leaf(text.as_bytes());
            }
            _ => {}
        }
        Some(())
    }
}
