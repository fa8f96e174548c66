//! `averment scan export`: exports of staff tools, held against the directory of people.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use averment_catalog::{Plane, ThirdPartyId, catalog};
use averment_detect::Directory;
use averment_register::Severity;
use averment_register::interchange::may_be_formula;
use averment_scan::export::{Tally, What, sweep};
use averment_scan::report::visible;
use averment_scan::{Confidence, Drift, Evidence, How, Look, Observation, Party, Passed, Rule, Seen, Spot, Tier};
use clap::Args;

use super::{ScanOptions, finish, people};
use crate::clock;
use crate::commands::export::private_file;
use crate::outcome::{Failure, Outcome};
use crate::register;

/// Places that are named for one element and kind of people; the clean-up list names all.
const PLACES: usize = 20;

/// Folders in each other, and files of all that are named.
const DEPTH_MAX: usize = 16;
const FILES_MAX: usize = 500_000;

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Exported files, or folders of them: JSON, lines of JSON, XML, CSV, TSV, mbox, zip, any of them in gzip
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Whose tool it is: a recipient of the register or a third party of the catalog
    #[arg(long, value_name = "ID")]
    of: String,
    /// Write every item that holds somebody's data, for whoever cleans up; no values
    #[arg(long, value_name = "FILE.csv")]
    clean_up: Option<PathBuf>,
    /// Look only for the shapes of addresses and numbers: nobody is known
    #[arg(long)]
    without_people: bool,
    #[command(flatten)]
    pub(super) options: ScanOptions,
}

pub(crate) fn run(arguments: &ExportArgs) -> Result<Outcome, Failure> {
    let party = party(arguments)?;
    let directory = directory(arguments)?;
    let from = clock::now();
    let mut tally = Tally::default();
    for (file, name) in files(&arguments.files)? {
        read(&file, &name, &directory, &mut tally)?;
    }
    if let Some(list) = &arguments.clean_up {
        write_list(&tally, list)?;
    }
    if arguments.options.is_for_people() {
        print(&tally, arguments, directory.people());
    }
    let observation = observation(party, &tally);
    let drift = drift(&observation, &tally);
    let seen = Seen {
        look: Look::Export,
        planes: BTreeSet::from([Plane::StaffTool]),
        from,
        until: clock::now(),
        observations: vec![observation],
        own: Vec::new(),
        coverage: tally.coverage,
        knows_people: directory.people() > 0,
    };
    finish(seen, drift, &arguments.options)
}

/// Who runs the tool: a recipient's first third party, or a third party itself.
fn party(arguments: &ExportArgs) -> Result<Party, Failure> {
    let of = &arguments.of;
    let folder = arguments.options.register();
    let register = folder.map(|folder| register::open(Some(&folder))).transpose()?;
    let recipients = register
        .iter()
        .flat_map(|register| register.charter.content().recipients.values());
    let recipient = recipients.into_iter().find(|recipient| recipient.id.as_str() == of);
    let third_party = recipient.and_then(|recipient| recipient.third_parties.first().cloned());
    let host = recipient.and_then(|recipient| recipient.hosts.first());
    let known = || {
        ThirdPartyId::new(of)
            .ok()
            .filter(|id| catalog().third_party(id).is_some())
    };
    let party = third_party.or_else(known).map(Party::Known);
    party
        .or_else(|| host.map(|host| Party::Domain(host.clone())))
        .ok_or_else(|| {
            let hint = "`--of` names a recipient of the register, or a third party that `averment new recipient` knows";
            Failure::new(format!("neither register nor catalog has `{of}`")).hint(hint)
        })
}

fn directory(arguments: &ExportArgs) -> Result<Directory, Failure> {
    if arguments.without_people {
        return Ok(people::nobody());
    }
    let hint = "`averment people load` fills the directory; `--without-people` looks for shapes only";
    people::directory(&arguments.options.folders, hint)
}

/// The files that are named, and those of folders, each with the name that it is told by: an unpacked archive is read as the
/// archive would be. Links are not followed.
fn files(named: &[PathBuf]) -> Result<Vec<(PathBuf, String)>, Failure> {
    let mut found = Vec::new();
    for path in named {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        match path.is_dir() {
            true => folder(path, &name, 0, &mut found)?,
            false => found.push((path.clone(), name)),
        }
    }
    Ok(found)
}

fn folder(path: &Path, name: &str, depth: usize, found: &mut Vec<(PathBuf, String)>) -> Result<(), Failure> {
    let unreadable = || format!("cannot read `{}`", path.display());
    if depth > DEPTH_MAX || found.len() > FILES_MAX {
        let why = format!("folders lie deeper than {DEPTH_MAX} in each other, or hold more than {FILES_MAX} files");
        return Err(Failure::new(unreadable()).hint(why));
    }
    let entries = std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = entries.map_err(|error| Failure::new(unreadable()).because(error))?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let own = format!("{name}/{}", entry.file_name().to_string_lossy());
        let kind = entry
            .file_type()
            .map_err(|error| Failure::new(unreadable()).because(error))?;
        if kind.is_dir() {
            folder(&entry.path(), &own, depth + 1, found)?;
        } else if kind.is_file() {
            found.push((entry.path(), own));
        }
    }
    Ok(())
}

