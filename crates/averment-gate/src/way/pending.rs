//! Outcomes: every intent gets one, whatever happens to the exchange.

use averment_ledger::{Deed, Outcome};
use averment_store::Journal;

/// An intent whose outcome is open. When the caller goes away while it waits, the outcome is that it may have left.
pub(super) struct Pending<'a> {
    journal: &'a Journal,
    id: String,
    settled: bool,
}

impl<'a> Pending<'a> {
    pub(super) fn new(journal: &'a Journal, id: &str) -> Self {
        Self {
            journal,
            id: id.to_owned(),
            settled: false,
        }
    }

    /// Notes what became of it.
    pub(super) fn settle(mut self, result: &str, status: Option<u16>) {
        self.settled = true;
        self.note(result, status);
    }

    fn note(&self, result: &str, status: Option<u16>) {
        let outcome = Outcome {
            id: self.id.clone(),
            result: result.to_owned(),
            status,
        };
        if let Err(error) = self.journal.note(Deed::Outcome(outcome)) {
            tracing::error!(%error, "an outcome is not recorded");
        }
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.note("may_have_left", None);
        }
    }
}
