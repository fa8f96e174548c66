//! How the operator reaches a third party: section `[vendors.<recipient>]` of the settings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use averment_catalog::erasure::Identifier;
use averment_register::Period;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;

use super::template::percent;
use super::{Hidden, Identifiers, Wire};
use crate::Secret;

/// Most bytes of a secret's or certificates' file.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// How one third party is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VendorAccess {
    /// Address in place of the catalog's, for those who host it themselves: `https`, or `http` on this machine.
    pub base_url: Option<String>,
    /// One of the row's regions.
    pub region: Option<String>,
    /// How long it takes at most until nothing is found any more, where a contract says less than the catalog.
    pub takes: Option<Period>,
    /// Environment variable with the secret `token`.
    pub token_env: Option<String>,
    /// File with the secret `token`.
    pub token_file: Option<PathBuf>,
    /// Other secrets of the row, by name.
    pub secrets: BTreeMap<String, Secret>,
    /// Settings of the row, by name; some are somebody's address.
    pub settings: BTreeMap<String, Hidden>,
    /// The gate: `http://host:port`.
    pub proxy: Option<String>,
    /// Environment variable with `name:password` for the gate.
    pub proxy_login_env: Option<String>,
    /// PEM file with roots besides the system's, such as the gate's.
    pub trust: Option<PathBuf>,
    /// Somebody made up whose record is kept at the third party: a look that does not find them is not believed.
    pub canary: BTreeMap<Identifier, Hidden>,
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
    /// The proxy has none.
    #[error("`proxy`: expected `http://host:port`")]
    Proxy,
    /// The login is none.
    #[error("`proxy_login_env`: expected `name:password` in environment variable `{0}`")]
    ProxyLogin(String),
    /// It holds no certificate.
    #[error("`{0}` holds no certificate in PEM form")]
    Trust(PathBuf),
    /// The client cannot be made.
    #[error("cannot make requests")]
    Wire(#[source] super::SendError),
}

/// An access with its secrets read.
#[derive(Debug, Clone, Default)]
pub struct Access {
    pub(super) base_url: Option<String>,
    pub(super) region: Option<String>,
    pub(super) takes: Option<Period>,
    pub(super) secrets: BTreeMap<String, Hidden>,
    pub(super) settings: BTreeMap<String, Hidden>,
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
            let source = Secret {
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
                canary.with(*kind, value.expose())
            });
        Ok(Access {
            base_url: self.base_url.as_deref().map(base).transpose()?,
            region: self.region.clone(),
            takes: self.takes,
            secrets,
            settings: self.settings.clone(),
            canary,
        })
    }
}

impl VendorAccess {
    /// What sends the requests: through the gate where one is named. `within`: the longest time for one answer.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn connect(&self, environment: &dyn Fn(&str) -> Option<String>, within: Duration) -> Result<Wire, AccessError> {
        let proxy = self
            .proxy
            .as_deref()
            .map(|proxy| self.proxy_url(proxy, environment))
            .transpose()?;
        let trust = self.trust.as_deref().map(certificates).transpose()?.unwrap_or_default();
        Wire::new(proxy.as_ref().map(Hidden::expose), &trust, within).map_err(AccessError::Wire)
    }

    fn proxy_url(&self, proxy: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Hidden, AccessError> {
        let uri: ureq::http::Uri = proxy.parse().map_err(|_| AccessError::Proxy)?;
        let authority = uri
            .authority()
            .map(ureq::http::uri::Authority::as_str)
            .unwrap_or_default();
        let is_plain = uri.scheme_str() == Some("http") && uri.path() == "/" && uri.query().is_none();
        if !is_plain || authority.contains('@') || uri.port().is_none() {
            return Err(AccessError::Proxy);
        }
        let Some(variable) = &self.proxy_login_env else {
            return Ok(Hidden::new(format!("http://{authority}")));
        };
        let login = environment(variable);
        let pair = login.as_deref().and_then(|login| login.split_once(':'));
        let (name, password) = pair.ok_or_else(|| AccessError::ProxyLogin(variable.clone()))?;
        Ok(Hidden::new(format!(
            "http://{}:{}@{authority}",
            percent(name),
            percent(password)
        )))
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, AccessError> {
    let text = read(path)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let all = all.ok().filter(|all| !all.is_empty());
    all.ok_or_else(|| AccessError::Trust(path.to_owned()))
}

fn secret(name: &str, source: &Secret, environment: &dyn Fn(&str) -> Option<String>) -> Result<Hidden, AccessError> {
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
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(told)?;
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
