//! Which bytes of a text are of a kind: 64 bytes at a time, one bit each.
//!
//! Start at [`Finder`]. Looking for the next byte of a kind is one shift and one count of zeros as long as it is among the
//! 64 bytes that were looked at last, so that short runs cost no loop over their bytes.

use std::marker::PhantomData;

use wide::u8x16;

/// A kind of byte.
pub(crate) trait Kind {
    /// Whether `byte` is of it, computed without a branch. No kind holds the zero byte but [`StringEnd`].
    fn is(byte: u8) -> bool;
}

/// Finds bytes of a kind, and bytes of other kinds.
pub(crate) struct Finder<'t, K> {
    text: &'t [u8],
    /// Where the block starts that `mask` is of; `usize::MAX` before the first.
    base: usize,
    mask: u64,
    kind: PhantomData<K>,
}

impl<'t, K: Kind> Finder<'t, K> {
    pub(crate) fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            base: usize::MAX,
            mask: 0,
            kind: PhantomData,
        }
    }

    /// The first byte of the kind at or after `at`.
    #[inline(always)]
    pub(crate) fn next(&mut self, at: usize) -> Option<usize> {
        self.seek(at, 0)
    }

    /// The first byte of another kind at or after `at`; the length of the text when there is none.
    #[inline(always)]
    pub(crate) fn end(&mut self, at: usize) -> usize {
        self.seek(at, u64::MAX).unwrap_or(self.text.len())
    }

    #[inline(always)]
    fn seek(&mut self, mut at: usize, flip: u64) -> Option<usize> {
        while at < self.text.len() {
            if at & !63 != self.base {
                self.base = at & !63;
                self.mask = mask_at::<K>(self.text, self.base);
            }
            let rest = (self.mask ^ flip) >> (at & 63);
            if rest != 0 {
                let found = at + rest.trailing_zeros() as usize;
                return (found < self.text.len()).then_some(found);
            }
            at = (at & !63) + 64;
        }
        None
    }
}

/// The mask of the 64 bytes from `base`; what lies behind the text counts as zeros.
#[inline(never)]
pub(crate) fn mask_at<K: Kind>(text: &[u8], base: usize) -> u64 {
    let rest = text.get(base..).unwrap_or_default();
    match rest.first_chunk() {
        Some(block) => mask::<K>(block),
        None if rest.is_empty() => 0,
        None => {
            let mut block = [0; 64];
            block[..rest.len()].copy_from_slice(rest);
            mask::<K>(&block)
        }
    }
}

/// Bytes that a block of [`long_runs`] goes on by: the eight that it sees beyond are enough to tell a run.
const STRIDE: usize = 56;

/// Starts of runs of at least `least` (up to 8) bytes of the kind, in order, found without looking at single runs.
pub(crate) fn long_runs<'t, K: Kind + 't>(text: &'t [u8], least: usize) -> impl Iterator<Item = usize> + 't {
    let (mut next, mut before, mut starts) = (0, 0, 0_u64);
    std::iter::from_fn(move || {
        while starts == 0 {
            if next >= text.len() {
                return None;
            }
            let mask = mask_at::<K>(text, next);
            starts = run_of(mask, least) & !(mask << 1 | before) & ((1 << STRIDE) - 1);
            before = mask >> (STRIDE - 1) & 1;
            next += STRIDE;
        }
        let start = next - STRIDE + starts.trailing_zeros() as usize;
        starts &= starts - 1;
        Some(start)
    })
}

/// Bits from which on `least` bits are set.
#[inline(always)]
fn run_of(bits: u64, least: usize) -> u64 {
    let (mut runs, mut have) = (bits, 1);
    while have < least {
        let step = have.min(least - have);
        runs &= runs >> step;
        have += step;
    }
    runs
}

/// ASCII letters, digits, and everything above 0x7f: what atoms are made of.
pub(crate) struct Word;
/// ASCII letters and digits.
pub(crate) struct Alphanumeric;
/// Digits.
pub(crate) struct Digit;
/// Digits, and what stands between the groups of a telephone number.
pub(crate) struct Dial;
/// Both base64 alphabets, without padding.
pub(crate) struct Base64;
/// Printable ASCII without a space: what words of base85 are made of.
pub(crate) struct Graphic;
/// What a JSON string cannot hold as it is: quote, backslash, control characters.
pub(crate) struct StringEnd;

impl Kind for Word {
    #[inline(always)]
    fn is(byte: u8) -> bool {
        is_letter(byte) | is_between(byte, b'0', b'9') | (byte >= 0x80)
    }
}

impl Kind for Alphanumeric {
    #[inline(always)]
    fn is(byte: u8) -> bool {
        is_letter(byte) | is_between(byte, b'0', b'9')
    }
}

impl Kind for Digit {
    #[inline(always)]
    fn is(byte: u8) -> bool {
        is_between(byte, b'0', b'9')
    }
}

impl Kind for Dial {
    #[inline(always)]
    fn is(byte: u8) -> bool {
        // ( ) and - . / 0 to 9
        let mark = (byte == b' ') | (byte == b'_') | (byte == b'~');
        is_between(byte, b'-', b'9') | is_between(byte, b'(', b')') | mark
    }
}

impl Kind for Base64 {
    #[inline(always)]
    fn is(byte: u8) -> bool {
        // / and 0 to 9
        let mark = (byte == b'+') | (byte == b'-') | (byte == b'_');
        is_letter(byte) | is_between(byte, b'/', b'9') | mark
    }
}

impl Kind for Graphic {
    #[inline(always)]
    fn is(byte: u8) -> bool {
        is_between(byte, b'!', b'~')
    }
}

impl Kind for StringEnd {
    #[inline(always)]
    fn is(byte: u8) -> bool {
        (byte == b'"') | (byte == b'\\') | (byte < 0x20)
    }
}

#[inline(always)]
fn is_letter(byte: u8) -> bool {
    is_between(byte | 0x20, b'a', b'z')
}

/// Computed without a branch.
#[inline(always)]
pub(crate) fn is_between(byte: u8, low: u8, high: u8) -> bool {
    byte.wrapping_sub(low) <= high - low
}

/// One bit per byte that is of the kind, the first byte lowest.
#[inline(always)]
fn mask<K: Kind>(block: &[u8; 64]) -> u64 {
    let mut mask = 0;
    for (at, part) in block.as_chunks::<16>().0.iter().enumerate() {
        // Without a branch, so that the compiler makes it of all sixteen at a time.
        let mut found = [0; 16];
        for (found, byte) in found.iter_mut().zip(part) {
            *found = if K::is(*byte) { 0xff } else { 0 };
        }
        mask |= u64::from(u8x16::new(found).to_bitmask()) << (16 * at);
    }
    mask
}

#[cfg(test)]
mod tests;
