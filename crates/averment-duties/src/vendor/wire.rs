//! Sends one request and takes one bounded answer.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::CertificateDer;
use ureq::http::{Response, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, Proxy};

use super::Request;

/// Most bytes of an answer.
const ANSWER_BYTES_MAX: u64 = 8 << 20;

/// What came back.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// As declared; empty when not.
    pub media_type: String,
    /// RFC 9110: seconds or a date.
    pub retry_after: String,
    /// Body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({}, <{} bytes>)", self.status, self.body.len())
    }
}

impl Answer {
    /// How long to wait, as the third party says.
    pub(super) fn wait(&self, now: Timestamp) -> Option<SignedDuration> {
        let text = self.retry_after.trim();
        if let Ok(seconds) = text.parse::<u32>() {
            return Some(SignedDuration::from_secs(i64::from(seconds)));
        }
        let date = jiff::fmt::rfc2822::parse(text).ok()?;
        Some(date.timestamp().duration_since(now))
    }
}

/// Why no answer came. A request may have arrived nevertheless.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// In time.
    #[error("no answer in time")]
    TimedOut,
    /// Another reason, without anything that the request holds.
    #[error("{0}")]
    NotReached(String),
}

/// What sends requests.
pub trait Transport {
    /// Sends one request once and waits for its answer. Redirects are answers.
    ///
    /// # Errors
    /// [`SendError`] when no whole answer came.
    fn send(&mut self, request: &Request) -> Result<Answer, SendError>;
}

/// The real one: TLS with verified certificates, or through the gate.
pub struct Wire {
    agent: Agent,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

impl Wire {
    /// `proxy`: the gate, `http://[name:password@]host:port`. `trust`: roots besides the system's. `within`: the longest time
    /// for one answer.
    ///
    /// # Errors
    /// [`SendError::NotReached`] when the proxy's address cannot be read.
    pub fn new(proxy: Option<&str>, trust: &[CertificateDer<'static>], within: Duration) -> Result<Self, SendError> {
        let proxy = proxy.map(Proxy::new).transpose();
        let proxy = proxy.map_err(|_| SendError::NotReached("the proxy has no address that can be read".to_owned()))?;
        let system = rustls_native_certs::load_native_certs().certs;
        let roots = system.into_iter().chain(trust.to_vec());
        let roots: Vec<Certificate<'static>> = roots.map(|der| Certificate::from_der(&der).to_owned()).collect();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(proxy)
            .timeout_global(Some(within));
        let agent = config.build().into();
        Ok(Self { agent })
    }
}

impl Transport for Wire {
    fn send(&mut self, request: &Request) -> Result<Answer, SendError> {
        let mut head = ureq::http::Request::builder()
            .method(request.method.as_str())
            .uri(request.url.expose());
        for (name, value) in &request.headers {
            head = head.header(name, value.expose());
        }
        let unsendable = |_| SendError::NotReached("the request cannot be written as HTTP".to_owned());
        let answer = match &request.body {
            Some((media_type, body)) => {
                let body = body.expose().as_bytes();
                self.agent.run(
                    head.header(header::CONTENT_TYPE, *media_type)
                        .body(body)
                        .map_err(unsendable)?,
                )
            }
            None => self.agent.run(head.body(()).map_err(unsendable)?),
        };
        take(answer.map_err(told)?)
    }
}

fn take(answer: Response<Body>) -> Result<Answer, SendError> {
    let text = |name| {
        let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let mut taken = Answer {
        status: answer.status().as_u16(),
        media_type: text(header::CONTENT_TYPE),
        retry_after: text(header::RETRY_AFTER),
        body: Vec::new(),
    };
    let mut body = answer.into_body().into_reader().take(ANSWER_BYTES_MAX + 1);
    body.read_to_end(&mut taken.body).map_err(|error| match error.kind() {
        std::io::ErrorKind::TimedOut => SendError::TimedOut,
        _ => SendError::NotReached("the answer broke off".to_owned()),
    })?;
    if taken.body.len() as u64 > ANSWER_BYTES_MAX {
        return Err(SendError::NotReached("the answer is longer than 8 MiB".to_owned()));
    }
    Ok(taken)
}

/// A URL holds identifiers, so no message of the client that may repeat it is told.
fn told(error: ureq::Error) -> SendError {
    SendError::NotReached(match error {
        ureq::Error::Timeout(_) => return SendError::TimedOut,
        ureq::Error::HostNotFound => "its host is not found".to_owned(),
        // What the TLS handshake found comes wrapped.
        ureq::Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(error) => format!("is not who it says: {error}"),
            None => format!("cannot be reached: {}", error.kind()),
        },
        ureq::Error::Rustls(error) => format!("is not who it says: {error}"),
        ureq::Error::ConnectionFailed => "cannot be reached".to_owned(),
        ureq::Error::ConnectProxyFailed(_) => "the proxy refuses".to_owned(),
        _ => "did not answer as HTTP wants it".to_owned(),
    })
}
