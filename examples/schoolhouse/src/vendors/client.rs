//! HTTP to vendors: through the proxy of the environment, or to one plain address for all of them.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Proxy};

/// Where vendors are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// Nothing is sent.
    Off,
    /// At the hosts that they publish, through `HTTPS_PROXY`.
    Published,
    /// All at this address: `{address}/{vendor}/…`.
    At(String),
}

/// Who sends to vendors.
pub(crate) struct Vendors {
    way: Way,
    agent: Agent,
}

const FORM: &str = "application/x-www-form-urlencoded";

/// The host that each vendor publishes.
const HOSTS: [(&str, &str); 8] = [
    ("amplitude", "https://api2.amplitude.com"),
    ("gravatar", "https://gravatar.com"),
    ("mailgun", "https://api.mailgun.net"),
    ("sendgrid", "https://api.sendgrid.com"),
    ("slack", "https://hooks.slack.com"),
    ("stripe", "https://api.stripe.com"),
    ("twilio", "https://api.twilio.com"),
    ("zendesk", "https://schoolhouse.zendesk.com"),
];

impl Way {
    /// `off`, `published`, or an address.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            "published" => Ok(Self::Published),
            address if address.starts_with("http://") || address.starts_with("https://") => {
                Ok(Self::At(address.trim_end_matches('/').to_owned()))
            }
            _ => Err("`off`, `published` or an address was expected".to_owned()),
        }
    }
}

impl Vendors {
    pub(crate) fn new(way: Way) -> Self {
        Self { way, agent: agent() }
    }

    /// The one address of all vendors, where there is one.
    pub(crate) fn only_at(&self) -> Option<&str> {
        match &self.way {
            Way::At(address) => Some(address),
            Way::Off | Way::Published => None,
        }
    }

    /// The address of a vendor's path; the published one where nothing is sent, for browsers to follow.
    pub(super) fn address(&self, vendor: &str, path: &str) -> String {
        let host = HOSTS
            .iter()
            .find(|(name, _)| *name == vendor)
            .map_or("", |(_, host)| host);
        match &self.way {
            Way::At(base) => format!("{base}/{vendor}{path}"),
            Way::Off | Way::Published => format!("{host}{path}"),
        }
    }

    /// Sends JSON; the answer, where it is JSON too.
    pub(super) fn json(&self, vendor: &str, path: &str, basic: Option<&str>, body: &Value) -> Option<Value> {
        self.send(vendor, path, "application/json", basic.map(encoded), body.to_string())
    }

    /// Sends JSON with a bearer token.
    pub(super) fn bearer(&self, vendor: &str, path: &str, token: &str, body: &Value) -> Option<Value> {
        self.send(
            vendor,
            path,
            "application/json",
            Some(format!("Bearer {token}")),
            body.to_string(),
        )
    }

    /// Sends a form.
    pub(super) fn form(&self, vendor: &str, path: &str, basic: &str, fields: &[(&str, &str)]) -> Option<Value> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.send(vendor, path, FORM, Some(encoded(basic)), body)
    }

    /// Where a published address is.
    pub(crate) fn at(&self, address: &str) -> String {
        match &self.way {
            Way::At(base) => {
                let path = address.split("://").nth(1).and_then(|rest| rest.split_once('/'));
                format!("{base}/{}", path.map_or("", |(_, path)| path))
            }
            Way::Off | Way::Published => address.to_owned(),
        }
    }

    /// Sends a form to a published address.
    pub(crate) fn form_to(&self, name: &str, address: &str, fields: &[(&str, &str)]) -> Option<Value> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.send_to(name, &self.at(address), FORM, None, body)
    }

    /// Asks for JSON at a published address, as somebody with this token.
    pub(crate) fn ask(&self, name: &str, address: &str, token: Option<&str>) -> Option<Value> {
        if self.way == Way::Off {
            return None;
        }
        let mut request = self.agent.get(self.at(address)).header("accept", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let got = request.call().and_then(|mut answer| answer.body_mut().read_to_string());
        serde_json::from_str(&told(name, got)?).ok()
    }

    /// Gets bytes.
    pub(super) fn bytes(&self, vendor: &str, path: &str) -> Option<Vec<u8>> {
        if self.way == Way::Off {
            return None;
        }
        let got = self.agent.get(self.address(vendor, path)).call();
        told(vendor, got.and_then(|mut answer| answer.body_mut().read_to_vec()))
    }

    fn send(&self, vendor: &str, path: &str, kind: &str, authorization: Option<String>, body: String) -> Option<Value> {
        self.send_to(vendor, &self.address(vendor, path), kind, authorization, body)
    }

    fn send_to(
        &self,
        vendor: &str,
        address: &str,
        kind: &str,
        authorization: Option<String>,
        body: String,
    ) -> Option<Value> {
        if self.way == Way::Off {
            return None;
        }
        let mut request = self.agent.post(address).header("content-type", kind);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let sent = request
            .send(body)
            .and_then(|mut answer| answer.body_mut().read_to_string());
        // Some answer nothing, and that is an answer too.
        told(vendor, sent).map(|text| serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}

/// What came back, or else a line on standard error.
fn told<T>(vendor: &str, result: Result<T, ureq::Error>) -> Option<T> {
    let because = match result {
        Ok(answer) => return Some(answer),
        Err(ureq::Error::StatusCode(code)) => format!("status {code}"),
        Err(ureq::Error::Timeout(_)) => "no answer in time".to_owned(),
        // Nothing else is told: it could repeat what was sent.
        Err(_) => "it cannot be reached".to_owned(),
    };
    let _ = writeln!(std::io::stderr(), "{vendor} did not take it: {because}");
    None
}

fn encoded(basic: &str) -> String {
    format!("Basic {}", STANDARD.encode(basic))
}

/// The system's roots (`SSL_CERT_FILE` adds the gate's authority), the environment's proxy, no redirects.
pub(crate) fn agent() -> Agent {
    let roots = rustls_native_certs::load_native_certs().certs;
    let roots: Vec<Certificate<'static>> = roots.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .max_redirects(0)
        .proxy(Proxy::try_from_env())
        .timeout_global(Some(Duration::from_secs(10)));
    config.build().into()
}
