//! `averment people`: the directory is replaced as a whole, changed, or stays as it was.

pub(crate) mod forget;
mod status;
mod sync;

use std::path::Path;

use averment_store::{Ambiguous, Currency, DataFolder, LoadError, LoadReport, People, PeopleFormat, Scope, Shrink};

use crate::cli::{AmbiguousRule, Folders, LoadArgs, LoadFormat, PeopleCommand};
use crate::clock;
use crate::outcome::{Failure, Outcome};

/// Values that are not surely recognised and are named one by one; the rest is counted.
const UNSURE_SHOWN: usize = 20;

pub(crate) fn run(command: &PeopleCommand) -> Result<Outcome, Failure> {
    match command {
        PeopleCommand::Load {
            file,
            how,
            merge,
            allow_shrink,
            max_shrink,
            ambiguous,
        } => {
            let scope = match (merge, allow_shrink) {
                (true, _) => Scope::Changes(Currency::AsBefore),
                (false, true) => Scope::Whole(Shrink::Any),
                (false, false) => Scope::Whole(Shrink::UpToPercent(*max_shrink)),
            };
            load(file, how, scope, *ambiguous)
        }
        PeopleCommand::Add { file, how } => load(file, how, Scope::Changes(Currency::AsBefore), None),
        PeopleCommand::Remove { file, how } => remove(file, how),
        PeopleCommand::Forget(arguments) => forget::run(arguments),
        PeopleCommand::Sync(arguments) => sync::run(arguments),
        PeopleCommand::Status { format, folders } => status::run(*format, folders),
    }
}

fn load(file: &Path, how: &LoadArgs, scope: Scope, rule: Option<AmbiguousRule>) -> Result<Outcome, Failure> {
    let mut people = open(&how.folders)?;
    people.declare_ambiguous(rule.map(ambiguous));
    let report = people.load_file(file, format(file, how), scope, clock::now());
    print(&report.map_err(failure)?);
    anstream::println!("A running gate takes them within a second. No clear identifier is kept.");
    Ok(Outcome::Holds)
}

fn remove(file: &Path, how: &LoadArgs) -> Result<Outcome, Failure> {
    let report = open(&how.folders)?.remove(file, format(file, how), clock::now());
    let report = report.map_err(failure)?;
    anstream::println!("{} people departed, {} are left", report.departed, report.present);
    anstream::println!("A running gate knows within a second. What left about them stays in the ledger.");
    Ok(Outcome::Holds)
}

fn ambiguous(rule: AmbiguousRule) -> Ambiguous {
    match rule {
        AmbiguousRule::Strictest => Ambiguous::Strictest,
        AmbiguousRule::Refuse => Ambiguous::Refuse,
    }
}

fn open(folders: &Folders) -> Result<People, Failure> {
    let (folder, keys) = DataFolder::open_unlocked(&folders.data, &folders.keys)?;
    Ok(People::open(&folder, &keys)?)
}

fn format(file: &Path, how: &LoadArgs) -> PeopleFormat {
    match how.format {
        None => PeopleFormat::of(file),
        Some(LoadFormat::Csv) => PeopleFormat::Csv,
        Some(LoadFormat::Jsonl) => PeopleFormat::JsonLines,
        Some(LoadFormat::Oneroster) => PeopleFormat::OneRoster,
    }
}

fn failure(error: LoadError) -> Failure {
    let hint = match &error {
        LoadError::Shrinks { .. } => Some("if so many have left, load again with `--allow-shrink`"),
        LoadError::Shared { .. } => Some("if two people do share it, load with `--ambiguous strictest`"),
        _ => None,
    };
    let failure = Failure::from(error);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn print(report: &LoadReport) {
    let people: u64 = report.people.values().sum();
    let identifiers: u64 = report.identifiers.values().sum();
    anstream::println!(
        "{people} people, {identifiers} identifiers ({} new, {} departed)",
        report.new,
        report.departed
    );
    for (subject, count) in &report.people {
        anstream::println!("  {count:>8} {subject}");
    }
    if report.present != people {
        anstream::println!("{} people in the directory", report.present);
    }
    print_ignored(report);
    for unsure in report.unsure.iter().take(UNSURE_SHOWN) {
        let file = unsure.file.map(|file| format!("{file}, ")).unwrap_or_default();
        anstream::println!(
            "  {file}line {}, column `{}`: {}",
            unsure.line,
            unsure.column,
            unsure.reason
        );
    }
    if report.unsure.len() > UNSURE_SHOWN {
        anstream::println!("  and {} more", report.unsure.len() - UNSURE_SHOWN);
    }
}

fn print_ignored(report: &LoadReport) {
    if !report.ignored_columns.is_empty() {
        let columns: Vec<_> = report.ignored_columns.iter().map(ToString::to_string).collect();
        anstream::println!(
            "Columns not known, so nothing in them is recognised: {}",
            columns.join(", ")
        );
    }
    if report.ignored_members {
        anstream::println!("Some objects have members that are not known: nothing in them is recognised.");
    }
}
