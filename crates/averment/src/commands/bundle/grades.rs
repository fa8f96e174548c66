//! The document with the grades, and that the ledger holds its digest.
//!
//! Where no gate runs they are graded and recorded now, behind the charter where that is not the one in force. Beside a running gate nobody else may write, so the grades that it
//! recorded last are earned again from the same entries.

use std::collections::BTreeMap;
use std::sync::Arc;

use averment_ledger::Deed;
use averment_register::Charter;
use averment_store::{DataFolder, FolderError, Keys, ReadError, entries, trusted};

use crate::cli::Folders;
use crate::commands::claims;
use crate::grading::{json, note_all};
use crate::live::CHANGES_SHOWN;
use crate::outcome::Failure;
use crate::program::open_journal;
use crate::reload::note_charter;

/// What helps where grades changed since the gate recorded them all.
pub(crate) const STOP: &str = "stop the gate for a moment: the grades are then recorded with the bundle";

pub(crate) fn recorded(charter: &Arc<Charter>, folders: &Folders) -> Result<String, Failure> {
    match DataFolder::open(&folders.data, &folders.keys) {
        Ok((folder, keys)) => record(charter, folders, &folder, &keys),
        Err(FolderError::Locked { .. }) => earn_again(charter, folders),
        Err(error) => Err(error.into()),
    }
}

fn record(charter: &Arc<Charter>, folders: &Folders, folder: &DataFolder, keys: &Keys) -> Result<String, Failure> {
    note_in_force(charter, folder, keys)?;
    let standing = claims::read(charter, folders, CHANGES_SHOWN)?;
    let (journal, _) = open_journal(folder, keys, charter.digest())?;
    note_all(&journal, &standing)?;
    journal.close()?;
    Ok(json(&standing))
}

/// Grades by a charter that the ledger does not have in force show nothing to anybody who reads the ledger, so it is recorded
/// first. A data folder where no gate ever ran has none.
fn note_in_force(charter: &Charter, folder: &DataFolder, keys: &Keys) -> Result<(), Failure> {
    if last_loaded(folder, keys)?.as_deref() == Some(charter.digest().to_string().as_str()) {
        return Ok(());
    }
    let (journal, _) = open_journal(folder, keys, charter.digest())?;
    note_charter(&journal, charter)?;
    journal.close()?;
    anstream::eprintln!("note: recorded that this register is in force: the ledger's last one was another, or none");
    Ok(())
}

/// Digest of the charter that came into force last.
fn last_loaded(folder: &DataFolder, keys: &Keys) -> Result<Option<String>, Failure> {
    let read = match trusted(folder, keys).and_then(|trusted| entries(folder, trusted)) {
        Err(ReadError::NoLedger { .. }) => return Ok(None),
        read => read?,
    };
    let mut last = None;
    for numbered in read {
        let entry = numbered?.entry;
        if matches!(entry.deed, Deed::Charter(_)) {
            last = Some(entry.charter);
        }
    }
    Ok(last)
}

/// The document whose digest the newest `grades` entry holds; an error where a grade changed after it.
fn earn_again(charter: &Arc<Charter>, folders: &Folders) -> Result<String, Failure> {
    let hint = STOP;
    let none = || {
        let message = format!(
            "a gate runs on `{}`, and no grades are recorded yet",
            folders.data.display()
        );
        Failure::new(message).hint(hint)
    };
    let newest = newest(folders)?;
    let number = newest.number.ok_or_else(none)?;
    if let Some((claim, grade)) = newest.changed.first_key_value() {
        let count = newest.changed.len();
        let message = format!(
            "`{claim}` became {grade} after the gate recorded the grades that would be in the bundle ({count} claims changed)"
        );
        return Err(Failure::new(message).hint(hint));
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
