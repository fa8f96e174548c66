//! Secrets that settings name and never hold.

use std::path::PathBuf;

use serde::Deserialize;

/// Where a secret is: in a variable of the environment, or in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Secret {
    /// Variable of the environment.
    pub env: Option<String>,
    /// File whose first line it is.
    pub file: Option<PathBuf>,
}

/// Why a secret could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SecretError(pub String);

/// Whoever may read environment and files.
pub trait Secrets {
    /// Reads a secret.
    ///
    /// # Errors
    /// [`SecretError`] with the name of the variable or the file.
    fn read(&self, secret: &Secret) -> Result<String, SecretError>;
}
