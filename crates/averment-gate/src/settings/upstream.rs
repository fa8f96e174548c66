//! How recipients are reached.

use std::path::PathBuf;

use serde::Deserialize;

/// `[upstream]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UpstreamSettings {
    /// A proxy that everything goes through: `http://host:port`, or `https://host:port` for one that is spoken to over TLS. Recipients
    /// are verified inside its tunnel all the same.
    pub parent_proxy: Option<String>,
    /// File (mode 600) with `user:password` for that proxy, in one line.
    pub parent_proxy_login_file: Option<PathBuf>,
    /// Environment variable with the same, in the place of a file.
    pub parent_proxy_login_variable: Option<String>,
}

impl UpstreamSettings {
    /// What of it would be sent to nobody, or could be either of two.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let logins = [
            self.parent_proxy_login_file.is_some(),
            self.parent_proxy_login_variable.is_some(),
        ];
        match (&self.parent_proxy, logins) {
            (_, [true, true]) => Some(
                "expected one of `parent_proxy_login_file` and `parent_proxy_login_variable` under `[upstream]`, found both",
            ),
            (None, [true, _] | [_, true]) => {
                Some("expected `parent_proxy` under `[upstream]`, to which the login is sent")
            }
            _ => None,
        }
    }
}
