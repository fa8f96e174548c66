//! Where what was seen and what the charter says part: one model for every look, every report and the baseline.
//!
//! Start at [`drift`], which compares one look with a charter. Looks that find something of their own (a column that nobody
//! mapped) add it to the same [`Report`].

mod absent;
pub(crate) mod case;
pub(crate) mod consent;
pub(crate) mod elements;
pub(crate) mod embeds;
mod own;
pub(crate) mod recipients;
mod rule;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use averment_register::{Charter, Digest, Severity};
use jiff::civil::Date;
use serde::Serialize;

use crate::observation::{Party, Spot};
use crate::seen::Seen;

pub use own::Own;
pub use rule::Rule;

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
    /// The look is wrong and there is no drift: it does not count against claims either.
    pub mistaken: bool,
}

/// What one look says about a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Digest of the charter that it was held against.
    pub charter: Digest,
    /// What was seen.
    pub seen: Seen,
    /// Where it parts from the charter: worst first, then by rule and subject.
    pub drift: Vec<Drift>,
    /// What has to be told of a baseline: entries that have ended, that nothing fits, or that say that the look is wrong.
    pub notices: Vec<String>,
}

impl Report {
    /// Drift that nobody accepted.
    pub fn open(&self) -> impl Iterator<Item = &Drift> {
        self.drift.iter().filter(|one| one.accepted.is_none())
    }

    /// Drift that is an error and not accepted.
    pub fn errors(&self) -> impl Iterator<Item = &Drift> {
        self.open().filter(|one| one.severity == Severity::Error)
    }

    /// How much open drift is of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.open().filter(|one| one.severity == severity).count()
    }

    /// Puts drift into its order.
    pub fn sort(&mut self) {
        self.drift.sort_by(|a, b| {
            let key = |one: &Drift| (std::cmp::Reverse(one.severity), one.rule, one.subject.clone());
            key(a).cmp(&key(b))
        });
    }
}

/// Compares a look with a charter. `own`: domains of the organisation itself besides those that the charter names.
///
/// What a repository says is its own is somebody else's, until `own` or the charter says so too.
///
/// Drift that looks add of their own is put into [`Report::drift`] behind, and sorted ([`Report::sort`]).
pub fn drift(charter: &Charter, mut seen: Seen, own: &BTreeSet<String>) -> Report {
    let own = Own::of(charter, own);
    let said = seen.take_back();
    let cases = case::cases(charter, &seen, &own);
    let mut drift = Vec::new();
    for case in &cases {
        drift.extend(recipients::undeclared(case).map(|one| own::hinted(one, &said)));
        drift.extend(recipients::retired(charter, &seen, case));
        drift.extend(recipients::other_plane(case));
        drift.extend(recipients::plain_http(case));
        drift.extend(embeds::wrong_host(charter, &seen, case));
    }
    drift.extend(elements::found(charter, &cases).iter().map(|one| one.told(charter)));
    drift.extend(
        cases
            .iter()
            .flat_map(|case| consent::without(charter, case).map(|one| one.told())),
    );
    drift.extend(absent::never_seen(charter, &seen, &cases));
    let mut report = Report {
        charter: charter.digest(),
        seen,
        drift,
        notices: Vec::new(),
    };
    report.sort();
    report
}
