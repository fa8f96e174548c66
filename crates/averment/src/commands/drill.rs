//! `averment drill`: backups looked at and restored, other programs run; and what came of it into the ledger.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use averment_detect::Directory;
use averment_duties::drill::{Drill, Drilled, Ground, Kind, Remembered, run as hold};
use averment_duties::erase::Tombstones;
use averment_store::{DataFolder, Keys};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::cli::{Folders, Format};
use crate::clock;
use crate::commands::measured::{One, Paper, enter};
use crate::commands::probe::{Outside, known, outcome, printing};
use crate::duties::{Duties, DutiesOptions};
use crate::erased_list;
use crate::outcome::{Failure, Outcome};
use crate::register::{self, Register};
use crate::texts::names_somebody;

/// The version of the document.
const SCHEMA: &str = "averment.drills/1";

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 everything held, 1 a drill failed, 2 one could not be held, or no claim speaks of it; 3 internal fault."
)]
pub(crate) struct DrillArgs {
    /// Which drills
    #[arg(value_enum)]
    kind: Which,
    /// Folder of the register; the bundled example when absent
    register: Option<PathBuf>,
    #[command(flatten)]
    duties: DutiesOptions,
    /// Folder of the list of who was erased: a restored backup must bring back nobody on it
    #[arg(long, value_name = "DIR", default_value = "averment-tombstones")]
    tombstones: PathBuf,
    /// Report of an earlier drill (`--format json`): no table may have lost more than half of its rows since
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// Put what came of it into the ledger
    #[arg(long)]
    record: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    folders: Folders,
}

/// Which drills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// Is there a young backup
    Backup,
    /// Restore the youngest backup into a scratch database
    Restore,
    /// Run the programs that are declared
    Command,
    /// All of them
    All,
}

impl Which {
    /// All where none is named.
    fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Backup => &[Kind::Backup],
            Self::Restore => &[Kind::Restore],
            Self::Command => &[Kind::Command],
            Self::All => &[],
        }
    }
}

pub(crate) fn run(arguments: &DrillArgs) -> Result<Outcome, Failure> {
    let register = register::open(arguments.register.as_deref())?;
    let settings = Duties::open(&arguments.duties)?.settings;
    check_names(&settings.drills)?;
    let mut held = held(arguments, &settings.drills, &register)?;
    withhold(&mut held, &known::directory(&arguments.folders)?.directory);
    let probed: Vec<_> = held.iter().map(|one| one.probed.clone()).collect();
    let report = json!({ "schema": SCHEMA, "until": clock::now().to_string(), "drills": serde_json::to_value(&held)? });
    match arguments.format {
        Format::Json => anstream::println!("{report:#}"),
        Format::Text => anstream::print!("{}", printing::text(&probed, None)),
    }
    if arguments.record {
        let said = record(&held, report, &register, &arguments.folders)?;
        match arguments.format {
            Format::Text => anstream::println!("{said}"),
            Format::Json => anstream::eprintln!("{said}"),
        }
    }
    let unspoken = unspoken(arguments, &settings.drills, &held);
    Ok(match outcome(&probed) {
        Outcome::Holds if unspoken => Outcome::CouldNotMeasure,
        outcome => outcome,
    })
}

/// Tells of drills that are declared and were not held, as no claim speaks of their activity; whether there are any.
fn unspoken(arguments: &DrillArgs, drills: &[Drill], held: &[Drilled]) -> bool {
    let kinds = arguments.kind.kinds();
    let asked = drills
        .iter()
        .filter(|drill| kinds.is_empty() || kinds.contains(&drill.kind));
    let unspoken: Vec<&Drill> = asked
        .filter(|drill| held.iter().all(|one| one.drill != drill.name))
        .collect();
    for drill in &unspoken {
        let (name, activity) = (&drill.name, drill.activity());
        anstream::eprintln!(
            "note: drill `{name}` was not held: no claim of the register speaks of the activity `{activity}`"
        );
    }
    !unspoken.is_empty()
}

