//! New entries for a baseline, to be finished by hand.

use std::fmt::Write as _;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::Baseline;
use crate::drift::{Drift, Report};
use crate::report::visible_toml;

/// How long a new entry holds unless somebody writes another day.
const DAYS: i64 = 90;

/// What is to be added behind the text of a baseline: one entry for each open drift that is a warning or an error and that no
/// entry speaks of, and how many. Each lacks its reason, so that the file is refused until somebody writes it.
pub fn additions(baseline: &Baseline, report: &Report, today: Date) -> (usize, String) {
    let open = report
        .open()
        .filter(|one| one.severity > averment_register::Severity::Note);
    let fresh: Vec<&Drift> = open.filter(|one| !baseline.speaks_of(one)).collect();
    let until = today.saturating_add(DAYS.days());
    let mut text = String::new();
    for drift in &fresh {
        let message = crate::report::visible(&drift.message);
        let (rule, subject) = (drift.rule.as_str(), visible_toml(&drift.subject));
        _ = writeln!(
            text,
            "\n# {message}\n[[accepted]]\nrule = \"{rule}\"\nsubject = {subject}\n# Yours: why this is accepted, and by when it is mended.\nreason = \"\"\nuntil = {until}"
        );
    }
    (fresh.len(), text)
}
