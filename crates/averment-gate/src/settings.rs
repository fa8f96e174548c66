//! How one gate is run: limits, calling services, routes, credentials. The operator's file, beside the register.
//!
//! Start at [`Settings::parse`]. Nothing here is published and nothing here lets more out than the register declares: a
//! settings file may narrow (which service may send to which recipient), cut off, and say how things are reached.
//! Secrets are named by file, never written down here.

mod authority;
mod timeouts;
mod upstream;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use averment_ledger::CosignerKey;
use averment_register::RecipientId;
use averment_store::NewLog;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::host::{Destination, Scheme};

pub use authority::AuthoritySettings;
pub use timeouts::{RecipientTimeouts, TimeoutSettings};
pub use upstream::UpstreamSettings;

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
    #[serde(deserialize_with = "services_of_their_own_names")]
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

/// Bounds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    /// Bodies up to this are decided whole, bytes.
    pub whole_max_bytes: usize,
    /// Larger bodies up to this go through a window, bytes; 0 refuses them.
    pub stream_max_bytes: u64,
    /// The window: bytes that are held back while they could still be part of an identifier.
    pub window_bytes: usize,
    /// Connections of callers at once; more are answered 503.
    pub connections_max: usize,
    /// Requests in work at once; more are answered 503.
    pub requests_max: usize,
    /// Of these, to one recipient; half when absent. Of bodies in memory, and of those that are slow, the same part.
    pub recipient_requests_max: Option<usize>,
    /// Of these, from one service; half when absent; of bodies as above.
    pub service_requests_max: Option<usize>,
    /// Seconds in which something must go through a call, a conversation, an answer or an HTTP/2 connection, either way.
    pub idle_s: u32,
    /// Bodies in memory, all together, bytes; more are answered 503.
    pub bodies_max_bytes: usize,
    /// What bodies that are being looked at decode to, all together, bytes; what finds no room in time is answered 503. Taken at
    /// the start.
    pub decoded_max_bytes: usize,
    /// Bodies of unannounced length that come slower than 500 bytes a second, at once; more are answered 408.
    pub slow_streams_max: usize,
    /// Refusals in a minute that tell one caller what was found about people; further ones do not say.
    pub telling_refusals_per_minute: u32,
    /// Hours after which people that were not loaded again are too old to go by, and everything is answered 503; 0: never.
    pub directory_max_age_hours: u32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            whole_max_bytes: 8 << 20,
            stream_max_bytes: 1 << 30,
            window_bytes: 256 << 10,
            connections_max: 8192,
            requests_max: 2048,
            recipient_requests_max: None,
            service_requests_max: None,
            idle_s: 300,
            bodies_max_bytes: 512 << 20,
            decoded_max_bytes: 256 << 20,
            slow_streams_max: 256,
            telling_refusals_per_minute: 60,
            directory_max_age_hours: 30 * 24,
        }
    }
}

impl LimitSettings {
    /// How many requests to one recipient may be in work.
    pub fn recipient_requests_max(&self) -> usize {
        self.recipient_requests_max.unwrap_or_else(|| self.half_of_requests())
    }

    /// How many requests of one service may be in work.
    pub fn service_requests_max(&self) -> usize {
        self.service_requests_max.unwrap_or_else(|| self.half_of_requests())
    }

    /// The same part of `max` as `requests` are of all requests; one at least, where there is any.
    pub(crate) fn part(&self, max: usize, requests: usize) -> usize {
        let whole = self.requests_max.max(1) as u128;
        let part = (max as u128 * requests as u128).div_ceil(whole);
        usize::try_from(part).map_or(max, |part| part.min(max))
    }

    /// So that no single one takes the places of all others.
    fn half_of_requests(&self) -> usize {
        self.requests_max.div_ceil(2)
    }

    /// How long nothing may go through.
    pub fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_s.max(1).into())
    }

    /// How old the directory of people may be; none for however old.
    pub fn directory_max_age(&self) -> Option<SignedDuration> {
        let hours = self.directory_max_age_hours;
        (hours > 0).then(|| SignedDuration::from_hours(i64::from(hours)))
    }
}

/// How the record is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LedgerSettings {
    /// When the ledger goes on in a new log: `on_demand` (`averment ledger rotate`), `monthly` or `yearly`.
    pub new_log: Term,
    /// Days on which it does, in the place of `new_log`: `["2027-02-01", "2027-08-01"]`.
    pub new_log_on: Vec<jiff::civil::Date>,
    /// The time zone that these days, months and years are of: `America/Chicago`; UTC unless given.
    #[serde(deserialize_with = "time_zone")]
    pub zone: TimeZone,
    /// Seconds after which a gate that had nothing else to record records that it is there; 0: never.
    pub heartbeat_s: u32,
}

/// How long a log lasts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// Until somebody ends it.
    #[default]
    OnDemand,
    /// A month.
    Monthly,
    /// A year.
    Yearly,
}

