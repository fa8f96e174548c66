//! Numbers that only grow, by what they are counted under.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use averment_detect::UnreadableBecause;

/// Counts by key.
#[derive(Debug)]
pub(super) struct Counts<K>(Mutex<BTreeMap<K, u64>>);

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }
}

impl<K: Ord + Clone> Counts<K> {
    pub(super) fn add(&self, key: K, more: u64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(key).or_default();
        *count = count.saturating_add(more);
    }

    /// All of them, in order.
    pub(super) fn all(&self) -> Vec<(K, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|(key, count)| (key.clone(), *count)).collect()
    }
}

/// The word of the ledger for why something could not be read.
pub(super) fn because(because: UnreadableBecause) -> &'static str {
    match because {
        UnreadableBecause::TooLarge => "too_large",
        UnreadableBecause::TooDeep => "too_deep",
        UnreadableBecause::TooMany => "too_many",
        UnreadableBecause::Malformed => "malformed",
        UnreadableBecause::UnknownFormat => "unknown_format",
        UnreadableBecause::PassThrough => "pass_through",
    }
}
