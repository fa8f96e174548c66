//! Where browsers report what a content security policy blocked or would have: `POST /csp-reports`, in both formats.
//!
//! Everybody may post, so everything is bounded: bytes and time of a body, reports a second over all callers. Nothing that was
//! posted is ever given back. A browser that sends to another origin asks first (CORS), and is told that it may.
//!
//! Source: CSP Level 3 section 5.3 (`application/csp-report`); Reporting API section 3.3 (`application/reports+json`).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    CONTENT_TYPE, RETRY_AFTER,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use crate::view::{Taken, View};

/// The address.
pub(crate) const REPORTS: &str = "/csp-reports";
/// Largest body.
pub const REPORT_MAX_BYTES: usize = 64 << 10;
/// Posts that are taken in one second, from everybody together; as many may come at once.
const PER_SECOND: f64 = 50.0;
/// A body that takes longer is not waited for.
const BODY_WITHIN: Duration = Duration::from_secs(5);
const TYPES: [&str; 3] = ["application/csp-report", "application/reports+json", "application/json"];

/// The routes, with one allowance for all callers.
pub(crate) fn routes() -> Router<Arc<dyn View>> {
    let allowance = Arc::new(Mutex::new(Allowance::new(Instant::now())));
    let take = move |State(view): State<Arc<dyn View>>, request: Request| take(view, Arc::clone(&allowance), request);
    Router::new().route(REPORTS, post(take).options(preflight))
}

async fn preflight() -> Response {
    let headers = [
        (ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        (ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, [(ACCESS_CONTROL_ALLOW_ORIGIN, "*")], headers).into_response()
}

async fn take(view: Arc<dyn View>, allowance: Arc<Mutex<Allowance>>, request: Request) -> Response {
    let status = taken(view, &allowance, request).await;
    let mut response = (status, [(ACCESS_CONTROL_ALLOW_ORIGIN, "*")]).into_response();
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        response
            .headers_mut()
            .insert(RETRY_AFTER, axum::http::HeaderValue::from_static("60"));
    }
    response
}

async fn taken(view: Arc<dyn View>, allowance: &Mutex<Allowance>, request: Request) -> StatusCode {
    if !is_report(request.headers()) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE;
    }
    if !allowance
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .takes(Instant::now())
    {
        return StatusCode::TOO_MANY_REQUESTS;
    }
    let body = match tokio::time::timeout(BODY_WITHIN, to_bytes(request.into_body(), REPORT_MAX_BYTES)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE,
        Err(_) => return StatusCode::REQUEST_TIMEOUT,
    };
    match tokio::task::spawn_blocking(move || view.policy_reports(&body)).await {
        Ok(Taken::Counted) => StatusCode::NO_CONTENT,
        Ok(Taken::NoReport) => StatusCode::BAD_REQUEST,
        Ok(Taken::NotNow) | Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn is_report(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    TYPES.contains(&kind.as_str())
}

/// How many posts may still come: fills up with time.
struct Allowance {
    left: f64,
    at: Instant,
}

impl Allowance {
    fn new(now: Instant) -> Self {
        Self {
            left: PER_SECOND,
            at: now,
        }
    }

    fn takes(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + since * PER_SECOND).min(PER_SECOND);
        self.at = now;
        let takes = self.left >= 1.0;
        self.left -= f64::from(u8::from(takes));
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_a_second_are_taken_and_no_more() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        let taken = (0..200).filter(|_| allowance.takes(start)).count();
        assert_eq!(taken, 50);
        let half = start + Duration::from_millis(500);
        assert_eq!((0..200).filter(|_| allowance.takes(half)).count(), 25);
    }
}
