//! The interception authority: made at first start, re-used later; signs one short-lived leaf per host that callers ask for.
//!
//! Start at [`Authority::open`]. Callers trust one certificate (`authority.pem` in the data folder). Its key (`authority-root.key` in
//! the keys folder) is needed only to renew it, and best kept elsewhere; it has signed another certificate (`authority-chain.pem`), whose
//! key (`authority.key`, mode 0600) signs leaves and nothing else. Leaves have a key of their own that lives only as long as the
//! process. Both certificates say for which hosts they hold ([`Scope`]): what stands in the one that they trust, some callers do not
//! look at (Java), what stands in the other all do.
//!
//! What is lost if the keys are lost: callers must trust a new certificate. What can be forged with `authority.key`: the hosts in the
//! certificates, towards every caller that trusts the first; so it belongs in no backup, bundle or log.
//!
//! Source: RFC 5280 4.2.1.10 for name constraints.

mod error;
mod file;
mod kin;
mod leaf;
mod scope;

use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::CertifiedKey;

use crate::clock::Clock;
use crate::host::Host;
pub use error::AuthorityError;
use file::{Files, Read, Written};
use leaf::Leaves;
pub use scope::Scope;

/// Ten years: replacing the certificate means touching every caller.
const AUTHORITY_DAYS: i64 = 3650;

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
    /// Reads the authority, or makes and writes one for `scope` when there is none. One that is there is taken as it is.
    ///
    /// `keys`: folder of the keys. `data`: folder of the certificates. Both must exist.
    ///
    /// # Errors
    /// [`AuthorityError`]; a broken, exposed or mismatching pair is never replaced silently.
    pub fn open(keys: &Path, data: &Path, scope: &Scope, clock: Clock) -> Result<Self, AuthorityError> {
        match Self::read(keys, data, clock.clone())? {
            Some(there) => Ok(there),
            None => Self::replace(keys, data, scope, clock),
        }
    }

    /// Reads the authority; none when there is none yet.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn read(keys: &Path, data: &Path, clock: Clock) -> Result<Option<Self>, AuthorityError> {
        let files = Files::in_folders(keys, data);
        let read = files.read()?;
        read.map(|read| Self::load(&files, read, clock)).transpose()
    }

    /// Writes other certificates with `scope`, for the same root key and another signing key. Callers that trust the certificate of
    /// before go on with the hosts in it, and have to trust the new one for the others.
    ///
    /// `root_key`: where that is kept; in `keys` when absent.
    ///
    /// # Errors
    /// As [`Self::open`], [`AuthorityError::NoRootKey`], and where a certificate for the key that is there would be of no use:
    /// [`AuthorityError::Mismatch`], [`AuthorityError::SignsItself`], [`AuthorityError::AnyHost`]. Nothing is written then.
    pub fn renew(
        (keys, data): (&Path, &Path),
        root_key: Option<&Path>,
        scope: &Scope,
        clock: Clock,
    ) -> Result<Self, AuthorityError> {
        let files = Files::in_folders(keys, data);
        let (path, text) = files.read_root_key(root_key)?;
        let root = KeyPair::from_pem(&text).map_err(|_| malformed(&path, "a private key"))?;
        kin::refuse_root(&files, (&path, &root), scope)?;
        let keeps_root_key = root_key.is_none();
        Self::issue(&files, root, keeps_root_key, (scope, clock))
    }

    /// Makes an authority with keys of its own in the place of the one that was there, which then speaks for nobody any more: every
    /// caller has to trust the new one, and none should trust the old.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn replace(keys: &Path, data: &Path, scope: &Scope, clock: Clock) -> Result<Self, AuthorityError> {
        let root = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        Self::issue(&Files::in_folders(keys, data), root, true, (scope, clock))
    }

    /// Both certificates anew, and a key for the second.
    fn issue(
        files: &Files,
        root: KeyPair,
        keeps_root_key: bool,
        (scope, clock): (&Scope, Clock),
    ) -> Result<Self, AuthorityError> {
        let params = authority_params("Averment gate authority", 1, scope, &clock);
        let certificate = params.self_signed(&root)?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut between = authority_params("Averment gate signing", 0, scope, &clock);
        between.use_authority_key_identifier_extension = true;
        let root_key = keeps_root_key.then(|| root.serialize_pem());
        let signed = between.signed_by(&key, &Issuer::new(params, root))?;
        files.write(&Written {
            root_key,
            key: key.serialize_pem(),
            chain: signed.pem(),
            certificate: certificate.pem(),
        })?;
        let (trusted, pem) = (certificate.der().clone(), certificate.pem());
        Self::new(
            Issuer::new(between, key),
            (trusted, pem),
            Some(signed.der().clone()),
            clock,
        )
    }

    /// Makes an authority for any host that is written nowhere: for one process, such as the sink or a test.
    ///
    /// # Errors
    /// [`AuthorityError::Certificate`], [`AuthorityError::Tls`].
    pub fn generate(clock: Clock) -> Result<Self, AuthorityError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let params = authority_params("Averment gate authority", 0, &Scope::Everything, &clock);
        let certificate = params.self_signed(&key)?;
        let (trusted, pem) = (certificate.der().clone(), certificate.pem());
        Self::new(Issuer::new(params, key), (trusted, pem), None, clock)
    }

    fn load(files: &Files, read: Read, clock: Clock) -> Result<Self, AuthorityError> {
        let key = KeyPair::from_pem(&read.key).map_err(|_| malformed(&files.key, "a private key"))?;
        let trusted = certificate_in(&files.certificate, &read.certificate)?;
        webpki::anchor_from_trusted_cert(&trusted).map_err(|_| malformed(&files.certificate, "a certificate"))?;
        let chain = read.chain.map(|text| certificate_in(&files.chain, &text)).transpose()?;
        // An authority of before signs with the key of what callers trust.
        let (path, signing) = match &chain {
            Some(chain) => (&files.chain, chain),
            None => (&files.certificate, &trusted),
        };
        let not_a_certificate = || malformed(path, "a certificate");
        let own = key.serialize_der().try_into();
        let own = provider()
            .key_provider
            .load_private_key(own.map_err(|_| malformed(&files.key, "a private key"))?)?;
        match CertifiedKey::new(vec![signing.clone()], own).keys_match() {
            Ok(()) => {}
            Err(rustls::Error::InconsistentKeys(_)) => {
                return Err(AuthorityError::Mismatch {
                    key: files.key.clone(),
                    certificate: path.clone(),
                });
            }
            Err(_) => return Err(not_a_certificate()),
        }
        let issuer = Issuer::from_ca_cert_der(signing, key).map_err(|_| not_a_certificate())?;
        if let Some(chain) = &chain
            && !kin::has_signed(&trusted, (chain, &issuer), clock.now())?
        {
            return Err(AuthorityError::Stranger {
                chain: files.chain.clone(),
                certificate: files.certificate.clone(),
            });
        }
        Self::new(issuer, (trusted, read.certificate), chain, clock)
    }

    fn new(
        issuer: Issuer<'static, KeyPair>,
        (certificate, pem): (CertificateDer<'static>, String),
        chain: Option<CertificateDer<'static>>,
        clock: Clock,
    ) -> Result<Self, AuthorityError> {
        let leaves = Leaves::new(&certificate, chain, clock)?;
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

    /// The hosts in its certificate.
    fn permitted(&self) -> Vec<String> {
        let constraints = self
            .shared
            .leaves
            .constrained_by()
            .and_then(|anchor| anchor.name_constraints.as_ref());
        constraints.map_or_else(Vec::new, |der| scope::permitted_in(der))
    }

    /// Those of `scope` that it does not speak for, whether it would have to speak for any host and does not, and those that it may
    /// speak for besides.
    pub fn outside(&self, scope: &Scope) -> Outside {
        match scope {
            Scope::Everything => Outside {
                hosts: Vec::new(),
                all_others: self.is_constrained(),
                beyond: Vec::new(),
            },
            Scope::Hosts(hosts) => Outside {
                hosts: hosts.iter().filter(|host| !self.speaks_for(host)).cloned().collect(),
                all_others: false,
                beyond: scope.lacks(self.permitted()),
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

/// Where an authority and what it should speak for differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// Hosts.
    pub hosts: Vec<String>,
    /// Hosts that nobody named are let through, and it does not speak for all of them.
    pub all_others: bool,
    /// Hosts that its certificate permits and nobody asks for.
    pub beyond: Vec<String>,
}

fn malformed(path: &Path, expected: &'static str) -> AuthorityError {
    AuthorityError::Malformed {
        path: path.to_owned(),
        expected,
    }
}

fn certificate_in(path: &Path, text: &str) -> Result<CertificateDer<'static>, AuthorityError> {
    CertificateDer::from_pem_slice(text.as_bytes()).map_err(|_| malformed(path, "a certificate"))
}

/// `below`: how many authorities may stand between it and a leaf.
fn authority_params(called: &str, below: u8, scope: &Scope, clock: &Clock) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, called);
    params.distinguished_name = name;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
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
