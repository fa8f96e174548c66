//! One kept-alive connection: TCP, CONNECT when there is a proxy, TLS with the target's name, HTTP.
//!
//! Start at [`Client::connect`]. Invariants: certificates are always verified, against the given files only; the target's
//! name is never resolved.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A way on which one step takes longer than this is broken, not slow.
const PATIENCE: Duration = Duration::from_secs(10);
/// More than any answer to an event has.
const ANSWER_MAX_BYTES: usize = 64 * 1024;
/// More than any answer to CONNECT has.
const CONNECT_ANSWER_MAX_BYTES: usize = 8 * 1024;
/// How much of a refusal is shown.
const EXCERPT_MAX_CHARS: usize = 300;

/// Why there is nothing to measure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    #[error("expected either a proxy or an address to connect to")]
    Route,
    #[error("target `{target}` is not an https URL with a host name")]
    Target { target: Uri },
    #[error("cannot read a certificate in `{path}`")]
    Read {
        path: PathBuf,
        source: rustls::pki_types::pem::Error,
    },
    #[error("`{path}` holds no certificate that can be trusted")]
    Untrustworthy { path: PathBuf },
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
}

/// Why a connection stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    #[error("no answer for {} s", PATIENCE.as_secs())]
    Patience(#[from] tokio::time::error::Elapsed),
    #[error("the connection failed")]
    Connection(#[from] std::io::Error),
    #[error("the proxy refused to connect: `{status_line}`")]
    Connect { status_line: String },
    #[error("expected to speak {expected:?}, the other side chose another protocol")]
    Protocol { expected: Protocol },
    #[error("HTTP failed")]
    Http(#[from] hyper::Error),
    #[error("the answer could not be read")]
    Answer(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("expected success, got {status}: {excerpt}")]
    Refused { status: StatusCode, excerpt: String },
}

/// Which way requests go.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Route {
    /// CONNECT to the target through the proxy at this address.
    Proxy(SocketAddr),
    /// Straight to the server at this address.
    Direct(SocketAddr),
}

/// The version of HTTP that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

impl Protocol {
    fn alpn(self) -> &'static [u8] {
        match self {
            Self::Http1 => b"http/1.1",
            Self::Http2 => b"h2",
        }
    }
}

/// Where the events are addressed to.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    url: Uri,
    /// Host and port, as CONNECT names them.
    authority: String,
    name: ServerName<'static>,
}

impl Target {
    pub(crate) fn new(url: Uri) -> Result<Self, SetupError> {
        let host = url.host().filter(|_| url.scheme_str() == Some("https"));
        let name = host.and_then(|host| ServerName::try_from(host.to_owned()).ok());
        let (Some(host), Some(name)) = (host, name) else {
            return Err(SetupError::Target { target: url });
        };
        let authority = format!("{host}:{}", url.port_u16().unwrap_or(443));
        Ok(Self { authority, name, url })
    }

    /// HTTP/2 names scheme, host and path in the request's own fields (RFC 9113, section 8.3.1).
    fn http2_request(&self, body: Bytes) -> Request<Full<Bytes>> {
        let mut request = Request::post(self.url.clone());
        if let Some(headers) = request.headers_mut() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        request
            .body(Full::new(body))
            .expect("the URL was parsed and the header is constant")
    }

    /// HTTP/1.1 names the host in a header and only the path in the request line (RFC 9112, section 3.2.1).
    fn http1_request(&self, body: Bytes) -> Request<Full<Bytes>> {
        let mut request = self.http2_request(body);
        let host = self
            .url
            .authority()
            .and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
        request.headers_mut().extend(host.map(|host| (HOST, host)));
        *request.uri_mut() = self.url.path_and_query().cloned().map(Uri::from).unwrap_or_default();
        request
    }
}

/// Makes connections, all of the same kind.
#[derive(Debug)]
pub(crate) struct Client {
    route: Route,
    target: Target,
    protocol: Protocol,
    tls: Arc<ClientConfig>,
}

