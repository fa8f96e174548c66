//! Duties over real databases.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod connect;
mod erasing;
#[path = "../../../averment-scan/tests/it/servers.rs"]
mod servers;
