//! The register room: text files in, charter out.
//!
//! Start at [`compile`]: it takes the files of a register ([`Source`]) and gives a [`Charter`] and every finding of the
//! run. [`import`] goes the other way, from a published page to register files. Nothing here reads a clock or a socket.
//!
//! Invariant: a charter exists only if no finding is an error; the same files give the same digest.

#[cfg(test)]
mod any_register;
mod charter;
mod compile;
mod diagnostic;
mod diff;
mod digest;
pub mod draft;
mod emit;
mod field;
pub mod format;
mod host;
mod import;
pub mod interchange;
mod label;
mod lint;
mod model;
mod obeyed;
mod reach;
pub mod schema;
mod source;

pub use charter::{
    About, Agreement, Charter, CharterContent, Claim, ClaimId, ClaimKind, ColumnHolds, Condition, Contract, Controller,
    ControllerId, Disclosure, Document, Elements, Engine, EvidenceDuty, Hiding, Mode, OnErase, Onward, Owner, Period,
    PeriodError, PseudonymsInAnswers, Receipt, Recipient, RecipientId, RecipientRole, Removal, RuleId,
    STUDENT_RECORD_CATEGORIES, Said, Sensitivity, Shortening, Store, StoreColumn, StoreId, StoreTable, StudentRecords,
    Subjects, Transfer, Unreadable, Words,
};
pub use compile::{Compiled, check, check_with_zones, compile};
pub use diagnostic::{
    Context, Diagnostic, Lines, Position, RuleHelp, Severity, Suppressed, json, sarif, sarif_log, sarif_rule, sarif_uri,
};
pub use diff::{Change, Diff, Direction, Duty, NoticeError, Subject, diff, diff_for_controller};
pub use digest::Digest;
pub use host::{host_matches, third_parties_of_host};
pub use import::{
    Change as ImportChange, ChangeKind as ImportChangeKind, DOCUMENT_MAX_BYTES, Finding, ImportError, ImportProblem,
    ImportReport, Imported, ImportedAll, Outcome, RecipientReport, Reimported, SentenceReport, decode, import,
    import_all, reimport,
};
pub use lint::{check_page, rules};
pub use obeyed::is_obeyed;
pub use source::{Source, SourceError, rewrite, write};
