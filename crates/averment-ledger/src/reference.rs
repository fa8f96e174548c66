//! How an entry names a person: by a number that only the person's key can make, and that is never used twice.
//!
//! Start at [`reference`] and [`References`]. The first entry of a run that names a person holds the reference with count
//! 0, the next count 1, and so on, in the order of the log. Whoever has the person's key knows which reference comes next
//! and finds it; whoever has not sees random numbers that have nothing to do with each other. Destroying the key therefore
//! forgets the person, and an index by reference needs no key.

use std::collections::HashMap;
use std::hash::Hash;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::base64_bytes::Base64;

/// A reference to a person, 16 bytes.
pub type Reference = Base64<16>;

/// Reference number `count`, from 0, that the run with the random number `run` makes to the person with `key`:
/// HMAC-SHA-256 under the key of `averment.ref/2`, the run and the count as 8 bytes, big-endian; first 16 bytes.
pub fn reference(key: &[u8; 32], run: &Base64<16>, count: u64) -> Reference {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(b"averment.ref/2");
    mac.update(&run.0);
    mac.update(&count.to_be_bytes());
    let digest: [u8; 32] = mac.finalize().into_bytes().into();
    Base64(*digest.first_chunk().expect("a digest has 32 bytes"))
}

/// How often each person was named in this run. `P` is how the writer numbers people; it is in no entry.
#[derive(Debug)]
pub struct References<P> {
    run: Base64<16>,
    /// Beside each count the beginning of the key that it counts for: who is forgotten and comes again has another key, and
    /// is counted anew.
    counts: HashMap<P, ([u8; 8], u64)>,
}

impl<P: Copy + Eq + Hash> References<P> {
    /// Nobody was named yet in this run.
    pub fn new(run: Base64<16>) -> Self {
        Self {
            run,
            counts: HashMap::new(),
        }
    }

    /// The next reference to `person`, whose key is `key`. It must be recorded before any later one is, or be taken back.
    pub fn next(&mut self, person: P, key: &[u8; 32]) -> Reference {
        let begins = *key.first_chunk().expect("a key has 32 bytes");
        let counted = self.counts.entry(person).or_insert((begins, 0));
        if counted.0 != begins {
            *counted = (begins, 0);
        }
        let made = reference(key, &self.run, counted.1);
        counted.1 += 1;
        made
    }

    /// The last reference to `person` is not recorded: it comes again.
    pub fn take_back(&mut self, person: P) {
        if let Some((_, count)) = self.counts.get_mut(&person) {
            *count = count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_again_with_another_key_is_counted_anew() {
        let run = Base64([7; 16]);
        let mut references = References::new(run);
        references.next(1, &[1; 32]);
        assert_eq!(references.next(1, &[2; 32]), reference(&[2; 32], &run, 0));
        assert_eq!(references.next(1, &[2; 32]), reference(&[2; 32], &run, 1));
    }

    #[test]
    fn references_follow_from_key_run_and_count_and_repeat_only_when_taken_back() {
        let run = Base64([7; 16]);
        let mut references = References::new(run);
        let first = references.next(1, &[1; 32]);
        assert_eq!(first, reference(&[1; 32], &run, 0));
        let second = references.next(1, &[1; 32]);
        references.take_back(1);
        assert_eq!(references.next(1, &[1; 32]), second);
        let others = [references.next(2, &[2; 32]), reference(&[1; 32], &Base64([8; 16]), 0)];
        assert!(!others.contains(&first) && first != second);
    }
}
