//! What was there before in a document: most strings of one are the same again and again.
//!
//! Start at [`Seen`], which keeps something for each of the last strings that it was told of: for values, that nothing is in
//! them, for names of fields what they say ([`Said`]). Every byte is compared, and what there is no room for is forgotten.

use std::ops::Range;

use super::names::NameField;
use crate::matcher::Hint;
use crate::pointer::{Step, hint_of, known};

/// Longest string that is kept, bytes.
const LENGTH_MAX: usize = 64;
/// Bytes of a document for which there is room for two strings.
const BYTES_PER_SET: usize = 32;
const SETS_MIN: usize = 8;
const SETS_MAX: usize = 512;

/// Strings of one document, and what was learnt of each.
pub(super) struct Seen<'d, T> {
    document: &'d [u8],
    /// Two strings with the same hash; the one that was met last first, so that what is met once drives out what was.
    sets: Box<[[Kept<T>; 2]]>,
}

/// A string at `start`, and what was learnt; of no length, none.
#[derive(Clone, Copy)]
struct Kept<T> {
    start: u32,
    length: u32,
    what: T,
}

impl<T: Copy> Kept<T> {
    fn is(&self, document: &[u8], string: &[u8]) -> bool {
        let (start, length) = (self.start as usize, self.length as usize);
        length == string.len()
            && document
                .get(start..start + length)
                .is_some_and(|kept| are_equal(kept, string))
    }
}

/// Whether two strings of the same length, at most some dozen bytes, are equal. In place: calling the function that the system
/// has for long ones takes longer than the comparison.
#[inline(always)]
fn are_equal(one: &[u8], other: &[u8]) -> bool {
    let (Some(last), Some(last_of_other)) = (one.last_chunk::<8>(), other.last_chunk::<8>()) else {
        return one.iter().zip(other).all(|(byte, other)| byte == other);
    };
    // The last eight bytes may reach back into those before them.
    let (first, first_of_other) = (one.as_chunks::<8>().0, other.as_chunks::<8>().0);
    last == last_of_other && first.iter().zip(first_of_other).all(|(bytes, others)| bytes == others)
}

impl<'d, T: Copy> Seen<'d, T> {
    /// Nothing yet; `nothing` fills what is empty.
    pub(super) fn new(document: &'d [u8], nothing: T) -> Self {
        let none = Kept {
            start: 0,
            length: 0,
            what: nothing,
        };
        let sets = (document.len() / BYTES_PER_SET).next_power_of_two();
        Self {
            document,
            sets: vec![[none; 2]; sets.clamp(SETS_MIN, SETS_MAX)].into(),
        }
    }

    /// What was learnt of the string at `range`.
    #[inline]
    pub(super) fn get(&mut self, range: &Range<usize>) -> Option<&mut T> {
        let string = &self.document[range.clone()];
        let set = &mut self.sets[hash(string) & (self.sets.len() - 1)];
        if !set[0].is(self.document, string) {
            if !set[1].is(self.document, string) {
                return None;
            }
            set.swap(0, 1);
        }
        Some(&mut set[0].what)
    }

    /// Keeps what was learnt of the string at `range`.
    pub(super) fn keep(&mut self, range: &Range<usize>, what: T) {
        let Ok(start) = u32::try_from(range.start) else { return };
        if (1..=LENGTH_MAX).contains(&range.len()) {
            let length = range.len() as u32;
            let set = &mut self.sets[hash(&self.document[range.clone()]) & (self.sets.len() - 1)];
            *set = [Kept { start, length, what }, set[0]];
        }
    }
}

/// What the name of a field says.
#[derive(Clone, Copy)]
pub(super) struct Said {
    /// The program's own copy of the name, if it has one.
    known: Option<&'static str>,
    pub(super) hint: Hint,
    pub(super) is_half_name: bool,
    /// Whether the name need not be looked at: it is known, or nothing is in it.
    pub(super) is_quiet: bool,
}

impl Said {
    /// By no name.
    pub(super) const NOTHING: Self = Self {
        known: None,
        hint: Hint::None,
        is_half_name: false,
        is_quiet: false,
    };

    pub(super) fn by(name: &[u8]) -> Self {
        let known = known(name);
        Self {
            known,
            hint: hint_of(name),
            is_half_name: NameField::of(name).is_some(),
            is_quiet: known.is_some(),
        }
    }

    pub(super) fn step(self) -> Step {
        self.known.map_or(Step::Other, Step::Known)
    }
}

/// Of the length, the first and the last bytes: strings that differ only between are rare, and compared in full.
#[inline(always)]
fn hash(string: &[u8]) -> usize {
    let (first, last) = match (string.first_chunk::<8>(), string.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => match (string.first_chunk::<4>(), string.last_chunk::<4>()) {
            (Some(first), Some(last)) => (
                u64::from(u32::from_le_bytes(*first)),
                u64::from(u32::from_le_bytes(*last)),
            ),
            _ => (string.iter().fold(0, |hash, byte| hash << 8 | u64::from(*byte)), 0),
        },
    };
    let mixed = (first ^ last.rotate_left(25) ^ (string.len() as u64) << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as usize
}

#[cfg(test)]
mod tests;
