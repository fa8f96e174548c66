//! The access room from outside: tables as files, a second evaluator, and what must hold for any register.

#![cfg(test)]

mod agree;
mod authzen;
#[cfg(feature = "cedar")]
mod cedar;
mod databases;
mod dice;
mod matrices;
mod naive;
mod proofs;
#[cfg(feature = "symbolic")]
mod proving;
mod relations;
mod rules;
#[path = "../../../averment-scan/tests/it/servers.rs"]
#[allow(dead_code, reason = "shared with the scan room, which asks for more")]
mod servers;
mod world;
