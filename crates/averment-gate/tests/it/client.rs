//! The caller's side: bytes through the gate, as written.

use std::sync::Arc;

use averment_gate::Clock;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::world::{World, clock};

/// What the gate says of its own connection behind the fields of an answer.
pub(crate) const KEPT: &str = "connection: keep-alive\r\nkeep-alive: timeout=73\r\n";

/// One answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    /// The problem document.
    pub(crate) fn problem(&self) -> serde_json::Value {
        assert!(
            self.head.contains("application/problem+json"),
            "{} {}",
            self.head,
            self.body
        );
        serde_json::from_str(&self.body).unwrap()
    }

    /// The last word of the problem's type.
    pub(crate) fn kind(&self) -> String {
        let problem = self.problem();
        problem["type"].as_str().unwrap().rsplit(':').next().unwrap().to_owned()
    }
}

pub(crate) fn tls_config(root: &CertificateDer<'static>, protocol: &str) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let time: Clock = clock();
    let builder = ClientConfig::builder_with_details(provider, Arc::new(time));
    let mut config = builder
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    Arc::new(config)
}

impl World {
    /// A tunnel before TLS.
    pub(crate) async fn connect(&self, authority: &str) -> TcpStream {
        let (stream, head) = self.connect_with(authority, "").await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        stream
    }

    /// The same with more fields, whatever the answer is.
    pub(crate) async fn connect_with(&self, authority: &str, fields: &str) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream
            .write_all(format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{fields}\r\n").as_bytes())
            .await
            .unwrap();
        let head = read_head(&mut stream).await;
        (stream, head)
    }

    /// A tunnel to `host`, with TLS for `name` inside.
    pub(crate) async fn tunnel_as(&self, host: &str, name: &str, protocol: &str) -> TlsStream<TcpStream> {
        self.secure(self.connect(&format!("{host}:443")).await, name, protocol)
            .await
    }

    /// One request through a tunnel that was asked for with more fields.
    pub(crate) async fn send_as(&self, fields: &str, host: &str, request: &str) -> Reply {
        let (stream, head) = self.connect_with(&format!("{host}:443"), fields).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        exchange(&mut self.secure(stream, host, "http/1.1").await, request.as_bytes()).await
    }

    /// TLS for `name` inside an open tunnel.
    pub(crate) async fn secure(&self, stream: TcpStream, name: &str, protocol: &str) -> TlsStream<TcpStream> {
        let name = ServerName::try_from(name.to_owned()).unwrap();
        TlsConnector::from(tls_config(&self.authority, protocol))
            .connect(name, stream)
            .await
            .unwrap()
    }

    pub(crate) async fn tunnel(&self, host: &str) -> TlsStream<TcpStream> {
        self.tunnel_as(host, host, "http/1.1").await
    }

    /// One request through a tunnel of its own.
    pub(crate) async fn send(&self, host: &str, request: &str) -> Reply {
        exchange(&mut self.tunnel(host).await, request.as_bytes()).await
    }

    /// One request to the front, as it is.
    pub(crate) async fn send_plain(&self, request: &str) -> Reply {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        exchange(&mut stream, request.as_bytes()).await
    }

    /// `body` as JSON to `host`.
    pub(crate) async fn post(&self, host: &str, body: &str) -> Reply {
        self.send(host, &post(host, body)).await
    }
}

pub(crate) fn post(host: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /v1/things?x=1 HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

pub(crate) async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, request: &[u8]) -> Reply {
    // A gate that closes early makes writing fail; its answer is still there to read.
    _ = stream.write_all(request).await;
    _ = stream.flush().await;
    read_reply(stream).await
}

/// Reads one answer with `Content-Length`, without a body, or up to the end.
pub(crate) async fn read_reply<S: AsyncRead + Unpin>(stream: &mut S) -> Reply {
    let head = read_head(stream).await;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    let lower = head.to_ascii_lowercase();
    let length = lower
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|text| text.trim().parse().ok());
    let mut body = Vec::new();
    let is_chunked = lower.contains("transfer-encoding: chunked\r\n");
    match length {
        None if is_chunked => {
            while !body.ends_with(b"\r\n0\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => body.push(byte),
                    Err(_) => break,
                }
            }
        }
        Some(length) => {
            body.resize(length, 0);
            stream.read_exact(&mut body).await.unwrap();
        }
        None => _ = stream.read_to_end(&mut body).await,
    }
    Reply {
        status,
        head,
        body: String::from_utf8(body).unwrap(),
    }
}

/// Reads up to the empty line, or to the end.
pub(crate) async fn read_head<S: AsyncRead + Unpin>(stream: &mut S) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// Whether the other side closes without another byte.
pub(crate) async fn is_closed<S: AsyncRead + Unpin>(stream: &mut S) -> bool {
    let mut rest = Vec::new();
    _ = tokio::time::timeout(std::time::Duration::from_secs(5), stream.read_to_end(&mut rest))
        .await
        .expect("still open");
    rest.is_empty()
}

/// Waits until the other side closes, whatever comes before.
pub(crate) async fn is_closed_after_answer<S: AsyncRead + Unpin>(stream: &mut S) {
    let mut rest = Vec::new();
    _ = tokio::time::timeout(std::time::Duration::from_secs(5), stream.read_to_end(&mut rest))
        .await
        .expect("still open");
}
