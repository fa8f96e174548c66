//! When something last went over a connection or for one request, so that what nothing goes through any more can be ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// When something last went through, either way.
#[derive(Debug)]
pub(crate) struct Pulse {
    begun: Instant,
    /// Milliseconds since `begun`.
    last_ms: AtomicU64,
    /// Requests that the gate or a recipient has work with: nothing has to go through meanwhile.
    at_work: AtomicUsize,
    /// Of the connection, for one of its requests.
    whole: Option<Arc<Pulse>>,
}

impl Pulse {
    pub(super) fn new(whole: Option<&Arc<Pulse>>) -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            last_ms: AtomicU64::new(0),
            at_work: AtomicUsize::new(0),
            whole: whole.cloned(),
        })
    }

    /// Something went through.
    pub(super) fn beat(&self) {
        self.last_ms.store(self.now_ms(), Ordering::Release);
        if let Some(whole) = &self.whole {
            whole.beat();
        }
    }

    /// The connection counts as beating until the result is dropped.
    pub(super) fn work(self: &Arc<Self>) -> Work {
        let connection = self.whole.as_ref().unwrap_or(self);
        connection.at_work.fetch_add(1, Ordering::AcqRel);
        Work(Arc::clone(connection))
    }

    /// Resolves when nothing went through for `time`.
    pub(super) async fn silent(&self, time: Duration) {
        loop {
            let left = time.saturating_sub(self.silence());
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left).await;
        }
    }

    fn silence(&self) -> Duration {
        if self.at_work.load(Ordering::Acquire) > 0 {
            return Duration::ZERO;
        }
        let last = self.last_ms.load(Ordering::Acquire);
        Duration::from_millis(self.now_ms().saturating_sub(last))
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// A request that the gate has work with.
#[derive(Debug)]
pub(crate) struct Work(Arc<Pulse>);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.beat();
        self.0.at_work.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests;
