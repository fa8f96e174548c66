//! One module per command: open what it needs, call the rooms, print.

pub(crate) mod asked;
pub(crate) mod breach;
pub(crate) mod check;
pub(crate) mod claims;
pub(crate) mod consent;
pub(crate) mod detect;
pub(crate) mod diff;
pub(crate) mod env;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod fmt;
pub(crate) mod import;
pub(crate) mod index;
pub(crate) mod ledger;
pub(crate) mod new;
pub(crate) mod people;
pub(crate) mod person;
pub(crate) mod propose;
pub(crate) mod publish;
pub(crate) mod recipient;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod sink;
pub(crate) mod top;
pub(crate) mod up;
