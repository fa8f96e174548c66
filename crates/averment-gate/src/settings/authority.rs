//! What the gate's authority may speak for besides the hosts of the register.

use serde::Deserialize;

use crate::host::Host;

/// `[authority]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthoritySettings {
    /// Domains that the authority may speak for besides the hosts of the register, each with all names below it: `school.example`, or
    /// `com`. Taken when the authority is made or renewed.
    #[serde(deserialize_with = "names")]
    pub domains: Vec<String>,
}

fn names<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let domains = Vec::<String>::deserialize(deserializer)?;
    let is_name = |domain: &str| Host::parse(domain).is_some_and(|host| host.address().is_none());
    match domains.iter().find(|domain| !is_name(domain)) {
        None => Ok(domains),
        Some(domain) => Err(serde::de::Error::custom(format!(
            "expected domains such as `school.example`, which stand for all names below them, found `{domain}`"
        ))),
    }
}
