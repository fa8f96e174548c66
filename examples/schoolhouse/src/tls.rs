//! TLS of the platform itself, and what its plain HTTP gives then: whoever asks for it by its name, or from elsewhere, is led to
//! TLS; what programs on this machine ask by its address is answered.
//!
//! Start at [`acceptor`], [`Encrypted`] and [`or_to_tls`]. The certificate is of an authority that is made at each start and written
//! nowhere but for its public part: lost it is made anew, and whoever trusts it trusts this one program.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request};
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::serve::{IncomingStream, Listener};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The names of the platform.
pub(crate) const NAMES: [&str; 2] = ["schoolhouse.example", "www.schoolhouse.example"];

/// Callers waiting until they are answered, at most.
const WAITING: usize = 32;

/// A listener whose connections are encrypted.
pub(crate) struct Encrypted {
    arrived: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl Encrypted {
    /// Listens at `listen` for as long as the runtime lives. A caller with whom no connection comes about is forgotten.
    ///
    /// # Errors
    /// An address that cannot be listened at.
    pub(crate) async fn bind(acceptor: TlsAcceptor, listen: &str) -> std::io::Result<Self> {
        let tcp = TcpListener::bind(listen).await?;
        let address = tcp.local_addr()?;
        let (arrive, arrived) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            while let Ok((caller, from)) = tcp.accept().await {
                let (acceptor, arrive) = (acceptor.clone(), arrive.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(caller).await {
                        let _ = arrive.send((stream, from)).await;
                    }
                });
            }
        });
        Ok(Self { arrived, address })
    }
}

impl Listener for Encrypted {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.arrived.recv().await {
            Some(arrived) => arrived,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        Ok(self.address)
    }
}

/// Who called.
#[derive(Clone)]
pub(crate) struct Caller(SocketAddr);

impl Connected<IncomingStream<'_, Encrypted>> for Caller {
    fn connect_info(stream: IncomingStream<'_, Encrypted>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Says who called as it is said of plain HTTP.
pub(crate) async fn called(ConnectInfo(caller): ConnectInfo<Caller>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(ConnectInfo(caller.0));
    next.run(request).await
}

/// What plain HTTP gives beside TLS: the same page by TLS, and to programs on this machine that ask by its address the page.
pub(crate) async fn or_to_tls(ConnectInfo(from): ConnectInfo<SocketAddr>, request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let asked = host.and_then(|host| host.split(':').next()).unwrap_or_default();
    let name = NAMES.into_iter().find(|name| asked.eq_ignore_ascii_case(name));
    match (name, from.ip().is_loopback()) {
        (None, true) => next.run(request).await,
        (name, _) => {
            let name = name.unwrap_or(NAMES[0]);
            Redirect::permanent(&format!("https://{name}{}", request.uri().path())).into_response()
        }
    }
}

/// With a certificate of these names; that of its authority is written to `file`, and sent along for browsers.
///
/// # Errors
/// A name that is none, a file that cannot be written.
pub(crate) fn acceptor(names: &[String], file: &Path) -> Result<TlsAcceptor, Box<dyn Error>> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    // Of another name than what it signs: what is signed by its own name looks signed by itself.
    params
        .distinguished_name
        .push(DnType::CommonName, "Schoolhouse's own authority");
    let top = params.self_signed(&key)?;
    std::fs::write(file, top.pem())?;
    let authority = Issuer::new(params, key);
    let own = KeyPair::generate()?;
    let certificate = CertificateParams::new(names.to_vec())?.signed_by(&own, &authority)?;
    let key = PrivateKeyDer::try_from(own.serialize_der())?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone(), top.der().clone()], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
