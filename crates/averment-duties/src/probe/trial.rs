//! Unkeyed digests of known values, found by making them: who holds a list of addresses can do the same.
//!
//! Start at [`Trial::add`], then [`Trial::run`]. Digests that were cut short are found by their beginning.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

use super::Digested;

/// Digests of one column that are to be tried.
#[derive(Default)]
pub(super) struct Trial {
    /// How often each stands there.
    wanted: HashMap<Digested, u64>,
    lengths: BTreeSet<usize>,
}

/// An algorithm without a key.
struct Algorithm {
    name: &'static str,
    make: fn(&[u8]) -> Vec<u8>,
    bytes: usize,
}

const ALGORITHMS: [Algorithm; 6] = [
    Algorithm {
        name: "MD5",
        make: |text| Md5::digest(text).to_vec(),
        bytes: 16,
    },
    Algorithm {
        name: "SHA-1",
        make: |text| Sha1::digest(text).to_vec(),
        bytes: 20,
    },
    Algorithm {
        name: "SHA-224",
        make: |text| Sha224::digest(text).to_vec(),
        bytes: 28,
    },
    Algorithm {
        name: "SHA-256",
        make: |text| Sha256::digest(text).to_vec(),
        bytes: 32,
    },
    Algorithm {
        name: "SHA-384",
        make: |text| Sha384::digest(text).to_vec(),
        bytes: 48,
    },
    Algorithm {
        name: "SHA-512",
        make: |text| Sha512::digest(text).to_vec(),
        bytes: 64,
    },
];

impl Trial {
    /// A digest as it stands in a row.
    pub(super) fn add(&mut self, digest: Digested) {
        self.lengths.insert(digest.0.len());
        *self.wanted.entry(digest).or_default() += 1;
    }

    /// Rows whose digest is to be tried.
    pub(super) fn rows(&self) -> u64 {
        self.wanted.values().sum()
    }

    /// Rows whose digest is one of a candidate, by algorithm. They are then no more to be tried.
    pub(super) fn run<'a>(&mut self, candidates: impl Iterator<Item = &'a str>) -> BTreeMap<&'static str, u64> {
        let mut found: BTreeMap<&'static str, u64> = BTreeMap::new();
        for candidate in candidates {
            if self.wanted.is_empty() {
                break;
            }
            for spelling in spellings(candidate) {
                self.spelling(&spelling, &mut found);
            }
        }
        found
    }

    fn spelling(&mut self, spelling: &str, found: &mut BTreeMap<&'static str, u64>) {
        for algorithm in &ALGORITHMS {
            let lengths: Vec<usize> = self.lengths.range(..=algorithm.bytes).copied().collect();
            if lengths.is_empty() {
                continue;
            }
            let whole = (algorithm.make)(spelling.as_bytes());
            for length in lengths {
                let beginning = Digested(whole[..length].to_vec());
                if let Some(rows) = self.wanted.remove(&beginning) {
                    *found.entry(algorithm.name).or_default() += rows;
                }
            }
        }
    }

    /// Takes out rows whose digest is one that `is_known` knows, written in hexadecimal digits; how many.
    pub(super) fn take(&mut self, mut is_known: impl FnMut(&str) -> bool) -> u64 {
        let mut taken = 0;
        self.wanted.retain(|digest, rows| {
            let digits: String = digest.0.iter().map(|byte| format!("{byte:02x}")).collect();
            let known = is_known(&digits);
            taken += if known { *rows } else { 0 };
            !known
        });
        taken
    }
}

/// How a value is written before it is digested.
fn spellings(value: &str) -> BTreeSet<String> {
    let plain = value.trim();
    let mut all = BTreeSet::from([
        value.to_owned(),
        plain.to_owned(),
        plain.to_lowercase(),
        plain.to_uppercase(),
    ]);
    if let Some((local, host)) = plain.to_lowercase().split_once('@') {
        let untagged = local.split('+').next().unwrap_or(local);
        all.insert(format!("{untagged}@{host}"));
        all.insert(format!("{}@{host}", untagged.replace('.', "")));
        all.insert(format!("mailto:{local}@{host}"));
    }
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    if digits.len() >= 7 {
        all.insert(format!("+{digits}"));
        all.insert(digits);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digested(hex: &str) -> Digested {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        Digested((0..hex.len()).step_by(2).map(byte).collect())
    }

    /// `printf ada@birch.example | md5sum`, `sha256sum`.
    #[test]
    fn digests_of_known_values_are_found_whole_and_cut() {
        let md5 = format!("{:x}", HexOf(Md5::digest(b"ada@birch.example").as_slice()));
        let sha256 = format!("{:x}", HexOf(Sha256::digest(b"ada@birch.example").as_slice()));
        let mut trial = Trial::default();
        trial.add(digested(&md5));
        trial.add(digested(&md5));
        trial.add(digested(&sha256[..40]));
        trial.add(digested(&"0a".repeat(32)));
        let found = trial.run(["nobody", " Ada@Birch.example"].into_iter());
        assert_eq!(found, BTreeMap::from([("MD5", 2), ("SHA-256", 1)]));
        assert_eq!(trial.rows(), 1);
    }

    struct HexOf<'a>(&'a [u8]);

    impl std::fmt::LowerHex for HexOf<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
        }
    }
}