fn time_zone<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
    let name = String::deserialize(deserializer)?;
    let wrong = |_| format!("`{name}` is no time zone: expected a name such as `America/Chicago`");
    TimeZone::get(&name).map_err(wrong).map_err(serde::de::Error::custom)
}

impl Default for LedgerSettings {
    fn default() -> Self {
        Self {
            new_log: Term::default(),
            new_log_on: Vec::new(),
            zone: TimeZone::UTC,
            heartbeat_s: 60,
        }
    }
}

impl LedgerSettings {
    /// When the ledger goes on in a new log.
    pub fn new_log(&self) -> NewLog {
        match self.new_log {
            _ if !self.new_log_on.is_empty() => NewLog::On(self.new_log_on.clone()),
            Term::OnDemand => NewLog::OnDemand,
            Term::Monthly => NewLog::Monthly,
            Term::Yearly => NewLog::Yearly,
        }
    }
}

/// One calling program. Known by its token, the name in its certificate or the certificate's digest: by each that is given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name, in entries and metrics.
    pub name: String,
    /// SHA-256 (hexadecimal digits) of the token that it sends as password in `Proxy-Authorization: Basic`.
    #[serde(default, deserialize_with = "sha256_in_hex")]
    pub token_sha256: Option<String>,
    /// Subject alternative name (DNS or URI, such as a SPIFFE ID) in its client certificate, whole and without wildcards.
    #[serde(default, deserialize_with = "name_in_certificate")]
    pub certificate: Option<String>,
    /// SHA-256 (hexadecimal digits) of its client certificate in DER.
    #[serde(default, deserialize_with = "sha256_in_hex")]
    pub certificate_sha256: Option<String>,
    /// Recipients that it may send to; all when absent.
    pub recipients: Option<BTreeSet<RecipientId>>,
    /// Conditions of the register that it may declare in the context header, e.g. `subject_chooses`; all when absent.
    pub conditions: Option<BTreeSet<String>>,
}

/// Two services of one name could not be told apart in entries, nor could what each may do; nor two of one certificate.
fn services_of_their_own_names<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Service>, D::Error> {
    let services = Vec::<Service>::deserialize(deserializer)?;
    let mut names = BTreeSet::new();
    if let Some(twice) = services.iter().find(|service| !names.insert(service.name.as_str())) {
        let name = &twice.name;
        return Err(serde::de::Error::custom(format!(
            "expected a name of its own for each service, found `{name}` twice"
        )));
    }
    let mut known_by = BTreeSet::new();
    let mut marks = services.iter().flat_map(Service::marks);
    match marks.find(|mark| !known_by.insert(mark.clone())) {
        Some(mark) => Err(serde::de::Error::custom(format!(
            "expected a certificate and a token of its own for each service, found `{mark}` twice"
        ))),
        None => {
            drop(marks);
            Ok(services)
        }
    }
}

impl Service {
    /// What it is known by, in one spelling.
    fn marks(&self) -> impl Iterator<Item = String> {
        let digests = self.token_sha256.iter().chain(&self.certificate_sha256);
        let digests = digests.map(|digest| digest.to_ascii_lowercase());
        self.certificate
            .iter()
            .map(|name| name_as_compared(name))
            .chain(digests)
    }
}

/// The host of a DNS name in any letter case; a URI as it is.
pub(crate) fn name_as_compared(name: &str) -> String {
    if name.contains(':') {
        name.to_owned()
    } else {
        name.trim_end_matches('.').to_ascii_lowercase()
    }
}

/// A name that no certificate can have would lock a service out without saying so.
fn name_in_certificate<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let name = String::deserialize(deserializer)?;
    let is_uri = name
        .split_once("://")
        .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
    let is_host = rustls::pki_types::DnsName::try_from(name.as_str()).is_ok();
    if is_host || (is_uri && name.bytes().all(|byte| byte.is_ascii_graphic())) {
        Ok(Some(name))
    } else {
        Err(serde::de::Error::custom(
            "expected a DNS name or a URI of the certificate, such as `mailer.internal` or `spiffe://school.example/mailer`",
        ))
    }
}

/// A digest that could never match would lock a service out without saying so.
fn sha256_in_hex<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(Some(text))
    } else {
        Err(serde::de::Error::custom("expected 64 hexadecimal digits"))
    }
}

/// A way in for programs that cannot use a proxy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The recipient; the path begins with `/to/<recipient>/`.
    pub recipient: RecipientId,
    /// The host that requests go to, with port where it is not 443; one of the recipient's hosts.
    pub host: String,
}

/// Where else a recipient's host is reached: in clear, or on another port.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The recipient.
    pub recipient: RecipientId,
    /// Scheme, host and port, e.g. `http://printer.example:8080`; the host is one of the recipient's.
    #[serde(deserialize_with = "scheme_and_host")]
    pub origin: String,
}

/// A row that names nothing would refuse what it was written to let out.
fn scheme_and_host<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let origin = String::deserialize(deserializer)?;
    if Destination::parse_origin(&origin).is_some() {
        return Ok(origin);
    }
    Err(serde::de::Error::custom(format!(
        "expected scheme, host and port where it is not the usual one, such as `http://printer.example:8080`, found `{origin}`"
    )))
}

