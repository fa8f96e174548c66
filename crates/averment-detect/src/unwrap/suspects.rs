//! Which strings of a JSON document are worth a closer look.
//!
//! A document is mostly short strings with nothing in them, and mostly the same ones again and again. Looking at each by
//! itself costs more than looking at one text of them all: so each that was not there before is copied to one, with
//! something between them that no candidate of the matcher, and nothing that is encoded, reaches across. That is scanned
//! once, with the matcher's own rules, and only strings that hold a mark are walked into, where everything is decided.
//!
//! Invariant: what a walk into a string without escapes would find or note begins at a byte that is marked, or is announced
//! by the name of its field.

use std::ops::Range;

use super::base64;
use super::json::Scalar;
use super::mime::quoted;
use super::radix;
use super::references::references;
use crate::mask::{Special, mask_at};
use crate::matcher::{Code, Hint, NumberSink, Spelling, candidates, embedded, numbers};
use crate::{Directory, Form};

/// Shorter strings are nothing.
const STRING_MIN: usize = 3;
/// Longest string that is looked for among those that were there before, bytes.
const SEEN_MAX: usize = 64;
/// Strings that are kept in mind, at most.
const SEEN_COUNT_MAX: usize = 1024;
/// What stands between two strings: no part of a word, a name, a number or an encoding.
const BETWEEN: u8 = b'{';

/// The strings of a document, each once, and one mark per byte of them.
#[derive(Default)]
pub(super) struct Suspects {
    strings: Vec<u8>,
    /// For each scalar of the document where it stands in `strings`, in their order.
    places: Vec<Place>,
    seen: Vec<Seen>,
    marks: Vec<u64>,
}

/// Where a string stands among the strings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(u32);

impl Place {
    /// Of what cannot hold anything.
    const NOWHERE: Self = Self(u32::MAX);
    /// Of what has to be looked at in any case.
    const BEYOND: Self = Self(u32::MAX - 1);

    fn at(at: usize) -> Self {
        u32::try_from(at)
            .ok()
            .filter(|at| *at < Self::BEYOND.0)
            .map_or(Self::BEYOND, Self)
    }

    /// Whether all strings that stand there are the same.
    pub(super) fn is_of_one(self) -> bool {
        self.0 < Self::BEYOND.0
    }

    /// A number for a table of strings.
    pub(super) fn spread(self) -> usize {
        (self.0.wrapping_mul(0x9e37_79b1) >> 16) as usize
    }
}

/// A string that was there before.
#[derive(Clone, Copy, Default)]
struct Seen {
    start: u32,
    length: u32,
}

impl Suspects {
    /// Forgets everything, for a document of so many bytes.
    pub(super) fn begin(&mut self, length: usize) {
        self.strings.clear();
        self.strings.push(BETWEEN);
        self.places.clear();
        self.seen.clear();
        let count = (length / 64).next_power_of_two().clamp(16, SEEN_COUNT_MAX);
        self.seen.resize(count, Seen::default());
    }

    /// Takes the next scalar of `document`.
    #[inline]
    pub(super) fn take(&mut self, document: &[u8], scalar: Scalar, range: Range<usize>) {
        let place = match scalar {
            Scalar::Escaped => Place::BEYOND,
            Scalar::Number if !is_looked_at(&document[range.clone()]) => return,
            Scalar::Plain if range.len() < STRING_MIN => Place::NOWHERE,
            Scalar::Plain if range.len() <= SEEN_MAX => self.short_string(&document[range]),
            Scalar::Plain | Scalar::Number => self.add(&document[range]),
        };
        self.places.push(place);
    }

    /// A string that may have been there before.
    #[inline]
    fn short_string(&mut self, string: &[u8]) -> Place {
        let slot = hash(string) as usize & (self.seen.len() - 1);
        let seen = self.seen[slot];
        let (start, length) = (seen.start as usize, seen.length as usize);
        if length == string.len() && self.strings.get(start..start + length) == Some(string) {
            return Place::at(start);
        }
        let place = self.add(string);
        if place != Place::BEYOND {
            self.seen[slot] = Seen {
                start: place.0,
                length: string.len() as u32,
            };
        }
        place
    }

