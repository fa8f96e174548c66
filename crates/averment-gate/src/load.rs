//! How much is in work at once: connections, requests, bytes of bodies. What would be more is turned away with 503.
//!
//! Start at [`Load`]. Each kind is one counter; a [`Held`] gives back what it took when it is dropped. The bounds are the
//! settings in force at the moment of taking, so that new settings hold at once.
//!
//! Invariant: what is turned away is never passed on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;

use crate::problem::{Kind, Problem};
use crate::settings::{LimitSettings, Settings};

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
    /// What each recipient takes; hosts that nobody declares together.
    pub(crate) recipients: Shares,
    /// What each service takes; callers without a name together.
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

/// What each of many takes, by names of the register or the settings.
#[derive(Debug, Default)]
pub(crate) struct Shares(RwLock<BTreeMap<String, Arc<Share>>>);

/// What one recipient or one service takes.
#[derive(Debug, Default)]
pub(crate) struct Share {
    requests: Gauge,
    body_bytes: Gauge,
    slow_streams: Gauge,
}

impl Shares {
    pub(crate) fn of(&self, name: &str) -> Arc<Share> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        known.unwrap_or_else(|| {
            let mut shares = self.0.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(shares.entry(name.to_owned()).or_default())
        })
    }
}

/// Whose shares something counts against.
#[derive(Debug)]
pub(crate) struct Party {
    pub(crate) recipient: Arc<Share>,
    /// None: nobody is told apart.
    pub(crate) service: Option<Arc<Share>>,
}

/// The places of one request among all, those of its recipient and those of its service, until its upload and its answer
/// have ended.
#[derive(Debug)]
pub(crate) struct Places {
    _held: [Option<Held>; 3],
}

/// A request that has its places.
#[derive(Debug)]
pub(crate) struct Entered {
    pub(crate) party: Party,
    pub(crate) places: Arc<Places>,
}

impl Party {
    /// Takes the places of a request.
    ///
    /// # Errors
    /// There is none any more: others have to be served too.
    pub(crate) fn enter(self, load: &Load, limits: &LimitSettings) -> Result<Entered, Problem> {
        let of_recipient = self.recipient.requests.take(1, limits.recipient_requests_max());
        let of_recipient = of_recipient.ok_or_else(|| beyond_share("recipient"))?;
        let of_service = match &self.service {
            Some(service) => {
                let held = service.requests.take(1, limits.service_requests_max());
                Some(held.ok_or_else(|| beyond_share("service"))?)
            }
            None => None,
        };
        let of_all = load.requests.take(1, limits.requests_max).ok_or_else(overloaded)?;
        let places = Arc::new(Places {
            _held: [Some(of_recipient), of_service, Some(of_all)],
        });
        Ok(Entered { party: self, places })
    }

    /// The counters that something of one kind counts in, and how much each may come to: of recipient and service the same part
    /// of `max` as of all requests.
    fn gauges<'a>(
        &'a self,
        all: &'a Gauge,
        of: fn(&Share) -> &Gauge,
        (max, limits): (usize, &LimitSettings),
    ) -> impl Iterator<Item = (&'a Gauge, usize)> {
        let recipient = (of(&self.recipient), limits.part(max, limits.recipient_requests_max()));
        let service = self.service.as_deref();
        let service = service.map(|share| (of(share), limits.part(max, limits.service_requests_max())));
        [(all, max), recipient].into_iter().chain(service)
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
}

impl Drop for Held {
    fn drop(&mut self) {
        self.gauge.0.fetch_sub(self.amount, Ordering::AcqRel);
    }
}

struct Weighed {
    bytes: Bytes,
    _held: Vec<Held>,
}

impl AsRef<[u8]> for Weighed {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// What one message may take: bytes in memory, and a place among those that come slower than a body has to.
#[derive(Debug)]
pub(crate) struct Allowance {
    /// Of all, of its recipient, of its service.
    bytes: Vec<(Held, usize)>,
    /// The same for its place.
    slow_places: Vec<(Gauge, usize)>,
    slow: Vec<Held>,
}

impl Allowance {
    pub(crate) fn new(load: &Load, settings: &Settings, party: &Party) -> Self {
        let limits = &settings.limits;
        let (bytes, slow) = ((limits.bodies_max_bytes, limits), (limits.slow_streams_max, limits));
        let bytes = party.gauges(&load.body_bytes, |share| &share.body_bytes, bytes);
        let slow_places = party.gauges(&load.slow_streams, |share| &share.slow_streams, slow);
        Self {
            bytes: bytes.map(|(gauge, max)| (gauge.nothing(), max)).collect(),
            slow_places: slow_places.map(|(gauge, max)| (gauge.clone(), max)).collect(),
            slow: Vec::new(),
        }
    }

    /// Takes room for `bytes` more.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        for at in 0..self.bytes.len() {
            let (held, max_bytes) = &mut self.bytes[at];
            if held.grow(bytes, *max_bytes) {
                continue;
            }
            for (held, _) in &mut self.bytes[..at] {
                held.shrink_to(held.amount - bytes);
            }
            return false;
        }
        true
    }

    /// Takes or gives back until it is room for `bytes`.
    pub(crate) fn fit(&mut self, bytes: usize) -> bool {
        let now = self.bytes.first().map_or(0, |(held, _)| held.amount);
        if let Some(more) = bytes.checked_sub(now) {
            return self.grow(more);
        }
        self.bytes.iter_mut().for_each(|(held, _)| held.shrink_to(bytes));
        true
    }

    /// Takes a place among those that may be slow; false where there is none any more.
    pub(crate) fn become_slow(&mut self) -> bool {
        if !self.is_slow() {
            let places = self.slow_places.iter().map(|(gauge, max)| gauge.take(1, *max));
            self.slow = places.collect::<Option<_>>().unwrap_or_default();
        }
        self.is_slow()
    }

    /// Whether it has such a place.
    pub(crate) fn is_slow(&self) -> bool {
        !self.slow.is_empty()
    }

    /// Binds what was taken to `bytes`: given back when the last copy of them is gone.
    pub(crate) fn bind(self, bytes: Bytes) -> Bytes {
        if bytes.is_empty() {
            return bytes;
        }
        let held = self.bytes.into_iter().map(|(held, _)| held).collect();
        Bytes::from_owner(Weighed { bytes, _held: held })
    }
}

/// The answer to what would take the places of others. `of`: whose share is used up.
fn beyond_share(of: &str) -> Problem {
    let detail = format!("nothing was sent: as many requests as this {of} may have are in work; try again in a moment");
    Problem::from(Kind::Overloaded).detail(detail)
}

/// The answer to what is too much.
pub(crate) fn overloaded() -> Problem {
    Problem::from(Kind::Overloaded).detail("nothing was sent; try again in a moment")
}

#[cfg(test)]
mod tests;
