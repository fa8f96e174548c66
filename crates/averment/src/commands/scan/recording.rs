//! What a look says about claims, into the ledger: through the same door as measurements of other programs.

use std::fmt::Write as _;

use averment_scan::{Measured, Report, measurements, report};

use super::options::ScanOptions;
use crate::commands::measured::{One, Paper, enter};
use crate::outcome::Failure;
use crate::register::Register;

/// What a look says about claims of its own, besides what its report does.
#[derive(Debug, Default)]
pub(super) struct Besides {
    /// Measurements.
    pub(super) measured: Vec<Measured>,
    /// What is said where there is none: which claim would be needed.
    pub(super) otherwise: Option<String>,
}

/// Records one measurement for each claim and plane that the look says something about, with the whole report.
pub(super) fn record(
    report: &Report,
    besides: Besides,
    register: &Register,
    options: &ScanOptions,
) -> Result<String, Failure> {
    let mut measured = measurements(
        &register.charter,
        report,
        &options.own_domains(),
        options.name.as_deref(),
    );
    measured.extend(besides.measured);
    if measured.is_empty() {
        let why = besides.otherwise;
        let why = why.unwrap_or_else(|| "the look says nothing about any claim".to_owned());
        return Ok(format!("nothing recorded: {why}"));
    }
    let against = measured.iter().filter(|one| one.contrary > 0).count();
    let by = measured.first().map_or_else(String::new, |one| one.by.clone());
    let paper = Paper::Report {
        name: format!("{}.json", by.replace('.', "-")),
        report: report::json(report),
    };
    let all: Vec<One> = measured.into_iter().map(one).collect();
    let numbers = enter(all, Some(paper), register, &options.folders)?;
    let mut said = format!("{} measurements recorded", numbers.len());
    if let (Some(first), Some(last)) = (numbers.first(), numbers.last()) {
        _ = write!(said, ", entries {first} to {last}");
    }
    _ = write!(said, "; {against} of them against their claims");
    Ok(said)
}

fn one(measured: Measured) -> One {
    One {
        id: None,
        claim: measured.claim.to_string(),
        by: measured.by,
        plane: Some(measured.plane),
        from: measured.from,
        until: measured.until,
        observed: measured.observed,
        contrary: measured.contrary,
        unreadable: measured.unreadable,
        unseen: measured.unseen,
        enforcing: false,
        places: measured.places,
    }
}
