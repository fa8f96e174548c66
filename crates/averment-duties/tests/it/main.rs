//! Duties over real databases and against servers that speak as third parties do.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod buckets;
mod connect;
mod drills;
mod erasing;
mod export;
mod export_objects;
mod kept;
mod moto;
mod pages;
mod people;
mod probes;
mod retain;
mod retain_holds;
mod retain_objects;
#[path = "../../../averment-scan/tests/it/servers.rs"]
mod servers;
mod site;
mod transit;
mod vendor;
mod views;
