//! How long a group waits for company.
//!
//! Whoever was answered together comes back within moments of each other, and whoever asked meanwhile is there already.
//! Writing as soon as the first is there would divide a few into groups that take turns, each with a sync of its own. Of
//! many, some make their entries while those of others are written: they need not be together.

use std::time::Duration;

use super::batch::Batch;
use super::queue::Until;

/// How long entries that nobody waits for stay in memory to share the sync of the next intent. Losing one in a crash is
/// on the safe side: an intent without its outcome reads *may have left*. Ten requests a second are enough for outcomes
/// to cost no sync of their own.
const NOTES_WAIT: Duration = Duration::from_millis(100);

/// So many callers share a sync at next to no cost: such a group is not kept open.
const COMPANY_ENOUGH: usize = 256;

/// What part of the expected callers the thread is woken for, to write their entries while others make theirs.
const WOKEN_FOR_PART: usize = 4;
/// At least so many: being woken costs something, too.
const WOKEN_FOR_MIN: usize = 8;

/// How long the thread watches for the order of somebody who comes back at once: it takes as long to wake it.
pub(super) const WATCH: Duration = Duration::from_micros(50);

/// What part of the time that the last group took the next may wait for company.
const PATIENCE_PART: u32 = 2;

/// A slow disk does not make callers wait longer than this for company.
const PATIENCE_MAX: Duration = Duration::from_millis(1);

/// What the last group says about the next.
#[derive(Default)]
pub(super) struct Pace {
    /// How many may come: whoever was answered with the last group, and whoever waited then for the next.
    expected: usize,
    /// A part of what the last group took, so that waiting never costs much beside writing.
    patience: Duration,
    /// Whether the last order that was waited for came within [`WATCH`].
    pub(super) came_at_once: bool,
}

impl Pace {
    /// A group was written, and nobody in it has been answered yet; `waiting`: they, and who waits for the next.
    pub(super) fn written(&mut self, waiting: usize, took: Duration) {
        self.expected = waiting;
        self.patience = (took / PATIENCE_PART).min(PATIENCE_MAX);
    }

    /// How long a group with so many waiting callers stays open.
    pub(super) fn wait(&self, waiting: usize) -> Duration {
        match waiting {
            0 => NOTES_WAIT,
            _ if waiting < self.expected.min(COMPANY_ENOUGH) => self.patience,
            _ => Duration::ZERO,
        }
    }

    /// What `batch`, which is open, waits for: some of those who are expected, or the first who waits for it.
    pub(super) fn company(&self, batch: &Batch) -> Until {
        let expected = self.expected.min(COMPANY_ENOUGH);
        let some = (expected / WOKEN_FOR_PART).max(WOKEN_FOR_MIN);
        let missing = expected.saturating_sub(batch.waiting.len()).max(1);
        Until {
            orders: batch.entries_left(),
            waiters: if batch.waiting.is_empty() { 1 } else { missing.min(some) },
            bytes: batch.bytes_left(),
        }
    }

    /// Whether to watch for the next order before sleeping, because the last one came at once.
    pub(super) fn watches(&self) -> bool {
        self.expected <= 1 && self.came_at_once
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_waits_for_those_who_were_together_and_not_for_more_than_a_sync_is_worth() {
        let mut pace = Pace::default();
        assert_eq!(pace.wait(1), Duration::ZERO, "nobody is expected");
        pace.written(64, Duration::from_micros(400));
        assert_eq!(pace.wait(0), NOTES_WAIT);
        assert_eq!(pace.wait(63), Duration::from_micros(400) / PATIENCE_PART);
        assert_eq!(pace.wait(64), Duration::ZERO);
        pace.written(2_000, Duration::from_secs(1));
        assert_eq!(pace.wait(COMPANY_ENOUGH - 1), PATIENCE_MAX);
        assert_eq!(pace.wait(COMPANY_ENOUGH), Duration::ZERO);
    }
}
