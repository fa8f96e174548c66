//! What is owed to people whose data are kept: that data go when they are due, that everybody gets theirs, that erased is
//! erased, and that what is said about databases is looked at.
//!
//! Start at [`connect::open`] and [`graph::Graph`]. Absent: what is promised (claims say that), and erasing anything without an
//! entry in the ledger.

pub mod connect;
pub mod drill;
pub mod erase;
pub mod export;
pub mod graph;
pub mod objects;
mod picture;
pub mod probe;
pub mod retain;
mod secret;
mod settings;
pub mod vendor;
pub mod web;

pub use secret::{Secret, SecretError, Secrets};
pub use settings::{Settings, SettingsError, StoreAccess};
