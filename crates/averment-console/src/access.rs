//! The decision API: OpenID AuthZEN Authorization API 1.0 over HTTP, for whoever has the token.
//!
//! Start at [`router`]. It answers about people, so that nothing but its own description is told without the token. An error
//! is a problem document and never a decision to allow.
//!
//! Source: OpenID AuthZEN Authorization API 1.0, section 10; RFC 6750; RFC 9457.

use std::sync::{Arc, PoisonError, RwLock};

use averment_access::{Access, authzen};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderName, ORIGIN, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Largest question.
pub const QUESTION_MAX_BYTES: usize = 1 << 20;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The rules that are decided by now. Every handle is of the same rules, so that others can be put in their place.
#[derive(Debug, Clone)]
pub struct InForce(Arc<RwLock<Arc<Access>>>);

impl InForce {
    /// These rules.
    pub fn new(access: Access) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(access))))
    }

    /// Decides by other rules from the next question on.
    pub fn put(&self, access: Access) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(access);
    }

    fn now(&self) -> Arc<Access> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What the decision API is made of.
#[derive(Clone)]
pub struct Guarded {
    /// The rules.
    pub access: InForce,
    /// What a caller has to show, without white space around it. An empty one lets nobody in.
    pub token: String,
    /// The address others reach it at, without a slash at its end.
    pub base: String,
}

impl std::fmt::Debug for Guarded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guarded")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

type Answer = fn(&Access, &Value) -> Result<Value, authzen::BadRequest>;

/// `POST /access/v1/evaluation`, `/access/v1/evaluations`, `/access/v1/search/{subject,resource,action}`, and
/// `GET /.well-known/authzen-configuration`.
pub fn router(guarded: Guarded) -> Router {
    let ask = |answer: Answer| {
        post(
            move |State(guarded): State<Guarded>, headers: HeaderMap, body: Bytes| async move {
                // A search over a thousand people takes its time, and messages pass on the same threads.
                let replied = tokio::task::spawn_blocking(move || reply(&guarded, &headers, &body, answer)).await;
                replied.unwrap_or_else(|_| {
                    problem(StatusCode::INTERNAL_SERVER_ERROR, "The question could not be answered.")
                })
            },
        )
    };
    let questions = Router::new()
        .route("/access/v1/evaluation", ask(authzen::evaluation))
        .route("/access/v1/evaluations", ask(authzen::evaluations))
        .route("/access/v1/search/subject", ask(authzen::search_subject))
        .route("/access/v1/search/resource", ask(authzen::search_resource))
        .route("/access/v1/search/action", ask(authzen::search_action))
        .layer(from_fn_with_state(guarded.clone(), guard));
    let described = |State(guarded): State<Guarded>| async move { json_of(&authzen::configuration(&guarded.base)) };
    Router::new()
        .route("/.well-known/authzen-configuration", get(described))
        .merge(questions)
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "Nothing is answered at this address.") })
        .layer(DefaultBodyLimit::max(QUESTION_MAX_BYTES))
        .with_state(guarded)
        .layer(axum::middleware::from_fn(in_form))
}

fn reply(guarded: &Guarded, headers: &HeaderMap, body: &[u8], answer: Answer) -> Response {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return problem(StatusCode::BAD_REQUEST, "The content type is not `application/json`.");
    }
    let Ok(question) = serde_json::from_slice::<Value>(body) else {
        return problem(StatusCode::BAD_REQUEST, "The body is not JSON.");
    };
    match answer(&guarded.access.now(), &question) {
        Ok(answer) => json_of(&answer),
        Err(error) => problem(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

/// Lets in who has the token, and no web page. Digests are compared, so that the time it takes tells nothing.
async fn guard(State(guarded): State<Guarded>, request: Request, next: Next) -> Response {
    if request.headers().contains_key(ORIGIN) {
        return problem(StatusCode::FORBIDDEN, "Questions of web pages are not answered.");
    }
    let given = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let given = given
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let is_same = given.is_some_and(|(_, token)| Sha256::digest(token.trim()) == Sha256::digest(&guarded.token));
    if is_same && !guarded.token.is_empty() {
        return next.run(request).await;
    }
    let mut refused = problem(
        StatusCode::UNAUTHORIZED,
        "Questions ask for the token: `Authorization: Bearer`.",
    );
    let challenge = "Bearer".parse().expect("a word is a header");
    refused.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    refused
}

/// What every answer carries: the request's own number, nothing kept, and a problem document in place of axum's own texts.
async fn in_form(request: Request, next: Next) -> Response {
    let number = request.headers().get(REQUEST_ID).cloned();
    let mut response = next.run(request).await;
    let is_ours = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().ends_with(b"json"));
    if !response.status().is_success() && !is_ours {
        let detail = match response.status() {
            StatusCode::PAYLOAD_TOO_LARGE => "The question is too large.",
            StatusCode::METHOD_NOT_ALLOWED => "Another method is asked for here.",
            _ => "The question cannot be answered.",
        };
        let allow = response.headers().get(axum::http::header::ALLOW).cloned();
        response = problem(response.status(), detail);
        if let Some(allow) = allow {
            response.headers_mut().insert(axum::http::header::ALLOW, allow);
        }
    }
    if let Some(number) = number {
        response.headers_mut().insert(REQUEST_ID, number);
    }
    let nothing_kept = "no-store".parse().expect("a word is a header");
    response.headers_mut().insert(CACHE_CONTROL, nothing_kept);
    response
}

fn json_of(value: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], Body::from(value.to_string())).into_response()
}

fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    (status, [(CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
