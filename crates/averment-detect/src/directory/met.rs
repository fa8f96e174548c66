//! Words of programs that were met before: names of fields and headers, and short values of nothing but letters. All messages
//! of a service have the same ones, and where nothing was found once, nothing is found the next time.
//!
//! Start at [`Met`]. It belongs to one directory: with other people nothing of it counts. No word is kept, only 64 bits of
//! its keyed hash, and only in memory; two words have the same less often than a look-up in the directory is wrong.

use std::sync::atomic::{AtomicU64, Ordering};

use super::TokenKey;

/// Room for so many words: 32 KiB.
const PLACES: usize = 4096;
/// Shorter ones are nothing, longer ones are sentences.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=40;

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WordOf {
    /// The name of a header, at which the matcher alone looks.
    Header,
    /// The name of a field or of a host, which may have digits.
    Name,
    /// A value. One with digits is a number or an identifier, and seldom there again.
    Value,
}

/// Words in which nothing is. Whoever is late to see one looks once more.
pub(crate) struct Met(Box<[AtomicU64]>);

impl Met {
    pub(super) fn none() -> Self {
        Self((0..PLACES).map(|_| AtomicU64::new(0)).collect())
    }

    /// What is kept of `text`; none where it is no word of a program.
    #[inline]
    pub(crate) fn hash(text: &[u8], what: WordOf, key: &TokenKey) -> Option<u64> {
        let unfit = match what {
            WordOf::Value => SIGN | DIGIT,
            WordOf::Header | WordOf::Name => SIGN,
        };
        let kinds = text.iter().fold(0, |kinds, byte| kinds | KINDS[usize::from(*byte)]);
        if !LENGTHS.contains(&text.len()) || kinds & unfit != 0 {
            return None;
        }
        let hash = key.hash(text);
        // What only the matcher has seen may yet be an encoding of something.
        Some(if what == WordOf::Header { !hash } else { hash }).filter(|hash| *hash != 0)
    }

    /// Whether the word with this hash was met.
    #[inline]
    pub(crate) fn holds(&self, hash: u64) -> bool {
        self.places(hash)
            .iter()
            .any(|place| place.load(Ordering::Relaxed) == hash)
    }

    /// Keeps the hash of a word in which nothing is, in the place of the older of two.
    pub(crate) fn keep(&self, hash: u64) {
        let [newer, older] = self.places(hash);
        older.store(newer.load(Ordering::Relaxed), Ordering::Relaxed);
        newer.store(hash, Ordering::Relaxed);
    }

    fn places(&self, hash: u64) -> &[AtomicU64; 2] {
        let sets = self.0.as_chunks::<2>().0;
        &sets[hash as usize % (PLACES / 2)]
    }
}

const DIGIT: u8 = 1;
/// Whatever may be a part of something encoded, of an address or of another script.
const SIGN: u8 = 2;

static KINDS: [u8; 256] = {
    let mut kinds = [SIGN; 256];
    let mut byte = 0;
    while byte < 256 {
        match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'-' | b'.' | b'/' | b' ' | b'$' => kinds[byte] = 0,
            b'0'..=b'9' => kinds[byte] = DIGIT,
            _ => {}
        }
        byte += 1;
    }
    kinds
};

#[cfg(test)]
mod tests;
