//! Tunnels that came to nothing: counted by recipient and reason, and told to the log once in a while.
//!
//! A program that does not trust the gate's authority fails here and nowhere else: without these numbers its traffic would just
//! be missing. No host is told, only the recipient that it belongs to.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::AlertDescription;

use crate::gate::Shared;
use crate::host::Host;

/// One warning for a recipient and reason in this time.
const EVERY: Duration = Duration::from_secs(60);

/// Why a caller's handshake inside a tunnel failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failed {
    /// The caller does not take the gate's certificate.
    Distrusted,
    /// The caller ended it with another alert.
    Alert,
    /// What came is not TLS.
    NoTls,
    /// The caller closed before it was finished.
    Closed,
    /// It took too long.
    TooSlow,
    /// It is for another host than the tunnel.
    OtherName,
    /// Caller and gate have no version or cipher in common.
    NothingInCommon,
    /// It broke the rules.
    Broken,
    /// The gate could make no certificate.
    NoLeaf,
}

impl Failed {
    /// The word used in metrics and the log.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Distrusted => "distrusted",
            Self::Alert => "alert",
            Self::NoTls => "no_tls",
            Self::Closed => "closed",
            Self::TooSlow => "timeout",
            Self::OtherName => "other_name",
            Self::NothingInCommon => "nothing_in_common",
            Self::Broken => "broken",
            Self::NoLeaf => "no_leaf",
        }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        let reason = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match reason {
            Some(rustls::Error::AlertReceived(alert)) => of_alert(*alert),
            Some(rustls::Error::InvalidMessage(_) | rustls::Error::InappropriateMessage { .. }) => Self::NoTls,
            Some(rustls::Error::PeerIncompatible(_)) => Self::NothingInCommon,
            Some(_) => Self::Broken,
            None if error.kind() == ErrorKind::InvalidData => Self::NoTls,
            None => Self::Closed,
        }
    }
}

/// What callers say who do not believe that the gate is the host (RFC 8446 6.2).
fn of_alert(alert: AlertDescription) -> Failed {
    match alert {
        AlertDescription::UnknownCA
        | AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateRevoked
        | AlertDescription::AccessDenied
        // An older authority of the same name: its key does not fit the signature.
        | AlertDescription::DecryptError => Failed::Distrusted,
        _ => Failed::Alert,
    }
}

/// What was told and when.
#[derive(Debug, Default)]
pub(crate) struct FailureNotes {
    told: Mutex<BTreeMap<(String, &'static str), Told>>,
}

#[derive(Debug)]
struct Told {
    at: Instant,
    /// How many came since.
    since: u64,
}

impl FailureNotes {
    /// How many are to be told of now, this one among them; none when it was done a moment ago.
    fn due(&self, recipient: &str, reason: &'static str, now: Instant) -> Option<u64> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(told) = told.get_mut(&(recipient.to_owned(), reason)) else {
            told.insert((recipient.to_owned(), reason), Told { at: now, since: 0 });
            return Some(1);
        };
        told.since += 1;
        if now.duration_since(told.at) < EVERY {
            return None;
        }
        told.at = now;
        Some(std::mem::take(&mut told.since))
    }
}

impl Shared {
    /// Counts a tunnel to `host` that came to nothing, and tells of it. `reason`: one word.
    pub(crate) fn tunnel_failed(&self, host: &Host, reason: &'static str) {
        let terms = self.terms();
        let recipients = terms.charter.recipients_of_host(host.as_str());
        let recipient = recipients.first().map_or("unknown", |recipient| recipient.id.as_str());
        self.metrics.tunnel_failed(recipient, reason);
        if let Some(tunnels) = self.tunnel_notes.due(recipient, reason, Instant::now()) {
            tracing::warn!(recipient, reason, tunnels, "tunnels come to nothing");
        }
    }
}

#[cfg(test)]
mod tests;
