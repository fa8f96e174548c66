//! Whether keys and certificates belong together, and whether a key may go on as that of what callers trust.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rcgen::{CertificateParams, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData as _};
use rustls::pki_types::{CertificateDer, UnixTime};
use webpki::EndEntityCert;

use super::file::{self, Files};
use super::{AuthorityError, Scope, certificate_in, leaf, malformed, provider};

/// Refuses `root`, which was read from `path`, where certificates that it signs anew would be trusted by nobody or bind nobody.
pub(super) fn refuse_root(files: &Files, (path, root): (&Path, &KeyPair), scope: &Scope) -> Result<(), AuthorityError> {
    let trusted = certificate_in(&files.certificate, &file::read(&files.certificate)?)?;
    let anchor =
        webpki::anchor_from_trusted_cert(&trusted).map_err(|_| malformed(&files.certificate, "a certificate"))?;
    // With or without the tag around it.
    if !root
        .subject_public_key_info()
        .ends_with(&anchor.subject_public_key_info)
    {
        return Err(AuthorityError::Mismatch {
            key: path.to_owned(),
            certificate: files.certificate.clone(),
        });
    }
    if signs_leaves(files, root) {
        return Err(AuthorityError::SignsItself { path: path.to_owned() });
    }
    if anchor.name_constraints.is_none() && matches!(scope, Scope::Hosts(_)) {
        return Err(AuthorityError::AnyHost {
            path: files.certificate.clone(),
        });
    }
    Ok(())
}

/// Of an authority of before, whose certificate allows no other between it and leaves.
fn signs_leaves(files: &Files, root: &KeyPair) -> bool {
    let signing = file::read(&files.key).ok();
    let signing = signing.and_then(|text| KeyPair::from_pem(&text).ok());
    signing.is_some_and(|signing| signing.public_key_raw() == root.public_key_raw())
}

/// Whether `trusted` has signed `chain`, whose key is in `issuer`: asked with a leaf for nobody. Which of them is out of date is not
/// asked here.
pub(super) fn has_signed(
    trusted: &CertificateDer<'_>,
    (chain, issuer): (&CertificateDer<'_>, &Issuer<'static, KeyPair>),
    now: Timestamp,
) -> Result<bool, AuthorityError> {
    let mut params = CertificateParams::default();
    (params.not_before, params.not_after) = leaf::validity(now, 1, 1);
    let leaf = params.signed_by(&KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?, issuer)?;
    let leaf = EndEntityCert::try_from(leaf.der()).map_err(|_| rcgen::Error::CouldNotParseCertificate)?;
    let Ok(anchor) = webpki::anchor_from_trusted_cert(trusted) else {
        return Ok(false);
    };
    let now = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.as_second()).unwrap_or(0)));
    let algorithms = provider().signature_verification_algorithms.all;
    let usage = webpki::KeyUsage::server_auth();
    let (anchors, between) = (std::slice::from_ref(&anchor), std::slice::from_ref(chain));
    let answer = leaf.verify_for_usage(algorithms, anchors, between, now, usage, None, None);
    Ok(!matches!(
        answer,
        Err(webpki::Error::UnknownIssuer | webpki::Error::InvalidSignatureForPublicKey)
    ))
}
