//! What no exact matcher can leave out.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use siphasher::sip::SipHasher13;

/// Cuts, hashes and probes; gives the number of known tokens.
pub(crate) fn floor(body: &[u8], hashes: &Hashes) -> u64 {
    let hasher = SipHasher13::new_with_key(&[7; 16]);
    let (mut known, mut at) = (0, 0);
    while at < body.len() {
        let start = at;
        while body.get(at).is_some_and(|b| WORD[usize::from(*b)]) {
            at += 1;
        }
        if at > start {
            let mut token = hasher;
            token.write(&body[start..at]);
            known += u64::from(hashes.contains(&token.finish()));
        }
        at += 1;
    }
    known
}

static WORD: [bool; 256] = {
    let mut word = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        word[byte] = (byte as u8).is_ascii_alphanumeric() || byte >= 0x80;
        byte += 1;
    }
    word
};

pub(crate) type Hashes = HashSet<u64, BuildHasherDefault<Hashed>>;

/// Hashes are hashed already.
#[derive(Default)]
pub(crate) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only numbers are hashed");
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}
