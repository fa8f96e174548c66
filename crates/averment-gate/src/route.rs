//! Reverse routes: paths of the gate's own address that stand for a recipient's host, for programs that know no proxy.
//!
//! Start at [`reverse`]. `/to/<recipient>/v1/x?a=b` becomes `/v1/x?a=b` on the host of the recipient's route, over TLS, and
//! from there on it is a request like any other.
//!
//! Invariant: a route leads only to a host that the charter in force gives to that recipient.

use http::header::{HOST, HeaderValue};
use http::uri::PathAndQuery;
use http::{Request, Uri};

use crate::host::{Destination, Scheme};
use crate::problem::{Kind, Problem};
use crate::settings::Route;
use crate::terms::Terms;

const PREFIX: &str = "/to/";

/// Whether the path is that of a route.
pub(crate) fn has_its_path<B>(request: &Request<B>) -> bool {
    request.uri().path().starts_with(PREFIX)
}

/// Whether the request asks for a route.
pub(crate) fn is_reverse<B>(request: &Request<B>) -> bool {
    request.uri().authority().is_none() && has_its_path(request)
}

/// Where the route of `request` leads. Path and `Host` become those of the recipient; nothing else of it changes.
///
/// # Errors
/// A problem when no route has the path, or its host is not one of the recipient's.
pub(crate) fn reverse<B>(request: &mut Request<B>, terms: &Terms) -> Result<Destination, Problem> {
    let target = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let (recipient, rest) = split(target).ok_or_else(unknown)?;
    let mut routes = terms.settings.routes.iter();
    let route = routes
        .find(|route| route.recipient.as_str() == recipient)
        .ok_or_else(unknown)?;
    let target = rest.parse().map_err(|_| unknown())?;
    lead(request, route, target, terms)
}

/// The same for a caller over HTTP/2 who names the route's host as the authority, and leaves the path as it is at the recipient.
///
/// # Errors
/// As [`reverse`]; none when no route has the host.
pub(crate) fn by_authority<B>(request: &mut Request<B>, terms: &Terms) -> Option<Result<Destination, Problem>> {
    let authority = request.uri().authority()?.as_str();
    let is_named = |route: &&Route| {
        let at = Destination::parse(Scheme::Https, &route.host);
        at.is_some_and(|at| at.is_named_by(authority))
    };
    let route = terms.settings.routes.iter().find(is_named)?;
    let target = request.uri().path_and_query().cloned();
    let target = target.unwrap_or_else(|| PathAndQuery::from_static("/"));
    Some(lead(request, route, target, terms))
}

fn lead<B>(
    request: &mut Request<B>,
    route: &Route,
    target: PathAndQuery,
    terms: &Terms,
) -> Result<Destination, Problem> {
    let destination = destination(route, terms).ok_or_else(not_its_host)?;
    let host = HeaderValue::from_str(&route.host).map_err(|_| not_its_host())?;
    *request.uri_mut() = Uri::from(target);
    request.headers_mut().insert(HOST, host);
    Ok(destination)
}

/// Recipient, and the rest with its slash.
fn split(target: &str) -> Option<(&str, &str)> {
    let inside = target.strip_prefix(PREFIX)?;
    Some(inside.split_at(inside.find('/')?))
}

fn destination(route: &Route, terms: &Terms) -> Option<Destination> {
    let destination = Destination::parse(Scheme::Https, &route.host)?;
    let recipients = terms.charter.recipients_of_host(destination.host.as_str());
    let is_theirs = recipients.iter().any(|recipient| recipient.id == route.recipient);
    is_theirs.then_some(destination)
}

fn unknown() -> Problem {
    Problem::from(Kind::RouteUnknown)
        .detail("paths are `/to/<recipient>/…`, and `[[routes]]` of the settings names the recipient's host")
}

fn not_its_host() -> Problem {
    Problem::from(Kind::RouteUnknown).detail("the route's host is not one of the recipient's hosts in the register")
}
