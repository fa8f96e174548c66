//! Header fields that are about one connection and not about the message: they end here, in both directions.
//!
//! Source: RFC 9110 7.6.1; RFC 9113 8.2.2.

use crate::caller::CONTEXT_HEADER;
use http::header::{CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue};

/// Always about one connection, besides `proxy-*` and what a caller tells the gate.
const HOP_BY_HOP: [&str; 6] = [
    "connection",
    "http2-settings",
    "keep-alive",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// The fields of `headers` that are about the message, in order.
pub(crate) fn end_to_end(headers: &HeaderMap) -> Vec<(HeaderName, HeaderValue)> {
    let named = named_by_connection(headers);
    let stays = |name: &HeaderName| !is_hop_by_hop(name) && !named.contains(name);
    headers
        .iter()
        .filter(|(name, _)| stays(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// A map of `fields` in the same order. (Taking fields out of a map would change the order of the others.)
pub(crate) fn into_map(fields: Vec<(HeaderName, HeaderValue)>) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(fields.len());
    for (name, value) in fields {
        map.append(name, value);
    }
    map
}

/// Whether a field is always about one connection.
pub(crate) fn is_hop_by_hop(name: &HeaderName) -> bool {
    HOP_BY_HOP.contains(&name.as_str()) || name.as_str().starts_with("proxy-") || *name == CONTEXT_HEADER
}

/// What the `Connection` fields name. `Host` stays whatever they say: without it the message would be for nobody.
fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let words = values.flat_map(|value| value.split(',')).map(str::trim);
    words
        .filter_map(|word| word.parse().ok())
        .filter(|name| *name != HOST)
        .collect()
}

#[cfg(test)]
mod tests;
