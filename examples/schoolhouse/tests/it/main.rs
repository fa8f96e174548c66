//! The platform as a whole: started on a free port, signed in as everybody, on both engines.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, and so does what it is made of"
)]

mod embedding;
mod jobs;
mod leaving;
mod mistakes;
mod platform;
mod register;
mod seeing;
#[expect(dead_code, reason = "others start MariaDB with it, too")]
#[path = "../../../../crates/averment-scan/tests/it/servers.rs"]
mod servers;
mod sharing;
mod signing_in;
mod signing_up;
mod tls;
mod vendors;
mod visitor;
