//! Erases people at third parties: runs the `[erasure]` rows of the catalog and believes nothing but a look that finds nobody.
//!
//! Start at [`Plan::new`]: one person at one recipient. [`Plan::start`] gives the [`Deletion`] that is kept, [`advance`] takes
//! it one request further, [`report`] says in words where it stands. Keep what `advance` returns before calling it again:
//! then a program that is killed between any two calls goes on where it was.
//!
//! Invariant: `confirmed` comes only out of a look that the third party documents as "no such record" (or its own job as
//! done), after a control that looks are answered at all. An error, silence, a web page or a redirect is never done.
//!
//! Source: GDPR Art. 17(1), 19 and 28(3)(g).

mod access;
mod advance;
mod answer;
mod deletion;
mod identifiers;
mod login;
mod plan;
mod report;
mod request;
mod template;
mod trouble;
mod wire;

pub use access::{Access, AccessError, VendorAccess};
pub use advance::advance;
pub use deletion::{Deletion, Evidence, Status};
pub use identifiers::{Hidden, Identifiers};
pub use plan::{Order, Plan};
pub use report::{Report, report};
pub use request::Request;
pub use trouble::Trouble;
pub use wire::{Answer, SendError, Transport, Wire};

#[cfg(test)]
mod tests;
