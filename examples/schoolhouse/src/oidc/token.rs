//! ID tokens: JSON Web Tokens signed with Ed25519 (RFC 7519, RFC 8037).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde_json::{Value, json};

/// What an ID token has to say to be taken.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) audience: &'a str,
    pub(super) nonce: &'a str,
    /// The time, in seconds since 1970.
    pub(super) now: i64,
}

/// A signed token; `kid` names the key in the server's set.
pub(super) fn signed(key: &SigningKey, kid: &str, claims: &Value) -> String {
    let header = json!({"alg": "EdDSA", "kid": kid, "typ": "JWT"});
    let text = format!("{}.{}", coded(&header), coded(claims));
    let signature = key.sign(text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

/// The public key as a JSON Web Key, RFC 8037 section 2.
pub(super) fn jwk(key: &VerifyingKey, kid: &str) -> Value {
    let x = URL_SAFE_NO_PAD.encode(key.to_bytes());
    json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x})
}

/// The subject of a token, or which check it failed: OpenID Connect Core 1.0 section 3.1.3.7.
pub(super) fn subject(token: &str, keys: &Value, expected: &Expected<'_>) -> Result<String, &'static str> {
    let mut parts = token.split('.');
    let (Some(header), Some(body), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("the token has not three parts");
    };
    let head = decoded(header).ok_or("the token's header cannot be read")?;
    // The algorithm is ours, not the token's: `none` and keyed digests are no choice.
    if head["alg"] != "EdDSA" {
        return Err("the token is not signed with Ed25519");
    }
    let key = key(keys, &head["kid"]).ok_or("the server does not publish the token's key")?;
    let text = &token[..header.len() + 1 + body.len()];
    let bytes = URL_SAFE_NO_PAD.decode(signature).ok();
    let signature = bytes.and_then(|bytes| Signature::from_slice(&bytes).ok());
    let signature = signature.ok_or("the token's signature cannot be read")?;
    key.verify_strict(text.as_bytes(), &signature)
        .map_err(|_| "the token's signature is not the server's")?;
    let claims = decoded(body).ok_or("the token's claims cannot be read")?;
    checked(&claims, expected)
}

fn checked(claims: &Value, expected: &Expected<'_>) -> Result<String, &'static str> {
    if claims["iss"] != expected.issuer {
        return Err("the token is of another server");
    }
    if claims["aud"] != expected.audience {
        return Err("the token is for another platform");
    }
    if claims["nonce"] != expected.nonce {
        return Err("the token is of another sign-in");
    }
    if claims["exp"].as_i64().is_none_or(|end| end <= expected.now) {
        return Err("the token is not valid any more");
    }
    claims["sub"]
        .as_str()
        .map(str::to_owned)
        .ok_or("the token names nobody")
}

fn key(keys: &Value, kid: &Value) -> Option<VerifyingKey> {
    let keys = keys["keys"].as_array()?;
    let key = keys.iter().find(|key| key["kid"] == *kid && key["crv"] == "Ed25519")?;
    let bytes = URL_SAFE_NO_PAD.decode(key["x"].as_str()?).ok()?;
    VerifyingKey::from_bytes(&bytes.try_into().ok()?).ok()
}

fn coded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn decoded(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
