//! One module per command: open what it needs, call the rooms, print.

pub(crate) mod bundle;
pub(crate) mod check;
pub(crate) mod claims;
pub(crate) mod consent;
pub(crate) mod detect;
pub(crate) mod diff;
pub(crate) mod env;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod gaps;
pub(crate) mod import;
pub(crate) mod ledger;
pub(crate) mod new;
pub(crate) mod people;
pub(crate) mod proofs;
pub(crate) mod propose;
pub(crate) mod publish;
pub(crate) mod published;
pub(crate) mod rotate;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod sink;
pub(crate) mod top;
pub(crate) mod up;
pub(crate) mod verify;
pub(crate) mod witness;
