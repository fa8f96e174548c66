//! How long the bytes of a body may take: a bound on silence, and a rate that must be kept up.
//!
//! Start at [`Pace`]. Only time in which the gate waits for bytes counts: a caller is not blamed for a slow recipient.
//!
//! A body of a few bytes a second could otherwise hold a request open for as long as it likes, and a thousand of them
//! everything.

use std::time::Duration;

use tokio::time::Instant;

/// What a body must bring, bytes per second, in each stretch of time as long as its bound on silence.
pub(crate) const RATE_MIN: u64 = 500;

/// One body's.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    silence: Duration,
    /// Whether it may be slower than [`RATE_MIN`].
    may_be_slow: bool,
    /// Since the rate was last kept up.
    waited: Duration,
    come: u64,
}

impl Pace {
    /// `silence`: how long there may be no byte, and so few that the rate is not kept up.
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
        self.silence.saturating_sub(self.waited)
    }

    /// Notes that the gate has waited since `since`.
    pub(crate) fn waited(&mut self, since: Instant) {
        self.waited += since.elapsed();
    }

    /// Notes that `bytes` came.
    pub(crate) fn came(&mut self, bytes: usize) {
        self.come += bytes as u64;
        // What came before counts no longer: a fast beginning is no leave to be slow for hours.
        if u128::from(self.come) * 1000 >= u128::from(RATE_MIN) * self.silence.as_millis() {
            (self.waited, self.come) = (Duration::ZERO, 0);
        }
    }
}

#[cfg(test)]
mod tests;
