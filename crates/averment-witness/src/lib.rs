//! The witness room: others vouch for a log. A server that signs checkpoints of other people's logs, a client that asks.
//!
//! Start at [`Keeper`] for what a witness keeps, at [`router`] for how it is asked, and at [`Asked`] for a log that wants
//! cosignatures. What may be signed is said by [`averment_ledger::Witness`], nowhere else.
//!
//! Invariant: nothing that was signed is seen by anybody before it is on disk, so that no crash leads to a second history.
//!
//! Absent: entries. A witness sees sizes, hashes and signatures.
//!
//! Source: C2SP tlog-witness and tlog-cosignature.

mod client;
mod keeper;
mod key;
mod server;

pub use client::{AskError, Asked};
pub use keeper::{Keeper, KeeperError};
pub use key::open_key;
pub use server::{router, serve};
