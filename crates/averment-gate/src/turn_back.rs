//! Pseudonyms in answers, turned back for whoever sent the request, where the register declares it.
//!
//! Start at [`hand_back`]. What a pseudonym becomes is what stood in its place in the request that is answered, or in a message
//! of the same conversation: the gate keeps that until the answer or the conversation has ended, and nowhere else. A pseudonym that was not put into that request, such as one of another
//! recipient, stays.
//!
//! Invariant: the caller gets nothing that it has not sent in the same exchange.

mod body;
mod undo;
mod window;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use averment_detect::Pseudonymised;
use http::header::{ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body::Body as _;
use hyper::body::Incoming;

use crate::body::Answer;
use crate::way;
pub(crate) use body::TurnedBack;
use undo::Undo;
pub(crate) use window::Window;

/// Fields that hold a digest of the content, which is then another.
const DIGESTS: [&str; 4] = ["content-md5", "digest", "content-digest", "repr-digest"];

/// Media types, besides `text/*` and those that end in `+json` or `+xml`, in which pseudonyms are looked for.
const TEXTS: [&str; 7] = [
    "application/json",
    "application/x-ndjson",
    "application/jsonl",
    "application/xml",
    "application/javascript",
    "application/graphql",
    "application/x-www-form-urlencoded",
];

/// Pseudonyms of one conversation whose values are kept; a request has no more.
const EXCHANGED_MAX: usize = 10_000;

/// What stood in the place of each pseudonym of one request.
#[derive(Default, Clone)]
pub(crate) struct Exchanged {
    values: BTreeMap<String, BTreeSet<(Option<&'static str>, String)>>,
}

impl std::fmt::Debug for Exchanged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Exchanged(<{} pseudonyms>)", self.values.len())
    }
}

impl Exchanged {
    /// Takes one in.
    pub(crate) fn take(&mut self, told: &Pseudonymised<'_>) {
        let values = self.values.entry(told.pseudonym.to_owned()).or_default();
        values.insert((told.field, told.value.to_owned()));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Takes those of another message of the same conversation; what would be too many stay pseudonyms.
    fn take_all(&mut self, other: &Self) {
        for (pseudonym, values) in &other.values {
            if self.values.len() < EXCHANGED_MAX || self.values.contains_key(pseudonym) {
                self.values
                    .entry(pseudonym.clone())
                    .or_default()
                    .extend(values.iter().cloned());
            }
        }
    }

    /// What `pseudonym` (lower case) stood for. One person has one pseudonym, whatever was replaced by it: where several values
    /// were, it is the one that stood in a field of the name that it stands in now, `field`; where that does not tell, none.
    fn value(&self, pseudonym: &str, field: Option<&str>) -> Option<&str> {
        let values = self.values.get(pseudonym)?;
        let of_field = values
            .iter()
            .filter(|(name, _)| name.is_some_and(|name| field.is_some_and(|field| is_same_name(name, field))));
        let value = only(values.iter()).or_else(|| only(of_field))?;
        is_plain(value).then_some(value)
    }
}

/// The same of everything that was sent so far, where more may follow.
#[derive(Debug, Clone, Default)]
pub(crate) struct Exchanges(Arc<RwLock<Exchanged>>);

impl Exchanges {
    /// Takes those of one message.
    pub(crate) fn add(&self, exchanged: &Exchanged) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take_all(exchanged);
    }

    fn value(&self, pseudonym: &str, field: Option<&str>) -> Option<String> {
        let exchanged = self.0.read().unwrap_or_else(PoisonError::into_inner);
        exchanged.value(pseudonym, field).map(str::to_owned)
    }
}

impl From<Arc<Exchanged>> for Exchanges {
    fn from(exchanged: Arc<Exchanged>) -> Self {
        Self(Arc::new(RwLock::new(Arc::unwrap_or_clone(exchanged))))
    }
}

