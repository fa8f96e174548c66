//! One connection: resolve once, check every address, connect to what was checked, then TLS with the asked-for name.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::{AlertDescription, ClientConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::error::ConnectError;
use super::known::{self, Known, Protocol};
use super::login::Login;
use super::proxy::{ParentProxy, Standing};
use super::reached::Reached;
use super::resolve::Resolver;
use crate::address;
use crate::host::{Destination, Scheme};

/// Makes connections.
#[derive(Clone)]
pub(super) struct Dialer(Arc<Inner>);

/// Which way connections go.
#[derive(Debug, Clone)]
pub(super) enum Route {
    /// To the address that the host's name has, once it is checked.
    Resolved,
    /// To one address, whatever the host.
    To(SocketAddr),
    /// Through another proxy.
    Through(ParentProxy),
}

struct Inner {
    route: Route,
    resolver: Resolver,
    own_listeners: RwLock<Vec<SocketAddr>>,
    tls: Arc<ClientConfig>,
    /// The same, and HTTP/1.1 is all that is offered.
    tls_http1: Arc<ClientConfig>,
    time_ms: AtomicU64,
    known: Known,
}

/// Which protocols a recipient may choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    Both,
    Http1,
    /// HTTP/1.1; both to one that speaks nothing but HTTP/2.
    Http1First,
}

impl Dialer {
    /// `way`: which way connections go, and who says what address a name has.
    pub(super) fn new(way: (Route, Resolver), own: Vec<SocketAddr>, tls: ClientConfig, time: Duration) -> Self {
        let (route, resolver) = way;
        Self(Arc::new(Inner {
            route,
            resolver,
            own_listeners: RwLock::new(own),
            tls_http1: Arc::new(http1_only(tls.clone())),
            tls: Arc::new(tls),
            time_ms: AtomicU64::new(in_ms(time)),
            known: Known::default(),
        }))
    }

    /// What earlier connections have shown.
    pub(super) fn known(&self) -> &Known {
        &self.0.known
    }

    /// Whether the proxy that everything goes through lets anything through; none where there is no such proxy.
    pub(super) fn parent(&self) -> Option<&Standing> {
        match &self.0.route {
            Route::Through(proxy) => Some(proxy.standing()),
            _ => None,
        }
    }

    /// What a parent proxy is told that reads requests for `uri` itself.
    pub(super) fn login_for(&self, uri: &Uri) -> Option<&Login> {
        match &self.0.route {
            Route::Through(proxy) if uri.scheme_str() == Some("http") => proxy.login(),
            _ => None,
        }
    }

    /// How long a connection may take from now on.
    pub(super) fn set_time(&self, time: Duration) {
        self.0.time_ms.store(in_ms(time), Ordering::Release);
    }

    pub(super) fn add_own_listener(&self, address: SocketAddr) {
        self.0
            .own_listeners
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(address);
    }

    /// A connection without TLS of ours, for a tunnel that is passed on.
    pub(super) async fn tunnel(&self, destination: &Destination) -> Result<Reached, ConnectError> {
        let reached = tokio::time::timeout(self.0.time(), self.0.reach(destination));
        reached.await.unwrap_or(Err(ConnectError::TooSlow))
    }

    async fn dial(self, uri: Uri, offer: Offer) -> Result<Wire, ConnectError> {
        let destination = destination(&uri).ok_or(ConnectError::Destination)?;
        let key = known::key(&uri);
        let connected = tokio::time::timeout(self.0.time(), self.0.connect(&destination, offer, &key));
        connected.await.unwrap_or(Err(ConnectError::TooSlow))
    }
}

impl Inner {
    fn time(&self) -> Duration {
        Duration::from_millis(self.time_ms.load(Ordering::Acquire))
    }

    /// `key`: what the server is known by.
    async fn connect(&self, destination: &Destination, offer: Offer, key: &str) -> Result<Wire, ConnectError> {
        let stream = self.reach(destination).await?;
        if destination.scheme == Scheme::Http {
            return Ok(Wire {
                io: TokioIo::new(Box::new(stream)),
                h2: false,
                absolute: matches!(self.route, Route::Through(_)),
            });
        }
        let offer = match offer {
            Offer::Http1First if self.known.protocol(key) == Some(Protocol::Http2Only) => Offer::Both,
            offer => offer,
        };
        match self.verified(stream, destination, offer).await {
            // Nothing but the handshake has been sent.
            Err(ConnectError::Protocol) if offer == Offer::Http1First => {
                let stream = self.reach(destination).await?;
                let wire = self.verified(stream, destination, Offer::Both).await?;
                self.known.note_protocol(key, Protocol::Http2Only);
                Ok(wire)
            }
            Ok(wire) if offer == Offer::Both && !wire.h2 => {
                self.known.note_protocol(key, Protocol::Http1);
                Ok(wire)
            }
            connected => connected,
        }
    }

