//! A real gate, a real journal and real TLS over loopback; nothing is faked but the third parties.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod at_once;
mod calls;
mod certificates;
mod client;
mod closing;
mod counting;
mod credentials;
mod deciding;
mod faults;
mod floods;
mod framing;
mod framing_table;
mod h2_table;
mod http2;
mod idle;
mod inside;
mod keeping;
mod own;
mod parent;
mod passing;
mod pausing;
mod pieces;
mod refusing;
mod slow;
mod streaming;
mod taken_away;
mod third_party;
mod trailers;
mod turning_back;
mod upstream;
mod ways;
mod websocket;
mod websocket_table;
mod world;
