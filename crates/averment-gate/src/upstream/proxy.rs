//! The way through another proxy that everything has to go through: `CONNECT` for TLS, absolute targets for what goes in
//! clear. The proxy itself is spoken to in clear or over TLS, and is then verified like any recipient.
//!
//! Names are resolved by that proxy, so only a host that is spelled as an address can be checked here.
//!
//! Source: RFC 9110 9.3.6, 11.7.2.

mod standing;

use std::sync::Arc;

use rustls::ClientConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::error::ConnectError;
use super::login::Login;
use super::reached::Reached;
use super::tls::UpstreamError;
use crate::host::{Destination, Scheme};
pub(super) use standing::{Refusal, Standing};

/// An answer to `CONNECT` beyond this is none.
const HEAD_MAX_BYTES: usize = 16 << 10;

/// The proxy.
#[derive(Debug, Clone)]
pub(super) struct ParentProxy {
    at: Destination,
    login: Option<Login>,
    standing: Arc<Standing>,
}

impl ParentProxy {
    /// Reads `http://host:port` or `https://host:port`.
    pub(super) fn parse(text: &str, login: Option<Login>) -> Result<Self, UpstreamError> {
        let at = Destination::parse_origin(text.trim_end_matches('/'));
        let standing = Arc::default();
        at.map(|at| Self { at, login, standing })
            .ok_or_else(|| UpstreamError::ParentProxy(without_login(text)))
    }

    /// What it is told about who asks, where it is told anything.
    pub(super) fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// Whether it lets anything through.
    pub(super) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Notes that it does not.
    fn refuses(&self, refusal: Refusal) -> ConnectError {
        self.standing.refuses(refusal);
        ConnectError::Parent
    }

    /// A connection to the proxy itself. `tls`: who is trusted, with HTTP/1.1 and nothing else.
    pub(super) async fn connect(&self, tls: &Arc<ClientConfig>) -> Result<Reached, ConnectError> {
        let stream = TcpStream::connect((self.at.host.as_str(), self.at.port))
            .await
            .map_err(|_| self.refuses(Refusal::Unreachable))?;
        _ = stream.set_nodelay(true);
        if self.at.scheme == Scheme::Http {
            return Ok(Reached::Tcp(stream));
        }
        let name = self.at.host.server_name().ok_or(ConnectError::Parent)?;
        let shaken = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await;
        match shaken {
            Ok(stream) => Ok(Reached::Tls(Box::new(stream))),
            // The error names no values.
            Err(error) => {
                tracing::debug!(%error, "no TLS with the parent proxy");
                Err(self.refuses(Refusal::Tls))
            }
        }
    }

    /// A tunnel through it to `destination`.
    pub(super) async fn tunnel(
        &self,
        destination: &Destination,
        tls: &Arc<ClientConfig>,
    ) -> Result<Reached, ConnectError> {
        let mut stream = self.connect(tls).await?;
        let asked = async {
            stream.write_all(&self.question(destination)).await?;
            stream.flush().await
        };
        asked.await.map_err(|_| self.refuses(Refusal::Status(None)))?;
        match answered(&mut stream).await {
            Some(200..=299) => {
                self.standing.opens();
                Ok(stream)
            }
            status => Err(self.refuses(Refusal::Status(status))),
        }
    }

    fn question(&self, destination: &Destination) -> Vec<u8> {
        let authority = format!("{}:{}", destination.host.in_uri(), destination.port);
        let mut head = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n").into_bytes();
        if let Some(login) = &self.login {
            head.extend_from_slice(b"Proxy-Authorization: ");
            head.extend_from_slice(login.expose().as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        head
    }
}

/// What somebody wrote into the address, but for what may be a password.
fn without_login(text: &str) -> String {
    match text.rsplit_once('@') {
        None => text.to_owned(),
        Some((_, behind)) => format!("…@{behind}"),
    }
}

/// The status of its answer; none where that is no answer. Byte by byte: what follows the head belongs to the tunnel.
async fn answered(stream: &mut Reached) -> Option<u16> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_MAX_BYTES {
        head.push(stream.read_u8().await.ok()?);
    }
    let status = head.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(2..5));
    let status = std::str::from_utf8(status?).ok()?.parse().ok()?;
    head.ends_with(b"\r\n\r\n").then_some(status)
}

#[cfg(test)]
mod tests;
