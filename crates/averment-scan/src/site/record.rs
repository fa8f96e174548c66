//! What the browser tells while a site is visited, as a recording: HAR 1.2 with Chromium's own additions.

mod har;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::sockets::Socket;

/// Requests of one visit, and bytes of what they send.
const REQUESTS_MAX: usize = 20_000;
const BYTES_MAX: usize = 256 << 20;

/// A recording while it is made. Holds values, so that its `Debug` shows none.
#[derive(Default)]
pub struct Recording {
    exchanges: Vec<Exchange>,
    sockets: BTreeMap<String, Socket>,
    /// Exchanges of a request by its number: one for each redirect, and the last.
    hops: BTreeMap<String, Vec<usize>>,
    /// Headers as they went over the wire, in the order of the hops.
    sent_headers: BTreeMap<String, VecDeque<Value>>,
    received_headers: BTreeMap<String, VecDeque<Value>>,
    /// Requests that have not ended.
    open: BTreeSet<String>,
    /// Page of each session; frames and workers have that of who made them.
    sessions: BTreeMap<String, u32>,
    /// Frame of each session that is a page of its own.
    frames: BTreeMap<String, String>,
    pages: Vec<Page>,
    bytes: usize,
    /// Requests that were left out.
    more: usize,
}

struct Page {
    url: String,
    at: f64,
}

/// A request and its answer.
#[derive(Default)]
struct Exchange {
    request_id: String,
    /// Number of the page, from 1; 0 before there is one.
    page: u32,
    at: f64,
    kind: String,
    request: Value,
    body: Option<String>,
    body_is_base64: bool,
    initiator: Value,
    response: Value,
    redirect: String,
    error: String,
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recording(<{} requests>)", self.exchanges.len())
    }
}

impl Recording {
    /// Requests so far.
    pub(super) fn requests(&self) -> usize {
        self.exchanges.len()
    }

    /// Requests that have not ended. A WebSocket or an event stream is open for ever and does not count.
    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    /// A session begins, of a page or of what `parent` made.
    pub(super) fn attached(&mut self, parent: &str, session: &str, page_target: Option<&str>) {
        let page = self.sessions.get(parent).copied().unwrap_or_default();
        self.sessions.insert(session.to_owned(), page);
        if let Some(target) = page_target {
            self.frames.insert(session.to_owned(), target.to_owned());
        }
    }

    /// Takes an event; gives the number of a request whose body has to be asked for.
    pub(super) fn event(&mut self, session: &str, method: &str, event: &Value) -> Option<String> {
        let id = event["requestId"].as_str().unwrap_or_default().to_owned();
        match method {
            "Network.requestWillBeSent" => return self.request(session, &id, event),
            "Network.requestWillBeSentExtraInfo" => self.kept_headers(&id, event, true),
            "Network.responseReceivedExtraInfo" => self.kept_headers(&id, event, false),
            "Network.responseReceived" => self.response(&id, event),
            "Network.loadingFinished" => {
                self.open.remove(&id);
            }
            "Network.loadingFailed" => self.failed(&id, event),
            _ => self.socket(session, method, &id, event),
        }
        None
    }

    fn request(&mut self, session: &str, id: &str, event: &Value) -> Option<String> {
        let url = event["request"]["url"].as_str().unwrap_or_default();
        let earlier = self.hops.get(id).and_then(|hops| hops.last()).copied();
        if let (Some(earlier), true) = (earlier, event["redirectResponse"].is_object()) {
            self.exchanges[earlier].response = event["redirectResponse"].clone();
            url.clone_into(&mut self.exchanges[earlier].redirect);
        }
        let exchange = self.exchange(session, id, event);
        let size = exchange.body.as_ref().map_or(0, String::len) + url.len();
        if self.exchanges.len() >= REQUESTS_MAX || self.bytes + size > BYTES_MAX {
            self.more += 1;
            return None;
        }
        self.bytes += size;
        let has_body = event["request"]["hasPostData"] == true && exchange.body.is_none();
        self.open.insert(id.to_owned());
        self.hops.entry(id.to_owned()).or_default().push(self.exchanges.len());
        self.exchanges.push(exchange);
        has_body.then(|| id.to_owned())
    }

