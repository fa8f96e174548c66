//! A real gate, a real journal and real TLS over loopback; nothing is faked but the third parties.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod client;
mod closing;
mod faults;
mod framing;
mod http2;
mod passing;
mod refusing;
mod third_party;
mod upstream;
mod world;