    fn add(&mut self, string: &[u8]) -> Place {
        let place = Place::at(self.strings.len());
        if place != Place::BEYOND {
            self.strings.extend_from_slice(string);
            self.strings.push(BETWEEN);
        }
        place
    }

    /// Marks what is in the strings.
    pub(super) fn mark(&mut self, directory: &Directory) {
        let strings = std::mem::take(&mut self.strings);
        let text = strings.as_slice();
        self.marks.clear();
        // Addresses, percent escapes, and letters whose folding is another text.
        let blocks = (0..=text.len()).step_by(64);
        self.marks.extend(blocks.map(|base| mask_at::<Special>(text, base)));
        candidates(text, Spelling::Raw, directory, &mut |candidate| {
            candidate.marks(text, &mut |at| self.set(at))
        });
        embedded(text, directory, &mut |_, range| self.set(range.start));
        numbers(
            text,
            Hint::None,
            &mut Numbers {
                suspects: self,
                directory,
            },
        );
        for token in base64::tokens(text) {
            if !base64::readable(text, token.clone()).is_empty() || super::secrets::told(text, &token).is_some() {
                self.set(token.start);
            }
            super::digests::known(text, token, directory)
                .iter()
                .for_each(|(range, _)| self.set(range.start));
        }
        radix::tokens(text).for_each(|token| self.set(token.range.start));
        references(text).for_each(|(at, _, _)| self.set(at));
        // Encoded words are written with the same sign.
        quoted(text).for_each(|(at, _, _)| self.set(at));
        memchr::memmem::find_iter(text, b"=?").for_each(|at| self.set(at));
        super::rarer::marks(text, &mut |at| self.set(at));
        self.strings = strings;
    }

    /// Where the scalar with this number stands.
    #[inline]
    pub(super) fn place(&self, number: usize) -> Place {
        self.places.get(number).copied().unwrap_or(Place::BEYOND)
    }

    /// Whether something in the `length` bytes at `place` is marked.
    #[inline]
    pub(super) fn any(&self, place: Place, length: usize) -> bool {
        if place == Place::NOWHERE || place == Place::BEYOND {
            return place == Place::BEYOND;
        }
        let start = place.0 as usize;
        let (first, last) = (start >> 6, (start + length) >> 6);
        let from_start = u64::MAX << (start & 63);
        let to_end = (1 << ((start + length) & 63)) - 1;
        if first == last {
            return self.marks[first] & from_start & to_end != 0;
        }
        self.marks[first] & from_start != 0
            || self.marks[last] & to_end != 0
            || self.marks[first + 1..last].iter().any(|marks| *marks != 0)
    }

    /// Takes the marks of the `length` bytes at `place` away: a closer look found nothing, and would again.
    pub(super) fn clear(&mut self, place: Place, length: usize) {
        if place.is_of_one() {
            let start = place.0 as usize;
            (start..start + length).for_each(|at| self.marks[at >> 6] &= !(1 << (at & 63)));
        }
    }

    fn set(&mut self, at: usize) {
        self.marks[at >> 6] |= 1 << (at & 63);
    }
}

/// Whether a number of a document may be somebody's as it stands: 5 to 64 digits and nothing else.
#[inline]
pub(super) fn is_looked_at(number: &[u8]) -> bool {
    (5..=64).contains(&number.len()) && number.iter().all(u8::is_ascii_digit)
}

/// Of the length, the first and the last bytes: strings that differ only between are rare, and compared in full.
#[inline]
fn hash(string: &[u8]) -> u64 {
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
    mixed >> 32
}

struct Numbers<'a> {
    suspects: &'a mut Suspects,
    directory: &'a Directory,
}

impl NumberSink for Numbers<'_> {
    fn known(&mut self, digits: &str, range: Range<usize>) -> bool {
        let known = self.directory.may_know(Form::Phone, digits);
        if known {
            self.suspects.set(range.start);
        }
        known
    }

    fn pattern(&mut self, range: Range<usize>) {
        self.suspects.set(range.start);
    }

    fn code(&mut self, code: Code) {
        self.suspects.set(code.range.start);
    }

    fn date(&mut self, at: usize) {
        self.suspects.set(at);
    }
}
