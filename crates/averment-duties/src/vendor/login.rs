//! Shows the third party who asks.

use averment_catalog::erasure::Login;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha1::Sha1;

use super::access::Access;
use super::template::{Place, percent, render};
use super::{Hidden, Trouble};

/// What a signature covers, besides the time.
#[derive(Debug)]
pub(super) struct Signed<'r> {
    pub(super) method: &'static str,
    /// Address without query.
    pub(super) url: &'r str,
    /// Of query or form, encoded.
    pub(super) parameters: Vec<String>,
    pub(super) now: Timestamp,
}

/// Adds headers and parameters.
pub(super) fn apply(
    logins: &[Login],
    access: &Access,
    signed: &Signed<'_>,
    headers: &mut Vec<(String, Hidden)>,
    query: &mut Vec<String>,
) -> Result<(), Trouble> {
    let of = |name: &str| {
        let known = access.secrets.get(name).or_else(|| access.settings.get(name));
        known.map(Hidden::expose)
    };
    let plain = |template: &str| render(template, &of, Place::Header);
    for login in logins {
        match login {
            Login::Bearer { token } => headers.push(authorization(&format!("Bearer {}", plain(token)?))),
            Login::Basic { user, password } => headers.push(basic(&plain(user)?, &plain(password)?)),
            Login::Header { name, value } => headers.push((name.to_lowercase(), Hidden::new(plain(value)?))),
            Login::Query { name, value } => {
                query.push(format!("{}={}", percent(name), render(value, &of, Place::Parameter)?));
            }
            Login::SignedBasic { user, secret } => {
                let date = date(signed.now)?;
                let password = signature(signed, &date, &plain(secret)?)?;
                headers.push(basic(&plain(user)?, &password));
                headers.push(("date".to_owned(), Hidden::new(date)));
            }
        }
    }
    Ok(())
}

fn authorization(value: &str) -> (String, Hidden) {
    ("authorization".to_owned(), Hidden::new(value))
}

fn basic(user: &str, password: &str) -> (String, Hidden) {
    authorization(&format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
}

/// RFC 2822.
fn date(now: Timestamp) -> Result<String, Trouble> {
    let date = jiff::fmt::rfc2822::to_string(&now.to_zoned(TimeZone::UTC));
    date.map_err(|_| Trouble::row("the time cannot be written".to_owned()))
}

/// Source: duosecurity/duo_client_python, version 2 of the signature.
pub(super) fn signature(signed: &Signed<'_>, date: &str, secret: &str) -> Result<String, Trouble> {
    let uri: ureq::http::Uri = signed
        .url
        .parse()
        .map_err(|_| Trouble::row("the address is none".to_owned()))?;
    let (host, path) = (uri.host().unwrap_or_default().to_lowercase(), uri.path());
    let mut parameters = signed.parameters.clone();
    parameters.sort_unstable();
    let lines = [date, signed.method, &host, path, &parameters.join("&")].join("\n");
    let mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes());
    let mut mac = mac.map_err(|_| Trouble::row("the secret cannot sign".to_owned()))?;
    mac.update(lines.as_bytes());
    Ok(mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}
