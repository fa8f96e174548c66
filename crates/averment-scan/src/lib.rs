//! The scan room: what code, browser traffic, schemas and exports of staff tools show, and where it drifts from the charter.
//!
//! Start at [`Seen`]: what one look gave. Each reader of the world makes one; drift, reports, measurements and proposals take
//! nothing else. [`identify`] says whose an address, a host or a package is, by the catalog's tables.
//!
//! Invariant: a look that saw nothing says so ([`Coverage`]) and never passes for one that found nothing; nothing that is read
//! is executed; no value of a person is kept in what a look gives.

pub mod csp;
mod drift;
pub mod har;
pub mod identify;
mod observation;
mod seen;
pub mod site;

pub use drift::{Accepted, Drift, Report, Rule, drift};
pub use observation::{Confidence, Evidence, How, Observation, Party, Passed, Side, Spot, Tier};
pub use seen::{Coverage, Look, Seen, Unread};
