//! Who is answered, and what every answer carries.
//!
//! A page on the web may point a name of its own at 127.0.0.1 and have the visitor's browser read the console for it (DNS
//! rebinding). The name that the browser asks for is then that page's, so requests under foreign names are refused.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use crate::problem::Problem;
use crate::reports::REPORTS;

/// Host names that the console answers to besides loopback, in lower case.
#[derive(Debug, Clone)]
pub(crate) struct Names(Arc<[String]>);

impl Names {
    pub(crate) fn new(names: &[String]) -> Self {
        Self(
            names
                .iter()
                .map(|name| name.trim_end_matches('.').to_ascii_lowercase())
                .collect(),
        )
    }

    fn answers_to(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let bare = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(&host);
        let loopback = bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        loopback || host == "localhost" || self.0.contains(&host)
    }
}

const HEADERS: [(HeaderName, &str); 5] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

pub(crate) async fn guard(State(names): State<Names>, request: Request, next: Next) -> Response {
    let is_for_reports = request.uri().path() == REPORTS;
    let mut response = match refusal(&names, &request) {
        Some(problem) => problem.answer(&request),
        None => next.run(request).await,
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = HeaderValue::from_static(if is_for_reports { "POST, OPTIONS" } else { "GET, HEAD" });
        response.headers_mut().insert(ALLOW, allowed);
    }
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
        .headers_mut()
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    let strictest = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    response
        .headers_mut()
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(strictest);
    response
}

fn refusal(names: &Names, request: &Request) -> Option<Problem> {
    // Reports come from the visitors of other sites, under whatever name those were told; nothing can be read there.
    if request.uri().path() == REPORTS {
        return None;
    }
    if !asked_hosts(request).is_some_and(|hosts| hosts.iter().all(|host| names.answers_to(host))) {
        let detail = "This server answers to loopback addresses and its configured names only.";
        return Some(Problem {
            status: StatusCode::MISDIRECTED_REQUEST,
            title: "Misdirected request",
            detail,
        });
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let detail = "Only GET and HEAD are answered; nothing can be changed here.";
        return Some(Problem {
            status: StatusCode::METHOD_NOT_ALLOWED,
            title: "Method not allowed",
            detail,
        });
    }
    None
}

/// Every host that the request names; none when it names none or one that cannot be read.
fn asked_hosts(request: &Request) -> Option<Vec<String>> {
    let in_target = request.uri().authority().map(|authority| authority.host().to_owned());
    let mut hosts: Vec<String> = in_target.into_iter().collect();
    for value in request.headers().get_all(HOST) {
        let authority: Authority = value.to_str().ok()?.parse().ok()?;
        hosts.push(authority.host().to_owned());
    }
    (!hosts.is_empty()).then_some(hosts)
}
