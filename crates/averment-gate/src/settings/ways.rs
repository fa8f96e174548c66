//! Ways in and out that only the settings can open: routes, origins, tunnels that are passed on.

use averment_register::RecipientId;
use serde::Deserialize;

use crate::host::Destination;

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
