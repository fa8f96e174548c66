//! Times, counted by how long they were.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper ends in seconds; longer ones are counted in the sum only. From a fast disk's sync to the longest answer.
pub(super) const BOUNDS: [f64; 15] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0,
];

/// How many times were how long.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    buckets: [AtomicU64; BOUNDS.len()],
    count: AtomicU64,
    sum_microseconds: AtomicU64,
}

/// One moment of a histogram.
pub(super) struct Read {
    /// Up to each bound, those below it included.
    pub(super) up_to: [u64; BOUNDS.len()],
    pub(super) count: u64,
    pub(super) sum_seconds: f64,
}

impl Histogram {
    pub(super) fn add(&self, time: Duration) {
        let seconds = time.as_secs_f64();
        if let Some(bucket) = BOUNDS.iter().position(|bound| seconds <= *bound) {
            self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.sum_microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> Read {
        let mut sum = 0;
        let up_to = std::array::from_fn(|bucket| {
            sum += self.buckets[bucket].load(Ordering::Relaxed);
            sum
        });
        Read {
            up_to,
            // A time that is added just now may be in a bucket and not yet counted.
            count: self.count.load(Ordering::Relaxed).max(sum),
            sum_seconds: Duration::from_micros(self.sum_microseconds.load(Ordering::Relaxed)).as_secs_f64(),
        }
    }
}
