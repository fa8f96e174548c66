//! What is open by host, so that what leads to a recipient who gets nothing any more can be closed: tunnels, requests with
//! their answers, and the conversations that came of them.
//!
//! Start at [`Flows::cut`]. That something is closed is said when it is, and not when it was asked to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio_util::sync::CancellationToken;

/// How many parts the list has: every request is put on it and taken off, on whichever thread it is.
const PARTS: usize = 16;

/// Everything that is open.
#[derive(Debug, Default)]
pub(crate) struct Flows {
    next: AtomicUsize,
    parts: [Mutex<Open>; PARTS],
}

/// A part of it, by number.
type Open = BTreeMap<usize, Flow>;

#[derive(Debug)]
struct Flow {
    host: String,
    kind: FlowKind,
    cut: CancellationToken,
    /// Those that it is closed together with.
    closing: Option<Arc<Closing>>,
}

/// What is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlowKind {
    /// A tunnel with everything in it.
    Tunnel,
    /// A request outside of tunnels, until its answer or conversation has ended.
    Request,
}

impl Flows {
    /// Adds one, on the connection that `cut` closes; it is taken off the list when the result is dropped.
    pub(super) fn register(self: &Arc<Self>, host: &str, kind: FlowKind, cut: &CancellationToken) -> Registered {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let flow = Flow {
            host: host.to_owned(),
            kind,
            cut: cut.clone(),
            closing: None,
        };
        self.part(number).insert(number, flow);
        Registered {
            flows: Arc::clone(self),
            number,
        }
    }

    /// Closes what leads to a host that `is_cut` names. Gives how much that is; the log tells when the last is closed.
    pub(crate) fn cut(&self, is_cut: impl Fn(&str) -> bool) -> usize {
        let closing = Arc::new(Closing::default());
        for mut part in self.all_parts() {
            let flows = part.values_mut();
            for flow in flows.filter(|flow| flow.closing.is_none() && is_cut(&flow.host)) {
                closing.takes(flow.kind);
                flow.closing = Some(Arc::clone(&closing));
                flow.cut.cancel();
            }
        }
        closing.count()
    }

    /// How many tunnels are open.
    pub(crate) fn tunnels(&self) -> usize {
        let count = |part: &Open| part.values().filter(|flow| flow.kind == FlowKind::Tunnel).count();
        self.all_parts().map(|part| count(&part)).sum()
    }

    /// Each locked while it is looked at. What comes onto a part behind that is decided by the terms that are in force then.
    fn all_parts(&self) -> impl Iterator<Item = MutexGuard<'_, Open>> {
        (0..PARTS).map(|at| self.part(at))
    }

    /// The part that `number` is in.
    fn part(&self, number: usize) -> MutexGuard<'_, Open> {
        self.parts[number % PARTS]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// One that is open.
#[derive(Debug)]
pub(super) struct Registered {
    flows: Arc<Flows>,
    number: usize,
}

impl Drop for Registered {
    fn drop(&mut self) {
        // The last of those that are closed together writes to the log: not while the list is held.
        let ended = self.flows.part(self.number).remove(&self.number);
        drop(ended);
    }
}

/// What is closed together. Dropped when the last of it has ended.
#[derive(Debug)]
struct Closing {
    begun: Instant,
    tunnels: AtomicUsize,
    requests: AtomicUsize,
}

impl Default for Closing {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            tunnels: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
        }
    }
}

impl Closing {
    fn takes(&self, kind: FlowKind) {
        let counter = match kind {
            FlowKind::Tunnel => &self.tunnels,
            FlowKind::Request => &self.requests,
        };
        counter.fetch_add(1, Ordering::AcqRel);
    }

    fn count(&self) -> usize {
        self.tunnels.load(Ordering::Acquire) + self.requests.load(Ordering::Acquire)
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        if self.count() == 0 {
            return;
        }
        tracing::warn!(
            tunnels = self.tunnels.load(Ordering::Acquire),
            requests = self.requests.load(Ordering::Acquire),
            took_ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            "what led to recipients that were taken away is closed"
        );
    }
}

#[cfg(test)]
mod tests;
