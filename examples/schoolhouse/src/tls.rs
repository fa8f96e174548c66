//! TLS before the platform: what comes in encrypted goes on to it on this machine, and plain HTTP leads there and gives nothing
//! else.
//!
//! Start at [`acceptor`] and [`before`]. The certificate is of an authority that is made at each start and written nowhere but for
//! its public part: lost it is made anew, and whoever trusts it trusts this one program.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};
use axum::response::Redirect;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The names of the platform.
pub(crate) const NAMES: [&str; 2] = ["schoolhouse.example", "www.schoolhouse.example"];

/// Listens for TLS at `listen` and takes it to `behind`, for as long as the runtime lives; the address.
///
/// # Errors
/// An address that cannot be listened at.
pub(crate) async fn before(acceptor: TlsAcceptor, listen: &str, behind: SocketAddr) -> std::io::Result<SocketAddr> {
    let tls = TcpListener::bind(listen).await?;
    let address = tls.local_addr()?;
    tokio::spawn(async move {
        while let Ok((caller, _)) = tls.accept().await {
            tokio::spawn(carry(acceptor.clone(), caller, behind));
        }
    });
    Ok(address)
}

/// Listens for plain HTTP on a free port beside `tls`; the address.
///
/// # Errors
/// None is free.
pub(crate) async fn beside(tls: SocketAddr) -> std::io::Result<SocketAddr> {
    let plain = TcpListener::bind((tls.ip(), 0)).await?;
    let address = plain.local_addr()?;
    tokio::spawn(axum::serve(plain, Router::new().fallback(to_tls)).into_future());
    Ok(address)
}

/// One connection. What breaks off is over; nobody has to be told.
async fn carry(acceptor: TlsAcceptor, caller: TcpStream, behind: SocketAddr) -> std::io::Result<()> {
    let mut caller = acceptor.accept(caller).await?;
    let mut platform = TcpStream::connect(behind).await?;
    copy_bidirectional(&mut caller, &mut platform).await?;
    Ok(())
}

/// The same page by TLS.
async fn to_tls(headers: HeaderMap, uri: Uri) -> Redirect {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let name = host.and_then(|host| host.split(':').next());
    let name = NAMES.into_iter().find(|known| Some(*known) == name).unwrap_or(NAMES[0]);
    Redirect::permanent(&format!("https://{name}{}", uri.path()))
}

/// With a certificate of these names; that of its authority is written to `file`, and sent along for browsers.
///
/// # Errors
/// A name that is none, a file that cannot be written.
pub(crate) fn acceptor(names: &[String], file: &Path) -> Result<TlsAcceptor, Box<dyn Error>> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
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
