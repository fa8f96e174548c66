//! What earlier connections have shown of a server: which protocol it speaks, and how long it keeps a connection that
//! nothing goes over.
//!
//! Nothing of this is needed: without it a connection takes a second handshake, or is closed before its time. So the list is
//! short, and is begun anew when it is full.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use http::{HeaderMap, Uri};
use tokio::time::Instant;

/// Servers; one more, and all are asked again.
const SERVERS_MAX: usize = 4096;
/// Servers change.
const HOLDS_FOR: Duration = Duration::from_secs(3600);
/// Seconds; many servers close after five, and tell nobody.
const BRIEF_S: u64 = 5;
/// From here on it is worth to keep a connection long.
const LONG_S: u64 = 35;

/// The list, by host and port.
#[derive(Debug, Default)]
pub(super) struct Known(RwLock<HashMap<String, Server>>);

/// One server.
#[derive(Debug, Clone, Copy, Default)]
struct Server {
    protocol: Option<(Protocol, Instant)>,
    keeps: Keeps,
}

/// What a server has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// HTTP/1.1, although it was offered HTTP/2.
    Http1,
    /// HTTP/2; HTTP/1.1 alone it turned down.
    Http2Only,
}

/// How long a server keeps a connection that nothing goes over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Keeps {
    /// Less than is usual, by its own word.
    Brief,
    /// It has not said.
    #[default]
    Usual,
    /// Long, by its own word.
    Long,
}

/// How a server is named here.
pub(super) fn key(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let is_http = uri.scheme_str() == Some("http");
    let port = uri.port_u16().unwrap_or(if is_http { 80 } else { 443 });
    format!("{host}:{port}")
}

impl Known {
    pub(super) fn protocol(&self, key: &str) -> Option<Protocol> {
        let (protocol, since) = self.of(key)?.protocol?;
        (since.elapsed() < HOLDS_FOR).then_some(protocol)
    }

    pub(super) fn keeps(&self, key: &str) -> Keeps {
        self.of(key).unwrap_or_default().keeps
    }

    pub(super) fn note_protocol(&self, key: &str, protocol: Protocol) {
        self.change(key, |server| server.protocol = Some((protocol, Instant::now())));
    }

    /// Takes in what an answer says with `Keep-Alive`; what says nothing changes nothing.
    pub(super) fn note_answer(&self, key: &str, headers: &HeaderMap) {
        let keeps = headers
            .get("keep-alive")
            .and_then(|value| timeout(value.to_str().ok()?))
            .map(|seconds| match seconds {
                ..BRIEF_S => Keeps::Brief,
                LONG_S.. => Keeps::Long,
                _ => Keeps::Usual,
            });
        if let Some(keeps) = keeps.filter(|keeps| self.keeps(key) != *keeps) {
            self.change(key, |server| server.keeps = keeps);
        }
    }

    fn of(&self, key: &str) -> Option<Server> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).copied()
    }

    fn change(&self, key: &str, change: impl FnOnce(&mut Server)) {
        let mut servers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if servers.len() >= SERVERS_MAX && !servers.contains_key(key) {
            servers.clear();
        }
        change(servers.entry(key.to_owned()).or_default());
    }
}

/// The seconds in `timeout=5, max=100`.
fn timeout(value: &str) -> Option<u64> {
    value.split(',').find_map(|parameter| {
        let (name, seconds) = parameter.split_once('=')?;
        let is_it = name.trim().eq_ignore_ascii_case("timeout");
        is_it.then(|| seconds.trim().trim_matches('"').parse().ok())?
    })
}

#[cfg(test)]
mod tests;
