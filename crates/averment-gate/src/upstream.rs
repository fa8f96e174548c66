//! The way to recipients: resolve, check the address, connect to the address that was checked, verify, send once.
//!
//! Start at [`Client::send`]. It takes the [`Cleared`] of the message by value, so nothing is sent twice by accident and
//! nothing without an intent. A message goes to another connection only when the one that was kept turns out to be closed and
//! the HTTP library gives the message back, not a byte of it written; no redirect is followed.
//!
//! A recipient is spoken to over HTTP/1.1 for callers who speak that, and over HTTP/2 only for those who do: the message
//! stays closer to what was sent, and callers do not wait for each other on one connection.
//!
//! Invariants: there is no switch that turns verification off. Only addresses of the public Internet are connected to,
//! unless the operator names one address for everything ([`Upstream::connect_to`]), and then certificates still have to be
//! for the name that the caller asked for.

mod connect;
mod error;
mod known;
mod login;
mod proxy;
mod reached;
mod resolve;
mod tls;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use averment_store::Cleared;
use http::header::PROXY_AUTHORIZATION;
use http::{Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::credentials::{self, CredentialError};
use crate::host::Destination;
use crate::problem::{Kind, Problem};
use crate::sending::Sending;
use crate::serving;
use crate::settings::UpstreamSettings;
use connect::{Connector, Dialer, Offer, Route};
use known::{Keeps, Known, Protocol};
pub use login::Login;
use proxy::{ParentProxy, Refusal, Standing};
pub(crate) use reached::Reached;
pub use resolve::Resolver;
pub use tls::UpstreamError;

/// Idle connections over HTTP/1.1 are closed after this: many servers close theirs after five seconds, and what is just being
/// sent then is lost.
const POOL_IDLE: Duration = Duration::from_secs(4);
/// The same where the server says that it keeps them for less.
const POOL_IDLE_BRIEF: Duration = Duration::from_millis(500);
/// The same where the server says that it keeps them for longer, and over HTTP/2, which has a word for the end.
const POOL_IDLE_LONG: Duration = Duration::from_secs(30);
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
    /// What a parent proxy is told about who asks; none: what the file of the settings holds, if they name one.
    pub parent_login: Option<Login>,
    /// Addresses that are never connected to besides the gate's own: the console's, for example.
    pub own_listeners: Vec<SocketAddr>,
}

/// The connections to recipients.
pub(crate) struct Client {
    pools: RwLock<Pools>,
    /// For requests that ask for another protocol: over HTTP/1.1 only, each on a connection of its own.
    upgrading: legacy::Client<Connector, Sending>,
    dialer: Dialer,
}

/// Connections that are used again, by what recipients may choose from and how long they are kept.
#[derive(Clone)]
struct Pools {
    http1: legacy::Client<Connector, Sending>,
    http1_brief: legacy::Client<Connector, Sending>,
    http1_long: legacy::Client<Connector, Sending>,
    both: legacy::Client<Connector, Sending>,
}

impl Pools {
    fn new(dialer: &Dialer) -> Self {
        Self {
            http1: pool(dialer, Offer::Http1First, POOL_IDLE),
            http1_brief: pool(dialer, Offer::Http1First, POOL_IDLE_BRIEF),
            http1_long: pool(dialer, Offer::Http1First, POOL_IDLE_LONG),
            both: pool(dialer, Offer::Both, POOL_IDLE_LONG),
        }
    }

    /// The one for a request by a caller who speaks `version` to the server `key`.
    fn of(&self, version: Version, known: &Known, key: &str) -> &legacy::Client<Connector, Sending> {
        if version == Version::HTTP_2 && known.protocol(key) != Some(Protocol::Http1) {
            return &self.both;
        }
        match known.keeps(key) {
            Keeps::Brief => &self.http1_brief,
            Keeps::Usual => &self.http1,
            Keeps::Long => &self.http1_long,
        }
    }
}

impl Client {
    pub(crate) fn new(
        upstream: Upstream,
        settings: &UpstreamSettings,
        connect: Duration,
        clock: &Clock,
    ) -> Result<Self, UpstreamError> {
        let tls = tls::client_config(&upstream.extra_roots, clock)?;
        let login = match (upstream.parent_login, &settings.parent_proxy_login_file) {
            (None, Some(file)) => Some(login_in(file)?),
            (given, _) => given,
        };
        let route = match (upstream.connect_to, settings.parent_proxy.as_deref()) {
            (Some(address), _) => Route::To(address),
            (None, Some(proxy)) => Route::Through(ParentProxy::parse(proxy, login)?),
            (None, None) => Route::Resolved,
        };
        let dialer = Dialer::new((route, upstream.resolver), upstream.own_listeners, tls, connect);
        let upgrading = legacy::Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .retry_canceled_requests(false)
            .http1_preserve_header_case(true)
            .build(Connector::new(dialer.clone(), Offer::Http1));
        Ok(Self {
            pools: RwLock::new(Pools::new(&dialer)),
            upgrading,
            dialer,
        })
    }

    /// How long resolving, connecting and the handshake may take from now on.
    pub(crate) fn set_connect_time(&self, time: Duration) {
        self.dialer.set_time(time);
    }

    /// Adds an address of the gate's own that must not be connected to.
    pub(crate) fn add_own_listener(&self, address: SocketAddr) {
        self.dialer.add_own_listener(address);
    }

    /// A connection that bytes nobody reads are passed on over.
    ///
    /// # Errors
    /// A problem; nothing was sent.
    pub(crate) async fn tunnel(&self, _cleared: &Cleared, destination: &Destination) -> Result<Reached, Problem> {
        self.dialer.tunnel(destination).await.map_err(Problem::from)
    }

