//! How one gate is run: limits, calling services, routes, credentials. The operator's file, beside the register.
//!
//! Start at [`Settings::parse`]. Nothing here is published and nothing here lets more out than the register declares: a
//! settings file may narrow (which service may send to which recipient), cut off, and say how things are reached.
//! Secrets are named by file, never written down here.

mod authority;
mod credential;
mod ledger;
mod limits;
mod service;
mod timeouts;
mod upstream;
mod ways;

use std::collections::BTreeSet;
use std::path::PathBuf;

use averment_ledger::CosignerKey;
use averment_register::RecipientId;
use serde::Deserialize;

pub use authority::AuthoritySettings;
pub use credential::Credential;
pub use ledger::{LedgerSettings, Term};
pub use limits::LimitSettings;
pub use service::Service;
pub(crate) use service::name_as_compared;
pub use timeouts::{RecipientTimeouts, TimeoutSettings};
pub use upstream::UpstreamSettings;
pub use ways::{Origin, PassThrough, Route};

/// The whole file; every table may be left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Bounds on one message and on all together.
    pub limits: LimitSettings,
    /// How long things may take.
    pub timeouts: TimeoutSettings,
    /// How the record is kept.
    pub ledger: LedgerSettings,
    /// How recipients are reached.
    pub upstream: UpstreamSettings,
    /// Who callers believe that recipients are.
    pub authority: AuthoritySettings,
    /// Whether a caller must be one of [`Self::services`]; otherwise an unnamed caller may send what the register declares.
    pub services_required: bool,
    /// Whether a gate that others than this machine reach may do without [`Self::services_required`].
    pub open: bool,
    /// Whether a sender must declare the condition of a row that has one (`averment-context: when=…`); otherwise the
    /// platform's word is taken for it.
    pub conditions_required: bool,
    /// Programs that send through this gate.
    #[serde(deserialize_with = "service::services_of_their_own_names")]
    pub services: Vec<Service>,
    /// Paths of the gate's own address that stand for a recipient's host: `/to/<recipient>/…`.
    pub routes: Vec<Route>,
    /// Hosts that are reached otherwise than over TLS on port 443.
    pub origins: Vec<Origin>,
    /// Hosts whose TLS is not opened. Counted as unreadable; the recipient must declare `unreadable = "forward"`.
    pub pass_through: Vec<PassThrough>,
    /// What the gate adds to requests, so that programs need not hold a recipient's keys.
    pub credentials: Vec<Credential>,
    /// Recipients that nothing goes to, whatever the register says.
    pub cut_off: CutOff,
    /// Platform identifiers of people who do not exist: a message that names one is refused and told of.
    pub canaries: BTreeSet<String>,
    /// The address for operators: health, metrics, reload, cut-off.
    pub admin: Option<Admin>,
    /// Outsiders who are asked to sign the ledger's checkpoints.
    pub witnesses: Vec<WitnessAddress>,
    /// The gate's own address over TLS; in clear when absent.
    pub tls: Option<Tls>,
}

/// Who gets nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CutOff {
    /// Nobody gets anything.
    pub all: bool,
    /// These get nothing.
    pub recipients: BTreeSet<RecipientId>,
}

/// The operators' address.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    /// Where to listen; loopback or a private network.
    pub listen: std::net::SocketAddr,
    /// File with the token that changes ask for (`Authorization: Bearer`); without one nothing can be changed there.
    pub token_file: Option<PathBuf>,
}

/// One witness of the ledger.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessAddress {
    /// What it is called in logs and metrics.
    pub name: String,
    /// The prefix of its addresses: `https`, or `http` on this machine.
    pub url: String,
    /// Its public key, `name+hash+key`.
    #[serde(deserialize_with = "cosigner_key")]
    pub key: CosignerKey,
}

fn cosigner_key<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<CosignerKey, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

/// The gate's own address over TLS.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The gate's certificate for its own address, with intermediates behind it; PEM.
    pub certificate_file: PathBuf,
    /// Its private key; PEM, mode 600.
    pub key_file: PathBuf,
    /// Who signs certificates of callers; PEM. Without it no caller is asked for one.
    pub client_authority_file: Option<PathBuf>,
}

/// What is wrong with a settings file: line and column, what was expected.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the settings")]
pub struct SettingsError(#[from] toml::de::Error);

impl Settings {
    /// The settings that `text` (TOML) holds.
    ///
    /// # Errors
    /// [`SettingsError`] with the place of the first fault.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let settings: Self = toml::from_str(text)?;
        settings.check_certificates()?;
        match settings.upstream.fault() {
            Some(fault) => Err(SettingsError(serde::de::Error::custom(fault))),
            None => Ok(settings),
        }
    }

    /// A service that is known by a certificate nobody asks for would be locked out without a word.
    fn check_certificates(&self) -> Result<(), toml::de::Error> {
        let asked_for = self.tls.as_ref().is_some_and(|tls| tls.client_authority_file.is_some());
        let mut services = self.services.iter();
        let by_certificate =
            services.find(|service| service.certificate.is_some() || service.certificate_sha256.is_some());
        match by_certificate.filter(|_| !asked_for) {
            Some(service) => Err(serde::de::Error::custom(format!(
                "service `{}` is known by its certificate: expected `client_authority_file` under `[tls]`, which says who signs it",
                service.name
            ))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
