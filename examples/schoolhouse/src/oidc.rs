//! Sign-in by the school's OIDC server: authorization code flow with PKCE (OpenID Connect Core 1.0 section 3.1; RFC 7636).
//!
//! [`client`] is the platform's side, [`attempt`] what it remembers meanwhile, [`stub`] a server of ours to try it with, [`token`] the signed statement between them.

pub(crate) mod attempt;
pub(crate) mod client;
pub(crate) mod codes;
pub(crate) mod stub;
mod token;

/// What the platform is called at the server.
pub(crate) const CLIENT: &str = "schoolhouse";
