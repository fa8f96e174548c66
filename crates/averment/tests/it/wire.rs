//! HTTP/1.1 by hand, one connection per request: what a test sends is exactly what it wrote.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// Longer than any answer takes; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// What came back: the head as it was, and the body.
pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The status; 0 when there was none.
    pub(crate) fn status(&self) -> u16 {
        self.head
            .split(' ')
            .nth(1)
            .and_then(|word| word.parse().ok())
            .unwrap_or(0)
    }
}

/// A request to be sent.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    /// Host without port.
    pub(crate) host: &'a str,
    /// Path and query.
    pub(crate) target: &'a str,
    /// Header lines besides `Host`, `Connection` and `Content-Length`.
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
}

impl Request<'_> {
    /// Sends it in clear as far as the proxy, with an absolute target; it goes on over TLS.
    pub(crate) fn through(&self, proxy: SocketAddr) -> std::io::Result<Answer> {
        let target = format!("https://{}{}", self.host, self.target);
        exchange(connect(proxy)?, &self.bytes(&target))
    }

    /// Sends it over TLS in a tunnel.
    pub(crate) fn through_tunnel(&self, proxy: SocketAddr, trust: &Trust) -> std::io::Result<Answer> {
        let mut stream = connect(proxy)?;
        let authority = format!("{}:443", self.host);
        stream.write_all(format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n").as_bytes())?;
        let opened = read_head(&mut stream)?;
        if !opened.starts_with("HTTP/1.1 200") {
            return with_body(opened, stream);
        }
        let name = ServerName::try_from(self.host.to_owned()).map_err(std::io::Error::other)?;
        let tls = ClientConnection::new(Arc::clone(&trust.0), name).map_err(std::io::Error::other)?;
        exchange(StreamOwned::new(tls, stream), &self.bytes(self.target))
    }

    /// Sends it over TLS to a server that is asked directly.
    pub(crate) fn over_tls(&self, server: SocketAddr, trust: &Trust) -> std::io::Result<Answer> {
        let name = ServerName::try_from(self.host.to_owned()).map_err(std::io::Error::other)?;
        let tls = ClientConnection::new(Arc::clone(&trust.0), name).map_err(std::io::Error::other)?;
        exchange(StreamOwned::new(tls, connect(server)?), &self.bytes(self.target))
    }

    /// Opens a tunnel to its host for several requests one after another.
    pub(crate) fn open_tunnel(&self, proxy: SocketAddr, trust: &Trust) -> std::io::Result<Tunnel> {
        let mut stream = connect(proxy)?;
        let authority = format!("{}:443", self.host);
        stream.write_all(format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n").as_bytes())?;
        let opened = read_head(&mut stream)?;
        if !opened.starts_with("HTTP/1.1 200") {
            return Err(std::io::Error::other(opened));
        }
        let name = ServerName::try_from(self.host.to_owned()).map_err(std::io::Error::other)?;
        let tls = ClientConnection::new(Arc::clone(&trust.0), name).map_err(std::io::Error::other)?;
        Ok(Tunnel(StreamOwned::new(tls, stream)))
    }

    fn bytes(&self, target: &str) -> Vec<u8> {
        let Self {
            method,
            host,
            headers,
            body,
            ..
        } = self;
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        for (name, value) in *headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        [head.as_bytes(), body].concat()
    }
}

/// An open tunnel, kept between requests.
pub(crate) struct Tunnel(StreamOwned<ClientConnection, TcpStream>);

impl Tunnel {
    /// Sends one more request through it.
    pub(crate) fn ask(&mut self, request: &Request<'_>) -> std::io::Result<Answer> {
        let bytes = request.bytes(request.target);
        let kept = String::from_utf8_lossy(&bytes).replacen("Connection: close\r\n", "", 1);
        exchange(&mut self.0, kept.as_bytes())
    }

    /// Waits until the other side closes it; whether it did, well before it would for being idle.
    pub(crate) fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        let set = self.0.sock.set_read_timeout(Some(PATIENCE / 2));
        set.expect("a time can be set");
        match self.0.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) => !matches!(
                error.kind(),
                std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
            ),
        }
    }
}

/// Sends `method` with a body and header lines of its own; what comes back.
pub(crate) fn ask(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let address: SocketAddr = address.parse().expect("an address and a port");
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    connect(address)
        .and_then(|stream| exchange(stream, request.as_bytes()))
        .expect("the address answers")
}

/// The roots that a client of the gate trusts.
#[derive(Clone)]
pub(crate) struct Trust(Arc<ClientConfig>);

impl Trust {
    /// Nothing but the certificates in this file.
    pub(crate) fn only(pem: &Path) -> Self {
        let mut roots = RootCertStore::empty();
        for certificate in averment_gate::read_certificates(pem).expect("the gate wrote its certificate") {
            roots.add(certificate).expect("a certificate of an authority");
        }
        Self(Arc::new(
            ClientConfig::builder()
                .with_root_certificates(roots)
                .with_no_client_auth(),
        ))
    }
}

/// What `GET` of a page gives.
pub(crate) fn get(address: &str, path: &str) -> Answer {
    let address: SocketAddr = address.parse().expect("an address and a port");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connect(address)
        .and_then(|stream| exchange(stream, request.as_bytes()))
        .expect("the page answers")
}

fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn exchange(mut stream: impl Read + Write, request: &[u8]) -> std::io::Result<Answer> {
    stream.write_all(request)?;
    stream.flush()?;
    let head = read_head(&mut stream)?;
    with_body(head, stream)
}

fn with_body(head: String, stream: impl Read) -> std::io::Result<Answer> {
    let length = header(&head, "content-length")
        .and_then(|value| value.parse().ok())
        .unwrap_or(u64::MAX);
    let mut body = Vec::new();
    stream.take(length).read_to_end(&mut body)?;
    Ok(Answer {
        head,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

/// Byte by byte: nothing that follows the head may be swallowed.
fn read_head(stream: &mut impl Read) -> std::io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    fields
        .into_iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}