fn read(path: &Path, name: &str, directory: &Directory, tally: &mut Tally) -> Result<(), Failure> {
    let unreadable = || format!("cannot read `{}`", path.display());
    let file = File::open(path).map_err(|error| Failure::new(unreadable()).because(error))?;
    let length = file
        .metadata()
        .map_err(|error| Failure::new(unreadable()).because(error))?
        .len();
    sweep(name, length, file, directory, tally).map_err(|error| Failure::new(unreadable()).because(error))
}

/// Every item that holds something: which, how many people of the directory, and how often what. For its owner alone.
fn write_list(tally: &Tally, path: &Path) -> Result<(), Failure> {
    let failed = |error: csv::Error| Failure::new(format!("cannot write `{}`", path.display())).because(error);
    let mut writer = csv::Writer::from_writer(private_file(path)?);
    writer.write_record(["item", "people", "found"]).map_err(failed)?;
    for one in &tally.holding {
        let found: Vec<String> = one
            .found
            .iter()
            .map(|(what, count)| format!("{} x{count}", said(what)))
            .collect();
        // Names in an archive are whatever its maker wrote there, also what a terminal would obey.
        let row = [
            guarded(&visible(&one.spot.file)),
            one.people.to_string(),
            found.join("; "),
        ];
        writer.write_record(row).map_err(failed)?;
    }
    writer.flush().map_err(|error| failed(error.into()))
}

/// A spreadsheet would calculate what begins like a formula.
fn guarded(text: &str) -> String {
    let guard = if may_be_formula(text) { "'" } else { "" };
    format!("{guard}{text}")
}

fn said(what: &What) -> String {
    match &what.subject {
        Some(subject) => format!("{} of {subject}", what.element),
        None => format!("{} of somebody outside the directory", what.element),
    }
}

fn print(tally: &Tally, arguments: &ExportArgs, people: usize) {
    let items = tally.coverage.read;
    anstream::println!("{items} items, held against {people} people of the directory");
    for (what, (holding, of)) in tally.totals() {
        let people = if what.subject.is_some() {
            format!(" ({of} people)")
        } else {
            String::new()
        };
        anstream::println!("  in {holding:>7}  {}{people}", said(what));
    }
    let nobody = "nobody is known, so that nothing is said about students";
    anstream::println!("{}", if people == 0 { nobody.to_owned() } else { summary(tally) });
    match &arguments.clean_up {
        Some(list) => anstream::println!("clean-up list: {} ({} rows)\n", list.display(), tally.holding.len()),
        None if tally.holding.is_empty() => anstream::println!(),
        None => anstream::println!("`--clean-up FILE.csv` lists them all\n"),
    }
}

/// The number that a sentence such as "may incidentally contain" has to be held against.
fn summary(tally: &Tally) -> String {
    let (with, items) = (tally.with_students().count() as u64, tally.coverage.read);
    if items == 0 {
        return "no item could be read, so that nothing is said about students".to_owned();
    }
    let share = match tally.unsplit {
        0 => format!(" ({:.2} %)", 100.0 * with as f64 / items as f64),
        1 => " (one file is one of them as a whole, so that no share is said)".to_owned(),
        count => format!(" ({count} files are one of them each as a whole, so that no share is said)"),
    };
    let unread = match tally.coverage.unread.len() {
        0 => String::new(),
        count => format!("; {count} more could not be read whole"),
    };
    format!(
        "{with} of {items} items hold data of students{share}, of {} students{unread}",
        tally.students()
    )
}

fn observation(party: Party, tally: &Tally) -> Observation {
    let evidence = tally.coverage.saw_something().then(|| Evidence {
        how: How::Record,
        what: "exported items".to_owned(),
        spot: Spot::default(),
        tier: Tier::Contacted,
        side: None,
        confidence: Confidence::Certain,
        plain_http: false,
        role: None,
        alike: BTreeSet::new(),
    });
    Observation {
        party,
        plane: Plane::StaffTool,
        hosts: BTreeSet::new(),
        evidence: evidence.into_iter().collect(),
        passed: passed(tally),
    }
}

/// What is held: of people of the directory for sure; of somebody outside of it, who may be anybody, only likely.
fn passed(tally: &Tally) -> Vec<Passed> {
    let mut named: BTreeMap<&What, usize> = BTreeMap::new();
    let mut passed = Vec::new();
    for one in &tally.holding {
        for what in one.found.keys() {
            let count = named.entry(what).or_default();
            *count += 1;
            if *count <= PLACES {
                passed.push(Passed {
                    element: what.element.clone(),
                    subject: what.subject.clone(),
                    spot: one.spot.clone(),
                    confidence: match what.subject {
                        Some(_) => Confidence::Certain,
                        None => Confidence::Likely,
                    },
                    role: None,
                    consented: None,
                    request: None,
                    alike: BTreeSet::new(),
                });
            }
        }
    }
    passed
}

/// That students are in there is said with its number, whether or not the register allows for it.
fn drift(observation: &Observation, tally: &Tally) -> Vec<Drift> {
    let places: Vec<Spot> = tally.with_students().take(PLACES).map(|one| one.spot.clone()).collect();
    let drift = Drift {
        rule: Rule::PeopleInExport,
        severity: Severity::Warning,
        party: Some(observation.party.clone()),
        message: summary(tally),
        hint: Some("take the data out of the items that `--clean-up` lists, or declare that they are there".to_owned()),
        subject: observation.party.to_string(),
        places,
        accepted: None,
    };
    (!drift.places.is_empty()).then_some(drift).into_iter().collect()
}
