//! Handshakes with a server, and what its certificate is worth.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{CertificateError, ClientConfig, ClientConnection, ProtocolVersion, RootCertStore};

/// Longest time to connect, and in which nothing comes.
const WITHIN: Duration = Duration::from_secs(10);
/// Most bytes of an answer whose headers are looked at.
const HEAD_MAX: u64 = 64 << 10;

/// What a handshake gave.
#[derive(Debug)]
pub(super) enum Shaken {
    /// It holds: the version, and the head of an answer to a request.
    Holds(ProtocolVersion, String),
    /// Its certificate does not hold, in a few words.
    Certificate(&'static str),
    /// It speaks no TLS that is good enough.
    Refused,
    /// Nobody answers.
    Unreachable,
}

/// A moment at which certificates are judged.
#[derive(Debug)]
struct At(UnixTime);

impl TimeProvider for At {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}

/// Connects to `address`, `host:port`.
pub(super) fn connect(address: &str) -> Option<TcpStream> {
    let found = address.to_socket_addrs().ok()?;
    let stream = found
        .into_iter()
        .find_map(|address| TcpStream::connect_timeout(&address, WITHIN).ok())?;
    stream.set_read_timeout(Some(WITHIN)).ok()?;
    stream.set_write_timeout(Some(WITHIN)).ok()?;
    Some(stream)
}

/// Shakes hands as somebody who believes the system's roots and `trust`, at `now`.
pub(super) fn shake(address: &str, host: &str, trust: &[CertificateDer<'static>], now: Timestamp) -> Shaken {
    let Some(mut stream) = connect(address) else {
        return Shaken::Unreachable;
    };
    let Some(mut connection) = client(host, trust, now) else {
        return Shaken::Certificate("cannot be looked for: its name is no host");
    };
    while connection.is_handshaking() {
        if let Err(error) = connection.complete_io(&mut stream) {
            return told(&error);
        }
    }
    let version = connection.protocol_version().unwrap_or(ProtocolVersion::Unknown(0));
    let mut tls = rustls::Stream::new(&mut connection, &mut stream);
    let request = format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    let mut head = Vec::new();
    if tls.write_all(request.as_bytes()).is_ok() {
        // Servers that end without saying so have said what they had to.
        _ = tls.take(HEAD_MAX).read_to_end(&mut head);
    }
    Shaken::Holds(version, String::from_utf8_lossy(&head).into_owned())
}

fn client(host: &str, trust: &[CertificateDer<'static>], now: Timestamp) -> Option<ClientConnection> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots.add_parsable_certificates(trust.to_vec());
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let at = At(UnixTime::since_unix_epoch(Duration::from_secs(seconds)));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_details(provider, Arc::new(at))
        .with_safe_default_protocol_versions()
        .ok()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).ok()?;
    ClientConnection::new(Arc::new(config), name).ok()
}

fn told(error: &std::io::Error) -> Shaken {
    let of_tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match of_tls {
        Some(rustls::Error::InvalidCertificate(certificate)) => Shaken::Certificate(match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has a certificate that has ended",
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "has a certificate that has not begun"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "has a certificate for another name"
            }
            CertificateError::UnknownIssuer => "has a certificate of nobody who is trusted",
            CertificateError::Revoked => "has a certificate that was withdrawn",
            _ => "has a certificate that does not hold",
        }),
        Some(_) => Shaken::Refused,
        None => match error.kind() {
            std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock => Shaken::Unreachable,
            _ => Shaken::Refused,
        },
    }
}
