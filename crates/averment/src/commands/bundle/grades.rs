//! The document with the grades, and that the ledger holds its digest.
//!
//! Where no gate runs they are graded and recorded now. Beside a running gate nobody else may write, so the grades that it
//! recorded last are earned again from the same entries.

use std::sync::Arc;

use averment_ledger::Deed;
use averment_register::Charter;
use averment_store::{DataFolder, FolderError, Journal, Keys, entries, trusted};

use crate::cli::Folders;
use crate::clock;
use crate::commands::claims;
use crate::grading::{json, published};
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
    journal.note(Deed::Grades(published(&standing)))?;
    journal.close()?;
    Ok(json(&standing))
}

/// The document whose digest the newest `grades` entry holds.
fn earn_again(charter: &Arc<Charter>, folders: &Folders) -> Result<String, Failure> {
    let hint = "stop the gate for a moment: the grades are then recorded with the bundle";
    let none = || {
        let message = format!(
            "a gate runs on `{}`, and no grades are recorded yet",
            folders.data.display()
        );
        Failure::new(message).hint(hint)
    };
    let number = newest(folders)?.ok_or_else(none)?;
    Ok(json(&claims::recorded(charter, folders, number)?))
}

fn newest(folders: &Folders) -> Result<Option<u64>, Failure> {
    let folder = DataFolder::open_read(&folders.data)?;
    let keys = Keys::read(&folders.keys)?;
    let mut newest = None;
    for numbered in entries(&folder, trusted(&folder, &keys)?)? {
        let numbered = numbered?;
        if matches!(numbered.entry.deed, Deed::Grades(_)) {
            newest = Some(numbered.index);
        }
    }
    Ok(newest)
}
