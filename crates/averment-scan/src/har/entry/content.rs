//! What a request loads and what it carries, as the recording says it in one of several ways.

mod missing;

use std::collections::BTreeSet;

use averment_detect::Message;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::super::attached::Attachments;
use super::super::cookies;
use super::super::lenient::{Few, Object};
use super::super::mask::{self, Mask};
use super::super::model::{Entry, Pair, PostData};
use crate::observation::How;

/// Recordings write padding or leave it away.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loaded {
    /// A page of its own.
    Page,
    Frame,
    Script,
    Image,
    /// Style sheets, fonts, media, preloads.
    Resource,
    /// Whatever a script asks for or sends.
    Data,
}

impl Loaded {
    /// By the browser's own headers (Fetch Metadata), its word for it, or the type of the answer.
    pub(super) fn of(entry: &Entry, first_of_page: bool) -> Self {
        let destination = header(&entry.request.0.headers, "sec-fetch-dest")
            .next()
            .unwrap_or_default();
        let word = entry.resource_type.as_str();
        let kind = entry.response.0.content.0.mime_type.as_str();
        match destination {
            "document" => return Self::Page,
            "iframe" | "frame" | "embed" | "object" => return Self::Frame,
            "script" | "worker" | "sharedworker" | "serviceworker" => return Self::Script,
            "image" => return Self::Image,
            "style" | "font" | "audio" | "video" | "track" | "manifest" => return Self::Resource,
            "empty" => return Self::Data,
            _ => {}
        }
        match word {
            "document" if is_navigation(entry) => Self::Page,
            "document" | "subdocument" => Self::Frame,
            "script" => Self::Script,
            "image" => Self::Image,
            "stylesheet" | "font" | "media" | "texttrack" | "manifest" | "prefetch" => Self::Resource,
            "" => Self::of_type(kind, first_of_page),
            _ => Self::Data,
        }
    }

    fn of_type(kind: &str, first_of_page: bool) -> Self {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        match kind {
            "text/html" if first_of_page => Self::Page,
            "text/html" => Self::Frame,
            "text/css" => Self::Resource,
            _ if kind.ends_with("javascript") => Self::Script,
            _ if kind.starts_with("image/") => Self::Image,
            _ if kind.starts_with("font/") || kind.starts_with("video/") || kind.starts_with("audio/") => {
                Self::Resource
            }
            _ => Self::Data,
        }
    }

    /// As what the page embeds it.
    pub(super) fn embed(self) -> Option<How> {
        match self {
            Self::Frame => Some(How::Frame),
            Self::Script => Some(How::Script),
            Self::Image => Some(How::Image),
            Self::Resource => Some(How::Resource),
            Self::Page | Self::Data => None,
        }
    }
}

/// Nothing in a page asked for it.
fn is_navigation(entry: &Entry) -> bool {
    let initiator = &entry.initiator.0;
    initiator.url.as_str().is_empty() && initiator.stack.0.call_frames.items.is_empty()
}

/// What kept a browser from sending what a page asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocked {
    /// The policy of the page itself: nobody's browser sends it.
    ByPolicy,
    /// Something in the browser that recorded, such as an extension.
    ByBrowser,
}

/// What kept the browser from sending it; none where it was sent.
pub(super) fn blocked(entry: &Entry) -> Option<Blocked> {
    let response = &entry.response.0;
    let told = [response.error.as_str(), response.failure.as_str()].map(str::to_ascii_lowercase);
    let is = |word: &str| told.iter().any(|told| told.contains(word));
    match response.status.0.unwrap_or_default() <= 0 {
        true if is("csp") => Some(Blocked::ByPolicy),
        true if is("blocked") => Some(Blocked::ByBrowser),
        _ => None,
    }
}

/// `www.google-analytics.com/g/collect?v,tid,cid POST`: nothing of it is a value.
pub(super) fn request_shown(entry: &Entry, target: &mask::Target<'_>, mask: &Mask<'_>, is_blocked: bool) -> String {
    let mut shown = mask.shown(&target.address);
    let names = mask.names(target.target);
    if !names.is_empty() {
        shown.push('?');
        shown.push_str(&names.join(","));
    }
    let method = entry.request.0.method.as_str();
    let is_method = (1..=10).contains(&method.len()) && method.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_method && method != "GET" {
        shown = format!("{shown} {method}");
    }
    if matches!(target.address.scheme.as_str(), "ws" | "wss") || !entry.messages.items.is_empty() {
        shown.push_str(" WebSocket");
    }
    if is_blocked {
        shown.push_str(" (blocked)");
    }
    shown
}

/// Values of a header.
pub(super) fn header<'a, const MAX: usize>(
    headers: &'a Few<Object<Pair>, MAX>,
    name: &'a str,
) -> impl Iterator<Item = &'a str> {
    let named = headers
        .items
        .iter()
        .filter(move |pair| pair.0.name.as_str().eq_ignore_ascii_case(name));
    named.map(|pair| pair.0.value.as_str())
}

