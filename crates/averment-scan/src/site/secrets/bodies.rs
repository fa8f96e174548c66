//! Bodies and messages without what opens a session: fields of JSON, forms and their parts whose names say so, and signed tokens
//! (RFC 7519) wherever they stand.
//!
//! Start at [`without_tokens`]. What is neither of these formats stays as it is.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{REDACTED, is_of_a_session, redacted_pairs};

/// Documents in texts of documents, so many levels down: variables of a query, a message in an envelope.
const NESTED_MAX: usize = 3;

/// `text` without them; none where there is nothing to take out.
pub(super) fn without_tokens(text: &str) -> Option<String> {
    if let Ok(mut value) = serde_json::from_str::<Value>(text) {
        return redact(&mut value, NESTED_MAX).then(|| value.to_string());
    }
    if text.starts_with("--") {
        return of_parts(text);
    }
    let mut changed = false;
    let lines: Vec<Cow<'_, str>> = text
        .split_inclusive('\n')
        .map(|line| match of_line(line) {
            Some(without) => {
                changed = true;
                Cow::Owned(without)
            }
            None => Cow::Borrowed(line),
        })
        .collect();
    changed.then(|| lines.concat())
}

/// A line of JSON, also between the marks that messages of sockets carry, or the pairs of a form.
fn of_line(line: &str) -> Option<String> {
    let mark = |letter: char| letter.is_ascii_digit() || letter.is_whitespace() || letter == '\u{1e}';
    let body = line.trim_matches(mark);
    let front = line.len() - line.trim_start_matches(mark).len();
    let behind = line.get(front + body.len()..).unwrap_or_default();
    let front = line.get(..front).unwrap_or_default();
    if body.starts_with(['{', '[']) {
        let mut value: Value = serde_json::from_str(body).ok()?;
        return redact(&mut value, NESTED_MAX).then(|| format!("{front}{value}{behind}"));
    }
    let is_form = body.contains('=') && !body.contains(char::is_whitespace);
    let without = redacted_pairs(line);
    (is_form && without != line).then_some(without)
}

/// Parts of a form, RFC 7578: the content of those whose name says so.
fn of_parts(text: &str) -> Option<String> {
    let (mut out, mut changed) = (String::with_capacity(text.len()), false);
    // Whether the part is one of a session, and whether its head is over.
    let (mut secret, mut content) = (false, false);
    for line in text.split_inclusive('\n') {
        if line.starts_with("--") {
            (secret, content) = (false, false);
        } else if content && secret {
            changed = true;
            out.push_str(REDACTED);
            out.push_str(line.get(line.trim_end().len()..).unwrap_or_default());
            continue;
        } else if !content {
            content = line.trim_end().is_empty();
            secret |= name_of_part(line).is_some_and(is_of_a_session);
        }
        out.push_str(line);
    }
    changed.then_some(out)
}

fn name_of_part(line: &str) -> Option<&str> {
    let (head, rest) = line.split_once(" name=\"")?;
    let named = head.to_ascii_lowercase().starts_with("content-disposition:");
    rest.split('"').next().filter(|_| named)
}

/// Whether anything was taken out. Depth is that of documents that the parser takes.
fn redact(value: &mut Value, nested: usize) -> bool {
    match value {
        Value::String(text) if nested > 0 && text.starts_with(['{', '[']) => {
            let mut inner = serde_json::from_str(text).unwrap_or(Value::Null);
            let changed = redact(&mut inner, nested - 1);
            if changed {
                *text = inner.to_string();
            }
            changed
        }
        Value::Array(list) => list
            .iter_mut()
            .fold(false, |changed, one| redact(one, nested) | changed),
        Value::Object(map) => {
            let pair = ["name", "key"].iter().filter_map(|name| map.get(*name)?.as_str());
            let is_pair = pair.into_iter().any(is_of_a_session);
            map.iter_mut().fold(false, |changed, (name, one)| {
                let secret = is_of_a_session(name) || (is_pair && name == "value");
                let shown = matches!(one, Value::String(text) if secret && !text.is_empty() && name != "key");
                if shown {
                    *one = json!(REDACTED);
                }
                shown | redact(one, nested) | changed
            })
        }
        _ => false,
    }
}

/// `text` without signed tokens; none where there are none.
pub(super) fn without_signed(text: &str) -> Option<String> {
    let (mut out, mut from) = (String::new(), 0);
    // The first letters of `{"` in base64.
    for (at, _) in text.match_indices("eyJ") {
        let run = text.get(at..).unwrap_or_default();
        let end = run
            .find(|letter: char| !(letter.is_ascii_alphanumeric() || "-_.".contains(letter)))
            .unwrap_or(run.len());
        let token = run.get(..end).unwrap_or_default();
        if at >= from && is_signed(token) {
            out.push_str(text.get(from..at).unwrap_or_default());
            out.push_str(REDACTED);
            from = at + end;
        }
    }
    (from > 0).then(|| out + text.get(from..).unwrap_or_default())
}

/// Whether a text is head, claims and signature, and the head names an algorithm, RFC 7515, 4.1.1.
fn is_signed(token: &str) -> bool {
    let mut parts = token.split('.');
    let (Some(head), Some(_), Some(_)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let head = URL_SAFE_NO_PAD.decode(head.get(..head.len().min(4_096)).unwrap_or(head));
    let head = head.ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    head.is_some_and(|head| head.get("alg").is_some_and(Value::is_string))
}
