//! The scan room as others use it: code, recordings, policies, sites, real servers in; observations out.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, and so does what it is made of"
)]

mod code;
mod fuzzed;
mod har;
mod hostile;
mod recording;
mod schema;
mod servers;
mod traffic;
