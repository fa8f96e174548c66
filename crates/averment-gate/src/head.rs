//! What is checked about a request's head before anything else: that it can be read in one way only and is for the host
//! that its connection is for.
//!
//! Source: RFC 9110 7.2, 7.4, 9.1, 10.1.1; RFC 9112 3.2; RFC 9113 8.3.1.

use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, COOKIE, EXPECT, HOST, HeaderMap,
    HeaderName, TRAILER, UPGRADE,
};
use http::{Method, Version, request};

use crate::framing::Framed;
use crate::hop;
use crate::host::Destination;
use crate::problem::{Kind, Problem};

/// Methods that are forwarded. A free choice would be a place to put a user name.
const METHODS: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
];

/// Fields that mean something only before the body.
const NOT_TRAILERS: [HeaderName; 9] = [
    AUTHORIZATION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    CONTENT_TYPE,
    COOKIE,
    EXPECT,
    HOST,
    TRAILER,
];

/// Checks `head`, which came on a connection for `destination`.
///
/// # Errors
/// The problem to answer with.
pub(crate) fn check(head: &request::Parts, destination: &Destination, framed: &Framed) -> Result<(), Problem> {
    if framed.is_ambiguous() {
        return Err(ambiguous());
    }
    if !METHODS.contains(&head.method) {
        return Err(Problem::from(Kind::MethodUnknown).closing());
    }
    if head.uri.path() == "*" {
        return Err(Problem::from(Kind::Malformed)
            .detail("the target `*` is about a server as a whole and is not forwarded")
            .closing());
    }
    if head.uri.authority().is_some() && head.uri.scheme().is_none() {
        return Err(Problem::from(Kind::Malformed)
            .detail("only `CONNECT` has a target that is nothing but a host and a port")
            .closing());
    }
    check_expectation(head)?;
    check_host(head, destination)
}

/// The answer to framing that can be read in two ways.
pub(crate) fn ambiguous() -> Problem {
    let detail = "send one `Content-Length` or `Transfer-Encoding: chunked`, one `Host`, lines that end in CR LF, and no chunk extensions";
    Problem::from(Kind::AmbiguousFraming).detail(detail).closing()
}

/// Whether the request asks for another protocol on its connection.
pub(crate) fn wants_upgrade(head: &request::Parts) -> bool {
    head.headers.contains_key(UPGRADE)
}

/// Whether the caller may be waiting for leave to send its body.
pub(crate) fn expects(head: &request::Parts) -> bool {
    head.headers.contains_key(EXPECT)
}

/// Checks the trailers of a request: nothing that says how to read it, whom it is for or who sent it stands there.
///
/// # Errors
/// The problem to answer with.
///
/// # Source
/// RFC 9110 6.5.1.
pub(crate) fn check_trailers(trailers: &HeaderMap) -> Result<(), Problem> {
    let belongs_in_the_head = |name: &HeaderName| NOT_TRAILERS.contains(name) || hop::is_hop_by_hop(name);
    if trailers.keys().any(belongs_in_the_head) {
        let detail = "a trailer holds a field that belongs in the head";
        return Err(Problem::from(Kind::Malformed).detail(detail).closing());
    }
    Ok(())
}

fn check_expectation(head: &request::Parts) -> Result<(), Problem> {
    let mut expectations = head.headers.get_all(EXPECT).iter();
    let all_known = expectations.all(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    if all_known {
        Ok(())
    } else {
        Err(Problem::from(Kind::Expectation).closing())
    }
}

fn check_host(head: &request::Parts, destination: &Destination) -> Result<(), Problem> {
    let mut names = head
        .headers
        .get_all(HOST)
        .iter()
        .map(|value| value.to_str().unwrap_or_default());
    let host = names.next();
    if names.next().is_some() {
        return Err(ambiguous());
    }
    let authority = head.uri.authority().map(http::uri::Authority::as_str);
    if head.version <= Version::HTTP_11 && host.is_none() {
        return Err(Problem::from(Kind::Malformed)
            .detail("a `Host` field is missing")
            .closing());
    }
    let scheme_fits = head
        .uri
        .scheme_str()
        .is_none_or(|scheme| scheme == destination.scheme.as_str());
    let names_fit = [host, authority]
        .into_iter()
        .flatten()
        .all(|name| destination.is_named_by(name));
    let named = host.is_some() || authority.is_some();
    if scheme_fits && names_fit && named {
        Ok(())
    } else {
        Err(Problem::from(Kind::Misdirected).closing())
    }
}
