//! Telling everybody in a group that their entries are durable.
//!
//! Waking a task from the journal's thread costs several times what it costs from a thread that runs tasks. So the thread
//! tells a few, and each of these tells some others. Nobody depends on whom they are told by: what is dropped unheard,
//! because its caller no longer waits, tells the others all the same, and the thread itself tells whoever is left a moment
//! later.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::JournalError;
use super::giving_up::Claim;

/// Where a waiter gets its answer.
pub(super) struct Reply {
    sender: oneshot::Sender<Result<Recorded, JournalError>>,
    /// Of an order that the waiter may take back.
    claim: Option<Arc<Claim>>,
}

impl From<oneshot::Sender<Result<Recorded, JournalError>>> for Reply {
    fn from(sender: oneshot::Sender<Result<Recorded, JournalError>>) -> Self {
        Self { sender, claim: None }
    }
}

impl Reply {
    /// The same of an order that the waiter may take back.
    pub(super) fn claimed(self, claim: Option<Arc<Claim>>) -> Self {
        Self { claim, ..self }
    }

    /// The same of an order that is written in any case.
    pub(super) fn unclaimed(mut self) -> Self {
        self.take();
        self
    }

    /// The order is to be written; whether it was not taken back. From here on it cannot be.
    pub(super) fn take(&mut self) -> bool {
        self.claim.take().is_none_or(|claim| claim.take())
    }
}

/// How many learn of it through one of them.
const TOGETHER: usize = 32;

/// An entry is durable.
pub(super) struct Recorded {
    /// Its number in the ledger.
    pub(super) number: u64,
    /// Told when this is dropped.
    _others: Option<Others>,
}

/// Waiters of the same group, each with the number of its entry.
struct Others(Arc<Untold>);

/// Those of them who are not told yet.
pub(super) struct Untold(Mutex<Vec<(Reply, u64)>>);

impl Untold {
    /// Tells them, whoever else was to do it.
    pub(super) fn tell(&self) {
        let waiting = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for (reply, number) in waiting {
            answer(reply, Ok(Recorded::alone(number)));
        }
    }
}

impl Recorded {
    /// Of whom nobody else learns.
    pub(super) fn alone(number: u64) -> Self {
        Self { number, _others: None }
    }
}

impl Drop for Others {
    fn drop(&mut self) {
        self.0.tell();
    }
}

/// Tells all of `waiting` that their entries are durable. What it gives back is to be told later, should one of those who
/// are told now not get to it.
pub(super) fn tell(waiting: &mut Vec<(Reply, u64)>) -> Vec<Arc<Untold>> {
    let mut left = Vec::new();
    let mut waiting = waiting.drain(..);
    while let Some((reply, number)) = waiting.next() {
        let others: Vec<_> = waiting.by_ref().take(TOGETHER - 1).collect();
        if others.is_empty() {
            answer(reply, Ok(Recorded::alone(number)));
            break;
        }
        let others = Arc::new(Untold(Mutex::new(others)));
        left.push(Arc::clone(&others));
        let recorded = Recorded {
            number,
            _others: Some(Others(others)),
        };
        answer(reply, Ok(recorded));
    }
    left
}

/// A caller that no longer waits is no fault.
pub(super) fn answer(reply: Reply, result: Result<Recorded, JournalError>) {
    let _ = reply.sender.send(result);
}

#[cfg(test)]
mod tests;
