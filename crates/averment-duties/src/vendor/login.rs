//! Shows the third party who asks.

use averment_catalog::erasure::Login;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::access::Access;
use super::template::{Place, percent, render};
use super::{Hidden, Trouble};

/// Adds headers and parameters.
pub(super) fn apply(
    logins: &[Login],
    access: &Access,
    headers: &mut Vec<(String, Hidden)>,
    query: &mut Vec<String>,
) -> Result<(), Trouble> {
    let of = |name: &str| {
        let secret = access.secrets.get(name).map(Hidden::expose);
        secret.or_else(|| access.settings.get(name).map(String::as_str))
    };
    let plain = |template: &str| render(template, &of, Place::Header);
    for login in logins {
        let authorization = |value| ("authorization".to_owned(), Hidden::new(value));
        match login {
            Login::Bearer { token } => headers.push(authorization(format!("Bearer {}", plain(token)?))),
            Login::Basic { user, password } => {
                let both = STANDARD.encode(format!("{}:{}", plain(user)?, plain(password)?));
                headers.push(authorization(format!("Basic {both}")));
            }
            Login::Header { name, value } => headers.push((name.to_lowercase(), Hidden::new(plain(value)?))),
            Login::Query { name, value } => {
                query.push(format!("{}={}", percent(name), render(value, &of, Place::Parameter)?));
            }
        }
    }
    Ok(())
}
