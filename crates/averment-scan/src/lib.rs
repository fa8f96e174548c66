//! The scan room: what code, browser traffic, schemas and exports of staff tools show, and where it drifts from the charter.
//!
//! Start at [`Seen`]: what one look gave. Each reader of the world makes one; drift, reports, measurements and proposals take
//! nothing else. [`identify`] says whose an address, a host or a package is, by the catalog's tables.
//!
//! Invariant: a look that saw nothing says so ([`Coverage`]) and never passes for one that found nothing; nothing that is read
//! is executed; no value of a person is kept in what a look gives.

mod baseline;
pub mod code;
pub mod csp;
mod drift;
pub mod export;
pub mod har;
pub mod identify;
mod measure;
mod observation;
pub mod report;
pub mod schema;
mod seen;
pub mod site;
mod wanted;
pub mod words;

pub use baseline::{BASELINE_FILE, Baseline, BaselineError, additions};
pub use drift::{Accepted, Drift, Own, Report, Rule, drift};
pub use measure::{Measured, measurements};
pub use observation::{Confidence, Consented, Evidence, How, Observation, Party, Passed, Side, Spot, Tier};
pub use seen::{Coverage, Look, Seen, Unread};
pub use wanted::{Element, Place, Wanted, wanted};