/// A host whose TLS is not opened.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassThrough {
    /// The recipient.
    pub recipient: RecipientId,
    /// The host; one of the recipient's.
    pub host: String,
}

/// What the gate adds to requests for one recipient, in place of what the caller sent there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "kind")]
pub enum Credential {
    /// A header field.
    Header {
        /// The recipient.
        recipient: RecipientId,
        /// Hosts that get it, each as it is, with port where it is not 443: a recipient's other hosts may be anybody's.
        #[serde(deserialize_with = "exact_hosts")]
        hosts: Vec<String>,
        /// The field's name.
        name: String,
        /// What stands before the secret, e.g. `Bearer `.
        #[serde(default)]
        prefix: String,
        /// File with the secret; the newline at its end does not count.
        secret_file: PathBuf,
    },
    /// AWS Signature Version 4.
    Aws {
        /// The recipient.
        recipient: RecipientId,
        /// E.g. `eu-central-1`.
        region: String,
        /// E.g. `firehose`.
        service: String,
        /// File with access key id and secret access key, one a line, and a session token on a third where there is one.
        secret_file: PathBuf,
    },
}

/// A pattern, or nothing, would put a secret where nobody meant it to go.
fn exact_hosts<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let hosts = Vec::<String>::deserialize(deserializer)?;
    let is_no_host = |host: &&String| Destination::parse(Scheme::Https, host).is_none();
    let found = match hosts.iter().find(is_no_host) {
        Some(host) => format!("found `{host}`"),
        None if hosts.is_empty() => "found none".to_owned(),
        None => return Ok(hosts),
    };
    Err(serde::de::Error::custom(format!(
        "expected the hosts that get the credential, each whole, such as `api.example` or `api.example:8443`, {found}"
    )))
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
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        let error = Settings::parse(text).unwrap_err();
        std::error::Error::source(&error)
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    #[test]
    fn a_witness_is_known_by_the_key_of_a_witness() {
        let witness =
            |key: &str| format!("[[witnesses]]\nname = \"w\"\nurl = \"https://w.example\"\nkey = \"{key}\"\n");
        let key = averment_ledger::CosigningKey::from_seed("w.example", &[1; 32]).unwrap();
        let read = Settings::parse(&witness(&key.cosigner().to_string())).unwrap();
        assert_eq!(&read.witnesses[0].key, key.cosigner());
        let log = averment_ledger::SigningKey::from_seed("w.example", &[1; 32]).unwrap();
        let fault = fault(&witness(&log.verifier().to_string()));
        assert!(fault.contains("type 4") && fault.contains("line 4"), "{fault}");
    }

    #[test]
    fn a_zone_is_one_that_there_is() {
        let zone = |name: &str| format!("[ledger]\nnew_log = \"monthly\"\nzone = \"{name}\"\n");
        let read = Settings::parse(&zone("America/Chicago")).unwrap();
        assert_eq!(read.ledger.zone.iana_name(), Some("America/Chicago"));
        assert_eq!(Settings::parse("").unwrap().ledger.zone, TimeZone::UTC);
        let fault = fault(&zone("Chicago"));
        assert!(
            fault.contains("`Chicago` is no time zone") && fault.contains("line 3"),
            "{fault}"
        );
    }

    #[test]
    fn services_that_could_never_be_told_apart_are_refused() {
        let twice = "[[services]]\nname = \"mailer\"\n[[services]]\nname = \"mailer\"\n";
        assert!(fault(twice).contains("`mailer` twice"), "{}", fault(twice));
        let short = "[[services]]\nname = \"mailer\"\ntoken_sha256 = \"abc\"\n";
        assert!(
            fault(short).contains("64 hexadecimal digits") && fault(short).contains("line 3"),
            "{}",
            fault(short)
        );
    }

    #[test]
    fn certificates_that_could_name_nobody_or_two_are_refused() {
        let tls = "[tls]\ncertificate_file = \"a\"\nkey_file = \"b\"\nclient_authority_file = \"c\"\n";
        let service = |name: &str, certificate: &str| {
            format!("[[services]]\nname = \"{name}\"\ncertificate = \"{certificate}\"\n")
        };
        let with = |services: &str| format!("{services}{tls}");
        for good in ["mailer.internal", "spiffe://school.example/ns/mail/sa/mailer"] {
            assert!(Settings::parse(&with(&service("a", good))).is_ok(), "{good}");
            assert!(
                fault(&service("a", good)).contains("`client_authority_file`"),
                "nobody would ask for it"
            );
        }
        for bad in ["*.internal", "", "mailer internal", "://x", "spiffe://"] {
            assert!(
                fault(&with(&service("a", bad))).contains("expected a DNS name"),
                "{bad}"
            );
        }
        let twice = service("a", "mailer.internal") + &service("b", "Mailer.INTERNAL");
        assert!(
            fault(&with(&twice)).contains("`mailer.internal` twice"),
            "{}",
            fault(&with(&twice))
        );
    }
}
