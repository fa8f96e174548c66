//! Where what was seen and what the charter says part: one model for every look, every report and the baseline.
//!
//! Start at [`drift`], which compares one look with a charter. Looks that find something of their own (a column that nobody
//! mapped) add it to the same [`Report`].

mod recipients;

use std::collections::BTreeSet;

use averment_register::{Charter, Severity};
use jiff::civil::Date;
use serde::Serialize;

use crate::observation::{Party, Spot};
use crate::seen::Seen;

/// What kind of drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Somebody whom no recipient of the register declares.
    UndeclaredRecipient,
    /// A data element that no row of the recipient declares.
    UndeclaredElement,
    /// People of a kind that no row of the recipient declares for the element.
    UndeclaredSubject,
    /// Declared for this plane, and not seen in the time looked at.
    NeverSeen,
    /// Retired, and still there.
    RetiredSeen,
    /// Embedded from another host than the one promised.
    WrongEmbedHost,
    /// Contacted without encryption.
    PlainHttp,
    /// A table that the data map does not have.
    UnmappedTable,
    /// A column that the data map does not have.
    UnmappedColumn,
    /// A table or column of the data map that is not there any more.
    MissingColumn,
    /// A column whose content is another than the data map says.
    OtherElement,
    /// Messages, tickets or rows of a staff tool that hold data of students.
    PeopleInExport,
}

/// One place where the world and the charter part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// What kind.
    pub rule: Rule,
    /// How bad.
    pub severity: Severity,
    /// Who, where it is about a third party.
    pub party: Option<Party>,
    /// What was found and what was expected: lower case, no full stop, no values.
    pub message: String,
    /// How to mend it.
    pub hint: Option<String>,
    /// What the drift is about, without lines: stays the same when code moves. With the rule it names the drift in baselines.
    pub subject: String,
    /// Where, the strongest evidence first.
    pub places: Vec<Spot>,
    /// Accepted for a time by the baseline.
    pub accepted: Option<Accepted>,
}

/// Why a drift is accepted, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// Why.
    pub reason: String,
    /// Last day.
    pub until: Date,
}

/// What one look says about a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What was seen.
    pub seen: Seen,
    /// Where it parts from the charter: worst first, then by rule and subject.
    pub drift: Vec<Drift>,
}

impl Report {
    /// Drift that is an error and not accepted.
    pub fn errors(&self) -> impl Iterator<Item = &Drift> {
        self.drift
            .iter()
            .filter(|one| one.severity == Severity::Error && one.accepted.is_none())
    }

    /// Puts drift into its order.
    pub fn sort(&mut self) {
        self.drift.sort_by(|a, b| {
            let key = |one: &Drift| (std::cmp::Reverse(one.severity), one.rule, one.subject.clone());
            key(a).cmp(&key(b))
        });
    }
}

/// Compares a look with a charter. `own`: registrable domains of the organisation itself, which are nobody else's.
pub fn drift(charter: &Charter, seen: Seen, own: &BTreeSet<String>) -> Report {
    let drift = recipients::undeclared(charter, &seen, own);
    let mut report = Report { seen, drift };
    report.sort();
    report
}
