//! Why there is no authority, in the words of whoever runs the gate.

use std::path::PathBuf;

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
    /// Somebody else holds the lock of the files.
    #[error(
        "`{path}` is locked by another program that makes or renews the authority: wait until it is done, or end it"
    )]
    Busy {
        /// The folder of keys.
        path: PathBuf,
    },
    /// A file does not hold what it should.
    #[error("`{path}` does not hold {expected}")]
    Malformed {
        /// Which.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// What could renew it is not there.
    #[error(
        "the key of the authority's certificate is not in `{path}`: name where it is kept (`--root-key`), or make another (`--new-key`)"
    )]
    NoRootKey {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The key is not that of the certificate.
    #[error(
        "the key `{key}` does not belong to the certificate `{certificate}`: the files are of different times; bring back what belongs together, or run `averment authority renew` with the key of what programs trust"
    )]
    Mismatch {
        /// The key's file.
        key: PathBuf,
        /// The certificate's file.
        certificate: PathBuf,
    },
    /// What signs leaves was not signed by what callers trust.
    #[error(
        "the certificate `{chain}` was not signed with the key of `{certificate}`: the files are of different times; bring back what belongs together, or run `averment authority renew` with the key of what programs trust"
    )]
    Stranger {
        /// The one that signs leaves.
        chain: PathBuf,
        /// The one that callers trust.
        certificate: PathBuf,
    },
    /// The key signs leaves itself, and its certificate allows none in between.
    #[error(
        "the key `{path}` signs for hosts itself, as that of an authority of before, so it cannot be kept: make another (`--new-key`)"
    )]
    SignsItself {
        /// Its file.
        path: PathBuf,
    },
    /// Other certificates for the same key would bind nobody.
    #[error(
        "programs that trust `{path}` take its key for any host, whatever another certificate says: make another key (`--new-key`)"
    )]
    AnyHost {
        /// The certificate's file.
        path: PathBuf,
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
