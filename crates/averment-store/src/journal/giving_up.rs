//! Callers who stop waiting for an intent: the gate then says that nothing was sent, and so must the ledger.
//!
//! An intent that the thread has not taken yet is withdrawn, if that can be: one that names somebody has counted a reference,
//! and others may stand behind it. Of every other one an outcome follows, behind it in the log as in the queue: not sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use averment_ledger::{Deed, Outcome, ReadyEntry};
use averment_register::Digest;

use super::Journal;
use super::writer::Order;

/// Whose an order is: the thread takes it or its caller takes it back, whoever comes first.
#[derive(Debug, Default)]
pub(super) struct Claim(AtomicU8);

const OPEN: u8 = 0;
const TAKEN: u8 = 1;
const WITHDRAWN: u8 = 2;

impl Claim {
    /// It is to be written; whether it was not taken back.
    pub(super) fn take(&self) -> bool {
        self.leaves_open_for(TAKEN)
    }

    /// It is not to be written; whether it was not taken.
    pub(super) fn withdraw(&self) -> bool {
        self.leaves_open_for(WITHDRAWN)
    }

    fn leaves_open_for(&self, state: u8) -> bool {
        let left = self
            .0
            .compare_exchange(OPEN, state, Ordering::AcqRel, Ordering::Acquire);
        left.is_ok()
    }
}

/// A caller who waits for an intent. Dropped before [`Self::answered`] it has given up.
pub(super) struct Waiting<'a> {
    pub(super) journal: &'a Journal,
    pub(super) charter: Digest,
    /// Identifier of the message; none when there is nothing more to say about it.
    pub(super) id: Option<&'a str>,
    /// None for what cannot be withdrawn.
    pub(super) claim: Option<Arc<Claim>>,
}

impl Waiting<'_> {
    /// The caller knows what became of it.
    pub(super) fn answered(mut self) {
        self.id = None;
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Some(id) = self.id else { return };
        if self.claim.as_ref().is_some_and(|claim| claim.withdraw()) {
            return;
        }
        let outcome = Outcome {
            id: id.to_owned(),
            result: "not_sent".to_owned(),
            ..Outcome::default()
        };
        let shared = &self.journal.shared;
        let entry = shared.frame.entry_under(self.charter, Deed::Outcome(outcome));
        let owed = Order::Write {
            entry: ReadyEntry::new(&entry),
            reply: None,
        };
        // Also where the queue is full: without it the intent would read as if it might have left. Only after a failure it is
        // not taken; then nothing more is recorded, and nobody knows whether the intent is.
        _ = shared.sender.send_owed(owed);
    }
}
