//! `averment people load`: the directory is replaced as a whole, or stays as it was.

use std::fs::File;
use std::path::Path;

use averment_store::{DataFolder, LoadReport, People};

use crate::cli::Folders;
use crate::clock;
use crate::outcome::{Failure, Outcome};

/// Values that are not surely recognised and are named one by one; the rest is counted.
const UNSURE_SHOWN: usize = 20;

pub(crate) fn load(file: &Path, folders: &Folders) -> Result<Outcome, Failure> {
    let reader =
        File::open(file).map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?;
    let (folder, keys) = DataFolder::open_unlocked(&folders.data, &folders.keys)?;
    let mut people = People::open(&folder, &keys)?;
    let report = people.load_csv(reader, &file.display().to_string(), clock::now())?;
    print(&report);
    anstream::println!("A running gate takes them within a second. No clear identifier is kept.");
    Ok(Outcome::Holds)
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
    if !report.ignored_columns.is_empty() {
        let columns: Vec<_> = report.ignored_columns.iter().map(ToString::to_string).collect();
        anstream::println!(
            "Columns not known, so nothing in them is recognised: {}",
            columns.join(", ")
        );
    }
    for unsure in report.unsure.iter().take(UNSURE_SHOWN) {
        anstream::println!("  line {}, column `{}`: {}", unsure.line, unsure.column, unsure.reason);
    }
    if report.unsure.len() > UNSURE_SHOWN {
        anstream::println!("  and {} more", report.unsure.len() - UNSURE_SHOWN);
    }
}
