//! A message as it will go out: what is inspected is this, and what is sent is this.
//!
//! Start at [`Outgoing::of`]. Method, target, order and values of the fields and the body stay as the caller sent them;
//! fields about the caller's connection are gone before anything is looked at.

mod fields;
mod signed;

use std::sync::Arc;

use averment_detect::{Message, Part, Rewritten};
use averment_policy::Sender;
use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, EXPECT, HOST, HeaderMap, HeaderName,
    HeaderValue, SEC_WEBSOCKET_EXTENSIONS, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{Extensions, Method, Request, Uri, Version, request};
use http_body::Body as _;

use crate::aws_chunked::{self, AwsChunked};
use crate::hop;
use crate::host::Destination;
use crate::sending::Sending;
use crate::turn_back::Exchanged;
use signed::Vouching;

/// One message on its way out.
#[derive(Clone)]
pub(crate) struct Outgoing {
    pub(crate) destination: Destination,
    /// Who sends it. Never part of what goes out.
    pub(crate) sender: Sender,
    pub(crate) method: Method,
    pub(crate) target: String,
    /// The protocol that the caller speaks: the recipient is offered no newer one.
    version: Version,
    fields: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
    /// Fields behind the body.
    trailers: Vec<(HeaderName, HeaderValue)>,
    /// What is in a body of signed chunks.
    unpacked: Option<Unpacked>,
    /// Whether this is a piece of a message, whose head was looked at before.
    is_piece: bool,
    /// What stood in the place of pseudonyms, where the answer is to be turned back. Never part of what goes out.
    pub(crate) exchanged: Option<Arc<Exchanged>>,
}

/// The content of a body in the chunks of AWS.
#[derive(Clone)]
struct Unpacked {
    body: Bytes,
    trailers: Vec<(String, Vec<u8>)>,
}

impl Outgoing {
    /// The message that `head` begins, without a body yet.
    pub(crate) fn of(head: &request::Parts, destination: Destination) -> Self {
        let mut fields = hop::end_to_end(&head.headers);
        // The gate itself told the caller to go on.
        fields.retain(|(name, _)| *name != EXPECT);
        if head.version == Version::HTTP_2 {
            join_cookies(&mut fields);
            // The one word that HTTP/2 leaves in it, and gRPC asks for (RFC 9113 8.2.2).
            if head.headers.get(TE).is_some_and(|value| value == "trailers") {
                fields.push((TE, HeaderValue::from_static("trailers")));
            }
        }
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        // An absolute target may have a query and no path; it goes out with one.
        let target = match target.strip_prefix('?') {
            Some(query) => format!("/?{query}"),
            None => target.to_owned(),
        };
        Self {
            destination,
            sender: Sender::default(),
            method: head.method.clone(),
            target,
            version: head.version,
            fields,
            body: Bytes::new(),
            trailers: Vec::new(),
            unpacked: None,
            is_piece: false,
            exchanged: None,
        }
    }

    /// A piece of this message: its body, or a part of it, by itself. `media`: the type of what is in `body` when it is
    /// not as the head says, and then in no encoding either.
    pub(crate) fn piece(&self, media: Option<&'static str>, body: Bytes) -> Self {
        let about_the_body = |name: &HeaderName| {
            *name == CONTENT_TYPE || matches!(name.as_str(), "grpc-encoding" | "connect-content-encoding")
        };
        let fields = match media {
            Some(media) => vec![(CONTENT_TYPE, HeaderValue::from_static(media))],
            None => self
                .fields
                .iter()
                .filter(|(name, _)| about_the_body(name))
                .cloned()
                .collect(),
        };
        Self {
            destination: self.destination.clone(),
            sender: self.sender.clone(),
            method: self.method.clone(),
            target: self.target.clone(),
            version: self.version,
            fields,
            body,
            trailers: Vec::new(),
            unpacked: None,
            is_piece: true,
            exchanged: None,
        }
    }

    /// A tunnel that nobody looks into: all that is known of it is where it goes.
    pub(crate) fn tunnel(destination: Destination) -> Self {
        Self {
            destination,
            sender: Sender::default(),
            method: Method::CONNECT,
            target: "/".to_owned(),
            version: Version::HTTP_11,
            fields: Vec::new(),
            body: Bytes::new(),
            trailers: Vec::new(),
            unpacked: None,
            is_piece: false,
            exchanged: None,
        }
    }

    /// The same message with the body that was read.
    pub(crate) fn with_body(self, body: Bytes) -> Self {
        let unpacked = self.is_aws_chunked().then(|| AwsChunked::decode(&body)).transpose();
        // What is no such thing stays under an encoding that nobody knows, and is unreadable.
        let unpacked = unpacked.ok().flatten().map(|(body, trailers)| Unpacked {
            body: Bytes::from(body),
            trailers,
        });
        Self { body, unpacked, ..self }
    }

    /// The same message with what follows its body.
    pub(crate) fn with_trailers(mut self, trailers: Option<HeaderMap>) -> Self {
        if let Some(trailers) = trailers {
            let fields = trailers.iter().map(|(name, value)| (name.clone(), value.clone()));
            self.trailers = fields.collect();
        }
        self
    }

    /// The same message from `sender`.
    pub(crate) fn sent_by(self, sender: Sender) -> Self {
        Self { sender, ..self }
    }

    /// Whether something in it vouches for the bytes, so that a change would be noticed as forgery at the recipient.
    /// `signed_again`: whether the gate puts an AWS signature of its own in the place of the caller's.
    pub(crate) fn is_signed(&self, signed_again: bool) -> bool {
        let vouching = Vouching {
            target: &self.target,
            fields: &self.fields,
            body: &self.body,
        };
        self.is_aws_chunked() || signed::is_signed(&vouching, signed_again)
    }

