//! `averment measured`: what another program (a scan, a probe, a test in CI) saw of a claim, into the ledger.
//!
//! The document is strict: what it does not know is an error, so that a slip in a field never reads as nothing found.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use averment_catalog::Plane;
use averment_claims::claim_version;
use averment_detect::Directory;
use averment_ledger::{Deed, Document, Measurement};
use averment_store::{DataFolder, Parcel, People};
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::cli::Folders;
use crate::commands::attest::claim_of;
use crate::outcome::{Failure, Outcome};
use crate::register::{self, Register};
use crate::{clock, recording, texts};

/// The version of the document.
const SCHEMA: &str = "averment.measurements/1";
/// Largest document, and most measurements in it.
const BYTES_MAX: u64 = 1 << 24;
const MEASUREMENTS_MAX: usize = 10_000;
/// Most places that one names.
const PLACES_MAX: usize = 100;
/// How far the clock of the program that looked may be ahead.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);

#[derive(Debug, Args)]
pub(crate) struct MeasuredArgs {
    /// JSON document with what was seen; `-` for standard input
    file: PathBuf,
    /// Folder of the register; the bundled example when absent
    register: Option<PathBuf>,
    /// The whole report; kept in the data folder
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    #[command(flatten)]
    folders: Folders,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Measurements {
    schema: String,
    measurements: Vec<One>,
}

/// One measurement, as a program writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct One {
    /// 32 hex digits; the same for what is sent twice.
    #[serde(default)]
    pub(crate) id: Option<String>,
    pub(crate) claim: String,
    pub(crate) by: String,
    #[serde(default)]
    pub(crate) plane: Option<Plane>,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) observed: u64,
    pub(crate) contrary: u64,
    #[serde(default)]
    pub(crate) unreadable: u64,
    #[serde(default)]
    pub(crate) unseen: u64,
    #[serde(default)]
    pub(crate) enforcing: bool,
    #[serde(default)]
    pub(crate) places: Vec<String>,
}

pub(crate) fn run(arguments: &MeasuredArgs) -> Result<Outcome, Failure> {
    let register = register::open(arguments.register.as_deref())?;
    let measurements = read(&arguments.file)?;
    let count = measurements.len();
    let paper = arguments.document.as_deref().map(Paper::File);
    let numbers = enter(measurements, paper, &register, &arguments.folders)?;
    if let (Some(first), Some(last)) = (numbers.first(), numbers.last()) {
        anstream::println!("{count} measurements recorded, entries {first} to {last}");
    }
    Ok(Outcome::Holds)
}

/// The whole report behind measurements, kept with them.
pub(crate) enum Paper<'a> {
    /// A file.
    File(&'a Path),
    /// What this program wrote itself. Its places are the world's own names, so that one that names somebody is left out
    /// instead of refusing all: of the measurements and of the report alike, which stays when that person is forgotten.
    Report {
        /// Its name in the ledger.
        name: String,
        /// What it says.
        report: Value,
    },
}

/// Checks measurements and records them, all or none; the numbers of their entries.
pub(crate) fn enter(
    mut measurements: Vec<One>,
    mut paper: Option<Paper<'_>>,
    register: &Register,
    folders: &Folders,
) -> Result<Vec<u64>, Failure> {
    for (place, one) in measurements.iter().enumerate() {
        check(one, register).map_err(|failure| within(place, &failure))?;
    }
    let (folder, keys) = DataFolder::open_unlocked(&folders.data, &folders.keys)?;
    let mut people = People::open(&folder, &keys)?;
    if let Some(Paper::Report { report, .. }) = &mut paper {
        withhold(&mut measurements, report, &mut people)?;
    }
    let name = match &paper {
        Some(Paper::File(file)) => Some(recording::document_name(file)),
        Some(Paper::Report { name, .. }) => Some(name.clone()),
        None => None,
    };
    let by = measurements.iter().map(|one| ("by", Some(one.by.as_str())));
    let places = measurements.iter().flat_map(|one| &one.places);
    let places = places.map(|place| ("places", Some(place.as_str())));
    let given: Vec<_> = by.chain(places).chain([("--document", name.as_deref())]).collect();
    texts::check(&given, &mut people)?;
    let document = match paper {
        Some(Paper::File(file)) => Some(recording::keep_document(&folder, file)?),
        Some(Paper::Report { name, report }) => {
            let text = format!("{report:#}\n");
            Some(recording::keep_bytes(&folder, text.as_bytes(), &name)?)
        }
        None => None,
    };
    let parcels: Vec<Parcel> = measurements
        .into_iter()
        .map(|one| parcel(one, document.clone(), register))
        .collect::<Result<_, _>>()?;
    recording::record(folders, &parcels, register.charter.digest())
}

