//! What pages load from others, as the real ones answer it: by path, whatever host a browser was sent here for.
//!
//! The counter sets its cookie and sends what was opened; a room is a page.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;

/// Visitors are told apart by a cookie of the site's own domain; the title that is sent is the one that the page configures.
const COUNTER: &str = r"(() => {
  const known = document.cookie.match(/(?:^|; )_ga=GA1\.1\.([0-9.]+)/);
  const visitor = known ? known[1] : `${Math.floor(Math.random() * 2147483647)}.${Math.floor(Date.now() / 1000)}`;
  document.cookie = `_ga=GA1.1.${visitor}; path=/; max-age=63072000`;
  const said = (window.dataLayer || []).map((row) => Array.from(row)).find((row) => row[0] === 'config') || [];
  const { page_title: title = document.title, counted_at: there = '' } = said[2] || {};
  const hit = new URLSearchParams({ v: '2', tid: said[1], cid: visitor, en: 'page_view', dl: location.pathname, dt: title });
  fetch(`${there}/g/collect?${hit}`, { method: 'POST', mode: 'no-cors' });
})();
";

const LOOK: &str = "h1 { color: #223a5e }\n";

/// Routes that are of no vendor by name.
pub(super) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/gtag/js", get(async || script(COUNTER)))
        .route(
            "/g/collect",
            get(async || StatusCode::NO_CONTENT).post(async || StatusCode::NO_CONTENT),
        )
        .route("/look.css", get(async || ([(header::CONTENT_TYPE, "text/css")], LOOK)))
        .route(
            "/{room}",
            get(async || Html("<!doctype html><title>Call</title><p>Nobody else is here yet.</p>")),
        )
}

fn script(text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript")], text)
}
