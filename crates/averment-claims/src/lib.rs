//! The claims room: a charter and what the ledger recorded in, a grade for every published sentence out.
//!
//! Start at [`Fold`]: push ledger entries into it, ask it for [`Evidence`], and hand that to [`grade`]. Nothing here
//! reads a file, a clock or a socket; `now` is an argument.
//!
//! Invariants: a claim without fresh evidence is never better than *unverified*; what could not be read is never a pass;
//! what nothing looks for is never
//! graded by what is looked for; a message that may have left counts as one that left; an entry that lies in the future counts against a claim, never
//! for it.
//!
//! Source: the grades of `ARCHITECTURE.md`; FERPA 34 CFR 99.3 (disclosure); GDPR Art. 5(2) (being able to show it).

mod activity;
mod due;
mod evidence;
mod fold;
mod grade;
mod judge;
mod looked_for;
mod reason;
mod timeline;
mod watch;

pub use activity::{Activity, Counts, FindingLine, UNLISTED, VerdictLine};
pub use due::{Attested, Due, Standing, due_after};
pub use evidence::{Contrary, Evidence, EvidenceByClaim, Left, Watched};
pub use fold::{Fold, WINDOW_DAYS};
pub use grade::{Grade, Graded, PlaneGrade, grade};
pub use looked_for::{
    DETECTABLE, DETECTABLE_OF_STRANGERS, LookedFor, NotLookedFor, element_label, element_label_with_examples,
};
