//! A message as it will go out: what is inspected is this, and what is sent is this.
//!
//! Start at [`Outgoing::of`]. Method, target, order and values of the fields and the body stay as the caller sent them;
//! fields about the caller's connection are gone before anything is looked at.

mod fields;
mod signed;

use averment_detect::{Message, Part, Rewritten};
use averment_policy::Sender;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, COOKIE, EXPECT, HOST, HeaderName, HeaderValue, TRAILER};
use http::{Extensions, Method, Request, Uri, Version, request};
use http_body_util::Full;

use crate::hop;
use crate::host::Destination;

/// One message on its way out.
#[derive(Clone)]
pub(crate) struct Outgoing {
    pub(crate) destination: Destination,
    /// Who sends it. Never part of what goes out.
    pub(crate) sender: Sender,
    pub(crate) method: Method,
    pub(crate) target: String,
    fields: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

impl Outgoing {
    /// The message that `head` begins, without a body yet.
    pub(crate) fn of(head: &request::Parts, destination: Destination) -> Self {
        let mut fields = hop::end_to_end(&head.headers);
        // The body is read whole before anything is sent: nothing is left to expect, and trailers are refused.
        fields.retain(|(name, _)| *name != EXPECT && *name != TRAILER);
        if head.version == Version::HTTP_2 {
            join_cookies(&mut fields);
        }
        let target = head
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str())
            .to_owned();
        Self {
            destination,
            sender: Sender::default(),
            method: head.method.clone(),
            target,
            fields,
            body: Bytes::new(),
        }
    }

    /// The same message with the body that was read.
    pub(crate) fn with_body(self, body: Bytes) -> Self {
        Self { body, ..self }
    }

    /// The same message from `sender`.
    pub(crate) fn sent_by(self, sender: Sender) -> Self {
        Self { sender, ..self }
    }

    /// Whether something in it vouches for the bytes, so that a change would be noticed as forgery at the recipient.
    /// `signed_again`: whether the gate puts an AWS signature of its own in the place of the caller's.
    pub(crate) fn is_signed(&self, signed_again: bool) -> bool {
        signed::is_signed(&self.target, &self.fields, signed_again)
    }

    /// Shows it to the detection room.
    pub(crate) fn show<R>(&self, look: impl FnOnce(&Message<'_>) -> R) -> R {
        let headers: Vec<(&str, &[u8])> = self
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let (authority, target) = (self.destination.host.as_str(), self.target.as_str());
        look(&Message {
            authority,
            target,
            headers: &headers,
            body: &self.body,
        })
    }

    /// The same message with what a rewrite changed; none when the result is no HTTP message.
    pub(crate) fn rewritten(&self, new: Rewritten) -> Option<Self> {
        if new.headers.len() != self.fields.len() {
            return None;
        }
        let pairs = self.fields.iter().zip(new.headers);
        let fields = pairs
            .map(|((name, old), value)| Some((name.clone(), value_of(old, value)?)))
            .collect::<Option<_>>()?;
        let mut message = Self {
            target: new.target,
            fields,
            body: Bytes::from(new.body),
            ..self.clone()
        };
        message.correct_length();
        Some(message)
    }

    fn correct_length(&mut self) {
        let length = HeaderValue::from(self.body.len());
        for (_, value) in self.fields.iter_mut().filter(|(name, _)| *name == CONTENT_LENGTH) {
            *value = length.clone();
        }
    }

    /// The request to send. `extensions`: those of the caller's request, which hold the letter case of its field names.
    pub(crate) fn into_request(self, extensions: Extensions) -> Result<Request<Full<Bytes>>, http::Error> {
        let uri = self.uri();
        let mut request = Request::builder()
            .method(self.method)
            .uri(Uri::try_from(uri)?)
            .body(Full::new(self.body))?;
        *request.headers_mut() = hop::into_map(self.fields);
        *request.extensions_mut() = extensions;
        Ok(request)
    }

    /// Scheme and authority. The authority is spelled as in `Host`, so that over HTTP/2 the two are the same text.
    pub(crate) fn origin(&self) -> String {
        let scheme = self.destination.scheme;
        let host = self
            .fields
            .iter()
            .find(|(name, _)| *name == HOST)
            .and_then(|(_, value)| value.to_str().ok());
        let same = host.filter(|host| Destination::parse(scheme, host).as_ref() == Some(&self.destination));
        same.map_or_else(
            || self.destination.origin(),
            |host| format!("{}://{host}", scheme.as_str()),
        )
    }

    /// The host's name for entries and answers; `*` when the name itself holds a finding.
    pub(crate) fn host_unless_found(&self, findings: &[averment_detect::Finding]) -> &str {
        let found = findings.iter().any(|finding| finding.place.part == Part::Authority);
        if found { "*" } else { self.destination.host.as_str() }
    }
}

fn value_of(old: &HeaderValue, new: Vec<u8>) -> Option<HeaderValue> {
    if old.as_bytes() == new {
        Some(old.clone())
    } else {
        HeaderValue::from_bytes(&new).ok()
    }
}

/// HTTP/2 may send cookies in crumbs; HTTP/1.1 has them in one field, and an identifier may be split between crumbs.
///
/// Source: RFC 9113 8.2.3.
fn join_cookies(fields: &mut Vec<(HeaderName, HeaderValue)>) {
    let crumbs: Vec<&[u8]> = fields
        .iter()
        .filter(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.as_bytes())
        .collect();
    if crumbs.len() < 2 {
        return;
    }
    let Ok(whole) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..])) else {
        return;
    };
    let mut first = true;
    fields.retain_mut(|(name, value)| {
        if *name != COOKIE {
            return true;
        }
        *value = whole.clone();
        std::mem::take(&mut first)
    });
}
