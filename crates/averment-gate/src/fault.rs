//! Faults in the ledger: each kind once in a while, so that a flood of requests is no flood of entries.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use averment_ledger::{Deed, Fault};
use averment_store::Journal;

/// One entry per kind of fault in this time.
const EVERY: Duration = Duration::from_secs(10);

/// When each kind was last noted.
#[derive(Debug, Default)]
pub(crate) struct FaultNotes {
    last: Mutex<HashMap<&'static str, Instant>>,
}

impl FaultNotes {
    /// Notes `fault` unless it was noted a moment ago.
    pub(crate) fn note(&self, journal: &Journal, fault: &'static str) {
        if !self.is_due(fault, Instant::now()) {
            return;
        }
        tracing::error!(fault, "nothing goes out");
        if let Err(error) = journal.note(Deed::Fault(Fault {
            fault: fault.to_owned(),
        })) {
            tracing::error!(%error, "a fault is not recorded");
        }
    }

    fn is_due(&self, fault: &'static str, now: Instant) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.get(fault).is_none_or(|last| now.duration_since(*last) >= EVERY);
        if due {
            last.insert(fault, now);
        }
        due
    }
}