    fn exchange(&mut self, session: &str, id: &str, event: &Value) -> Exchange {
        let at = event["wallTime"].as_f64().unwrap_or_default();
        // The frame of a page has the number of its target.
        let is_frame = self.frames.get(session).map(String::as_str) != event["frameId"].as_str();
        let mut kind = event["type"].as_str().unwrap_or("other").to_ascii_lowercase();
        if kind == "document" && is_frame {
            "subdocument".clone_into(&mut kind);
        }
        let (body, body_is_base64) = body(&event["request"]);
        let page = self.page(session, event, kind == "document", at);
        Exchange {
            request_id: id.to_owned(),
            page,
            at,
            initiator: if kind == "document" {
                Value::Null
            } else {
                event["initiator"].clone()
            },
            kind,
            request: event["request"].clone(),
            body,
            body_is_base64,
            ..Exchange::default()
        }
    }

    /// The page that the request belongs to; a document in the place of the page begins a new one.
    fn page(&mut self, session: &str, event: &Value, is_document: bool, at: f64) -> u32 {
        let is_redirect = event["redirectResponse"].is_object();
        if is_document && !is_redirect {
            let url = event["request"]["url"].as_str().unwrap_or_default().to_owned();
            self.pages.push(Page { url, at });
            // Whatever the page before still loaded ended with it, and may never be told of.
            self.open.clear();
            let number = u32::try_from(self.pages.len()).unwrap_or(u32::MAX);
            self.sessions.insert(session.to_owned(), number);
        }
        self.sessions.get(session).copied().unwrap_or_default()
    }

    fn kept_headers(&mut self, id: &str, event: &Value, sent: bool) {
        let headers = if sent {
            &mut self.sent_headers
        } else {
            &mut self.received_headers
        };
        if headers.len() < REQUESTS_MAX {
            headers
                .entry(id.to_owned())
                .or_default()
                .push_back(event["headers"].clone());
        }
    }

    fn last(&mut self, id: &str) -> Option<&mut Exchange> {
        let at = *self.hops.get(id)?.last()?;
        self.exchanges.get_mut(at)
    }

    fn response(&mut self, id: &str, event: &Value) {
        if event["response"]["mimeType"] == "text/event-stream" {
            self.open.remove(id);
        }
        if let Some(exchange) = self.last(id) {
            exchange.response = event["response"].clone();
        }
    }

    fn failed(&mut self, id: &str, event: &Value) {
        self.open.remove(id);
        let reason = event["blockedReason"]
            .as_str()
            .map(|reason| format!("blocked: {reason}"));
        let text = event["errorText"].as_str().unwrap_or_default().to_owned();
        if let Some(exchange) = self.last(id) {
            exchange.error = reason.unwrap_or(text);
        }
    }

    /// A body that was asked for.
    pub(super) fn body(&mut self, id: &str, answer: &Value) {
        let Some(text) = answer["postData"].as_str().map(str::to_owned) else {
            return;
        };
        if self.bytes + text.len() > BYTES_MAX {
            self.more += 1;
            return;
        }
        self.bytes += text.len();
        if let Some(exchange) = self.last(id) {
            exchange.body_is_base64 = answer["base64Encoded"] == true;
            exchange.body = Some(text);
        }
    }

    fn socket(&mut self, session: &str, method: &str, id: &str, event: &Value) {
        if !method.starts_with("Network.webSocket") {
            return;
        }
        let page = self.sessions.get(session).copied().unwrap_or_default();
        if self.sockets.len() < REQUESTS_MAX || self.sockets.contains_key(id) {
            let left = BYTES_MAX.saturating_sub(self.bytes);
            self.bytes += self
                .sockets
                .entry(id.to_owned())
                .or_insert_with(|| Socket::new(page))
                .event(method, event, left);
        }
    }
}

/// The body as far as the event holds it; parts are joined as the bytes that they are.
fn body(request: &Value) -> (Option<String>, bool) {
    let entries = request["postDataEntries"]
        .as_array()
        .filter(|entries| !entries.is_empty());
    let parts = entries.map(|entries| {
        entries
            .iter()
            .map(|entry| STANDARD.decode(entry["bytes"].as_str()?).ok())
            .collect()
    });
    match parts {
        Some(Some(parts)) => {
            let parts: Vec<Vec<u8>> = parts;
            let bytes = parts.concat();
            match String::from_utf8(bytes) {
                Ok(text) => (Some(text), false),
                Err(error) => (Some(STANDARD.encode(error.as_bytes())), true),
            }
        }
        // A part that is a file is not in the event: the whole has to be asked for.
        Some(None) => (None, false),
        None => (request["postData"].as_str().map(str::to_owned), false),
    }
}

/// A list of headers as HAR has it.
fn pairs(headers: &Value) -> Vec<Value> {
    let map = headers.as_object().into_iter().flatten();
    map.map(|(name, value)| json!({ "name": name, "value": value.as_str().unwrap_or_default() }))
        .collect()
}
