//! How recipients prove who they are: certificates that lead to a root of the platform or of the configuration.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use crate::authority::provider;
use crate::clock::Clock;
use crate::credentials::CredentialError;

/// Why recipients cannot be reached at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpstreamError {
    /// Nobody could be verified.
    #[error(
        "no trusted certificates: install those of the platform (package `ca-certificates`) or name some in the configuration"
    )]
    NoRoots,
    /// A configured certificate is none.
    #[error("a configured trusted certificate cannot be read")]
    Root(#[source] rustls::Error),
    /// The parent proxy is none.
    #[error(
        "cannot read the parent proxy `{0}`: expected `http://host:port` or `https://host:port`; a login goes into a file or a variable"
    )]
    ParentProxy(String),
    /// What is said to the parent proxy cannot be read.
    #[error("cannot use the login for the parent proxy")]
    Login(#[from] CredentialError),
    /// TLS cannot be set up.
    #[error("cannot set up encryption")]
    Tls(#[source] rustls::Error),
}

/// The client side of TLS: 1.2 or later, always verifying.
pub(super) fn client_config(extra: &[CertificateDer<'static>], clock: &Clock) -> Result<ClientConfig, UpstreamError> {
    let mut roots = RootCertStore::empty();
    let platform = rustls_native_certs::load_native_certs();
    let (taken, ignored) = roots.add_parsable_certificates(platform.certs);
    tracing::debug!(
        taken,
        ignored,
        errors = platform.errors.len(),
        "trusted certificates of the platform"
    );
    for certificate in extra {
        roots.add(certificate.clone()).map_err(UpstreamError::Root)?;
    }
    if roots.is_empty() {
        return Err(UpstreamError::NoRoots);
    }
    let builder = ClientConfig::builder_with_details(provider(), Arc::new(clock.clone()));
    let builder = builder
        .with_safe_default_protocol_versions()
        .map_err(UpstreamError::Tls)?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
