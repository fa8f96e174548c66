//! Bounds on one message and on all together.

use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;

/// Bounds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    /// Bodies up to this are decided whole, bytes.
    pub whole_max_bytes: usize,
    /// Larger bodies up to this go through a window, bytes; 0 refuses them.
    pub stream_max_bytes: u64,
    /// The window: bytes that are held back while they could still be part of an identifier.
    pub window_bytes: usize,
    /// Connections of callers at once; more are answered 503.
    pub connections_max: usize,
    /// Requests in work at once; more are answered 503.
    pub requests_max: usize,
    /// Of these, to one recipient; half when absent. Of bodies in memory, and of those that are slow, the same part.
    pub recipient_requests_max: Option<usize>,
    /// Of these, from one service; half when absent; of bodies as above.
    pub service_requests_max: Option<usize>,
    /// Seconds in which something must go through a call, a conversation, an answer or an HTTP/2 connection, either way.
    pub idle_s: u32,
    /// Bodies in memory, all together, bytes; more are answered 503.
    pub bodies_max_bytes: usize,
    /// What bodies that are being looked at decode to, all together, bytes; what finds no room in time is answered 503. Taken at
    /// the start.
    pub decoded_max_bytes: usize,
    /// Bodies of unannounced length that come slower than 500 bytes a second, at once; more are answered 408.
    pub slow_streams_max: usize,
    /// Refusals in a minute that tell one caller what was found about people; further ones do not say.
    pub telling_refusals_per_minute: u32,
    /// Hours after which people that were not loaded again are too old to go by, and everything is answered 503; 0: never.
    pub directory_max_age_hours: u32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            whole_max_bytes: 8 << 20,
            stream_max_bytes: 1 << 30,
            window_bytes: 256 << 10,
            connections_max: 8192,
            requests_max: 2048,
            recipient_requests_max: None,
            service_requests_max: None,
            idle_s: 300,
            bodies_max_bytes: 512 << 20,
            decoded_max_bytes: 256 << 20,
            slow_streams_max: 256,
            telling_refusals_per_minute: 60,
            directory_max_age_hours: 30 * 24,
        }
    }
}

impl LimitSettings {
    /// How many requests to one recipient may be in work.
    pub fn recipient_requests_max(&self) -> usize {
        self.recipient_requests_max.unwrap_or_else(|| self.half_of_requests())
    }

    /// How many requests of one service may be in work.
    pub fn service_requests_max(&self) -> usize {
        self.service_requests_max.unwrap_or_else(|| self.half_of_requests())
    }

    /// The same part of `max` as `requests` are of all requests; one at least, where there is any.
    pub(crate) fn part(&self, max: usize, requests: usize) -> usize {
        let whole = self.requests_max.max(1) as u128;
        let part = (max as u128 * requests as u128).div_ceil(whole);
        usize::try_from(part).map_or(max, |part| part.min(max))
    }

    /// So that no single one takes the places of all others.
    fn half_of_requests(&self) -> usize {
        self.requests_max.div_ceil(2)
    }

    /// How long nothing may go through.
    pub fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_s.max(1).into())
    }

    /// How old the directory of people may be; none for however old.
    pub fn directory_max_age(&self) -> Option<SignedDuration> {
        let hours = self.directory_max_age_hours;
        (hours > 0).then(|| SignedDuration::from_hours(i64::from(hours)))
    }
}
