//! The claims room: a charter and what the ledger recorded in, a grade for every published sentence out.
//!
//! Start at [`Fold`]: push ledger entries into it, ask it for evidence, and hand that to [`grade`]. What counts for each kind
//! of claim stands in [`ROWS`]. Nothing here reads a file, a clock or a socket; `now` is an argument.
//!
//! Invariants: without fresh evidence a claim is never better than *unverified*; what could not be read is never a pass; what
//! nothing looks for is never graded by what is looked for; a message that may have left counts as one that left; an entry
//! that lies in the future counts against a claim, never for it.
//!
//! Source: the grades of `ARCHITECTURE.md`; FERPA 34 CFR 99.3 (disclosure); GDPR Art. 5(2) (being able to show it).

mod activity;
mod activity_purposes;
mod claim_version;
mod document;
mod due;
mod evidence;
mod fold;
mod grade;
mod history;
mod judge;
mod kind;
mod looked_for;
mod looks;
mod plane_grade;
mod reason;
mod repeated;
mod request_due;
mod testimony;
mod timeline;
mod turns;
mod vouch;
mod watch;

pub use activity::{Activity, Counts, FindingLine, UNLISTED, VerdictLine};
pub use claim_version::claim_version;
pub use document::{DOCUMENT_SCHEMA, SCHEMA, counts, document};
pub use due::{Attested, Due, Standing, counts_until, due_after};
pub use evidence::{Contrary, Evidence, EvidenceByClaim, Left, Watched};
pub use fold::{Fold, WINDOW_DAYS};
pub use grade::{Grade, Graded, PlaneGrade, grade};
pub use history::{Change, History, Past};
pub use kind::{
    ATTESTED_DAYS, MEASURED_DAYS, Messages, PROVED_BY_CASES, PROVED_BY_SOLVER, Program, ROWS, Row, freshness,
    proofs_name, row,
};
pub use looked_for::{
    DETECTABLE, DETECTABLE_OF_STRANGERS, LookedFor, NotLookedFor, element_label, element_label_with_examples,
};
pub use request_due::{Applies, AskedFor, RequestDue, business_days_after, earliest, request_due};
pub use testimony::{About, Look, Proved, Vouched};
pub use turns::Turns;
