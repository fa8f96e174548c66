//! The way through another proxy that everything has to go through: `CONNECT` for TLS, absolute targets for what goes in
//! clear.
//!
//! Names are resolved by that proxy, so only a host that is spelled as an address can be checked here.
//!
//! Source: RFC 9110 9.3.6.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::error::ConnectError;
use super::tls::UpstreamError;
use crate::host::{Destination, Scheme};

/// An answer to `CONNECT` beyond this is none.
const HEAD_MAX_BYTES: usize = 16 << 10;

/// The proxy.
#[derive(Debug, Clone)]
pub(super) struct ParentProxy(Destination);

impl ParentProxy {
    /// Reads `http://host:port`.
    pub(super) fn parse(text: &str) -> Result<Self, UpstreamError> {
        let authority = text.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
        authority
            .and_then(|authority| Destination::parse(Scheme::Http, authority))
            .map(Self)
            .ok_or_else(|| UpstreamError::ParentProxy(text.to_owned()))
    }

    /// A connection to the proxy itself.
    pub(super) async fn connect(&self) -> Result<TcpStream, ConnectError> {
        TcpStream::connect((self.0.host.as_str(), self.0.port))
            .await
            .map_err(|_| ConnectError::Unreachable)
    }

    /// A tunnel through it to `destination`.
    pub(super) async fn tunnel(&self, destination: &Destination) -> Result<TcpStream, ConnectError> {
        let mut stream = self.connect().await?;
        let authority = format!("{}:{}", destination.host.in_uri(), destination.port);
        let head = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        let asked = stream.write_all(head.as_bytes()).await;
        asked.map_err(|_| ConnectError::Unreachable)?;
        if is_open(&mut stream).await {
            Ok(stream)
        } else {
            Err(ConnectError::Unreachable)
        }
    }
}

/// Whether the answer is 2xx. Byte by byte: what follows the head belongs to the tunnel.
async fn is_open(stream: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_MAX_BYTES {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return false,
        }
    }
    let status = head.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(2..5));
    head.ends_with(b"\r\n\r\n") && matches!(status, Some([b'2', _, _]))
}

#[cfg(test)]
mod tests;
