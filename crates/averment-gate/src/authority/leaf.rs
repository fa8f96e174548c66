//! Leaves: one certificate per host name, signed when first asked for, kept for a while, never written down.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};
use webpki::EndEntityCert;

use super::{AuthorityError, provider};
use crate::clock::Clock;
use crate::host::Host;

/// A leaf is good for less than a week: six days, and an hour backwards for callers whose clock is slow.
const LEAF_HOURS: i64 = 6 * 24;
/// It is replaced after half of that, so that a pooled connection never meets an expired one.
const RENEW_AFTER_HOURS: i64 = LEAF_HOURS / 2;
/// Callers choose the names, so their number is bounded; the oldest leaf makes room.
const LEAVES_MAX: usize = 1024;

/// First and last moment of a certificate, `hours_before` now and `hours` after.
pub(super) fn validity(now: Timestamp, hours_before: i64, hours: i64) -> (time_of::Moment, time_of::Moment) {
    let at = |hours: i64| time_of::moment(now.as_second() + hours * 3600);
    (at(-hours_before), at(hours))
}

/// The certificate library's own kind of time.
pub(super) mod time_of {
    use super::Duration;

    pub(in crate::authority) type Moment = time::OffsetDateTime;

    /// `seconds` since 1970; earlier times count as 1970.
    pub(super) fn moment(seconds: i64) -> Moment {
        Moment::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    }
}

/// The leaf key of this process and the leaves made with it.
pub(super) struct Leaves {
    clock: Clock,
    key: KeyPair,
    signing: Arc<dyn SigningKey>,
    /// What stands between leaves and what callers trust.
    chain: Option<CertificateDer<'static>>,
    cache: Mutex<Cache>,
    /// Who callers trust, where that is bound to some hosts.
    constrained: Option<TrustAnchor<'static>>,
}

#[derive(Default)]
struct Cache {
    configs: HashMap<String, (Timestamp, Arc<ServerConfig>)>,
    oldest_first: VecDeque<String>,
}

impl Leaves {
    /// `authority`: the certificate that callers trust. `chain`: the one between it and leaves.
    pub(super) fn new(
        authority: &CertificateDer<'_>,
        chain: Option<CertificateDer<'static>>,
        clock: Clock,
    ) -> Result<Self, AuthorityError> {
        let unusable = |_| rustls::Error::from(rustls::CertificateError::BadEncoding);
        let anchor = webpki::anchor_from_trusted_cert(authority)
            .map_err(unusable)?
            .to_owned();
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let der = key
            .serialize_der()
            .try_into()
            .map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
        let signing = provider().key_provider.load_private_key(der)?;
        Ok(Self {
            clock,
            key,
            signing,
            chain,
            cache: Mutex::default(),
            constrained: anchor.name_constraints.is_some().then_some(anchor),
        })
    }

    /// Who callers trust, where that is bound to some hosts.
    pub(super) fn constrained_by(&self) -> Option<&TrustAnchor<'static>> {
        self.constrained.as_ref()
    }

    pub(super) fn server_config(
        &self,
        issuer: &Issuer<'static, KeyPair>,
        host: &Host,
    ) -> Result<Arc<ServerConfig>, AuthorityError> {
        let now = self.clock.now();
        if let Some(config) = self
            .cache
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fresh(host.as_str(), now)
        {
            return Ok(config);
        }
        let config = self.make(issuer, host, now)?;
        self.cache
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .put(host.as_str(), now, Arc::clone(&config));
        Ok(config)
    }

    fn make(
        &self,
        issuer: &Issuer<'static, KeyPair>,
        host: &Host,
        now: Timestamp,
    ) -> Result<Arc<ServerConfig>, AuthorityError> {
        let leaf = leaf_params(host, now)?.signed_by(&self.key, issuer)?;
        if self
            .constrained
            .as_ref()
            .is_some_and(|anchor| !is_taken(leaf.der(), self.chain.as_slice(), anchor, now))
        {
            return Err(AuthorityError::Outside);
        }
        let chain = [std::slice::from_ref(leaf.der()), self.chain.as_slice()].concat();
        let certified = CertifiedKey::new(chain, Arc::clone(&self.signing));
        let builder = ServerConfig::builder_with_details(provider(), Arc::new(self.clock.clone()));
        let builder = builder.with_safe_default_protocol_versions()?.with_no_client_auth();
        let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

impl Cache {
    fn fresh(&self, host: &str, now: Timestamp) -> Option<Arc<ServerConfig>> {
        let (made, config) = self.configs.get(host)?;
        let age_hours = (now.as_second() - made.as_second()) / 3600;
        (0..RENEW_AFTER_HOURS).contains(&age_hours).then(|| Arc::clone(config))
    }

    fn put(&mut self, host: &str, now: Timestamp, config: Arc<ServerConfig>) {
        if self.configs.insert(host.to_owned(), (now, config)).is_none() {
            self.oldest_first.push_back(host.to_owned());
        }
        if self.oldest_first.len() > LEAVES_MAX
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.configs.remove(&oldest);
        }
    }
}

/// Whether a caller that trusts `anchor` takes `leaf`: asked of the verifier that this program goes by as a caller itself.
fn is_taken(leaf: &CertificateDer<'_>, chain: &[CertificateDer<'_>], anchor: &TrustAnchor<'_>, now: Timestamp) -> bool {
    let now = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.as_second()).unwrap_or(0)));
    let algorithms = provider().signature_verification_algorithms.all;
    let anchors = std::slice::from_ref(anchor);
    let server = webpki::KeyUsage::server_auth();
    EndEntityCert::try_from(leaf).is_ok_and(|leaf| {
        leaf.verify_for_usage(algorithms, anchors, chain, now, server, None, None)
            .is_ok()
    })
}

fn leaf_params(host: &Host, now: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(vec![host.as_str().to_owned()])?;
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, "Averment gate");
    params.distinguished_name = name;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    (params.not_before, params.not_after) = validity(now, 1, LEAF_HOURS);
    Ok(params)
}
