//! What goes wrong, told to programs as a problem document (RFC 9457) and to people as a small page.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Something that is not answered as asked. Made of literals: nothing of the request is repeated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) title: &'static str,
    pub(crate) detail: &'static str,
}

impl Problem {
    pub(crate) fn answer(self, request: &Request) -> Response {
        if wants_json(request) {
            self.document()
        } else {
            self.page()
        }
    }

    fn document(self) -> Response {
        let body = json!({
            "type": "about:blank", "title": self.title, "status": self.status.as_u16(), "detail": self.detail,
        });
        (
            self.status,
            [(CONTENT_TYPE, "application/problem+json")],
            body.to_string(),
        )
            .into_response()
    }

    fn page(self) -> Response {
        let Self { title, detail, .. } = self;
        let body = format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<main>\n<h1>{title}</h1>\n\
             <p>{detail}</p>\n<p><a href=\"/\">To the register</a></p>\n</main>\n</html>\n"
        );
        (self.status, [(CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response()
    }
}

fn wants_json(request: &Request) -> bool {
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let named = request.uri().path().ends_with(".json");
    (accept.contains("json") || named) && !accept.contains("text/html")
}
