//! What the gate adds to requests, so that programs need not hold a recipient's keys.

use std::path::PathBuf;

use averment_register::RecipientId;
use serde::Deserialize;

use crate::host::{Destination, Scheme};

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
