//! What witnesses signed below a log's checkpoint: a running gate keeps it with the tiles that it publishes, not in the log.

use averment_ledger::{Checkpoint, VerifierKey};
use averment_store::{Chain, DataFolder, Keys, LogEnd, tiles_of, trusted};

use crate::outcome::Failure;

/// The checkpoint of the newest log that witnesses signed last.
#[derive(Debug)]
pub(crate) struct Cosigned {
    pub(crate) log: u32,
    /// Leaves up to it.
    pub(crate) size: u64,
    /// With every signature.
    pub(crate) note: String,
}

/// The newest cosigned checkpoint of the log that is written to.
pub(crate) fn newest(folder: &DataFolder, keys: &Keys) -> Result<Cosigned, Failure> {
    let chain = Chain::read_vouched(folder, trusted(folder, keys)?)?;
    let newest = chain.newest();
    let note = published(folder, newest.number, &newest.key)?;
    let note = note
        .filter(|note| !witnesses(note, &newest.key).is_empty())
        .ok_or_else(|| {
            Failure::new("no witness has signed the checkpoint that is published").hint(
                "a running gate asks those in its settings every five seconds; its log says where one does not answer",
            )
        })?;
    let size = Checkpoint::open(&note, &newest.key)?.size;
    Ok(Cosigned {
        log: newest.number,
        size,
        note,
    })
}

/// The newest checkpoint of a log, with what witnesses signed below it where that is the published one.
pub(crate) fn note_of(folder: &DataFolder, end: &LogEnd) -> Result<String, Failure> {
    let published = published(folder, end.log, &end.key)?;
    let same = published.filter(|note| note.starts_with(&end.note));
    Ok(same.unwrap_or_else(|| end.note.clone()))
}

/// Whether witnesses signed an older checkpoint than the one in `note`.
pub(crate) fn is_behind(folder: &DataFolder, end: &LogEnd, note: &str) -> Result<bool, Failure> {
    let published = published(folder, end.log, &end.key)?;
    Ok(witnesses(note, &end.key).is_empty() && published.is_some_and(|note| !witnesses(&note, &end.key).is_empty()))
}

/// What is published of a log, where it is the log's.
fn published(folder: &DataFolder, log: u32, key: &VerifierKey) -> Result<Option<String>, Failure> {
    let published = tiles_of(&folder.log(log)).checkpoint()?;
    Ok(published.filter(|note| Checkpoint::open(note, key).is_ok()))
}

/// Names of those who signed `note` beside the log; whether the signatures fit is for whoever has their keys.
pub(crate) fn witnesses<'a>(note: &'a str, key: &VerifierKey) -> Vec<&'a str> {
    let (_, signatures) = note.split_once("\n\n").unwrap_or_default();
    let names = signatures
        .lines()
        .filter_map(|line| line.strip_prefix("— ")?.split(' ').next());
    names.filter(|name| *name != key.name()).collect()
}
