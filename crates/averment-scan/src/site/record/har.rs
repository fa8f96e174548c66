//! The recording as a document.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::sockets::Socket;
use super::{Exchange, Recording, pairs};

impl Recording {
    /// The recording as HAR 1.2, everything in it: give it to nobody. [`Recording::without_secrets`] is for files.
    ///
    /// # Errors
    /// None: what a value cannot be written as is left out.
    pub fn document(&self) -> Value {
        let mut entries: Vec<(f64, Value)> = self.exchanges.iter().map(|one| (one.at, self.entry(one))).collect();
        entries.extend(self.sockets.values().map(|socket| (socket.at, socket_entry(socket))));
        entries.sort_by(|a, b| a.0.total_cmp(&b.0));
        let entries: Vec<Value> = entries.into_iter().map(|(_, entry)| entry).collect();
        let pages = self.pages.iter().enumerate().map(|(at, page)| {
            json!({ "id": format!("page_{}", at + 1), "title": page.url, "startedDateTime": time(page.at), "pageTimings": {} })
        });
        let pages: Vec<Value> = pages.collect();
        let creator = json!({ "name": "averment", "version": env!("CARGO_PKG_VERSION") });
        json!({ "log": { "version": "1.2", "creator": creator, "pages": pages, "entries": entries } })
    }

    /// Requests and bodies that were beyond the limits.
    pub fn left_out(&self) -> usize {
        self.more
    }

    fn entry(&self, exchange: &Exchange) -> Value {
        let request = &exchange.request;
        let url = request["url"].as_str().unwrap_or_default();
        let hop = self.hop(exchange);
        let sent = self
            .sent_headers
            .get(&exchange.request_id)
            .and_then(|headers| headers.get(hop));
        let received = self
            .received_headers
            .get(&exchange.request_id)
            .and_then(|headers| headers.get(hop));
        let mut har_request = json!({
            "method": request["method"], "url": url, "httpVersion": protocol(&exchange.response),
            "headers": pairs(sent.unwrap_or(&request["headers"])), "queryString": [], "cookies": [],
            "headersSize": -1, "bodySize": exchange.body.as_ref().map_or(0, String::len),
        });
        if let Some(body) = &exchange.body {
            har_request["postData"] =
                json!({ "mimeType": content_type(&request["headers"]), "text": body, "params": [] });
            if exchange.body_is_base64 {
                har_request["postData"]["encoding"] = json!("base64");
            }
        }
        let response = &exchange.response;
        let mut har_response = json!({
            "status": response["status"].as_i64().unwrap_or_default(), "statusText": response["statusText"].as_str().unwrap_or_default(),
            "httpVersion": protocol(response), "headers": pairs(received.unwrap_or(&response["headers"])), "cookies": [],
            "content": { "size": 0, "mimeType": response["mimeType"].as_str().unwrap_or_default() },
            "redirectURL": exchange.redirect, "headersSize": -1, "bodySize": -1,
        });
        if !exchange.error.is_empty() {
            har_response["_error"] = json!(exchange.error);
        }
        framed(
            exchange.page,
            exchange.at,
            &exchange.kind,
            &exchange.initiator,
            (har_request, har_response),
        )
    }

    /// Which of the exchanges of one request it is.
    fn hop(&self, exchange: &Exchange) -> usize {
        let hops = self.hops.get(&exchange.request_id);
        let place = hops.and_then(|hops| {
            hops.iter()
                .position(|at| std::ptr::eq(&raw const self.exchanges[*at], exchange))
        });
        place.unwrap_or_default()
    }
}

fn socket_entry(socket: &Socket) -> Value {
    let request = json!({
        "method": "GET", "url": socket.url, "httpVersion": "http/1.1", "headers": pairs(&socket.request_headers),
        "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0,
    });
    let response = json!({
        "status": socket.response["status"].as_i64().unwrap_or_default(), "statusText": "", "httpVersion": "http/1.1",
        "headers": pairs(&socket.response["headers"]), "cookies": [], "content": { "size": 0, "mimeType": "" },
        "redirectURL": "", "headersSize": -1, "bodySize": -1,
    });
    let mut entry = framed(
        socket.page,
        socket.at,
        "websocket",
        &socket.initiator,
        (request, response),
    );
    entry["_webSocketMessages"] = json!(socket.messages);
    entry
}

/// What every entry has around request and answer.
fn framed(page: u32, at: f64, kind: &str, initiator: &Value, (request, response): (Value, Value)) -> Value {
    let mut entry = json!({
        "startedDateTime": time(at), "time": 0, "_resourceType": kind, "request": request, "response": response,
        "cache": {}, "timings": { "send": 0, "wait": 0, "receive": 0 },
    });
    if page > 0 {
        entry["pageref"] = json!(format!("page_{page}"));
    }
    if initiator.is_object() {
        entry["_initiator"] = initiator.clone();
    }
    entry
}

fn protocol(response: &Value) -> &str {
    response["protocol"].as_str().unwrap_or_default()
}

fn content_type(headers: &Value) -> &str {
    let mut named = headers.as_object().into_iter().flatten();
    let found = named.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    found.and_then(|(_, value)| value.as_str()).unwrap_or_default()
}

/// Seconds since 1970 as the browser tells them, in RFC 3339.
fn time(seconds: f64) -> String {
    let since = SignedDuration::try_from_secs_f64(seconds).unwrap_or_default();
    let since = SignedDuration::from_millis(i64::try_from(since.as_millis()).unwrap_or_default());
    Timestamp::from_duration(since).unwrap_or_default().to_string()
}
