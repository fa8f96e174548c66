//! What is read of one request of a recording. Holds values, so nothing here can be printed.

use serde::Deserialize;

use super::lenient::{Few, Number, Object, Text};

/// Headers, cookies and fields of a request that are read.
const PAIRS_MAX: usize = 500;
/// Messages of one WebSocket that are read.
const MESSAGES_MAX: usize = 10_000;
/// Largest body or message, as text.
pub(super) const BODY_MAX_BYTES: usize = 8 << 20;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) pageref: Text,
    pub(super) started_date_time: Text,
    pub(super) request: Object<Request>,
    pub(super) response: Object<Response>,
    /// Chromium's word for what was loaded: `document`, `script`, `xhr`.
    #[serde(rename = "_resourceType")]
    pub(super) resource_type: Text,
    #[serde(rename = "_initiator")]
    pub(super) initiator: Object<Initiator>,
    #[serde(rename = "_webSocketMessages")]
    pub(super) messages: Few<Object<SocketMessage>, MESSAGES_MAX>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Request {
    pub(super) method: Text<32>,
    pub(super) url: Text<{ 1 << 20 }>,
    pub(super) headers: Few<Object<Pair>, PAIRS_MAX>,
    pub(super) cookies: Few<Object<Pair>, PAIRS_MAX>,
    pub(super) post_data: Object<PostData>,
    /// Bytes of the body as sent, where the program that recorded knows; -1 where it does not.
    pub(super) body_size: Number,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Response {
    pub(super) status: Number,
    pub(super) headers: Few<Object<Pair>, PAIRS_MAX>,
    pub(super) cookies: Few<Object<Pair>, PAIRS_MAX>,
    #[serde(rename = "redirectURL")]
    pub(super) redirect_url: Text<{ 1 << 20 }>,
    pub(super) content: Object<Content>,
    #[serde(rename = "_error")]
    pub(super) error: Text<256>,
    #[serde(rename = "_failureText")]
    pub(super) failure: Text<256>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Content {
    pub(super) mime_type: Text<256>,
    #[serde(rename = "_file")]
    pub(super) file: Text<1024>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Pair {
    pub(super) name: Text<4096>,
    pub(super) value: Text,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PostData {
    pub(super) mime_type: Text<256>,
    pub(super) text: Text<BODY_MAX_BYTES>,
    /// `base64` where the program that recorded knows binary bodies.
    #[serde(alias = "_encoding")]
    pub(super) encoding: Text<32>,
    pub(super) params: Few<Object<Pair>, PAIRS_MAX>,
    /// File that holds the body instead, by its name or by its digest.
    #[serde(rename = "_file")]
    pub(super) file: Text<1024>,
    #[serde(rename = "_sha1")]
    pub(super) sha1: Text<256>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Initiator {
    pub(super) url: Text<{ 1 << 20 }>,
    pub(super) stack: Object<Stack>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Stack {
    pub(super) call_frames: Few<Object<CallFrame>, 32>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct CallFrame {
    pub(super) url: Text<{ 1 << 20 }>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SocketMessage {
    /// `send` or `receive`.
    #[serde(rename = "type")]
    pub(super) kind: Text<32>,
    /// 1 for text, 2 for binary, which stands there in base64.
    pub(super) opcode: Number,
    pub(super) data: Text<BODY_MAX_BYTES>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Page {
    pub(super) id: Text,
    pub(super) title: Text<{ 1 << 20 }>,
}
