//! The console: the public site, live, and a status view for whoever runs the gate, over HTTP.
//!
//! Start at [`router`]. What is shown comes from a [`View`], which the binary supplies; `guard` says who is answered.
//!
//! Invariants: nothing can be changed from here (GET and HEAD only), but that browsers report at `/csp-reports`, where nothing
//! can be read; a request under a foreign host name is not answered, so that no web page can read the console through the
//! visitor's browser; no answer holds a payload value. [`access`] answers who may see what, at an address of its own.
//!
//! Source: RFC 9110 (methods, misdirected requests), RFC 9457 (problem documents), CSP Level 3, C2SP tlog-tiles (the log).

pub mod access;
mod guard;
mod problem;
mod reports;
mod router;
mod status_page;
mod view;

pub use reports::REPORT_MAX_BYTES;
pub use router::{router, serve};
pub use view::{Checkpoint, LedgerStatus, LogFile, Status, Taken, View};
