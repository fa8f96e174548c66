//! What is answered: a page, JSON, a file, a redirect; or why not.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::html;
use crate::store::StoreError;

/// An answer before it goes out.
pub(crate) struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn new(kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: StatusCode::OK,
            headers: vec![(header::CONTENT_TYPE, kind.to_owned())],
            body: body.into(),
        }
    }

    /// A page for browsers.
    pub(crate) fn html(title: &str, body: &str) -> Self {
        Self::new("text/html; charset=utf-8", html::page(title, body, true))
    }

    /// A page that search engines are asked to leave out, in its head and in a header.
    pub(crate) fn unlisted(title: &str, body: &str) -> Self {
        let page = Self::new("text/html; charset=utf-8", html::page(title, body, false));
        page.with(HeaderName::from_static("x-robots-tag"), "noindex, nofollow")
    }

    pub(crate) fn json(value: &serde_json::Value) -> Self {
        Self::new("application/json", value.to_string())
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::new("text/plain; charset=utf-8", text.into())
    }

    /// A file that somebody uploaded: saved, never run by the browser.
    pub(crate) fn file(kind: &str, bytes: Vec<u8>) -> Self {
        let file = Self::new(kind, bytes).with(header::CONTENT_DISPOSITION, "attachment");
        file.with(header::CONTENT_SECURITY_POLICY, "sandbox")
    }

    /// To another page.
    pub(crate) fn to(path: &str) -> Self {
        let mut answer = Self::new("text/plain; charset=utf-8", "").with(header::LOCATION, path);
        answer.status = StatusCode::SEE_OTHER;
        answer
    }

    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// A page with more in its head; what is no page stays as it is.
    pub(crate) fn with_head(mut self, more: &str) -> Self {
        let is_page = self.headers.iter().any(|(_, value)| value.starts_with("text/html"));
        if let Some(text) = std::str::from_utf8(&self.body).ok().filter(|_| is_page) {
            self.body = text.replacen("</head>", &format!("{more}</head>"), 1).into_bytes();
        }
        self
    }

    pub(crate) fn response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().append(name, value);
            }
        }
        let headers = response.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Not `no-referrer`: browsers then send forms with `Origin: null`, and nobody could sign in.
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        response
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// What is not there and what may not be seen look the same.
    #[error("there is nothing here, or nothing for you")]
    NotFound,
    #[error("sign in first")]
    SignIn,
    #[error("this is not for you")]
    Forbidden,
    #[error("{0}")]
    Wrong(&'static str),
    #[error("something went wrong here")]
    Broken,
    #[error("something went wrong here")]
    Store(#[from] StoreError),
    #[error("something went wrong here")]
    File(#[from] std::io::Error),
}

impl Fault {
    /// As a page, or as JSON for the API.
    pub(crate) fn response(self, api: bool) -> Response {
        if matches!(self, Self::SignIn) && !api {
            return Answer::to("/sign-in").response();
        }
        let text = self.to_string();
        let mut answer = match api {
            true => Answer::json(&serde_json::json!({ "error": text })),
            false => Answer::html("Not this way", &format!("<p>{}</p>", html::escaped(&text))),
        };
        answer.status = match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Wrong(_) => StatusCode::BAD_REQUEST,
            Self::Broken | Self::Store(_) | Self::File(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        answer.response()
    }
}
