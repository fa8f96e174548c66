//! A server that stands in for third parties: it takes every host, keeps what arrives and answers 200.
//!
//! Start at [`Sink::start`]. Not a part of the gate: the walk-through and the tests send to it instead of the Internet.
//! It keeps whole requests in memory, values included, within a bound; it writes nothing down.

mod keep;
mod serve;

use std::net::SocketAddr;

use rustls::pki_types::CertificateDer;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::authority::{Authority, AuthorityError};
use crate::clock::Clock;
use keep::Kept;
pub use keep::Received;

/// Why a sink cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// Its certificate cannot be made.
    #[error("cannot make the sink's certificate")]
    Authority(#[from] AuthorityError),
    /// It cannot listen.
    #[error("cannot listen on `{address}`")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// A running sink. It ends when this is dropped.
#[derive(Debug)]
pub struct Sink {
    address: SocketAddr,
    root_certificate: CertificateDer<'static>,
    root_certificate_pem: String,
    kept: Kept,
    _stop: DropGuard,
}

impl Sink {
    /// Starts a sink on `address` (port 0: any free one). Speaks TLS with HTTP/2 and HTTP/1.1, and plain HTTP/1.1 on the
    /// same port. `seen`: called with each request as it is kept, for a line on the terminal.
    ///
    /// # Errors
    /// [`SinkError`].
    pub async fn start(
        address: SocketAddr,
        clock: Clock,
        seen: impl Fn(&Received) + Send + Sync + 'static,
    ) -> Result<Self, SinkError> {
        let listen = |source| SinkError::Listen { address, source };
        let authority = Authority::generate(clock)?;
        let root_certificate = authority.certificate().clone();
        let root_certificate_pem = authority.certificate_pem().to_owned();
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let kept = Kept::new(seen);
        let stop = CancellationToken::new();
        tokio::spawn(serve::accept(listener, authority, kept.clone(), stop.clone()));
        Ok(Self {
            address,
            root_certificate,
            root_certificate_pem,
            kept,
            _stop: stop.drop_guard(),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate that its leaves lead to.
    pub fn root_certificate(&self) -> &CertificateDer<'static> {
        &self.root_certificate
    }

    /// The same as PEM, for `--trust` and for clients.
    pub fn root_certificate_pem(&self) -> &str {
        &self.root_certificate_pem
    }

    /// What it has received, oldest first; beyond a bound the oldest are gone.
    pub fn requests(&self) -> Vec<Received> {
        self.kept.all()
    }

    /// How many requests it has received in all.
    pub fn count(&self) -> u64 {
        self.kept.count()
    }
}