fn check_names(drills: &[Drill]) -> Result<(), Failure> {
    match drills.iter().find(|drill| !averment_catalog::is_id(&drill.name)) {
        Some(drill) => {
            let expected = "expected lower-case letters, digits, `-` and `_`";
            Err(Failure::new(format!("`{}` is no name for a drill", drill.name)).hint(expected))
        }
        None => Ok(()),
    }
}

/// Holds the drills that are asked for.
fn held(arguments: &DrillArgs, drills: &[Drill], register: &Register) -> Result<Vec<Drilled>, Failure> {
    let before = arguments.previous.as_deref().map(previous).transpose()?;
    let before = before.unwrap_or_default();
    let listed = listed(arguments);
    let mut remembered = listed.as_ref().map(|(tombstones, keys)| Remembered {
        tombstones,
        keys,
        now: clock::now(),
    });
    let mut ground = Ground {
        charter: &register.charter,
        secrets: &Outside,
        erased: match &mut remembered {
            Ok(remembered) => Ok(remembered),
            Err(because) => Err((*because).clone()),
        },
        before: &before,
        now: clock::now(),
    };
    let held = hold(drills, arguments.kind.kinds(), &mut ground);
    if held.is_empty() {
        return Err(
            Failure::new("no drill is declared for an activity that a claim speaks of")
                .hint("`[[drills]]` in the settings, `kind = \"performed_every\"` in the register: docs/probes.md"),
        );
    }
    Ok(held)
}

/// Who was erased, with the keys that the list was written with.
fn listed(arguments: &DrillArgs) -> Result<(Tombstones, Keys), String> {
    let keys = Keys::read(&arguments.folders.keys).map_err(|error| error.to_string())?;
    let listed = match arguments.folders.data.exists() {
        true => DataFolder::open_read(&arguments.folders.data)
            .map_err(Failure::from)
            .and_then(|folder| erased_list::listed(&folder, &keys))
            .map_err(|failure| failure.in_one_line())?,
        false => None,
    };
    let opened = Tombstones::open_read(&arguments.tombstones, &keys, listed.as_ref());
    let tombstones = opened.map_err(|error| error.to_string())?;
    Ok((tombstones, keys))
}

/// What programs said of people of the directory is said nowhere else.
fn withhold(held: &mut [Drilled], directory: &Directory) {
    let said = held.iter_mut().flat_map(|one| &mut one.said);
    for line in said.filter(|line| names_somebody(line, directory)) {
        "a line that names somebody".clone_into(line);
    }
}

/// Rows by drill and table of an earlier report.
fn previous(file: &Path) -> Result<BTreeMap<String, BTreeMap<String, u64>>, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?;
    let expected = || Failure::new(format!("`{}`: expected a document `{SCHEMA}`", file.display()));
    let report: Value = serde_json::from_str(&text).map_err(|_| expected())?;
    if report["schema"] != SCHEMA {
        return Err(expected());
    }
    let mut all = BTreeMap::new();
    for one in report["drills"].as_array().into_iter().flatten() {
        let rows: BTreeMap<String, u64> = serde_json::from_value(one["rows"].clone()).map_err(|_| expected())?;
        if let (Some(name), false) = (one["drill"].as_str(), rows.is_empty()) {
            all.insert(name.to_owned(), rows);
        }
    }
    Ok(all)
}

fn record(held: &[Drilled], report: Value, register: &Register, folders: &Folders) -> Result<String, Failure> {
    let seen: Vec<One> = held
        .iter()
        .filter(|one| one.probed.is_recorded())
        .map(|one| One {
            id: None,
            claim: one.probed.claim.to_string(),
            by: one.by.clone(),
            plane: Some(one.probed.plane),
            from: one.at,
            until: one.at,
            observed: one.probed.observed,
            contrary: one.probed.contrary,
            unreadable: one.probed.unreadable,
            unseen: one.probed.unseen,
            enforcing: false,
            places: one.probed.places.clone(),
        })
        .collect();
    let paper = Paper::Report {
        name: "drills.json".to_owned(),
        report,
    };
    let numbers = enter(seen, Some(paper), register, folders)?;
    Ok(format!("{} measurements recorded", numbers.len()))
}