    /// Whether its caller speaks HTTP/2.
    pub(crate) fn is_http2(&self) -> bool {
        self.version == Version::HTTP_2
    }

    /// Whether its head says how long its body is.
    pub(crate) fn has_length(&self) -> bool {
        self.fields.iter().any(|(name, _)| *name == CONTENT_LENGTH)
    }

    /// The same request as a handshake of WebSocket, without extensions: what they do to messages could not be read.
    pub(crate) fn asking_for_websocket(mut self) -> Self {
        self.fields.retain(|(name, _)| *name != SEC_WEBSOCKET_EXTENSIONS);
        self.fields.push((CONNECTION, HeaderValue::from_static("Upgrade")));
        self.fields.push((UPGRADE, HeaderValue::from_static("websocket")));
        self
    }

    /// The content encodings, in the order in which they were applied, in lower case.
    pub(crate) fn codings(&self) -> Vec<String> {
        let values = self.fields.iter().filter(|(name, _)| *name == CONTENT_ENCODING);
        let text: Vec<String> = values
            .map(|(_, value)| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase())
            .collect();
        let names = text.iter().flat_map(|value| value.split(',')).map(str::trim);
        names
            .filter(|name| !name.is_empty() && *name != "identity")
            .map(str::to_owned)
            .collect()
    }

    /// The `Content-Type`, in lower case; empty when there is none.
    pub(crate) fn media_type(&self) -> String {
        let mut fields = self.fields.iter();
        let value = fields.find(|(name, _)| *name == CONTENT_TYPE).map(|(_, value)| value);
        value.map_or_else(String::new, |value| {
            String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase()
        })
    }

    fn is_aws_chunked(&self) -> bool {
        let mut fields = self.fields.iter();
        fields.any(|(name, value)| *name == CONTENT_ENCODING && aws_chunked::is_named(value.as_bytes()))
    }

    /// Shows it to the detection room: trailers stand behind the headers, and signed chunks are unpacked.
    pub(crate) fn show<R>(&self, look: impl FnOnce(&Message<'_>) -> R) -> R {
        let fields = self.fields.iter().chain(&self.trailers);
        let mut headers: Vec<(&str, &[u8])> = fields.map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let rest: String;
        if let Some(unpacked) = &self.unpacked {
            let codings = self.codings();
            rest = codings
                .iter()
                .filter(|name| *name != "aws-chunked")
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(",");
            headers.retain(|(name, _)| *name != "content-encoding");
            headers.push(("content-encoding", rest.as_bytes()));
            let trailers = unpacked.trailers.iter();
            headers.extend(trailers.map(|(name, value)| (name.as_str(), value.as_slice())));
        }
        look(&Message {
            authority: self.destination.host.as_str(),
            target: if self.is_piece { "/" } else { &self.target },
            headers: &headers,
            body: self.unpacked.as_ref().map_or(&self.body, |unpacked| &unpacked.body),
        })
    }

    /// The same message with what a rewrite changed; none when the result is no HTTP message.
    pub(crate) fn rewritten(&self, new: Rewritten) -> Option<Self> {
        if self.unpacked.is_some() || new.headers.len() != self.fields.len() + self.trailers.len() {
            return None;
        }
        let pairs = self.fields.iter().chain(&self.trailers).zip(new.headers);
        let mut fields: Vec<_> = pairs
            .map(|((name, old), value)| Some((name.clone(), value_of(old, value)?)))
            .collect::<Option<_>>()?;
        let trailers = fields.split_off(self.fields.len());
        let target = if self.is_piece { self.target.clone() } else { new.target };
        let mut message = Self {
            target,
            fields,
            trailers,
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
    pub(crate) fn into_request(mut self, extensions: Extensions) -> Result<Request<Sending>, http::Error> {
        let body = std::mem::take(&mut self.body);
        let trailers = std::mem::take(&mut self.trailers);
        let body = Sending::Whole {
            body,
            trailers: (!trailers.is_empty()).then(|| {
                self.announce(&trailers);
                hop::into_map(trailers)
            }),
        };
        self.into_request_with(body, extensions)
    }

    /// The request to send, with a body that comes from elsewhere.
    pub(crate) fn into_request_with(
        mut self,
        body: Sending,
        extensions: Extensions,
    ) -> Result<Request<Sending>, http::Error> {
        // Over HTTP/1.1 the body of a method that seldom has one would be left out if nothing said that it is there.
        let seldom = [Method::GET, Method::HEAD].contains(&self.method);
        if seldom && body.size_hint().exact().is_none() && !self.has_length() {
            self.fields
                .push((TRANSFER_ENCODING, HeaderValue::from_static("chunked")));
        }
        let uri = self.uri();
        let mut request = Request::builder()
            .method(self.method)
            .version(self.version)
            .uri(Uri::try_from(uri)?)
            .body(body)?;
        *request.headers_mut() = hop::into_map(self.fields);
        *request.extensions_mut() = extensions;
        Ok(request)
    }

    /// HTTP/1.1 sends trailers behind chunks only, and those that the head names.
    fn announce(&mut self, trailers: &[(HeaderName, HeaderValue)]) {
        self.fields
            .retain(|(name, _)| *name != CONTENT_LENGTH && *name != TRAILER);
        let names: Vec<&str> = trailers.iter().map(|(name, _)| name.as_str()).collect();
        if let Ok(value) = HeaderValue::from_str(&names.join(", ")) {
            self.fields.push((TRAILER, value));
        }
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
