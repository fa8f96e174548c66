//! How long the bytes of a body may take: a bound on silence, and a rate that must be reached over time.
//!
//! Start at [`Pace`]. Only time in which the gate waits for bytes counts: a caller is not blamed for a slow recipient.
//!
//! A body of a few bytes a second could otherwise hold a request open for as long as it likes, and a thousand of them
//! everything.

use std::time::Duration;

use tokio::time::Instant;

/// What a body must reach, bytes per second, once it takes longer than its bound on silence.
pub(crate) const RATE_MIN: u64 = 500;

/// One body's.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    silence: Duration,
    /// Whether it may be slower than [`RATE_MIN`].
    may_be_slow: bool,
    waited: Duration,
    come: u64,
}

impl Pace {
    /// `silence`: how long there may be no byte; and how long it may take before the rate counts.
    pub(crate) fn new(silence: Duration) -> Self {
        Self {
            silence,
            may_be_slow: false,
            waited: Duration::ZERO,
            come: 0,
        }
    }

    /// From here on only silence counts.
    pub(crate) fn let_be_slow(&mut self, silence: Duration) {
        (self.silence, self.may_be_slow) = (silence, true);
    }

    /// Whether it may be slower than [`RATE_MIN`].
    pub(crate) fn may_be_slow(&self) -> bool {
        self.may_be_slow
    }

    /// How long from now the next byte may take.
    pub(crate) fn left(&self) -> Duration {
        if self.may_be_slow {
            return self.silence;
        }
        let at_rate = Duration::from_secs(self.come / RATE_MIN);
        let left = self.silence.max(at_rate).saturating_sub(self.waited);
        left.min(self.silence)
    }

    /// Notes that the gate has waited since `since`.
    pub(crate) fn waited(&mut self, since: Instant) {
        self.waited += since.elapsed();
    }

    /// Notes that `bytes` came.
    pub(crate) fn came(&mut self, bytes: usize) {
        self.come += bytes as u64;
    }
}

#[cfg(test)]
mod tests;
