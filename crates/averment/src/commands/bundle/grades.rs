//! The document with the grades, and that the ledger holds its digest.
//!
//! Where no gate runs they are graded and recorded now. Beside a running gate nobody else may write, so the grades that it
//! recorded last are earned again from the same entries.

use std::collections::BTreeMap;
use std::sync::Arc;

use averment_ledger::Deed;
use averment_register::Charter;
use averment_store::{DataFolder, FolderError, Journal, Keys, entries, trusted};

use crate::cli::Folders;
use crate::clock;
use crate::commands::claims;
use crate::grading::{json, note_all};
use crate::live::CHANGES_SHOWN;
use crate::outcome::Failure;

pub(crate) fn recorded(charter: &Arc<Charter>, folders: &Folders) -> Result<String, Failure> {
    match DataFolder::open(&folders.data, &folders.keys) {
        Ok((folder, keys)) => record(charter, folders, &folder, &keys),
        Err(FolderError::Locked { .. }) => earn_again(charter, folders),
        Err(error) => Err(error.into()),
    }
}

fn record(charter: &Arc<Charter>, folders: &Folders, folder: &DataFolder, keys: &Keys) -> Result<String, Failure> {
    let standing = claims::read(charter, folders, CHANGES_SHOWN)?;
    let (journal, _) = Journal::open(folder, keys, clock::now, charter.digest())?;
    note_all(&journal, &standing)?;
    journal.close()?;
    Ok(json(&standing))
}

/// The document whose digest the newest `grades` entry holds; what changed after it is said, never passed over.
fn earn_again(charter: &Arc<Charter>, folders: &Folders) -> Result<String, Failure> {
    let hint = "stop the gate for a moment: the grades are then recorded with the bundle";
    let none = || {
        let message = format!(
            "a gate runs on `{}`, and no grades are recorded yet",
            folders.data.display()
        );
        Failure::new(message).hint(hint)
    };
    let newest = newest(folders)?;
    let number = newest.number.ok_or_else(none)?;
    for (claim, grade) in &newest.changed {
        anstream::eprintln!("note: `{claim}` became {grade} after the grades that are in the bundle");
    }
    if !newest.changed.is_empty() {
        anstream::eprintln!("hint: {hint}");
    }
    Ok(json(&claims::recorded(charter, folders, number)?))
}

/// The newest `grades` entry, and the claims whose grade changed after it, with the grade they have now.
#[derive(Debug, Default)]
struct Newest {
    number: Option<u64>,
    changed: BTreeMap<String, String>,
}

fn newest(folders: &Folders) -> Result<Newest, Failure> {
    let folder = DataFolder::open_read(&folders.data)?;
    let keys = Keys::read(&folders.keys)?;
    let mut newest = Newest::default();
    for numbered in entries(&folder, trusted(&folder, &keys)?)? {
        let numbered = numbered?;
        match numbered.entry.deed {
            Deed::Grades(_) => {
                newest.number = Some(numbered.index);
                newest.changed.clear();
            }
            Deed::Grade(change) => _ = newest.changed.insert(change.claim, change.to),
            _ => {}
        }
    }
    Ok(newest)
}
