//! The name and password that a proxy asks for.
//!
//! Source: RFC 9110 11.7.2; RFC 7617.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;

/// `user:password`, as it is sent to a proxy. It shows itself to nobody else.
#[derive(Clone)]
pub struct Login(HeaderValue);

impl Login {
    /// Reads `user:password`; none where there is no colon, or a character that ends lines.
    pub fn parse(text: &str) -> Option<Self> {
        let is_one = text.contains(':') && !text.chars().any(char::is_control);
        let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(text))).ok()?;
        value.set_sensitive(true);
        is_one.then_some(Self(value))
    }

    /// The value of `Proxy-Authorization`.
    pub(super) fn expose(&self) -> &HeaderValue {
        &self.0
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login")
    }
}
