//! Requests that vouch for their own bytes. Rewriting one would break the signature, so it is refused instead.
//!
//! Start at [`is_signed`]. Doubt counts as signed: what is refused for a field that only looks like a signature can be declared
//! or sent without it, a signature that no longer holds looks like forgery at the recipient.
//!
//! Source: RFC 9421, RFC 9530, RFC 5849 (OAuth 1.0a); the signing rules of AWS (SigV2, SigV4, CloudFront), Google Cloud Storage
//! (V2, V4), Azure (SharedKey, Cosmos DB), Alibaba, Tencent and Huawei Cloud, Cloudinary and Pusher; of webhooks, those of GitHub,
//! Stripe, Slack, Twilio, Shopify, Discord and the Standard Webhooks.

use std::borrow::Cow;

use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};

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

/// Schemes of `Authorization` that are a signature and not a key, besides those with `hmac` in their name.
const SCHEMES: [&str; 6] = ["aws", "goog1", "oss", "sharedkey", "sharedkeylite", "signature"];

/// What else `Authorization` holds when it is a signature: OAuth 1.0a and whoever writes down its parts; Cosmos DB, which
/// escapes them.
const PARTS: [&str; 3] = ["signature=", "type=master", "type%3dmaster"];

/// Names of query parameters and form fields that hold a digest or signature, besides those that end in `signature`.
const KEYS: [&str; 4] = ["body_md5", "hmac", "sig", "sign"];

/// The parts of a message that can vouch for it.
pub(super) struct Vouching<'a> {
    pub(super) target: &'a str,
    pub(super) fields: &'a [(HeaderName, HeaderValue)],
    pub(super) body: &'a [u8],
}

/// `signed_again`: whether a signature of AWS's kind in the fields is replaced before the message goes out, so that it
/// vouches for nothing.
pub(super) fn is_signed(message: &Vouching<'_>, signed_again: bool) -> bool {
    let stays = |name: &HeaderName, value: &HeaderValue| !(signed_again && is_of_aws(name, value));
    let mut vouching = message.fields.iter().filter(|(name, value)| vouches(name, value));
    let query = message.target.split_once('?').map_or("", |(_, query)| query);
    vouching.any(|(name, value)| stays(name, value)) || pairs_vouch(query.as_bytes()) || form_vouches(message)
}

fn is_of_aws(name: &HeaderName, value: &HeaderValue) -> bool {
    let is_signature = *name == AUTHORIZATION && value.as_bytes().starts_with(b"AWS4-");
    is_signature || name.as_str() == "x-amz-content-sha256"
}

fn vouches(name: &HeaderName, value: &HeaderValue) -> bool {
    if *name != AUTHORIZATION {
        let name = name.as_str();
        return FIELDS.contains(&name) || ENDINGS.iter().any(|ending| name.ends_with(ending));
    }
    let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
    let scheme = value.split([' ', ',']).next().unwrap_or_default();
    let is_hmac = scheme.split('-').any(|word| word == "hmac") || scheme.starts_with("aws4-");
    is_hmac || SCHEMES.contains(&scheme) || PARTS.iter().any(|part| value.contains(part))
}

/// Whether one of the pairs of a query or a form is named like a signature.
fn pairs_vouch(pairs: &[u8]) -> bool {
    pairs
        .split(|byte| *byte == b'&')
        .any(|pair| is_key(&unescaped(pair.split(|byte| *byte == b'=').next().unwrap_or_default())))
}

fn is_key(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    // Names of objects and lists: `params[signature]`.
    let name = name.trim_end_matches(']');
    KEYS.contains(&name) || name.ends_with("signature")
}

/// `%73ig` is `sig`.
fn unescaped(name: &[u8]) -> Cow<'_, str> {
    if !name.contains(&b'%') {
        return String::from_utf8_lossy(name);
    }
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((first, after)) = rest.split_first() {
        let escaped = after.first_chunk::<2>().filter(|_| *first == b'%');
        let escaped = escaped.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned().into()
}

fn form_vouches(message: &Vouching<'_>) -> bool {
    let mut types = message.fields.iter().filter(|(name, _)| *name == CONTENT_TYPE);
    types.any(|(_, value)| {
        let media = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        match media.split(';').next().unwrap_or_default().trim() {
            "application/x-www-form-urlencoded" => pairs_vouch(message.body),
            "multipart/form-data" => parts_vouch(message.body),
            _ => false,
        }
    })
}

/// Whether a part of a form is named like a signature.
fn parts_vouch(body: &[u8]) -> bool {
    body.split(|byte| *byte == b'\n').any(|line| {
        let head = line
            .get(..20)
            .is_some_and(|head| head.eq_ignore_ascii_case(b"content-disposition:"));
        head && part_name(&String::from_utf8_lossy(line)).is_some_and(is_key)
    })
}

fn part_name(line: &str) -> Option<&str> {
    let mut parameters = line.split(';').filter_map(|parameter| parameter.trim().split_once('='));
    let (_, name) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("name"))?;
    Some(name.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests;