    async fn reach(&self, destination: &Destination) -> Result<Reached, ConnectError> {
        let stream = match &self.route {
            Route::Resolved => self.connect_checked(destination).await?,
            Route::To(address) => TcpStream::connect(address)
                .await
                .map_err(|_| ConnectError::Unreachable)?,
            Route::Through(proxy) => return self.connect_through(proxy, destination).await,
        };
        // Heads and bodies are written whole; waiting for more would only add time.
        _ = stream.set_nodelay(true);
        Ok(Reached::Tcp(stream))
    }

    async fn connect_through(&self, proxy: &ParentProxy, destination: &Destination) -> Result<Reached, ConnectError> {
        let address = destination.host.address();
        let inside = address.is_some_and(|address| !address::is_public(address));
        if inside || is_this_machine_by_name(destination.host.as_str()) {
            return Err(ConnectError::Inside);
        }
        match destination.scheme {
            Scheme::Http => proxy.connect(&self.tls_http1).await,
            Scheme::Https => proxy.tunnel(destination, &self.tls_http1).await,
        }
    }

    async fn connect_checked(&self, destination: &Destination) -> Result<TcpStream, ConnectError> {
        let addresses = self.resolver.resolve(destination).await?;
        // One address inside spoils them all: an honest name does not point both ways.
        if addresses
            .iter()
            .any(|address| !address::is_public(address.ip()) || self.is_own(*address))
        {
            return Err(ConnectError::Inside);
        }
        for address in &addresses {
            let share = self.time() / u32::try_from(addresses.len()).unwrap_or(u32::MAX);
            if let Ok(Ok(stream)) = tokio::time::timeout(share, TcpStream::connect(address)).await {
                return Ok(stream);
            }
        }
        Err(ConnectError::Unreachable)
    }

    fn is_own(&self, address: SocketAddr) -> bool {
        let own = self.own_listeners.read().unwrap_or_else(PoisonError::into_inner);
        own.iter().any(|own| {
            own.port() == address.port()
                && (own.ip() == address.ip() || own.ip().is_unspecified() && is_of_this_machine(address.ip()))
        })
    }

    async fn verified(&self, stream: Reached, destination: &Destination, offer: Offer) -> Result<Wire, ConnectError> {
        let name = destination.host.server_name().ok_or(ConnectError::Destination)?;
        let tls = match offer {
            Offer::Both => &self.tls,
            Offer::Http1 | Offer::Http1First => &self.tls_http1,
        };
        let connector = TlsConnector::from(Arc::clone(tls));
        let stream = connector
            .connect(name, stream)
            .await
            .map_err(|error| why_no_tls(&error))?;
        let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok(Wire {
            io: TokioIo::new(Box::new(stream)),
            h2,
            absolute: false,
        })
    }
}

fn destination(uri: &Uri) -> Option<Destination> {
    let scheme = match uri.scheme_str()? {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return None,
    };
    Destination::parse(scheme, uri.authority()?.as_str())
}

fn in_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn http1_only(mut tls: ClientConfig) -> ClientConfig {
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    tls
}

/// Names that mean this machine wherever they are resolved (RFC 6761 6.3).
fn is_this_machine_by_name(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

/// Only an address of this machine can be bound to.
fn is_of_this_machine(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

fn why_no_tls(error: &std::io::Error) -> ConnectError {
    let reason = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match reason {
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented) => ConnectError::Unverified,
        Some(rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol)) => ConnectError::Protocol,
        _ => ConnectError::Unreachable,
    }
}

/// Anything that bytes go both ways on.
trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

/// A connection to a recipient.
pub(super) struct Wire {
    io: TokioIo<Box<dyn Duplex>>,
    h2: bool,
    /// Whether a proxy reads the requests: it wants absolute targets.
    absolute: bool,
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        let connected = Connected::new().proxy(self.absolute);
        if self.h2 { connected.negotiated_h2() } else { connected }
    }
}

impl hyper::rt::Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl hyper::rt::Write for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }
}

/// The dialer as the pool wants it.
#[derive(Clone)]
pub(super) struct Connector(Dialer, Offer);

impl Connector {
    pub(super) fn new(dialer: Dialer, offer: Offer) -> Self {
        Self(dialer, offer)
    }
}

impl tower_service::Service<Uri> for Connector {
    type Response = Wire;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Wire, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.0.clone().dial(uri, self.1))
    }
}
