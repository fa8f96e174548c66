//! The interception authority: made at first start, re-used later; signs one short-lived leaf per host that callers ask for.
//!
//! Start at [`Authority::open`]. Callers trust its certificate (`authority.pem` in the data folder); its key
//! (`authority.key` in the keys folder, mode 0600) signs leaves and nothing else, and leaves have a key of their own that
//! lives only as long as the process. The certificate says for which hosts its key may speak ([`Scope`]), so that callers hold a
//! stolen key to them too.
//!
//! What is lost if the key is lost: callers must trust a new certificate. What can be forged with it: the hosts in its
//! certificate, towards every caller that trusts that; so it belongs in no backup, bundle or log.
//!
//! Source: RFC 5280 4.2.1.10 for name constraints.

mod file;
mod leaf;
mod scope;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::CertifiedKey;

use crate::clock::Clock;
use crate::host::Host;
use leaf::Leaves;
pub use scope::Scope;

/// Ten years: replacing the certificate means touching every caller.
const AUTHORITY_DAYS: i64 = 3650;

/// Why there is no authority.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// A file cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write `{path}`")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// One of the two files is missing.
    #[error(
        "found `{found}` without `{missing}`: put it back, or delete both to make a new authority that callers must trust anew"
    )]
    Half {
        /// The one that is there.
        found: PathBuf,
        /// The one that is not.
        missing: PathBuf,
    },
    /// The key can be read by others.
    #[error(
        "`{path}` can be read by others than its owner (mode {mode:o}): expected mode 600; if nobody else has seen it, `chmod 600` it"
    )]
    Exposed {
        /// Which.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A file does not hold what it should.
    #[error("`{path}` does not hold {expected}")]
    Malformed {
        /// Which.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// The key is not that of the certificate.
    #[error("the key `{key}` does not belong to the certificate `{certificate}`")]
    Mismatch {
        /// The key's file.
        key: PathBuf,
        /// The certificate's file.
        certificate: PathBuf,
    },
    /// Its certificate does not let it speak for a host.
    #[error("the authority's certificate does not let it speak for this host")]
    Outside,
    /// Making or using a key failed.
    #[error("cannot make a certificate")]
    Certificate(#[from] rcgen::Error),
    /// TLS cannot be set up.
    #[error("cannot set up encryption")]
    Tls(#[from] rustls::Error),
}

/// The authority and its leaves. Cheap to clone.
#[derive(Clone)]
pub struct Authority {
    shared: Arc<Shared>,
}

struct Shared {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
    leaves: Leaves,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority(<P-256 key>)")
    }
}

impl Authority {
    /// Reads the authority, or makes and writes one for `scope` when neither file exists. One that is there is taken as it is.
    ///
    /// `keys`: folder of the key file. `data`: folder of the certificate. Both must exist.
    ///
    /// # Errors
    /// [`AuthorityError`]; a broken, exposed or mismatching pair is never replaced silently.
    pub fn open(keys: &Path, data: &Path, scope: &Scope, clock: Clock) -> Result<Self, AuthorityError> {
        let pair = file::Pair::in_folders(keys, data);
        match pair.read()? {
            Some((key, pem)) => Self::load(&pair, &key, pem, clock),
            None => Self::make(&pair, scope, clock),
        }
    }

    /// Reads the authority; none when there is none yet.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn read(keys: &Path, data: &Path, clock: Clock) -> Result<Option<Self>, AuthorityError> {
        let pair = file::Pair::in_folders(keys, data);
        let read = pair.read()?;
        read.map(|(key, pem)| Self::load(&pair, &key, pem, clock)).transpose()
    }

    /// Writes another certificate for the same key, with `scope`. Callers that trust the one before go on with the hosts in it,
    /// and have to trust this one for the others.
    ///
    /// # Errors
    /// As [`Self::open`]; nothing is written then.
    pub fn renew(&self, data: &Path, scope: &Scope, clock: Clock) -> Result<Self, AuthorityError> {
        let key = KeyPair::from_pem(&self.shared.issuer.key().serialize_pem())?;
        let made = Self::of(key, scope, clock)?;
        file::write_certificate(data, &made.shared.pem)?;
        Ok(made)
    }

    /// Makes an authority with a key of its own in the place of the one that was there, which then speaks for nobody any more: every
    /// caller has to trust the new one, and none should trust the old.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn replace(keys: &Path, data: &Path, scope: &Scope, clock: Clock) -> Result<Self, AuthorityError> {
        Self::make(&file::Pair::in_folders(keys, data), scope, clock)
    }

    fn make(pair: &file::Pair, scope: &Scope, clock: Clock) -> Result<Self, AuthorityError> {
        let made = Self::of(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?, scope, clock)?;
        pair.write(&made.shared.issuer.key().serialize_pem(), &made.shared.pem)?;
        Ok(made)
    }

    /// Makes an authority for any host that is written nowhere: for one process, such as the sink or a test.
    ///
    /// # Errors
    /// [`AuthorityError::Certificate`], [`AuthorityError::Tls`].
    pub fn generate(clock: Clock) -> Result<Self, AuthorityError> {
        Self::of(
            KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?,
            &Scope::Everything,
            clock,
        )
    }

    fn of(key: KeyPair, scope: &Scope, clock: Clock) -> Result<Self, AuthorityError> {
        let params = authority_params(scope, &clock);
        let certificate = params.self_signed(&key)?;
        Self::new(
            Issuer::new(params, key),
            certificate.der().clone(),
            certificate.pem(),
            clock,
        )
    }

    fn load(pair: &file::Pair, key: &str, pem: String, clock: Clock) -> Result<Self, AuthorityError> {
        let malformed = |path: &Path, expected| AuthorityError::Malformed {
            path: path.to_owned(),
            expected,
        };
        let key = KeyPair::from_pem(key).map_err(|_| malformed(&pair.key, "a private key"))?;
        let not_a_certificate = || malformed(&pair.certificate, "a certificate");
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| not_a_certificate())?;
        let signing = provider().key_provider.load_private_key(
            key.serialize_der()
                .try_into()
                .map_err(|_| malformed(&pair.key, "a private key"))?,
        )?;
        match CertifiedKey::new(vec![certificate.clone()], signing).keys_match() {
            Ok(()) => {}
            Err(rustls::Error::InconsistentKeys(_)) => {
                return Err(AuthorityError::Mismatch {
                    key: pair.key.clone(),
                    certificate: pair.certificate.clone(),
                });
            }
            Err(_) => return Err(not_a_certificate()),
        }
        let issuer = Issuer::from_ca_cert_der(&certificate, key).map_err(|_| not_a_certificate())?;
        Self::new(issuer, certificate, pem, clock)
    }

    fn new(
        issuer: Issuer<'static, KeyPair>,
        certificate: CertificateDer<'static>,
        pem: String,
        clock: Clock,
    ) -> Result<Self, AuthorityError> {
        let leaves = Leaves::new(&certificate, clock)?;
        Ok(Self {
            shared: Arc::new(Shared {
                issuer,
                certificate,
                pem,
                leaves,
            }),
        })
    }

    /// The certificate that callers must trust.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.shared.certificate
    }

    /// The same in PEM.
    pub fn certificate_pem(&self) -> &str {
        &self.shared.pem
    }

    /// Whether its certificate names hosts that it may speak for; without that it speaks for any.
    pub fn is_constrained(&self) -> bool {
        self.shared.leaves.constrained_by().is_some()
    }

    /// Whether callers that trust its certificate take it for `host`, which is a name or an address.
    pub fn speaks_for(&self, host: &str) -> bool {
        Host::parse(host).is_some_and(|host| self.server_config(&host).is_ok())
    }

    /// Those of `scope` that it does not speak for, and whether it would have to speak for any host and does not.
    pub fn outside(&self, scope: &Scope) -> Outside {
        match scope {
            Scope::Everything => Outside {
                hosts: Vec::new(),
                all_others: self.is_constrained(),
            },
            Scope::Hosts(hosts) => Outside {
                hosts: hosts.iter().filter(|host| !self.speaks_for(host)).cloned().collect(),
                all_others: false,
            },
        }
    }

    /// How to answer a TLS handshake as `host`.
    ///
    /// [`AuthorityError::Outside`] for one that it may not speak for.
    pub(crate) fn server_config(&self, host: &Host) -> Result<Arc<ServerConfig>, AuthorityError> {
        self.shared.leaves.server_config(&self.shared.issuer, host)
    }
}

/// What an authority should speak for and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// Hosts.
    pub hosts: Vec<String>,
    /// Hosts that nobody named are let through, and it does not speak for all of them.
    pub all_others: bool,
}

fn authority_params(scope: &Scope, clock: &Clock) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, "Averment gate authority");
    params.distinguished_name = name;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = scope.constraints();
    (params.not_before, params.not_after) = leaf::validity(clock.now(), 24, AUTHORITY_DAYS * 24);
    params
}

/// The one TLS provider of this program.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

#[cfg(test)]
mod tests;
