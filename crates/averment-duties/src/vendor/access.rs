//! How the operator reaches a third party: section `[vendors.<recipient>]` of the settings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use averment_catalog::erasure::Identifier;
use serde::Deserialize;

use super::{Hidden, Identifiers};

/// Most bytes of a secret's file.
const SECRET_BYTES_MAX: u64 = 64 << 10;

/// Where a secret is: exactly one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SecretSource {
    /// Name of an environment variable.
    pub env: Option<String>,
    /// A file; the end of its line is not part of the secret.
    pub file: Option<PathBuf>,
}

/// How one third party is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VendorAccess {
    /// Address in place of the catalog's, for those who host it themselves: `https`, or `http` on this machine.
    pub base_url: Option<String>,
    /// One of the row's regions.
    pub region: Option<String>,
    /// Environment variable with the secret `token`.
    pub token_env: Option<String>,
    /// File with the secret `token`.
    pub token_file: Option<PathBuf>,
    /// Other secrets of the row, by name.
    pub secrets: BTreeMap<String, SecretSource>,
    /// Settings of the row, by name.
    pub settings: BTreeMap<String, String>,
    /// The gate: `http://host:port`.
    pub proxy: Option<String>,
    /// Environment variable with `name:password` for the gate.
    pub proxy_login_env: Option<String>,
    /// PEM file with roots besides the system's, such as the gate's.
    pub trust: Option<PathBuf>,
    /// Somebody made up whose record is kept at the third party: a look that does not find them is not believed.
    pub canary: BTreeMap<Identifier, String>,
}

/// Why an access cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// Both or none are named.
    #[error("secret `{name}`: expected either an environment variable or a file")]
    Source {
        /// Which secret.
        name: String,
    },
    /// It is not set.
    #[error("secret `{name}`: environment variable `{variable}` is not set")]
    Environment {
        /// Which secret.
        name: String,
        /// Which variable.
        variable: String,
    },
    /// It cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no secret.
    #[error("secret `{name}` is empty or has control characters")]
    Empty {
        /// Which secret.
        name: String,
    },
    /// The address is not one.
    #[error("`base_url`: expected an `https` address, or `http` on this machine, without query")]
    Url,
}

/// An access with its secrets read.
#[derive(Debug, Clone, Default)]
pub struct Access {
    pub(super) base_url: Option<String>,
    pub(super) region: Option<String>,
    pub(super) secrets: BTreeMap<String, Hidden>,
    pub(super) settings: BTreeMap<String, String>,
    pub(super) canary: Identifiers,
}

impl VendorAccess {
    /// Reads the secrets. `environment`: the value of a variable.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn open(&self, environment: &dyn Fn(&str) -> Option<String>) -> Result<Access, AccessError> {
        let mut secrets = BTreeMap::new();
        if self.token_env.is_some() || self.token_file.is_some() {
            let source = SecretSource {
                env: self.token_env.clone(),
                file: self.token_file.clone(),
            };
            secrets.insert("token".to_owned(), secret("token", &source, environment)?);
        }
        for (name, source) in &self.secrets {
            secrets.insert(name.clone(), secret(name, source, environment)?);
        }
        let canary = self
            .canary
            .iter()
            .fold(Identifiers::default(), |canary, (kind, value)| {
                canary.with(*kind, value)
            });
        Ok(Access {
            base_url: self.base_url.as_deref().map(base).transpose()?,
            region: self.region.clone(),
            secrets,
            settings: self.settings.clone(),
            canary,
        })
    }
}

fn secret(
    name: &str,
    source: &SecretSource,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Hidden, AccessError> {
    let name = name.to_owned();
    let text = match (&source.env, &source.file) {
        (Some(variable), None) => environment(variable).ok_or_else(|| AccessError::Environment {
            name: name.clone(),
            variable: variable.clone(),
        })?,
        (None, Some(path)) => read(path)?,
        _ => return Err(AccessError::Source { name }),
    };
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(AccessError::Empty { name });
    }
    Ok(Hidden::new(text))
}

fn read(path: &Path) -> Result<String, AccessError> {
    use std::io::Read as _;
    let told = |source| AccessError::Read {
        path: path.to_owned(),
        source,
    };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(told)?;
    file.take(SECRET_BYTES_MAX).read_to_string(&mut text).map_err(told)?;
    Ok(text)
}

/// An address before paths, without the slash at its end.
fn base(url: &str) -> Result<String, AccessError> {
    let parsed: ureq::http::Uri = url.parse().map_err(|_| AccessError::Url)?;
    let is_here = matches!(parsed.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let is_private = match parsed.scheme_str() {
        Some("https") => true,
        Some("http") => is_here,
        _ => false,
    };
    let is_plain = parsed.query().is_none() && parsed.authority().is_some_and(|a| !a.as_str().contains('@'));
    if is_private && is_plain {
        Ok(url.trim_end_matches('/').to_owned())
    } else {
        Err(AccessError::Url)
    }
}
