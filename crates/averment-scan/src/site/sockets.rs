//! WebSockets of a visit.

use serde_json::{Value, json};

/// A WebSocket while it is recorded.
pub(super) struct Socket {
    pub(super) page: u32,
    pub(super) url: String,
    pub(super) at: f64,
    pub(super) initiator: Value,
    pub(super) request_headers: Value,
    pub(super) response: Value,
    pub(super) messages: Vec<Value>,
}

impl Socket {
    pub(super) fn new(page: u32) -> Self {
        Self {
            page,
            url: String::new(),
            at: 0.0,
            initiator: Value::Null,
            request_headers: Value::Null,
            response: Value::Null,
            messages: Vec::new(),
        }
    }

    /// Takes an event; gives the bytes that are kept of it, at most `left`.
    pub(super) fn event(&mut self, method: &str, event: &Value, left: usize) -> usize {
        match method {
            "Network.webSocketCreated" => {
                event["url"].as_str().unwrap_or_default().clone_into(&mut self.url);
                self.initiator = event["initiator"].clone();
            }
            "Network.webSocketWillSendHandshakeRequest" => {
                self.at = event["wallTime"].as_f64().unwrap_or_default();
                self.request_headers = event["request"]["headers"].clone();
            }
            "Network.webSocketHandshakeResponseReceived" => self.response = event["response"].clone(),
            "Network.webSocketFrameSent" => return self.message("send", event, left),
            "Network.webSocketFrameReceived" => return self.message("receive", event, left),
            _ => {}
        }
        0
    }

    fn message(&mut self, kind: &str, event: &Value, left: usize) -> usize {
        let frame = &event["response"];
        let data = frame["payloadData"].as_str().unwrap_or_default();
        if data.len() > left {
            return 0;
        }
        let message = json!({ "type": kind, "time": event["timestamp"], "opcode": frame["opcode"], "data": data });
        self.messages.push(message);
        data.len() + 64
    }
}
