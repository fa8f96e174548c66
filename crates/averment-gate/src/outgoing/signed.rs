//! Requests that vouch for their own bytes. Rewriting one would break the signature, so it is refused instead.
//!
//! Source: RFC 9421, RFC 9530; the signing rules of AWS (SigV4), Azure (SharedKey) and Pusher; of webhooks, those of
//! GitHub, Stripe, Slack, Twilio, Shopify, Discord and the Standard Webhooks.

use http::header::{HeaderName, HeaderValue};

/// Fields that hold a digest or signature.
const FIELDS: [&str; 6] = [
    "content-digest",
    "content-md5",
    "digest",
    "repr-digest",
    "x-amz-content-sha256",
    "x-ms-content-sha256",
];

/// How the name of a field ends that holds a signature: webhooks are signed under a name of the sender's own, such as
/// `Stripe-Signature` or `X-Hub-Signature-256`.
const ENDINGS: [&str; 6] = [
    "signature",
    "signature-256",
    "signature-sha256",
    "signature-ed25519",
    "hmac-sha256",
    "-hmac",
];

/// How `Authorization` begins when it is a signature and not a key.
const SCHEMES: [&str; 5] = ["aws ", "aws4-", "hmac-", "sharedkey", "signature "];

/// Query parameters that hold a digest or signature.
const PARAMETERS: [&str; 5] = [
    "auth_signature=",
    "body_md5=",
    "sig=",
    "x-amz-signature=",
    "x-goog-signature=",
];

/// `signed_again`: whether a signature of AWS's kind in the fields is replaced before the message goes out, so that it
/// vouches for nothing.
pub(super) fn is_signed(target: &str, fields: &[(HeaderName, HeaderValue)], signed_again: bool) -> bool {
    let stays = |name: &HeaderName, value: &HeaderValue| !(signed_again && is_of_aws(name, value));
    let mut vouching = fields.iter().filter(|(name, value)| vouches(name, value));
    vouching.any(|(name, value)| stays(name, value)) || query_vouches(target)
}

fn is_of_aws(name: &HeaderName, value: &HeaderValue) -> bool {
    let is_signature = *name == http::header::AUTHORIZATION && value.as_bytes().starts_with(b"AWS4-");
    is_signature || name.as_str() == "x-amz-content-sha256"
}

fn vouches(name: &HeaderName, value: &HeaderValue) -> bool {
    if *name != http::header::AUTHORIZATION {
        let name = name.as_str();
        return FIELDS.contains(&name) || ENDINGS.iter().any(|ending| name.ends_with(ending));
    }
    let value = value.as_bytes().to_ascii_lowercase();
    SCHEMES.iter().any(|scheme| value.starts_with(scheme.as_bytes()))
}

fn query_vouches(target: &str) -> bool {
    let query = target
        .split_once('?')
        .map_or("", |(_, query)| query)
        .to_ascii_lowercase();
    query
        .split('&')
        .any(|pair| PARAMETERS.iter().any(|parameter| pair.starts_with(parameter)))
}
