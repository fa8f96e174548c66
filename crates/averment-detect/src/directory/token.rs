//! The keyed hash of one token: SipHash-1-3 over the folded text.
//!
//! 1-3 and not 2-4: HMAC-SHA-256 confirms every hit, and no attack on it as a keyed function is known; it saves a third
//! of the time of short tokens, and most tokens are short.
//!
//! Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.

use zeroize::Zeroize as _;

/// The state of SipHash after the key went in. As secret as the key.
pub(crate) struct TokenKey([u64; 4]);

impl TokenKey {
    pub(super) fn new(key: &[u8; 16]) -> Self {
        let half = |at: usize| key[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let (low, high) = (half(0), half(8));
        Self([
            low ^ 0x736f_6d65_7073_6575,
            high ^ 0x646f_7261_6e64_6f6d,
            low ^ 0x6c79_6765_6e65_7261,
            high ^ 0x7465_6462_7974_6573,
        ])
    }

    pub(super) fn wipe(&mut self) {
        self.0.zeroize();
    }

    /// The hash of `text` as it is.
    pub(crate) fn hash(&self, text: &[u8]) -> u64 {
        let mut state = self.0;
        let mut at = 0;
        while text.len() - at >= 8 {
            compress(&mut state, block(text, at, 8));
            at += 8;
        }
        finish(
            state,
            below(block(text, at, text.len() - at), text.len() - at),
            text.len(),
        )
    }

    /// The hash of the letters and digits at `start..end` of `text` in lower case. Bytes above 0x7f stay as they are.
    #[inline(always)]
    pub(crate) fn hash_atom(&self, text: &[u8], start: usize, end: usize) -> AtomHash {
        let mut state = self.0;
        let (mut at, mut high, mut digit) = (start, 0, 0);
        while end - at >= 8 {
            let bytes = block(text, at, 8);
            high |= bytes;
            digit |= !(bytes | bytes << 1);
            compress(&mut state, lower(bytes));
            at += 8;
        }
        let bytes = block(text, at, end - at);
        high |= below(bytes, end - at);
        // Letters have bit 6 set, bytes above 0x7f bit 7, digits neither.
        digit |= below(!(bytes | bytes << 1), end - at);
        AtomHash {
            token: finish(state, below(lower(bytes), end - at), end - start),
            is_ascii: high & HIGH == 0,
            has_digit: digit & HIGH != 0,
        }
    }
}

/// An atom's hash, and what was seen on the way.
pub(crate) struct AtomHash {
    pub(crate) token: u64,
    pub(crate) is_ascii: bool,
    pub(crate) has_digit: bool,
}

const HIGH: u64 = 0x8080_8080_8080_8080;

/// Bit 5 is set in every ASCII digit and small letter, and makes a small letter of a capital.
#[inline(always)]
fn lower(block: u64) -> u64 {
    block | (!block & HIGH) >> 2
}

/// The lowest `count` bytes, fewer than eight.
#[inline(always)]
fn below(block: u64, count: usize) -> u64 {
    block & ((1 << (8 * count)) - 1)
}

/// `rest`: the last bytes of the text; its length goes into the highest byte.
#[inline(always)]
fn finish(mut state: [u64; 4], rest: u64, length: usize) -> u64 {
    compress(&mut state, rest | (length as u64) << 56);
    state[2] ^= 0xff;
    for _ in 0..3 {
        round(&mut state);
    }
    state[0] ^ state[1] ^ state[2] ^ state[3]
}

/// The eight bytes from `at`, where the text has them; else at least `count` of them.
#[inline(always)]
fn block(text: &[u8], at: usize, count: usize) -> u64 {
    if let Some(bytes) = text.get(at..at + 8).and_then(|rest| rest.first_chunk()) {
        return u64::from_le_bytes(*bytes);
    }
    let mut bytes = [0; 8];
    bytes[..count].copy_from_slice(&text[at..at + count]);
    u64::from_le_bytes(bytes)
}

#[inline(always)]
fn compress(state: &mut [u64; 4], block: u64) {
    state[3] ^= block;
    round(state);
    state[0] ^= block;
}

#[inline(always)]
fn round(state: &mut [u64; 4]) {
    let [mut a, mut b, mut c, mut d] = *state;
    a = a.wrapping_add(b);
    c = c.wrapping_add(d);
    b = b.rotate_left(13) ^ a;
    d = d.rotate_left(16) ^ c;
    a = a.rotate_left(32).wrapping_add(d);
    c = c.wrapping_add(b);
    d = d.rotate_left(21) ^ a;
    b = b.rotate_left(17) ^ c;
    c = c.rotate_left(32);
    *state = [a, b, c, d];
}

#[cfg(test)]
mod tests;
