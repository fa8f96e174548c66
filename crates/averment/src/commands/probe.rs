//! `averment probe`: what is said about running systems, looked at; and the looks into the ledger.

pub(crate) mod known;
pub(crate) mod printing;

use std::path::PathBuf;

use averment_duties::probe::{PROBES, Probed, Stores, World, run as look};
use averment_duties::{Secret, SecretError, Secrets};
use clap::Args;
use jiff::Timestamp;

use crate::cli::{Folders, Format};
use crate::clock;
use crate::commands::measured::{One, Paper, enter};
use crate::duties::{Duties, DutiesOptions};
use crate::outcome::{Failure, Outcome};
use crate::register::{self, Register};

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 everything looked at holds, 1 something goes against a claim, 2 something could not be \
                        measured; 3 internal fault."
)]
pub(crate) struct ProbeArgs {
    /// Folder of the register; the bundled example when absent
    register: Option<PathBuf>,
    /// Only these probes; again for each
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    #[command(flatten)]
    duties: DutiesOptions,
    /// Put what was seen into the ledger
    #[arg(long)]
    record: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    folders: Folders,
}

pub(crate) fn run(arguments: &ProbeArgs) -> Result<Outcome, Failure> {
    for name in &arguments.only {
        if !PROBES.iter().any(|probe| probe.name == name) {
            let names: Vec<&str> = PROBES.iter().map(|probe| probe.name).collect();
            let hint = format!("expected one of `{}`", names.join("`, `"));
            return Err(Failure::new(format!("there is no probe `{name}`")).hint(hint));
        }
    }
    let register = register::open(arguments.register.as_deref())?;
    let settings = Duties::open(&arguments.duties)?.settings;
    let known = known::directory(&arguments.folders)?;
    let from = clock::now();
    let mut world = World {
        charter: &register.charter,
        settings: &settings,
        directory: &known.directory,
        secrets: &Outside,
        stores: Stores::default(),
        now: from,
    };
    let probed = look(&mut world, &arguments.only);
    let until = clock::now();
    let report = printing::json(&probed, from, until)?;
    match arguments.format {
        Format::Json => anstream::println!("{report:#}"),
        Format::Text => anstream::print!("{}", printing::text(&probed, known.notice)),
    }
    if arguments.record {
        let said = record(&probed, report, (from, until), &register, &arguments.folders)?;
        match arguments.format {
            Format::Text => anstream::println!("{said}"),
            Format::Json => anstream::eprintln!("{said}"),
        }
    }
    Ok(outcome(&probed))
}

pub(crate) fn outcome(probed: &[Probed]) -> Outcome {
    if probed.iter().any(|one| one.contrary > 0) {
        Outcome::Contrary
    } else if probed.is_empty() || probed.iter().any(|one| !one.holds()) {
        Outcome::CouldNotMeasure
    } else {
        Outcome::Holds
    }
}

/// The environment and files.
pub(crate) struct Outside;

impl Secrets for Outside {
    #[expect(clippy::disallowed_methods, reason = "the outermost room reads the environment")]
    fn read(&self, secret: &Secret) -> Result<String, SecretError> {
        let text = match (&secret.env, &secret.file) {
            (Some(name), _) => {
                std::env::var(name).map_err(|_| SecretError(format!("expected the environment variable `{name}`")))?
            }
            (None, Some(file)) => {
                let read = std::fs::read_to_string(file);
                read.map_err(|_| SecretError(format!("cannot read `{}`", file.display())))?
            }
            (None, None) => return Err(SecretError("expected the name of a variable or a file".to_owned())),
        };
        Ok(text.trim().to_owned())
    }
}

/// Records what was seen, with the whole report.
fn record(
    probed: &[Probed],
    report: serde_json::Value,
    (from, until): (Timestamp, Timestamp),
    register: &Register,
    folders: &Folders,
) -> Result<String, Failure> {
    let seen: Vec<One> = probed
        .iter()
        .filter(|one| one.is_recorded())
        .map(|one| One {
            id: None,
            claim: one.claim.to_string(),
            by: one.by.to_owned(),
            plane: Some(one.plane),
            from,
            until,
            observed: one.observed,
            contrary: one.contrary,
            unreadable: one.unreadable,
            unseen: one.unseen,
            enforcing: false,
            places: one.places.clone(),
        })
        .collect();
    if seen.is_empty() {
        return Ok("nothing recorded: nothing could be looked at".to_owned());
    }
    let paper = Paper::Report {
        name: "probes.json".to_owned(),
        report,
    };
    let against = seen.iter().filter(|one| one.contrary > 0).count();
    let numbers = enter(seen, Some(paper), register, folders)?;
    let entries = match (numbers.first(), numbers.last()) {
        (Some(first), Some(last)) => format!(", entries {first} to {last}"),
        _ => String::new(),
    };
    Ok(format!(
        "{} measurements recorded{entries}; {against} of them against their claims",
        numbers.len()
    ))
}
