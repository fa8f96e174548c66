//! What the journal's thread tells everybody, and what it keeps of the high-water mark.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::JournalError;

/// How often the high-water mark follows the log: it costs a sync of its own, and the log is on disk without it.
const MARK_EVERY: Duration = Duration::from_secs(1);

/// What was written since the journal was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Entries.
    pub entries: u64,
    /// Groups, and with that syncs of the log.
    pub groups: u64,
}

/// What the thread tells everybody.
#[derive(Default)]
pub(super) struct State {
    pub(super) entries: AtomicU64,
    pub(super) groups: AtomicU64,
    pub(super) failed: OnceLock<Arc<std::io::Error>>,
}

impl State {
    pub(super) fn stats(&self) -> Stats {
        Stats {
            entries: self.entries.load(Ordering::Relaxed),
            groups: self.groups.load(Ordering::Relaxed),
        }
    }

    pub(super) fn failure(&self) -> Option<JournalError> {
        self.failed.get().map(|error| JournalError::Write(Arc::clone(error)))
    }
}

/// When the high-water mark was last written, and what it should say next.
pub(super) struct Mark {
    written: Instant,
    pub(super) due: Option<String>,
}

impl Mark {
    /// One that was written just now.
    pub(super) fn fresh() -> Self {
        Self {
            written: Instant::now(),
            due: None,
        }
    }

    /// It was written just now.
    pub(super) fn set_written(&mut self) {
        self.written = Instant::now();
    }

    /// How long it may stay as it is; none when it is up to date.
    pub(super) fn wait(&self) -> Option<Duration> {
        self.due
            .is_some()
            .then(|| MARK_EVERY.saturating_sub(self.written.elapsed()))
    }
}
