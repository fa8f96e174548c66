//! The program as people use it: real processes, real sockets, real third-party clients, a real browser.

mod access;
mod bundles;
mod certificates;
mod chained;
mod clients;
mod commands;
mod consents;
mod cosigning;
mod crash;
mod deciding;
mod deeds;
mod detect;
mod dice;
mod drift;
mod duties;
mod editing;
mod erasing;
mod exports;
mod grades;
mod grpc;
mod houses;
mod lake;
mod leading;
mod looks;
mod needles;
mod operating;
mod outsiders;
mod overload;
mod pages;
mod probing;
mod proving;
mod requests;
mod rotating;
mod scan_code;
mod schema;
mod sdk;
mod secrecy;
#[expect(
    dead_code,
    clippy::panic,
    clippy::unwrap_used,
    reason = "other rooms' tests need more of it, and fail by panicking"
)]
#[path = "../../../averment-scan/tests/it/servers.rs"]
mod servers;
mod speaking;
mod starting;
mod tamper;
mod third_parties;
mod visitors;
mod walkthrough;
mod wire;
mod world;
