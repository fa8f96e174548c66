//! `averment scan …`: what code, browsers, schemas and staff tools show, held against the register.
//!
//! Each look is a module of its own and ends in [`finish`], which compares, prints, and says how it ended: 1 with drift, 2 when
//! nothing could be seen.

mod csp;
mod har;
mod seen;
mod site;

use std::collections::BTreeSet;
use std::path::PathBuf;

use averment_scan::{Seen, drift};
use clap::{Args, Subcommand, ValueEnum};

use crate::outcome::{Failure, Outcome};
use crate::register;

#[derive(Debug, Subcommand)]
pub(crate) enum ScanCommand {
    /// Recorded browser traffic (HAR): whom pages contact, with what
    Har(har::HarArgs),
    /// Content security policies, and what browsers reported about them
    Csp(csp::CspArgs),
    /// A site, visited by an installed Chromium
    Site(site::SiteArgs),
    /// What another program saw, as `--format seen` writes it
    Seen(seen::SeenArgs),
}

/// What every look can be asked for.
#[derive(Debug, Args)]
pub(crate) struct ScanOptions {
    /// Folder of the register; the bundled example when absent
    #[arg(long, value_name = "DIR")]
    pub(crate) register: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = ScanFormat::Text)]
    pub(crate) format: ScanFormat,
    /// A domain of your own, which is nobody else's; may be given more than once
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) own: Vec<String>,
}

/// How to print what a look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScanFormat {
    /// For a terminal of 80 columns
    Text,
    /// What was seen, for `averment scan seen` and `averment propose`
    Seen,
}

pub(crate) fn run(command: &ScanCommand) -> Result<Outcome, Failure> {
    match command {
        ScanCommand::Har(arguments) => har::run(arguments),
        ScanCommand::Csp(arguments) => csp::run(arguments),
        ScanCommand::Site(arguments) => site::run(arguments),
        ScanCommand::Seen(arguments) => seen::run(arguments),
    }
}

/// Compares, prints, and says how it ended.
pub(crate) fn finish(seen: Seen, options: &ScanOptions) -> Result<Outcome, Failure> {
    if options.format == ScanFormat::Seen {
        let text =
            serde_json::to_string_pretty(&seen).map_err(|error| Failure::new("cannot write it").because(error))?;
        anstream::println!("{text}");
        return Ok(outcome(&seen, false));
    }
    let register = register::open(options.register.as_deref())?;
    let own: BTreeSet<String> = options.own.iter().map(|domain| domain.to_ascii_lowercase()).collect();
    let report = drift(&register.charter, seen, &own);
    for one in &report.drift {
        anstream::println!("{}: {}", one.severity.as_str(), one.message);
        for place in one.places.iter().take(3) {
            anstream::println!("  --> {place}");
        }
    }
    let coverage = &report.seen.coverage;
    let (read, live, unread) = (coverage.read, coverage.live, coverage.unread.len());
    anstream::println!("{read} read, {live} of them live, {unread} could not be read");
    Ok(outcome(&report.seen, report.errors().next().is_some()))
}

fn outcome(seen: &Seen, contrary: bool) -> Outcome {
    match (contrary, seen.coverage.saw_something()) {
        (true, _) => Outcome::Contrary,
        (false, true) => Outcome::Holds,
        (false, false) => Outcome::CouldNotMeasure,
    }
}