/// The value that all of them are, whatever the letter case.
fn only<'v>(mut values: impl Iterator<Item = &'v (Option<&'static str>, String)>) -> Option<&'v str> {
    let (_, first) = values.next()?;
    let same = |(_, other): &(_, String)| other.to_lowercase() == first.to_lowercase();
    values.all(same).then_some(first)
}

/// `userId`, `user_id` and `user-id` are one name.
fn is_same_name(one: &str, other: &str) -> bool {
    let letters = |name: &str| -> String {
        let kept = name.chars().filter(|c| !matches!(c, '_' | '-'));
        kept.flat_map(char::to_lowercase).collect()
    };
    letters(one) == letters(other)
}

/// Whether a value means itself in JSON, markup and text. Anything else stays a pseudonym.
fn is_plain(value: &str) -> bool {
    !value
        .chars()
        .any(|c| c.is_control() || matches!(c, '"' | '\'' | '\\' | '<' | '>' | '&'))
}

/// The answer as the recipient gave it, with the pseudonyms of `exchanged` turned back where it is text that can be read.
pub(crate) fn hand_back(response: Response<Incoming>, exchanged: Option<Arc<Exchanged>>) -> Response<Answer> {
    let mut response = way::hand_back(response);
    let Some((exchanged, undo)) = exchanged.and_then(|exchanged| Some((exchanged, readable(&response)?))) else {
        return response;
    };
    let window = Window::new(exchanged.into(), is_unicode(response.headers()));
    change_head(response.headers_mut());
    response.map(|answer| match answer {
        Answer::Forwarded(body) => Answer::TurnedBack(Box::new(TurnedBack::new(body, undo, window))),
        other => other,
    })
}

/// How the answer's content is encoded; none where pseudonyms cannot be looked for in it. A part of a content may begin in the
/// middle of one.
fn readable(response: &Response<Answer>) -> Option<Undo> {
    if response.body().is_end_stream() || response.status() == StatusCode::PARTIAL_CONTENT {
        return None;
    }
    let headers = response.headers();
    let media = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let media = media.split(';').next()?.trim().to_ascii_lowercase();
    let is_text = media.starts_with("text/") || media.ends_with("+json") || media.ends_with("+xml");
    if !is_text && !TEXTS.contains(&media.as_str()) {
        return None;
    }
    let codings: Vec<&HeaderValue> = headers.get_all(CONTENT_ENCODING).iter().collect();
    match codings.as_slice() {
        [] => Some(Undo::Nothing),
        [one] => Undo::named(one.to_str().ok()?),
        _ => None,
    }
}

/// Whether any character can be written in the answer.
fn is_unicode(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.unwrap_or_default().to_ascii_lowercase();
    let charset = media.split("charset=").nth(1);
    charset.is_none_or(|charset| charset.trim_matches('"').starts_with("utf-8"))
}

/// Length, encoding and digests are those of what the recipient sent.
fn change_head(headers: &mut HeaderMap) {
    for name in [CONTENT_LENGTH, CONTENT_ENCODING, ACCEPT_RANGES] {
        headers.remove(name);
    }
    for name in DIGESTS {
        headers.remove(name);
    }
}

/// Those of the encodings that a caller accepts which can be undone here; none where it says nothing of them.
pub(crate) fn encodings<'f>(fields: impl Iterator<Item = &'f (HeaderName, HeaderValue)>) -> Option<HeaderValue> {
    let mut said = false;
    let mut kept = Vec::new();
    for (_, value) in fields {
        said = true;
        let codings = value.to_str().unwrap_or_default().split(',').map(str::trim);
        kept.extend(codings.filter(|coding| {
            let name = coding.split(';').next().unwrap_or_default().trim();
            name.eq_ignore_ascii_case("identity") || Undo::named(name).is_some()
        }));
    }
    let kept = if kept.is_empty() {
        "identity".to_owned()
    } else {
        kept.join(", ")
    };
    said.then(|| HeaderValue::from_str(&kept).ok()).flatten()
}

#[cfg(test)]
mod tests;
