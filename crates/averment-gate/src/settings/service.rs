//! Programs that send through the gate, and what each is known by.

use std::collections::BTreeSet;

use averment_register::RecipientId;
use serde::Deserialize;

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
pub(super) fn services_of_their_own_names<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Service>, D::Error> {
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
