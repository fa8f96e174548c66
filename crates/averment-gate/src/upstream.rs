//! The way to recipients: resolve, check the address, connect to the address that was checked, verify, send once.
//!
//! Start at [`Client::send`]. It takes the [`Cleared`] of the message by value, so nothing is sent twice by accident and
//! nothing without an intent. Nothing is tried again and no redirect is followed.
//!
//! Invariants: there is no switch that turns verification off. Only addresses of the public Internet are connected to,
//! unless the operator names one address for everything ([`Upstream::connect_to`]), and then certificates still have to be
//! for the name that the caller asked for.

mod connect;
mod error;
mod resolve;
mod tls;

use std::net::SocketAddr;
use std::time::Duration;

use averment_store::Cleared;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;

use crate::clock::Clock;
use crate::gate::Timeouts;
use crate::problem::{Kind, Problem};
use crate::serving;
use connect::{Connector, Dialer};
pub use resolve::Resolver;
pub use tls::UpstreamError;

/// Idle connections are closed after this; many servers close theirs after 60 seconds or more.
const POOL_IDLE: Duration = Duration::from_secs(30);
/// Idle connections per host.
const POOL_IDLE_MAX: usize = 64;

/// How recipients are reached.
#[derive(Debug, Clone, Default)]
pub struct Upstream {
    /// One address that every connection goes to, whatever the host; nothing is resolved then. For a sink or a relay.
    pub connect_to: Option<SocketAddr>,
    /// Who knows the addresses of names.
    pub resolver: Resolver,
    /// Certificates to trust besides those of the platform.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Addresses that are never connected to besides the gate's own: the console's, for example.
    pub own_listeners: Vec<SocketAddr>,
}

/// The connections to recipients.
pub(crate) struct Client {
    client: legacy::Client<Connector, Full<Bytes>>,
    dialer: Dialer,
    answer: Duration,
}

impl Client {
    pub(crate) fn new(upstream: Upstream, timeouts: &Timeouts, clock: &Clock) -> Result<Self, UpstreamError> {
        let tls = tls::client_config(&upstream.extra_roots, clock)?;
        let dialer = Dialer::new(
            upstream.connect_to,
            upstream.resolver,
            upstream.own_listeners,
            tls,
            timeouts.connect,
        );
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE)
            .pool_max_idle_per_host(POOL_IDLE_MAX)
            .retry_canceled_requests(false)
            .http1_preserve_header_case(true)
            .http2_initial_stream_window_size(serving::STREAM_WINDOW_BYTES)
            .http2_initial_connection_window_size(serving::CONNECTION_WINDOW_BYTES)
            .build(Connector::new(dialer.clone()));
        Ok(Self {
            client,
            dialer,
            answer: timeouts.answer,
        })
    }

    /// Adds an address of the gate's own that must not be connected to.
    pub(crate) fn add_own_listener(&self, address: SocketAddr) {
        self.dialer.add_own_listener(address);
    }

    /// Sends one message, once.
    ///
    /// # Errors
    /// A problem that says whose fault it is and whether any byte may have arrived.
    pub(crate) async fn send(
        &self,
        cleared: Cleared,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Problem> {
        let recipient = cleared
            .verdict()
            .recipient
            .as_ref()
            .map_or("unknown", |id| id.as_str())
            .to_owned();
        let sent = tokio::time::timeout(self.answer, self.client.request(request)).await;
        match sent {
            Err(_) => Err(Problem::from(Kind::AnswerTimeout)),
            Ok(Err(error)) => {
                let kind = error::kind(&error);
                tracing::info!(recipient, ?kind, "not answered");
                Err(Problem::from(kind))
            }
            // Nothing asked for another protocol, so there is nobody to speak it with.
            Ok(Ok(response)) if response.status() == StatusCode::SWITCHING_PROTOCOLS => Err(Problem::from(Kind::Lost)),
            Ok(Ok(response)) => Ok(response),
        }
    }
}
