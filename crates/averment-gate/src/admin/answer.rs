//! What operators are answered: text, JSON, or a problem document (RFC 9457).

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS};
use http::{Response, StatusCode};
use http_body_util::Full;
use serde_json::{Map, Value, json};

/// Something that is not answered as asked.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    slug: &'static str,
    title: &'static str,
    detail: String,
    allow: Option<&'static str>,
    more: Map<String, Value>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, slug: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            slug,
            title,
            detail: detail.into(),
            allow: None,
            more: Map::new(),
        }
    }

    /// Adds members of its own.
    pub(super) fn with(self, more: Map<String, Value>) -> Self {
        Self { more, ..self }
    }

    pub(super) fn into_response(self) -> Response<Full<Bytes>> {
        let mut members = json!({
            "type": format!("urn:averment:problem:{}", self.slug),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        for (name, value) in self.more {
            members[name.as_str()] = value;
        }
        let mut response = body("application/problem+json", format!("{members:#}\n"));
        *response.status_mut() = self.status;
        if let Some(allow) = self.allow {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

pub(super) fn wrong_method(allow: &'static str) -> Problem {
    let problem = Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "admin-method",
        "this address is asked in another way",
        format!("expected one of: {allow}"),
    );
    Problem {
        allow: Some(allow),
        ..problem
    }
}

pub(super) fn nothing_there() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "admin-nothing-there",
        "there is nothing at this address",
        "`/openapi.json` lists what there is",
    )
}

pub(super) fn text(text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    body("text/plain; version=0.0.4; charset=utf-8", text)
}

pub(super) fn json(json: impl Into<Bytes>) -> Response<Full<Bytes>> {
    body("application/json", json)
}

fn body(kind: &'static str, bytes: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(bytes.into()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
