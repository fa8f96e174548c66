//! How much is in work at once: connections, requests, bytes of bodies. What would be more is turned away with 503.
//!
//! Start at [`Load`]. Each kind is one counter; a [`Held`] gives back what it took when it is dropped. The bounds are the
//! settings in force at the moment of taking, so that new settings hold at once.
//!
//! Invariant: what is turned away is never passed on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::problem::{Kind, Problem};
use crate::settings::Settings;

/// One counter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gauge(Arc<AtomicUsize>);

/// The counters of one gate.
#[derive(Debug, Default)]
pub(crate) struct Load {
    /// Connections of callers.
    pub(crate) connections: Gauge,
    /// Requests in work.
    pub(crate) requests: Gauge,
    /// Of these, for each recipient; those to hosts that nobody declares together.
    pub(crate) recipients: Shares,
    /// Of these, from each service; those of callers without a name together.
    pub(crate) services: Shares,
    /// Bytes of bodies in memory.
    pub(crate) body_bytes: Gauge,
    /// Bodies that come slower than a body has to.
    pub(crate) slow_streams: Gauge,
    /// Connections that are being turned away.
    pub(crate) turned_away: Gauge,
}

impl Gauge {
    /// Takes `amount` if that keeps the whole within `max`.
    pub(crate) fn take(&self, amount: usize, max: usize) -> Option<Held> {
        let mut held = self.nothing();
        held.grow(amount, max).then_some(held)
    }

    /// A hold on nothing yet.
    pub(crate) fn nothing(&self) -> Held {
        Held {
            gauge: self.clone(),
            amount: 0,
        }
    }
}

/// A counter for each name of the register or the settings.
#[derive(Debug, Default)]
pub(crate) struct Shares(Mutex<BTreeMap<String, Gauge>>);

impl Shares {
    /// Takes one of `name` if that keeps its whole within `max`.
    pub(crate) fn take(&self, name: &str, max: usize) -> Option<Held> {
        let mut gauges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gauge) = gauges.get(name) {
            return gauge.take(1, max);
        }
        gauges.entry(name.to_owned()).or_default().take(1, max)
    }
}

/// Something that counts until it is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    gauge: Gauge,
    amount: usize,
}

impl Held {
    /// Takes `amount` more if that keeps the whole within `max`.
    pub(crate) fn grow(&mut self, amount: usize, max: usize) -> bool {
        let more = |now: usize| now.checked_add(amount).filter(|sum| *sum <= max);
        let grown = self
            .gauge
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, more)
            .is_ok();
        if grown {
            self.amount += amount;
        }
        grown
    }

    /// Gives back all beyond `amount`.
    fn shrink_to(&mut self, amount: usize) {
        let freed = self.amount.saturating_sub(amount);
        self.gauge.0.fetch_sub(freed, Ordering::AcqRel);
        self.amount -= freed;
    }

    /// Binds the hold to `bytes`: given back when the last copy of them is gone.
    pub(crate) fn bind(self, bytes: Bytes) -> Bytes {
        if bytes.is_empty() {
            return bytes;
        }
        Bytes::from_owner(Weighed { bytes, _held: self })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.gauge.0.fetch_sub(self.amount, Ordering::AcqRel);
    }
}

struct Weighed {
    bytes: Bytes,
    _held: Held,
}

impl AsRef<[u8]> for Weighed {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// What one message may take in memory.
#[derive(Debug)]
pub(crate) struct Allowance {
    held: Held,
    max_bytes: usize,
}

impl Allowance {
    pub(crate) fn new(load: &Load, settings: &Settings) -> Self {
        Self {
            held: load.body_bytes.nothing(),
            max_bytes: settings.limits.bodies_max_bytes,
        }
    }

    /// Takes room for `bytes` more.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        self.held.grow(bytes, self.max_bytes)
    }

    /// Takes or gives back until it is room for `bytes`.
    pub(crate) fn fit(&mut self, bytes: usize) -> bool {
        match bytes.checked_sub(self.held.amount) {
            Some(more) => self.grow(more),
            None => {
                self.held.shrink_to(bytes);
                true
            }
        }
    }

    /// Binds what was taken to `bytes`.
    pub(crate) fn bind(self, bytes: Bytes) -> Bytes {
        self.held.bind(bytes)
    }
}

/// The answer to what would take the places of others. `of`: whose share is used up.
pub(crate) fn beyond_share(of: &str) -> Problem {
    let detail = format!("nothing was sent: as many requests as this {of} may have are in work; try again in a moment");
    Problem::from(Kind::Overloaded).detail(detail)
}

/// The answer to what is too much.
pub(crate) fn overloaded() -> Problem {
    Problem::from(Kind::Overloaded).detail("nothing was sent; try again in a moment")
}

#[cfg(test)]
mod tests;