/// Names of the cookies that the answer sets.
pub(super) fn set_cookies(entry: &Entry) -> BTreeSet<String> {
    let response = &entry.response.0;
    let in_headers = header(&response.headers, "set-cookie").flat_map(cookies::names_set);
    let listed = response
        .cookies
        .items
        .iter()
        .map(|pair: &Object<Pair>| pair.0.name.as_str());
    in_headers
        .chain(listed)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Something that was sent: the request, or a message of a WebSocket.
pub(super) struct Sent<'a> {
    headers: Vec<(String, &'a [u8])>,
    made: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
    /// The request itself: its target and headers count.
    is_request: bool,
}

/// The same, as the detection room takes it.
pub(super) struct Borrowed<'a> {
    host: &'a str,
    target: &'a str,
    headers: Vec<(&'a str, &'a [u8])>,
    body: &'a [u8],
}

impl<'a> Sent<'a> {
    pub(super) fn borrowed(&'a self, target: &'a mask::Target<'_>) -> Borrowed<'a> {
        let made = self.made.iter().map(|(name, value)| (*name, value.as_slice()));
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), *value));
        Borrowed {
            host: &target.address.host,
            target: if self.is_request { target.target } else { "/" },
            headers: headers.chain(made).collect(),
            body: &self.body,
        }
    }
}

impl Borrowed<'_> {
    pub(super) fn message(&self) -> Message<'_> {
        Message {
            authority: self.host,
            target: self.target,
            headers: &self.headers,
            body: self.body,
        }
    }
}

/// Everything that was sent, as far as it is there.
pub(super) struct Sending<'a> {
    pub(super) messages: Vec<Sent<'a>>,
    /// Some of it is beyond the limits.
    pub(super) is_cut: bool,
    /// The request had a body, or more of one, that is not in the recording.
    pub(super) is_missing: bool,
}

/// What a request and its WebSocket sent.
pub(super) fn sending<'a>(entry: &'a Entry, attachments: &mut Attachments<'_>) -> Sending<'a> {
    let request = &entry.request.0;
    let mut cut = request.url.is_cut() || request.headers.more > 0 || entry.messages.more > 0;
    let sent = entry
        .messages
        .items
        .iter()
        .filter(|message| message.0.kind.as_str() != "receive");
    let first = the_request(entry, attachments, &mut cut);
    let is_missing = missing::is_missing(request, &first.body);
    let mut messages = vec![first];
    for message in sent {
        let message = &message.0;
        cut |= message.data.is_cut();
        let text = message.data.as_str();
        let body = match message.opcode.0 {
            Some(2) => BASE64.decode(text).unwrap_or_else(|_| text.as_bytes().to_vec()),
            _ => text.as_bytes().to_vec(),
        };
        messages.push(Sent {
            headers: Vec::new(),
            made: Vec::new(),
            body,
            is_request: false,
        });
    }
    Sending {
        messages,
        is_cut: cut,
        is_missing,
    }
}

fn the_request<'a>(entry: &'a Entry, attachments: &mut Attachments<'_>, cut: &mut bool) -> Sent<'a> {
    let request = &entry.request.0;
    let mut headers = Vec::new();
    for pair in &request.headers.items {
        let (name, value) = (pair.0.name.as_str().to_ascii_lowercase(), &pair.0.value);
        *cut |= value.is_cut();
        // Coded bodies stand decoded in a recording, or not at all; its length and the host say nothing of their own.
        let framing = ["content-encoding", "content-length", "host", "transfer-encoding"].contains(&name.as_str());
        if !name.starts_with(':') && !framing {
            headers.push((name, value.as_str().as_bytes()));
        }
    }
    let (body, kind) = body(&request.post_data.0, attachments, cut);
    let mut made = Vec::new();
    let has = |wanted: &str| headers.iter().any(|(name, _)| name == wanted);
    if !has("content-type") && !kind.is_empty() {
        made.push(("content-type", kind.as_bytes().to_vec()));
    }
    if !has("cookie") && !request.cookies.items.is_empty() {
        made.push(("cookie", joined(&request.cookies.items, "; ").into_bytes()));
    }
    Sent {
        headers,
        made,
        body,
        is_request: true,
    }
}

/// The body and its type.
fn body<'a>(data: &'a PostData, attachments: &mut Attachments<'_>, cut: &mut bool) -> (Vec<u8>, &'a str) {
    let (text, kind) = (data.text.as_str(), data.mime_type.as_str());
    *cut |= data.text.is_cut() || data.params.more > 0;
    if text.is_empty()
        && let Some((bytes, is_cut)) = attachments.body(data)
    {
        *cut |= is_cut;
        return (bytes, kind);
    }
    if text.is_empty() && !data.params.items.is_empty() {
        return (
            joined(&data.params.items, "&").into_bytes(),
            "application/x-www-form-urlencoded",
        );
    }
    if data.encoding.as_str().eq_ignore_ascii_case("base64") {
        return match BASE64.decode(text) {
            Ok(bytes) => (bytes, kind),
            Err(_) => (text.as_bytes().to_vec(), "text/plain"),
        };
    }
    (bytes_of(text), kind)
}

/// Firefox and Chromium write each byte of a binary body as the character of its number.
fn bytes_of(text: &str) -> Vec<u8> {
    let is_binary = text.chars().any(|c| c.is_control() && !c.is_whitespace());
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    match bytes.filter(|_| is_binary) {
        Some(bytes) => bytes,
        None => text.as_bytes().to_vec(),
    }
}

fn joined(pairs: &[Object<Pair>], between: &str) -> String {
    let pairs = pairs
        .iter()
        .map(|pair| format!("{}={}", pair.0.name.as_str(), pair.0.value.as_str()));
    pairs.collect::<Vec<String>>().join(between)
}
