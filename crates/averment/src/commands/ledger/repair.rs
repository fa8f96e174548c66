//! `averment ledger verify --repair`: tiles that are not what the log says are put aside and made anew.
//!
//! Start at [`tiles`], which is called for a ledger that holds. What differs is recorded before anything is moved, so that
//! nobody can exchange a published file and have it mended unseen.

use std::path::Path;

use averment_ledger::{Base64, Deed, LogState, Repair};
use averment_store::{
    Chain, DataFolder, DifferingTile, Keys, Parcel, TileContents, TileWriteError, TileWriter, tiles_of, trusted,
};

use crate::cli::Folders;
use crate::outcome::{Failure, Outcome};
use crate::recording;

/// Most files that an entry names.
const NAMED_MAX: usize = 100;

pub(super) fn tiles(folder: &DataFolder, keys: &Keys, folders: &Folders) -> Result<Outcome, Failure> {
    let chain = Chain::read_vouched(folder, trusted(folder, keys)?)?;
    let mut differ = 0;
    // What nobody has published is nothing to repair: the next gate writes it.
    let published = |log: &&LogState| tiles_of(&folder.log(log.number)).path().exists();
    for log in chain.logs().iter().filter(published) {
        differ += of_log(&folder.log(log.number), log, folders)?;
    }
    if differ == 0 {
        anstream::println!("Its tiles are what it says: nothing to repair.");
    }
    Ok(Outcome::Holds)
}

/// Repairs the tiles of one log; gives how many files differed.
fn of_log(path: &Path, log: &LogState, folders: &Folders) -> Result<usize, Failure> {
    let out = tiles_of(path);
    let open = || TileWriter::open(path, &log.key, out.path(), TileContents::HashesAndEntries).map_err(held);
    let mut writer = open()?.telling();
    writer.catch_up()?;
    let told = writer.told().to_vec();
    if told.is_empty() {
        return Ok(0);
    }
    let number = record(log, &told, folders)?;
    let aside = path.join("aside");
    writer.put_aside(&aside)?;
    // Its lock goes with it.
    drop(writer);
    open()?.catch_up()?;
    for found in &told {
        anstream::println!("made anew    {}", out.path().join(&found.name).display());
    }
    anstream::println!(
        "What stood there lies in `{}`; recorded as entry {number}.",
        aside.display()
    );
    Ok(told.len())
}

fn record(log: &LogState, told: &[DifferingTile], folders: &Folders) -> Result<u64, Failure> {
    let named = told.iter().take(NAMED_MAX);
    let repair = Repair {
        id: recording::new_id()?,
        what: "tiles".to_owned(),
        log: log.number,
        files: told.len() as u64,
        put_aside: named.map(|found| (found.name.clone(), Base64(found.sha256))).collect(),
    };
    let numbers = recording::record(folders, &[Parcel::new(Deed::Repair(repair))], None)?;
    let number = numbers.first().copied();
    number.ok_or_else(|| Failure::new("the ledger has not recorded the repair, so nothing was moved"))
}

/// A running gate holds the tiles of the log that it writes to.
fn held(error: TileWriteError) -> Failure {
    let is_held = matches!(error, TileWriteError::Locked { .. });
    let failure = Failure::from(error);
    if is_held {
        failure.hint("stop the gate for a moment: nothing was changed")
    } else {
        failure
    }
}
