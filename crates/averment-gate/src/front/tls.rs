//! The front over TLS: the gate's own certificate, and callers who show theirs.
//!
//! Start at [`FrontTls::of`] and [`FrontTls::accept`]. A certificate that the client authority did not sign ends the handshake.
//! One that it signed and that is out of date says nothing: the caller is then as one without.
//!
//! Source: RFC 8446 4.4.2; RFC 5280 4.2.1.6 for the names.

mod verifier;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::time_provider::TimeProvider as _;
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use zeroize::Zeroizing;

use crate::authority::provider;
use crate::caller::hex;
use crate::clock::Clock;
use crate::paced::Paced;
use crate::settings::{Settings, Tls, name_as_compared};
use crate::trust::{TrustError, read_certificates};
use verifier::OutdatedToo;

/// No key is longer.
const KEY_MAX_BYTES: u64 = 64 << 10;

/// Why the gate cannot be reached over TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrontTlsError {
    /// A file of certificates cannot be used.
    #[error(transparent)]
    Certificates(#[from] TrustError),
    /// The key cannot be read.
    #[error("cannot read the key `{}`", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others can read the key.
    #[error("key file `{}` has mode {mode:03o}, expected 600: run `chmod 600` on it and consider who could read it", path.display())]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It holds something else.
    #[error("`{}` holds no private key: expected PEM with `PRIVATE KEY`", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The key is not that of the certificate.
    #[error("the key `{}` does not belong to the certificate `{}`", key.display(), certificate.display())]
    Mismatch {
        /// The key's file.
        key: PathBuf,
        /// The certificate's file.
        certificate: PathBuf,
    },
    /// No certificate could be held against it.
    #[error("the client authority `{}` cannot be used", path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// TLS cannot be set up.
    #[error("cannot set up encryption")]
    Tls(#[from] rustls::Error),
}

/// How callers are spoken to over TLS.
pub(crate) struct FrontTls {
    acceptor: TlsAcceptor,
    callers: Option<Arc<dyn ClientCertVerifier>>,
    clock: Clock,
}

/// A certificate that a caller has proved to hold, signed by the client authority and in date when the connection was made.
#[derive(Debug, Clone)]
pub(crate) struct Shown(Arc<Certificate>);

/// What is looked at in a certificate.
#[derive(Debug)]
pub(crate) struct Certificate {
    /// Subject alternative names, DNS and URI, as compared.
    pub(crate) names: BTreeSet<String>,
    /// Of its DER, lower-case hexadecimal digits.
    pub(crate) sha256: String,
}

impl std::ops::Deref for Shown {
    type Target = Certificate;

    fn deref(&self) -> &Certificate {
        &self.0
    }
}

impl FrontTls {
    /// What `[tls]` of `settings` says; none where it says nothing.
    ///
    /// # Errors
    /// [`FrontTlsError`] for files that cannot be used.
    pub(crate) fn of(settings: &Settings, clock: &Clock) -> Result<Option<Self>, FrontTlsError> {
        settings.tls.as_ref().map(|tls| Self::read(tls, clock)).transpose()
    }

    fn read(tls: &Tls, clock: &Clock) -> Result<Self, FrontTlsError> {
        let own = own_certificate(tls)?;
        let callers = tls.client_authority_file.as_deref().map(client_authority).transpose()?;
        let builder = ServerConfig::builder_with_details(provider(), Arc::new(clock.clone()));
        let builder = builder.with_safe_default_protocol_versions()?;
        let builder = match &callers {
            Some(callers) => builder.with_client_cert_verifier(Arc::new(OutdatedToo::new(callers))),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(own)));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            callers,
            clock: clock.clone(),
        })
    }

    /// Shakes hands, and gives what the caller has shown, if that counts now.
    pub(crate) async fn accept(
        &self,
        stream: Paced<TcpStream>,
    ) -> std::io::Result<(TlsStream<Paced<TcpStream>>, Option<Shown>)> {
        let stream = self.acceptor.accept(stream).await?;
        let chain = stream.get_ref().1.peer_certificates();
        let shown = chain.and_then(|chain| self.in_date(chain));
        Ok((stream, shown))
    }

    /// The certificate of `chain`, verified once more: the handshake lets those in that are out of date, and a handshake that
    /// resumes an older one verifies nothing.
    fn in_date(&self, chain: &[CertificateDer<'_>]) -> Option<Shown> {
        let (certificate, intermediates) = chain.split_first()?;
        let now: UnixTime = self.clock.current_time()?;
        let callers = self.callers.as_ref()?;
        if let Err(error) = callers.verify_client_cert(certificate, intermediates, now) {
            tracing::info!(%error, "a caller's certificate does not count");
            return None;
        }
        let names = webpki::EndEntityCert::try_from(certificate).ok()?;
        let names = names.valid_dns_names().chain(names.valid_uri_names());
        Some(Shown(Arc::new(Certificate {
            names: names.map(name_as_compared).collect(),
            sha256: hex(&Sha256::digest(certificate)),
        })))
    }
}

fn own_certificate(tls: &Tls) -> Result<CertifiedKey, FrontTlsError> {
    let chain = read_certificates(&tls.certificate_file)?;
    let key = provider().key_provider.load_private_key(read_key(&tls.key_file)?)?;
    let own = CertifiedKey::new(chain, key);
    match own.keys_match() {
        Err(rustls::Error::InconsistentKeys(_)) => Err(FrontTlsError::Mismatch {
            key: tls.key_file.clone(),
            certificate: tls.certificate_file.clone(),
        }),
        matched => Ok(matched.map(|()| own)?),
    }
}

/// The key in a file that only its owner may read.
fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, FrontTlsError> {
    let unreadable = |source| FrontTlsError::Key {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        let path = path.to_owned();
        return Err(FrontTlsError::Mode { path, mode });
    }
    let mut pem = Zeroizing::new(Vec::new());
    file.take(KEY_MAX_BYTES).read_to_end(&mut pem).map_err(unreadable)?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|_| FrontTlsError::NoKey { path: path.to_owned() })
}

/// Who verifies callers. A caller need not show a certificate: others are known by a token.
fn client_authority(path: &Path) -> Result<Arc<dyn ClientCertVerifier>, FrontTlsError> {
    let unusable = |source: Box<dyn std::error::Error + Send + Sync>| FrontTlsError::Authority {
        path: path.to_owned(),
        source,
    };
    let mut roots = RootCertStore::empty();
    for certificate in read_certificates(path)? {
        roots.add(certificate).map_err(|error| unusable(error.into()))?;
    }
    let builder = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
    let verifier = builder.allow_unauthenticated().build();
    verifier
        .map(|verifier| verifier as _)
        .map_err(|error| unusable(error.into()))
}
