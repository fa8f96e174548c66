//! A real gate, a real journal and real TLS over loopback; nothing is faked but the third parties.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod calls;
mod client;
mod closing;
mod framing;
mod http2;
mod passing;
mod refusing;
mod streaming;
mod third_party;
mod trailers;
mod upstream;
mod ways;
mod websocket;
mod world;
