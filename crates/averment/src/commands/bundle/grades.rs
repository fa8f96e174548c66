//! The document with the grades, and that the ledger holds its digest.
//!
//! Where no gate runs they are graded and recorded now. Beside a running gate nobody else may write, so the grades that it
//! recorded last are earned again from the same entries.

use std::sync::Arc;

use averment_claims::{Fold, Graded, grade};
use averment_ledger::{Base64, Deed, Grades};
use averment_register::{Charter, Digest};
use averment_store::{DataFolder, FolderError, Journal, Keys, Numbered, entries, trusted};
use jiff::Timestamp;

use crate::cli::Folders;
use crate::clock;
use crate::commands::claims::document;
use crate::outcome::Failure;

pub(crate) fn recorded(charter: &Arc<Charter>, folders: &Folders) -> Result<String, Failure> {
    match DataFolder::open(&folders.data, &folders.keys) {
        Ok((folder, keys)) => record(charter, &folder, &keys),
        Err(FolderError::Locked { .. }) => earn_again(charter, folders),
        Err(error) => Err(error.into()),
    }
}

fn record(charter: &Arc<Charter>, folder: &DataFolder, keys: &Keys) -> Result<String, Failure> {
    let now = clock::now();
    let mut fold = Fold::new(Arc::clone(charter));
    for numbered in read(folder, keys)? {
        fold.push(&numbered.entry, numbered.index);
    }
    let graded = grade(charter, &fold.evidence(now), now);
    let text = document(charter, &graded);
    let grades = Grades {
        as_of: now.to_string(),
        sha256: digest(&text)?,
        counts: counts(&graded),
    };
    let (journal, _) = Journal::open(folder, keys, clock::now, charter.digest())?;
    journal.note(Deed::Grades(grades))?;
    journal.close()?;
    Ok(text)
}

/// The document whose digest the newest `grades` entry holds.
fn earn_again(charter: &Arc<Charter>, folders: &Folders) -> Result<String, Failure> {
    let folder = DataFolder::open_read(&folders.data)?;
    let keys = Keys::read(&folders.keys)?;
    let all = read(&folder, &keys)?;
    let newest = all.iter().rev().find_map(|numbered| match &numbered.entry.deed {
        Deed::Grades(grades) => Some((numbered.index, grades)),
        _ => None,
    });
    let hint = "stop the gate for a moment: the grades are then recorded with the bundle";
    let cannot =
        |what: &str| Failure::new(format!("a gate runs on `{}`, and {what}", folders.data.display())).hint(hint);
    let (number, grades) = newest.ok_or_else(|| cannot("no grades are recorded yet"))?;
    let as_of: Timestamp = grades.as_of.parse()?;
    let mut fold = Fold::new(Arc::clone(charter));
    for numbered in all.iter().filter(|numbered| numbered.index < number) {
        fold.push(&numbered.entry, numbered.index);
    }
    let text = document(charter, &grade(charter, &fold.evidence(as_of), as_of));
    if digest(&text)? == grades.sha256 {
        Ok(text)
    } else {
        Err(cannot(
            "the grades that it recorded last are not of this register or were earned by another version",
        ))
    }
}

fn read(folder: &DataFolder, keys: &Keys) -> Result<Vec<Numbered>, Failure> {
    let entries = entries(folder, trusted(folder, keys)?)?;
    Ok(entries.collect::<Result<_, _>>()?)
}

fn digest(text: &str) -> Result<Base64<32>, Failure> {
    let digest = Digest::of(text.as_bytes()).to_string();
    let hex = digest.trim_start_matches("sha256:").as_bytes();
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(hex.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair)?, 16)?;
    }
    Ok(Base64(bytes))
}

fn counts(graded: &[Graded]) -> std::collections::BTreeMap<String, u64> {
    let mut counts = std::collections::BTreeMap::new();
    for graded in graded {
        *counts.entry(graded.overall.as_str().to_owned()).or_default() += 1;
    }
    counts
}
