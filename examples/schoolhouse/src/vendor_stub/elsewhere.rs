//! Providers of accounts, at the paths that the real ones publish: they believe whoever types a name.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::oidc::codes::{Codes, Words, hidden};
use crate::secrets;
use crate::web::html::escaped;

/// What nobody has asked for yet.
#[derive(Default)]
struct Open {
    codes: Codes,
    /// By token: who it is.
    tokens: Mutex<BTreeMap<String, String>>,
}

type Shared = Arc<Open>;

/// Pages, tokens and profiles of all of them.
pub(super) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let mut router = Router::new();
    for page in [
        "/o/oauth2/v2/auth",
        "/common/oauth2/v2.0/authorize",
        "/v19.0/dialog/oauth",
    ] {
        router = router.route(page, get(authorize));
    }
    for tokens in ["/token", "/common/oauth2/v2.0/token", "/v19.0/oauth/access_token"] {
        router = router.route(tokens, get(by_address).post(by_form));
    }
    for profile in ["/v1/userinfo", "/oidc/userinfo"] {
        router = router.route(profile, get(async |state, head| profile_as("sub", state, head)));
    }
    router
        .route("/v19.0/me", get(async |state, head| profile_as("id", state, head)))
        .with_state(Shared::default())
}

/// Asks who is there; with `as` it does not ask. An address that the platform tells is only written into the field.
async fn authorize(State(open): State<Shared>, Query(asked): Query<Words>) -> Response {
    let (Some(back), Some(_)) = (asked.get("redirect_uri"), asked.get("code_challenge")) else {
        return (StatusCode::BAD_REQUEST, "unknown platform").into_response();
    };
    if !asked.contains_key("as") {
        return Html(form(&asked)).into_response();
    }
    let back = back.clone();
    open.codes.redirect(&back, asked)
}

fn form(asked: &Words) -> String {
    let fields = hidden(asked);
    let hint = escaped(asked.get("login_hint").map_or("", String::as_str));
    format!(
        "<!doctype html><title>Account</title><link rel=\"icon\" href=\"data:,\"><form>{fields}<label>Who <input name=\"as\" value=\"{hint}\"></label> \
         <button>Continue</button></form>"
    )
}

async fn by_address(State(open): State<Shared>, Query(words): Query<Words>) -> Response {
    exchanged(&open, &words)
}

async fn by_form(State(open): State<Shared>, body: String) -> Response {
    exchanged(&open, &form_urlencoded::parse(body.as_bytes()).into_owned().collect())
}

/// A token for a code: once, and only to who can show the verifier of the challenge.
fn exchanged(open: &Shared, words: &Words) -> Response {
    let asked = open.codes.take(words);
    let Some(who) = asked.and_then(|asked| asked.get("as").cloned()) else {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response();
    };
    let token = secrets::token();
    open.tokens().insert(token.clone(), who);
    Json(json!({"access_token": token, "token_type": "Bearer", "expires_in": 300})).into_response()
}

fn profile_as(subject: &str, State(open): State<Shared>, head: HeaderMap) -> Response {
    let bearer = head.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|bearer| bearer.strip_prefix("Bearer "));
    let who = token.and_then(|token| open.tokens().get(token).cloned());
    let Some(who) = who else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let number: String = secrets::digest(&who).chars().take(20).collect();
    let mut said = json!({"name": format!("{who} Elsewhere"), "email": format!("{who}@mail.example")});
    said[subject] = Value::from(number);
    Json(said).into_response()
}

impl Open {
    fn tokens(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
