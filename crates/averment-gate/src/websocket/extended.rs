//! WebSocket inside HTTP/2: an extended `CONNECT` is read as the handshake of HTTP/1.1 that it stands for, and the recipient's
//! agreement as the success that HTTP/2 has for it. In between nothing is different.
//!
//! Source: RFC 8441 4, 5.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_LENGTH, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY};
use http::{Extensions, HeaderValue, Method, Response, StatusCode, Version, request};
use hyper::body::Incoming;
use hyper::ext::Protocol;

use crate::authority::provider;
use crate::body::Answer;
use crate::way::hand_back;

/// Says of a request that its handshake came so.
#[derive(Debug, Clone, Copy)]
struct Extended;

/// Whether a request with these extensions was an extended `CONNECT`.
pub(crate) fn is_one(extensions: &Extensions) -> bool {
    extensions.get::<Extended>().is_some()
}

/// Makes of an extended `CONNECT` for WebSocket the request that HTTP/1.1 has for it. Any other `CONNECT` stays one, and is
/// not forwarded.
pub(crate) fn translate(head: &mut request::Parts) {
    let protocol = head.extensions.remove::<Protocol>();
    let is_websocket = protocol.is_some_and(|protocol| protocol.as_str() == "websocket");
    if !is_websocket || head.method != Method::CONNECT || head.version != Version::HTTP_2 {
        return;
    }
    // HTTP/2 has no key, and HTTP/1.1 asks for one.
    let mut key = [0; 16];
    let filled = provider().secure_random.fill(&mut key);
    let Some(key) = filled
        .ok()
        .and_then(|()| HeaderValue::try_from(STANDARD.encode(key)).ok())
    else {
        return;
    };
    head.method = Method::GET;
    head.headers.insert(SEC_WEBSOCKET_KEY, key);
    head.extensions.insert(Extended);
}

/// The success that stands for `101 Switching Protocols`.
pub(super) fn opening(response: Response<Incoming>) -> Response<Answer> {
    let (mut head, _) = hand_back(response).into_parts();
    head.status = StatusCode::OK;
    head.version = Version::HTTP_2;
    for name in [SEC_WEBSOCKET_ACCEPT, CONTENT_LENGTH] {
        head.headers.remove(name);
    }
    Response::from_parts(head, Answer::own(""))
}