    /// Closes every connection that no message is on; those with one close after its answer.
    pub(crate) fn forget_connections(&self) {
        *self.pools.write().unwrap_or_else(PoisonError::into_inner) = Pools::new(&self.dialer);
    }

    /// Tells a parent proxy who asks, where it reads the request.
    fn introduce(&self, request: &mut Request<Sending>) {
        if let Some(login) = self.dialer.login_for(request.uri()) {
            request
                .headers_mut()
                .insert(PROXY_AUTHORIZATION, login.expose().clone());
        }
    }

    /// Nothing asked for another protocol, so there is nobody to speak it with. What a parent proxy asks of the gate is not for the
    /// caller.
    fn of_recipient(response: Response<Incoming>) -> Result<Response<Incoming>, Problem> {
        let is_asked = response.extensions().get::<ParentAsks>().is_some();
        if is_asked || response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Err(Problem::from(Kind::Lost));
        }
        Ok(response)
    }

    /// Hands `request` over. Its version is that of the caller.
    fn request(
        &self,
        mut request: Request<Sending>,
    ) -> impl Future<Output = Result<Response<Incoming>, legacy::Error>> + use<'_> {
        let key = known::key(request.uri());
        // What comes back inside TLS is the recipient's own.
        let in_clear = request.uri().scheme_str() == Some("http");
        let by_parent = self.dialer.parent().filter(|_| in_clear);
        self.introduce(&mut request);
        // The library would insist on what it says; a recipient may choose the older one.
        let version = std::mem::take(request.version_mut());
        let answer = {
            let pools = self.pools.read().unwrap_or_else(PoisonError::into_inner);
            pools.of(version, self.dialer.known(), &key).request(request)
        };
        async move {
            let mut response = answer.await?;
            if let Some(parent) = by_parent {
                note_parent(parent, &mut response);
            }
            if response.version() == Version::HTTP_11 {
                self.dialer.known().note_answer(&key, response.headers());
            }
            Ok(response)
        }
    }

    /// Sends one message, once; its answer has to begin within `time`.
    ///
    /// # Errors
    /// A problem that says whose fault it is and whether any byte may have arrived.
    pub(crate) async fn send(
        &self,
        cleared: Cleared,
        request: Request<Sending>,
        time: Duration,
    ) -> Result<Response<Incoming>, Problem> {
        let answered = tokio::time::timeout(time, self.request(request)).await;
        let response = answered.map_or_else(
            |_| Err(Problem::from(Kind::AnswerTimeout)),
            |answer| answered_by(&cleared, answer),
        )?;
        Self::of_recipient(response)
    }

    /// Sends one request that asks for another protocol. The answer may be 101.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub(crate) async fn upgrade(
        &self,
        cleared: &Cleared,
        mut request: Request<Sending>,
        time: Duration,
    ) -> Result<Response<Incoming>, Problem> {
        *request.version_mut() = Version::HTTP_11;
        self.introduce(&mut request);
        let answered = tokio::time::timeout(time, self.upgrading.request(request)).await;
        answered.map_or_else(
            |_| Err(Problem::from(Kind::AnswerTimeout)),
            |answer| answered_by(cleared, answer),
        )
    }

    /// Sends one message whose body is released piece by piece; `time` for the answer begins when `ended` is cancelled.
    /// The answer may come before that.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub(crate) async fn send_pieces(
        &self,
        cleared: &Cleared,
        request: Request<Sending>,
        (ended, time): (&CancellationToken, Duration),
    ) -> Result<Response<Incoming>, Problem> {
        let too_late = async {
            ended.cancelled().await;
            tokio::time::sleep(time).await;
        };
        tokio::select! {
            answer = self.request(request) => Self::of_recipient(answered_by(cleared, answer)?),
            () = too_late => Err(Problem::from(Kind::AnswerTimeout)),
        }
    }
}

/// In an answer: a parent proxy gave it, and asks the gate for a login.
#[derive(Clone, Copy)]
struct ParentAsks;

/// Marks an answer that is the parent proxy's own.
fn note_parent(parent: &Standing, response: &mut Response<Incoming>) {
    if response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        parent.refuses(Refusal::Login);
        response.extensions_mut().insert(ParentAsks);
    } else {
        parent.opens();
    }
}

/// The login in a file that nobody else reads.
fn login_in(file: &Path) -> Result<Login, UpstreamError> {
    let source = |source| CredentialError::Login {
        path: file.to_owned(),
        source,
    };
    let text = credentials::read_secret(file, source)?;
    let expected = "`user:password` in one line";
    let malformed = || CredentialError::Content {
        path: file.to_owned(),
        expected,
    };
    Login::parse(&text).ok_or_else(|| malformed().into())
}

fn answered_by(
    cleared: &Cleared,
    answer: Result<Response<Incoming>, legacy::Error>,
) -> Result<Response<Incoming>, Problem> {
    answer.map_err(|error| {
        let recipient = cleared.verdict().recipient.as_ref().map_or("unknown", |id| id.as_str());
        let kind = error::kind(&error);
        tracing::info!(recipient, ?kind, "not answered");
        Problem::from(kind)
    })
}

fn pool(dialer: &Dialer, offer: Offer, idle: Duration) -> legacy::Client<Connector, Sending> {
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(idle)
        .pool_max_idle_per_host(POOL_IDLE_MAX)
        // Only what it gives back whole, unread and unwritten, because a kept connection was closed.
        .retry_canceled_requests(true)
        .http1_preserve_header_case(true)
        .http2_initial_stream_window_size(serving::STREAM_WINDOW_BYTES)
        .http2_initial_connection_window_size(serving::CONNECTION_WINDOW_BYTES)
        .build(Connector::new(dialer.clone(), offer))
}
