//! The decision room: given a charter, what was found in one message, and the facts, say what may leave.
//!
//! Start at [`decide`]; the rest is vocabulary for it. Nothing here reads a file, a clock or a socket, and nothing waits.
//!
//! Invariants: what no disclosure declares is refused or, in report mode, recorded as *would refuse*. Only [`decide`]
//! makes a [`Permit`], and the forwarding code takes nothing else. The same charter, findings and facts give the same
//! verdict; a register that declares less never lets more out.
//!
//! Source: GDPR Art. 5(1)(b) and (c), 25(2); FERPA 34 CFR 99.30-99.31.

mod decide;
mod facts;
mod rule;
mod variants;
mod verdict;

pub use decide::{Observation, decide};
pub use facts::{Caller, CutOff, Facts, PersonFacts, Reach, School, Sender, Stop};
pub use variants::{Variants, normal_name};
pub use verdict::{Action, Decision, Permit, Reason, Ruling, Verdict};
