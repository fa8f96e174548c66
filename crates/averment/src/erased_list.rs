//! What the ledger says of the list of who was erased: how long it was and how it ended when a run was over.
//!
//! Whoever opens the list holds it against this, so that one that was cut, emptied or put in its place does not pass where the mark
//! beside the keys is missing, too.

use averment_ledger::Deed;
use averment_store::{DataFolder, Keys, ListMark, ReadError, entries, trusted};

use crate::outcome::Failure;

/// What is to be done about a list that cannot be used. `listed`: what the ledger says of it.
pub(crate) fn hint(listed: Option<&ListMark>) -> String {
    let told = listed.map(|listed| {
        format!(
            ", and the ledger, of {} lines with `{}` at the end",
            listed.lines, listed.head
        )
    });
    format!(
        "bring its newest copy back into the folder that `--tombstones DIR` names; `tombstones.mark` beside the keys tells of it{}",
        told.unwrap_or_default()
    )
}

/// What the newest entry says that tells of the list; none where none does, or where somebody says that this list is lost for good.
pub(crate) fn listed(folder: &DataFolder, keys: &Keys) -> Result<Option<ListMark>, Failure> {
    let read = match trusted(folder, keys).and_then(|trusted| entries(folder, trusted)) {
        Err(ReadError::NoLedger { .. }) => return Ok(None),
        read => read?,
    };
    let mut newest = None;
    for numbered in read {
        if let Deed::Erasure(erasure) = numbered?.entry.deed {
            newest = erasure.listed.or(newest);
        }
    }
    let newest = newest.map(|listed| ListMark {
        lines: listed.lines,
        head: listed.head,
    });
    let lost = keys.list_lost()?;
    Ok(newest.filter(|listed| lost.as_ref() != Some(listed)))
}