impl Client {
    pub(crate) fn new(route: Route, target: Target, protocol: Protocol, trust: &[PathBuf]) -> Result<Self, SetupError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let mut tls = versions.with_root_certificates(roots(trust)?).with_no_client_auth();
        tls.alpn_protocols = vec![protocol.alpn().to_vec()];
        Ok(Self {
            route,
            target,
            protocol,
            tls: Arc::new(tls),
        })
    }

    /// Opens one connection, ready for requests.
    pub(crate) async fn connect(&self) -> Result<Connection, SendError> {
        timeout(PATIENCE, self.connect_patiently()).await?
    }

    async fn connect_patiently(&self) -> Result<Connection, SendError> {
        let stream = match self.route {
            Route::Direct(address) => TcpStream::connect(address).await?,
            Route::Proxy(address) => tunnel(TcpStream::connect(address).await?, &self.target.authority).await?,
        };
        stream.set_nodelay(true)?;
        let secured = TlsConnector::from(self.tls.clone())
            .connect(self.target.name.clone(), stream)
            .await?;
        let sender = self.speak(secured).await?;
        Ok(Connection {
            target: self.target.clone(),
            sender,
        })
    }

    async fn speak(&self, stream: TlsStream<TcpStream>) -> Result<Sender, SendError> {
        let chosen = stream.get_ref().1.alpn_protocol();
        // A server without ALPN speaks HTTP/1.1, never HTTP/2 (RFC 9113, section 3.2).
        if chosen.unwrap_or(Protocol::Http1.alpn()) != self.protocol.alpn() {
            return Err(SendError::Protocol {
                expected: self.protocol,
            });
        }
        // The spawned tasks only move bytes; that one has failed is told by the sender at its next use.
        match self.protocol {
            Protocol::Http1 => {
                let (sender, driver) = http1::handshake(TokioIo::new(stream)).await?;
                tokio::spawn(driver);
                Ok(Sender::Http1(sender))
            }
            Protocol::Http2 => {
                let (sender, driver) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
                tokio::spawn(driver);
                Ok(Sender::Http2(sender))
            }
        }
    }
}

/// One kept-alive connection.
pub(crate) struct Connection {
    target: Target,
    sender: Sender,
}

enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

impl Connection {
    /// Sends one body and reads the whole answer. Returns how long that took.
    ///
    /// # Errors
    /// Any answer but success; a connection that the other side did not keep alive.
    pub(crate) async fn post(&mut self, body: Bytes) -> Result<Duration, SendError> {
        let started = Instant::now();
        timeout(PATIENCE, self.exchange(body)).await??;
        Ok(started.elapsed())
    }

    async fn exchange(&mut self, body: Bytes) -> Result<(), SendError> {
        let response = match &mut self.sender {
            Sender::Http1(sender) => {
                sender.ready().await?;
                sender.send_request(self.target.http1_request(body)).await?
            }
            Sender::Http2(sender) => {
                sender.ready().await?;
                sender.send_request(self.target.http2_request(body)).await?
            }
        };
        accept(response).await
    }
}

async fn accept(response: Response<Incoming>) -> Result<(), SendError> {
    let status = response.status();
    let answer = Limited::new(response.into_body(), ANSWER_MAX_BYTES)
        .collect()
        .await
        .map_err(SendError::Answer)?;
    if status.is_success() {
        return Ok(());
    }
    let excerpt = String::from_utf8_lossy(&answer.to_bytes())
        .chars()
        .take(EXCERPT_MAX_CHARS)
        .collect();
    Err(SendError::Refused { status, excerpt })
}

/// Asks a proxy for a tunnel to `authority` (RFC 9110, section 9.3.6).
async fn tunnel(mut stream: TcpStream, authority: &str) -> Result<TcpStream, SendError> {
    stream
        .write_all(format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n").as_bytes())
        .await?;
    let mut head = Vec::new();
    // Byte by byte, so that nothing of what comes after the head is taken; once per connection, before the clock runs.
    while !head.ends_with(b"\r\n\r\n") && head.len() < CONNECT_ANSWER_MAX_BYTES {
        head.push(stream.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&head);
    let status_line = text.lines().next().unwrap_or_default();
    if status_line.split(' ').nth(1) == Some("200") {
        return Ok(stream);
    }
    Err(SendError::Connect {
        status_line: status_line.to_owned(),
    })
}

fn roots(trust: &[PathBuf]) -> Result<RootCertStore, SetupError> {
    let mut roots = RootCertStore::empty();
    for path in trust {
        let read = |source| SetupError::Read {
            path: path.clone(),
            source,
        };
        let found = CertificateDer::pem_file_iter(path).map_err(read)?;
        let certificates = found.collect::<Result<Vec<_>, _>>().map_err(read)?;
        if roots.add_parsable_certificates(certificates).0 == 0 {
            return Err(SetupError::Untrustworthy { path: path.clone() });
        }
    }
    Ok(roots)
}
