//! What the sink keeps.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::Version;

/// Requests kept.
const REQUESTS_MAX: usize = 10_000;
/// Body bytes kept, all requests together.
const BODIES_MAX_BYTES: usize = 256 << 20;

/// One request as it arrived.
#[derive(Clone)]
pub struct Received {
    /// Protocol version.
    pub version: Version,
    /// Whether it came over TLS.
    pub encrypted: bool,
    /// Method.
    pub method: String,
    /// Name of the host, from the target or the `Host` field.
    pub host: String,
    /// Path and query.
    pub target: String,
    /// Header fields in order; names in the letter case that they came in over HTTP/1.1.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Body.
    pub body: Bytes,
    /// Trailer fields, in order.
    pub trailers: Vec<(String, Vec<u8>)>,
}

impl std::fmt::Debug for Received {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (target, fields, body) = (self.target.len(), self.headers.len(), self.body.len());
        write!(
            f,
            "Received({}, <{target} byte target, {fields} headers, {body} byte body>)",
            self.method
        )
    }
}

impl Received {
    /// The first value of a header field, by its name in any letter case.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }
}

type Seen = dyn Fn(&Received) + Send + Sync;

/// The bounded memory of a sink. Cheap to clone.
#[derive(Clone)]
pub(super) struct Kept {
    memory: Arc<Mutex<Memory>>,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Memory {
    requests: VecDeque<Received>,
    body_bytes: usize,
    count: u64,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kept(<{} requests>)", self.count())
    }
}

impl Kept {
    pub(super) fn new(seen: impl Fn(&Received) + Send + Sync + 'static) -> Self {
        Self {
            memory: Arc::default(),
            seen: Arc::new(seen),
        }
    }

    pub(super) fn keep(&self, received: Received) {
        (self.seen)(&received);
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.count += 1;
        memory.body_bytes += received.body.len();
        memory.requests.push_back(received);
        while memory.requests.len() > REQUESTS_MAX || memory.body_bytes > BODIES_MAX_BYTES {
            let Some(oldest) = memory.requests.pop_front() else {
                break;
            };
            memory.body_bytes -= oldest.body.len();
        }
    }

    pub(super) fn all(&self) -> Vec<Received> {
        self.memory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .requests
            .iter()
            .cloned()
            .collect()
    }

    pub(super) fn count(&self) -> u64 {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).count
    }
}
