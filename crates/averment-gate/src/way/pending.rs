//! Outcomes: every intent gets one, whatever happens to the exchange.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use averment_ledger::{Deed, Outcome};
use averment_store::Journal;

/// An intent whose outcome is open. When nobody is left to say what became of it, it may have left.
pub(crate) struct Pending {
    journal: Journal,
    id: String,
    settled: bool,
    traffic: Option<Arc<Traffic>>,
}

/// Bytes that were passed on.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// To the recipient.
    pub(crate) out: AtomicU64,
    /// From the recipient.
    pub(crate) back: AtomicU64,
}

impl Pending {
    pub(crate) fn new(journal: &Journal, id: &str) -> Self {
        Self {
            journal: journal.clone(),
            id: id.to_owned(),
            settled: false,
            traffic: None,
        }
    }

    /// The same, and the outcome says how many bytes passed.
    pub(crate) fn counting(mut self, traffic: &Arc<Traffic>) -> Self {
        self.traffic = Some(Arc::clone(traffic));
        self
    }

    /// Notes what became of it.
    pub(crate) fn settle(mut self, result: &str, status: Option<u16>) {
        self.settled = true;
        self.note(result, status);
    }

    fn note(&self, result: &str, status: Option<u16>) {
        let count = |of: fn(&Traffic) -> &AtomicU64| {
            self.traffic
                .as_deref()
                .map(|traffic| of(traffic).load(Ordering::Acquire))
        };
        let outcome = Outcome {
            id: self.id.clone(),
            result: result.to_owned(),
            status,
            bytes_out: count(|traffic| &traffic.out),
            bytes_in: count(|traffic| &traffic.back),
        };
        if let Err(error) = self.journal.note(Deed::Outcome(outcome)) {
            tracing::error!(%error, "an outcome is not recorded");
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.settled {
            self.note("may_have_left", None);
        }
    }
}
