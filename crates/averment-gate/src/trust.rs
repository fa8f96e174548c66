//! Certificates to trust besides those of the platform, from PEM files.

use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// Why a file of certificates cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The file.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not PEM, or no certificate in it.
    #[error("`{}` holds no certificate: expected PEM with `-----BEGIN CERTIFICATE-----`", path.display())]
    NoCertificate {
        /// Which.
        path: PathBuf,
    },
}

/// The certificates in a PEM file, at least one.
///
/// # Errors
/// [`TrustError`]; a file that is only in part PEM is refused as a whole.
pub fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let text = std::fs::read(path).map_err(|source| TrustError::Read {
        path: path.to_owned(),
        source,
    })?;
    let no_certificate = || TrustError::NoCertificate { path: path.to_owned() };
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|_| no_certificate())?;
    if found.is_empty() {
        Err(no_certificate())
    } else {
        Ok(found)
    }
}
