//! Vendors of ours, to try deletion with: they take what the platform sends and answer at the paths that the real ones publish.
//!
//! Start at [`router`]. All stand behind one address, `/{vendor}/…`. What they keep can be looked at under `/kept`, what arrived
//! under `/arrived`; what pages load from others, and who has accounts that people sign up with,
//! is answered too. With the mistake `vendor-delete-202-and-nothing` they answer deletions as before, and delete nothing.

mod amplitude;
mod elsewhere;
mod kept;
mod mail;
mod pages;
mod slack;
mod stripe;
mod twilio;
mod zendesk;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::mistakes::{Mistake, Mistakes};
use kept::Kept;

/// One grey pixel: everybody's picture.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";

/// A request, taken apart.
struct Asked {
    method: Method,
    /// Below the vendor's part, with the slash.
    path: String,
    query: Map<String, Value>,
    /// A form is an object of texts.
    body: Value,
}

/// What a vendor answers; nothing is 404.
type Said = Option<(StatusCode, Value)>;

type Shared = Arc<Mutex<Kept>>;

/// The routes of all vendors.
pub(crate) fn router(mistakes: &Mistakes) -> Router {
    let kept = Kept::new(mistakes.has(Mistake::VendorDelete202AndNothing));
    Router::new()
        .route(
            "/kept",
            get(async |State(kept): State<Shared>| Json(locked(&kept).rows())),
        )
        .route(
            "/arrived",
            get(async |State(kept): State<Shared>| Json(locked(&kept).arrived())),
        )
        .merge(pages::router())
        .merge(elsewhere::router())
        .fallback(answer)
        .with_state(Arc::new(Mutex::new(kept)))
}

fn locked(kept: &Shared) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

async fn answer(State(kept): State<Shared>, method: Method, uri: Uri, body: Bytes) -> Response {
    let parts = uri.path().strip_prefix('/').and_then(|path| path.split_once('/'));
    let Some((vendor, path)) = parts else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let asked = Asked::read(method, path, &uri, &body);
    let mut kept = locked(&kept);
    kept.arrive(vendor, &asked);
    let said = match vendor {
        "amplitude" => amplitude::said(&asked, &mut kept),
        "mailgun" => mail::mailgun(&asked, &mut kept),
        "sendgrid" => mail::sendgrid(&asked, &mut kept),
        "slack" => slack::said(&asked),
        "stripe" => stripe::said(&asked, &mut kept),
        "twilio" => twilio::said(&asked, &mut kept),
        "zendesk" => zendesk::said(&asked, &mut kept),
        "gravatar" => return picture(),
        _ => None,
    };
    match said {
        Some((StatusCode::NO_CONTENT, _)) => StatusCode::NO_CONTENT.into_response(),
        Some((status, body)) => (status, Json(body)).into_response(),
        None => (StatusCode::NOT_FOUND, Json(missing(vendor))).into_response(),
    }
}

fn picture() -> Response {
    let bytes = STANDARD.decode(PICTURE).unwrap_or_default();
    ([(header::CONTENT_TYPE, "image/png")], bytes).into_response()
}

/// How each of them says that there is no such thing.
fn missing(vendor: &str) -> Value {
    match vendor {
        "stripe" => json!({"error": {"code": "resource_missing", "type": "invalid_request_error"}}),
        "zendesk" => json!({"error": "RecordNotFound", "description": "Not found"}),
        "twilio" => json!({"code": 20404, "message": "The requested resource was not found", "status": 404}),
        "mailgun" => json!({"message": "Address not found"}),
        _ => json!({"errors": [{"message": "not found"}]}),
    }
}

impl Asked {
    fn read(method: Method, path: &str, uri: &Uri, body: &[u8]) -> Self {
        let query = fields(uri.query().unwrap_or_default().as_bytes());
        Self {
            method,
            path: format!("/{path}"),
            query,
            body: serde_json::from_slice(body).unwrap_or_else(|_| Value::Object(fields(body))),
        }
    }

    /// A word of the query; empty where it is not said.
    fn word(&self, name: &str) -> &str {
        self.query.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// What the path says between these two.
    fn between(&self, before: &str, after: &str) -> Option<&str> {
        let inner = self.path.strip_prefix(before)?.strip_suffix(after)?;
        (!inner.is_empty() && !inner.contains('/')).then_some(inner)
    }
}

fn fields(text: &[u8]) -> Map<String, Value> {
    let pairs = form_urlencoded::parse(text).into_owned();
    pairs.map(|(name, value)| (name, Value::String(value))).collect()
}
