//! Which certificates of callers a handshake takes: those of the client authority, also when they are out of date.
//!
//! What is out of date is not believed afterwards; refusing the handshake would only keep the caller from being told.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

/// The client authority, at the time at which a certificate was in date.
#[derive(Debug)]
pub(super) struct OutdatedToo {
    strict: Arc<dyn ClientCertVerifier>,
}

impl OutdatedToo {
    pub(super) fn new(strict: &Arc<dyn ClientCertVerifier>) -> Self {
        Self {
            strict: Arc::clone(strict),
        }
    }
}

impl ClientCertVerifier for OutdatedToo {
    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.strict.verify_client_cert(certificate, intermediates, now);
        // Whose it is must hold all the same: dates are looked at before signatures.
        match verified {
            Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
                self.strict.verify_client_cert(certificate, intermediates, not_after)
            }
            Err(Error::InvalidCertificate(CertificateError::NotValidYetContext { not_before, .. })) => {
                self.strict.verify_client_cert(certificate, intermediates, not_before)
            }
            verified => verified,
        }
    }

    fn client_auth_mandatory(&self) -> bool {
        self.strict.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.strict.root_hint_subjects()
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.strict.supported_verify_schemes()
    }
}
