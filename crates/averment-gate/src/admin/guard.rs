//! Who is answered at the admin address: no strange web page, and for changes only whoever has the token.
//!
//! A page on the web may point a name of its own at this address and have a visitor's browser read it (DNS rebinding). The
//! name asked for is then that page's. So only addresses, `localhost`, and names that no web page can have are answered:
//! those of one label, as containers give each other, and of zones that are never public.

use std::net::IpAddr;
use std::path::Path;

use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::uri::Authority;
use http::{Request, StatusCode};
use sha2::{Digest as _, Sha256};

use super::answer::Problem;

/// Zones that nobody can register names in. RFC 6762, RFC 8375, and what ICANN set aside for private use.
const PRIVATE_ZONES: [&str; 6] = [".local", ".internal", ".home.arpa", ".svc", ".localhost", ".test"];

/// Refuses what a web page of somebody else may have sent.
pub(super) fn check<B>(request: &Request<B>) -> Result<(), Problem> {
    let mut hosts = request.headers().get_all(HOST).iter().peekable();
    let named = hosts.peek().is_some()
        && hosts.all(|host| {
            host.to_str()
                .ok()
                .and_then(|host| host.parse().ok())
                .is_some_and(|host| is_private(&host))
        });
    if named && !request.headers().contains_key(ORIGIN) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        "admin-misdirected",
        "the request names another host, or comes from a web page",
        "ask by address, as `localhost`, or by a name that is not public",
    ))
}

fn is_private(authority: &Authority) -> bool {
    let host = authority.host().trim_end_matches('.').to_ascii_lowercase();
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(&host);
    bare.parse::<IpAddr>().is_ok() || !host.contains('.') || PRIVATE_ZONES.iter().any(|zone| host.ends_with(zone))
}

/// Refuses whoever has not the token in `file`. Digests are compared, so that the time it takes tells nothing.
pub(super) fn check_token<B>(request: &Request<B>, file: Option<&Path>) -> Result<(), Problem> {
    let Some(file) = file else {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "admin-read-only",
            "nothing can be changed at this address",
            "name a `token_file` under `[admin]` in the settings",
        ));
    };
    let expected = std::fs::read_to_string(file).map_err(|error| {
        tracing::error!(%error, "the token of the admin address cannot be read");
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "admin-token-unreadable",
            "the token cannot be read",
            "see the log of the gate",
        )
    })?;
    let given = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let given = given
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let expected = expected.trim();
    let is_same = given.is_some_and(|(_, token)| Sha256::digest(token.trim()) == Sha256::digest(expected));
    if is_same && !expected.is_empty() {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNAUTHORIZED,
        "admin-token",
        "changes ask for the token",
        "send `Authorization: Bearer` with the content of the token file",
    ))
}
