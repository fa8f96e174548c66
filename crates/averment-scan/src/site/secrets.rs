//! A recording that may be kept: without what opens a session, and without what the journey filled in.

mod bodies;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::journey::Journey;
use super::record::Recording;

/// Stands where something was.
const REDACTED: &str = "[redacted]";
/// A header, parameter or field with one of these in its name opens a session, or may.
const NAMES: [&str; 10] = [
    "auth",
    "cookie",
    "csrf",
    "key",
    "pass",
    "secret",
    "session",
    "signature",
    "token",
    "xsrf",
];
/// Parameters of signing in that are named otherwise, RFC 6749, 4.1.
const PARAMETERS: [&str; 4] = ["code", "state", "nonce", "sid"];
/// Takes values out of what a place holds.
type Redact = fn(&mut Value);

/// Where else they stand in an entry.
const PLACES: [(&str, Redact); 4] = [
    ("/request/queryString", redact_pairs),
    ("/request/postData/params", redact_pairs),
    ("/request/url", redact_address),
    ("/response/redirectURL", redact_address),
];
/// Shorter ones are everywhere; secrets of environment and files are longer.
const MIN_BYTES: usize = 4;

impl Recording {
    /// The recording as HAR 1.2 without what `journey` filled in, in any of the spellings of forms, addresses, JSON and base64,
    /// and without values of headers, parameters and fields of bodies and messages that open a session. Names stay. What else
    /// bodies and frames hold stays.
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
                redact_body(&mut entry["request"]["postData"]);
                for message in entry["_webSocketMessages"].as_array_mut().into_iter().flatten() {
                    redact_text(&mut message["data"]);
                }
                for (place, redact) in PLACES {
                    if let Some(value) = entry.pointer_mut(place) {
                        redact(value);
                    }
                }
            }
        }
        for page in document["log"]["pages"].as_array_mut().into_iter().flatten() {
            redact_address(&mut page["title"]);
        }
        replace(&mut document, &spellings);
        document
    }
}

fn redact_headers(headers: &mut Value) {
    for header in headers.as_array_mut().into_iter().flatten() {
        let name = header["name"].as_str().unwrap_or_default().to_ascii_lowercase();
        if is_of_a_session(&name) {
            header["value"] = json!(redacted(&name, header["value"].as_str().unwrap_or_default()));
        } else if matches!(name.as_str(), "location" | "referer") {
            redact_address(&mut header["value"]);
        }
    }
}

fn is_of_a_session(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.iter().any(|part| name.contains(part)) || PARAMETERS.contains(&name.as_str())
}

/// Values of parameters that open a session, in the query and behind `#`.
fn redact_address(address: &mut Value) {
    if let Some(text) = address.as_str() {
        *address = json!(redacted_pairs(text));
    }
}

/// The same in a text.
fn redacted_pairs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(['?', '#', '&']) {
        let end = piece.trim_end_matches(['?', '#', '&']);
        match end.split_once('=') {
            Some((name, _)) if is_of_a_session(name) => {
                out.push_str(&format!("{name}={REDACTED}{}", &piece[end.len()..]));
            }
            _ => out.push_str(piece),
        }
    }
    out
}

/// Pairs of name and value, as HAR writes queries and forms.
fn redact_pairs(pairs: &mut Value) {
    for pair in pairs.as_array_mut().into_iter().flatten() {
        if is_of_a_session(pair["name"].as_str().unwrap_or_default()) {
            pair["value"] = json!(REDACTED);
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

/// A body, as it is or in base64.
fn redact_body(data: &mut Value) {
    if data.get("encoding").is_none_or(|encoding| encoding != "base64") {
        return redact_text(&mut data["text"]);
    }
    let bytes = data["text"].as_str().and_then(|text| STANDARD.decode(text).ok());
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(without) = text.and_then(|text| bodies::without_tokens(&text)) {
        data["text"] = json!(STANDARD.encode(without));
    }
}

fn redact_text(value: &mut Value) {
    if let Some(without) = value.as_str().and_then(bodies::without_tokens) {
        *value = json!(without);
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
            if let Some(without) = bodies::without_signed(text) {
                *text = without;
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
