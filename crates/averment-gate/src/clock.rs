//! The time, handed in: nothing in this room reads a clock of its own except for durations.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

/// Where this room gets the time from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that asks `now` each time.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// The latest time that was ever read.
#[derive(Debug)]
pub(crate) struct Latest(AtomicI64);

impl Default for Latest {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
}

impl Latest {
    /// Takes `now` in; gives the latest second, which may be later.
    pub(crate) fn see(&self, now: Timestamp) -> i64 {
        let second = now.as_second();
        // Most calls find the second already there: a read costs nothing, a write takes the line from the other threads.
        if self.0.load(Ordering::Relaxed) >= second {
            return self.0.load(Ordering::Relaxed);
        }
        self.0.fetch_max(second, Ordering::Relaxed).max(second)
    }
}

/// Certificates are judged by the same clock. A time before 1970 judges nothing, so that the handshake fails.
impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)))
    }
}
