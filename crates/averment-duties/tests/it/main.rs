//! Duties over real databases.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod connect;
mod export;
mod retain;
#[expect(dead_code, reason = "other tests need more of it")]
#[path = "../../../averment-scan/tests/it/servers.rs"]
mod servers;
