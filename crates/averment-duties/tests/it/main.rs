//! Duties over real databases.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod buckets;
mod connect;
mod drills;
mod moto;
mod pages;
mod people;
mod probes;
#[path = "../../../averment-scan/tests/it/servers.rs"]
mod servers;
mod site;
mod transit;
mod views;