/// What stands for a text that names somebody.
const WITHHELD: &str = "a place whose name is that of somebody";

/// Replaces texts that name somebody in the directory.
fn withhold(measurements: &mut [One], report: &mut Value, people: &mut People) -> Result<(), Failure> {
    let directory = people.snapshot(clock::now())?.directory;
    let places = measurements.iter_mut().flat_map(|one| &mut one.places);
    for place in places.filter(|place| texts::names_somebody(place, &directory)) {
        WITHHELD.clone_into(place);
    }
    withhold_texts(report, &directory);
    Ok(())
}

/// In a report of this program, which is nested a few times only.
fn withhold_texts(report: &mut Value, directory: &Directory) {
    match report {
        Value::String(text) if texts::names_somebody(text, directory) => WITHHELD.clone_into(text),
        Value::Array(values) => values.iter_mut().for_each(|value| withhold_texts(value, directory)),
        Value::Object(values) => values.values_mut().for_each(|value| withhold_texts(value, directory)),
        _ => {}
    }
}

fn read(file: &Path) -> Result<Vec<One>, Failure> {
    let mut text = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().take(BYTES_MAX + 1).read_to_end(&mut text)
    } else {
        std::fs::File::open(file).and_then(|opened| opened.take(BYTES_MAX + 1).read_to_end(&mut text))
    };
    read.map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?;
    if text.len() as u64 > BYTES_MAX {
        return Err(Failure::new(format!("expected at most {BYTES_MAX} bytes")));
    }
    let parsed: Measurements = serde_json::from_slice(&text).map_err(|error| {
        // The message of the parser may repeat a value.
        let at = format!("line {}, column {}", error.line(), error.column());
        Failure::new(format!("`{}`, {at}: expected a document `{SCHEMA}`", file.display()))
            .hint("docs/evidence.md names every field; what it does not name is an error")
    })?;
    let count = parsed.measurements.len();
    if parsed.schema != SCHEMA {
        Err(Failure::new(format!(
            "its schema is `{}`, expected `{SCHEMA}`",
            parsed.schema
        )))
    } else if !(1..=MEASUREMENTS_MAX).contains(&count) {
        Err(Failure::new(format!(
            "it has {count} measurements, expected 1 to {MEASUREMENTS_MAX}"
        )))
    } else {
        Ok(parsed.measurements)
    }
}

fn check(one: &One, register: &Register) -> Result<(), Failure> {
    claim_of(register, &one.claim)?;
    let is_id = |id: &String| id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let wrong = if one.id.as_ref().is_some_and(|id| !is_id(id)) {
        "`id` is to have 32 hexadecimal digits, in lower case"
    } else if one.from > one.until {
        "`from` lies after `until`"
    } else if one.until > clock::now() + CLOCKS_DIFFER {
        "`until` is still to come"
    } else if one.contrary > one.observed {
        "`contrary` is more than `observed`"
    } else if one.places.len() > PLACES_MAX {
        "`places` names more than 100"
    } else {
        return Ok(());
    };
    Err(Failure::new(wrong))
}

fn within(place: usize, failure: &Failure) -> Failure {
    let text = failure.render();
    let text = text.trim_end().trim_start_matches("error: ");
    Failure::new(format!("measurement {}: {text}", place + 1))
}

fn parcel(one: One, document: Option<Document>, register: &Register) -> Result<Parcel, Failure> {
    let version = claim_of(register, &one.claim).map(claim_version)?;
    Ok(Parcel::new(Deed::Measurement(Measurement {
        id: one.id.map_or_else(recording::new_id, Ok)?,
        claim_version: Some(version),
        claim: one.claim,
        by: one.by,
        plane: one.plane.map(|plane| plane.as_str().to_owned()),
        from: one.from.to_string(),
        until: one.until.to_string(),
        observed: one.observed,
        contrary: one.contrary,
        unreadable: one.unreadable,
        unseen: one.unseen,
        enforcing: one.enforcing,
        places: one.places,
        document,
    })))
}
