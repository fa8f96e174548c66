//! A recording that may be kept: without what opens a session, and without what the journey filled in.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::journey::Journey;
use super::record::Recording;

/// Stands where something was.
const REDACTED: &str = "[redacted]";
/// Headers whose values open a session.
const HEADERS: [&str; 8] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-csrf-token",
    "x-xsrf-token",
    "x-api-key",
    "sec-websocket-key",
];
/// Shorter ones are everywhere; secrets of environment and files are longer.
const MIN_BYTES: usize = 4;

impl Recording {
    /// The recording as HAR 1.2 without values of `Authorization`, `Cookie` and the like, and without what `journey` filled in,
    /// in any of the spellings of forms, addresses, JSON and base64. Names of cookies stay.
    pub fn without_secrets(&self, journey: &Journey) -> Value {
        let mut document = self.document();
        let spellings: Vec<String> = journey
            .secrets()
            .filter(|secret| secret.len() >= MIN_BYTES)
            .flat_map(spellings)
            .collect();
        if let Some(entries) = document["log"]["entries"].as_array_mut() {
            for entry in entries {
                redact_headers(&mut entry["request"]["headers"]);
                redact_headers(&mut entry["response"]["headers"]);
                redact_packed(&mut entry["request"]["postData"], &spellings);
            }
        }
        replace(&mut document, &spellings);
        document
    }
}

fn redact_headers(headers: &mut Value) {
    for header in headers.as_array_mut().into_iter().flatten() {
        let name = header["name"].as_str().unwrap_or_default().to_ascii_lowercase();
        if HEADERS.contains(&name.as_str()) {
            header["value"] = json!(redacted(&name, header["value"].as_str().unwrap_or_default()));
        }
    }
}

/// Of cookies the names stay, which is what a look needs.
fn redacted(header: &str, value: &str) -> String {
    let named = |pair: &str| {
        pair.split_once('=')
            .map(|(name, _)| format!("{}={REDACTED}", name.trim()))
    };
    match header {
        "cookie" => value.split(';').filter_map(named).collect::<Vec<String>>().join("; "),
        "set-cookie" => value.lines().filter_map(named).collect::<Vec<String>>().join("\n"),
        _ => REDACTED.to_owned(),
    }
}

/// A binary body with a secret in it is left out as a whole.
fn redact_packed(data: &mut Value, spellings: &[String]) {
    let is_packed = data.get("encoding").is_some_and(|encoding| encoding == "base64");
    let bytes = data["text"]
        .as_str()
        .and_then(|text| STANDARD.decode(text).ok())
        .filter(|_| is_packed);
    let Some(bytes) = bytes else { return };
    let text = String::from_utf8_lossy(&bytes);
    if spellings.iter().any(|spelling| text.contains(spelling.as_str())) {
        data["text"] = json!(STANDARD.encode(REDACTED));
    }
}

/// Replaces in every text of the document; depth is that of the document this program makes.
fn replace(value: &mut Value, spellings: &[String]) {
    match value {
        Value::String(text) => {
            for spelling in spellings {
                if text.contains(spelling.as_str()) {
                    *text = text.replace(spelling.as_str(), REDACTED);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|one| replace(one, spellings)),
        Value::Object(map) => map.values_mut().for_each(|one| replace(one, spellings)),
        _ => {}
    }
}

/// A secret as it may stand in what is sent, the longest first.
fn spellings(secret: &str) -> Vec<String> {
    let percent = |keep: &dyn Fn(u8) -> bool, space: &str| {
        let spell = |byte: u8| match byte {
            b' ' => space.to_owned(),
            byte if byte.is_ascii_alphanumeric() || keep(byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        };
        secret.bytes().map(spell).collect::<String>()
    };
    let quoted = serde_json::to_string(secret).unwrap_or_default();
    let mut all = vec![
        secret.to_owned(),
        percent(&|byte| b"-_.*".contains(&byte), "+"),
        percent(&|byte| b"-_.!~*'()".contains(&byte), "%20"),
        percent(&|byte| b"-_.~".contains(&byte), "%20"),
        quoted.trim_matches('"').to_owned(),
        STANDARD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
    ];
    let lower: Vec<String> = all.iter().map(|text| lower_escapes(text)).collect();
    all.extend(lower);
    all.sort_by_key(|text| std::cmp::Reverse(text.len()));
    all.dedup();
    all
}

/// `%C3%A9` as `%c3%a9`.
fn lower_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut left = 0;
    for c in text.chars() {
        left = if c == '%' { 3 } else { left };
        out.push(if left > 0 { c.to_ascii_lowercase() } else { c });
        left = usize::saturating_sub(left, 1);
    }
    out
}
