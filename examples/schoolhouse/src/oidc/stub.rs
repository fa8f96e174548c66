//! An OIDC server of ours, to try the sign-in with: it believes whoever types a user name. It can also be made to lie.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use clap::ValueEnum;
use ed25519_dalek::SigningKey;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::codes::{Codes, Words, hidden};
use super::{CLIENT, token};
use crate::secrets;

const KEY: &str = "stub-1";

/// What it lies about in its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lie {
    Signature,
    Nonce,
    Audience,
    Issuer,
    Expiry,
}

/// The server: its key and the codes that nobody has used yet.
struct Stub {
    issuer: String,
    key: SigningKey,
    lie: Option<Lie>,
    now: fn() -> Timestamp,
    codes: Codes,
}

/// Its routes; `issuer` is where it is reached.
pub(crate) fn router(issuer: String, lie: Option<Lie>, now: fn() -> Timestamp) -> Router {
    let stub = Stub {
        issuer,
        key: SigningKey::from_bytes(&secrets::random()),
        lie,
        now,
        codes: Codes::default(),
    };
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/jwks", get(jwks))
        .route("/authorize", get(authorize))
        .route("/token", post(exchange))
        .with_state(Arc::new(stub))
}

async fn discovery(State(stub): State<Arc<Stub>>) -> Json<Value> {
    let issuer = &stub.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "code_challenge_methods_supported": ["S256"],
    }))
}

async fn jwks(State(stub): State<Arc<Stub>>) -> Json<Value> {
    Json(json!({"keys": [token::jwk(&stub.key.verifying_key(), KEY)]}))
}

/// Asks who is there; with `login_hint` it does not ask.
async fn authorize(State(stub): State<Arc<Stub>>, Query(asked): Query<Words>) -> Response {
    let Some(back) = asked
        .get("redirect_uri")
        .filter(|_| asked.get("client_id").is_some_and(|id| id == CLIENT))
    else {
        return (StatusCode::BAD_REQUEST, "unknown platform").into_response();
    };
    if asked.get("code_challenge_method").is_none_or(|method| method != "S256") {
        return (StatusCode::BAD_REQUEST, "no challenge").into_response();
    }
    let Some(_) = asked.get("login_hint") else {
        return Html(form(&asked)).into_response();
    };
    let back = back.clone();
    stub.codes.redirect(&back, asked)
}

/// The same question again, with a field for the name.
fn form(asked: &Words) -> String {
    let fields = hidden(asked);
    format!(
        "<!doctype html><title>School sign-in</title><form action=\"/authorize\">{fields}\
         <label>User name <input name=\"login_hint\"></label> <button>Sign in</button></form>"
    )
}

/// A token for a code: once, and only to who can show the verifier of the challenge.
async fn exchange(State(stub): State<Arc<Stub>>, body: String) -> Response {
    let form: Words = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let Some(asked) = stub.codes.take(&form) else {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response();
    };
    let token = stub.token(&asked);
    Json(json!({"access_token": secrets::token(), "token_type": "Bearer", "expires_in": 300, "id_token": token}))
        .into_response()
}

impl Stub {
    /// The ID token, with the lie if there is one.
    fn token(&self, asked: &Words) -> String {
        let is = |lie| self.lie == Some(lie);
        let now = (self.now)().as_second();
        let claims = json!({
            "iss": if is(Lie::Issuer) { "https://elsewhere.example" } else { self.issuer.as_str() },
            "aud": if is(Lie::Audience) { "another-platform" } else { CLIENT },
            "sub": format!("school-{}", asked.get("login_hint").map_or("", String::as_str)),
            "nonce": if is(Lie::Nonce) { Some("another") } else { asked.get("nonce").map(String::as_str) },
            "iat": now,
            "exp": if is(Lie::Expiry) { now - 60 } else { now + 300 },
        });
        let other = SigningKey::from_bytes(&secrets::random());
        token::signed(if is(Lie::Signature) { &other } else { &self.key }, KEY, &claims)
    }
}
