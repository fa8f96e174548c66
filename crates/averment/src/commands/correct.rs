//! `averment ledger correct`: an entry is wrong. It stays, and whoever reads it reads the correction too.

use averment_ledger::{Correction, Deed};
use averment_register::Digest;
use averment_store::{DataFolder, Keys, Numbered, Parcel, People, entries, trusted};
use clap::Args;

use crate::cli::{Folders, entry_number};
use crate::outcome::{Failure, Outcome};
use crate::{recording, texts};

#[derive(Debug, Args)]
pub(crate) struct CorrectArgs {
    /// Number of the entry
    #[arg(long, value_name = "N", value_parser = entry_number)]
    entry: u64,
    /// What is wrong with it, in one sentence without names
    #[arg(long, value_name = "TEXT")]
    because: String,
    /// It counts no more; only for disclosures and attestations that people entered
    #[arg(long)]
    void: bool,
    #[command(flatten)]
    folders: Folders,
}

pub(crate) fn run(arguments: &CorrectArgs) -> Result<Outcome, Failure> {
    let folders = &arguments.folders;
    let (folder, keys) = DataFolder::open_unlocked(&folders.data, &folders.keys)?;
    let wrong = find(&folder, &keys, arguments.entry)?;
    if arguments.void && !matches!(wrong.entry.deed, Deed::Manual(_) | Deed::Attestation(_)) {
        return Err(Failure::new(format!(
            "entry {} counts whatever is said of it: only disclosures and attestations that people entered can be voided",
            arguments.entry
        ))
        .hint("without `--void` it is corrected and goes on counting"));
    }
    let mut people = People::open(&folder, &keys)?;
    texts::check(&[("--because", Some(&arguments.because))], &mut people)?;
    let correction = Correction {
        id: recording::new_id()?,
        entry: wrong.index,
        leaf: wrong.leaf,
        because: arguments.because.clone(),
        void: arguments.void,
    };
    let parcel = Parcel::new(Deed::Correction(correction));
    let charter: Digest = wrong.entry.charter.parse().map_err(Failure::new)?;
    let numbers = recording::record(folders, &[parcel], charter)?;
    for number in numbers {
        let effect = match arguments.void {
            true => "stays, is read with it and counts no more",
            false => "stays, and is read with it",
        };
        anstream::println!("recorded as entry {number}: entry {} {effect}", wrong.index);
    }
    Ok(Outcome::Holds)
}

fn find(folder: &DataFolder, keys: &Keys, wanted: u64) -> Result<Numbered, Failure> {
    let mut found = None;
    let mut last = None;
    for numbered in entries(folder, trusted(folder, keys)?)? {
        let numbered = numbered?;
        last = Some(numbered.index);
        if numbered.index == wanted {
            found = Some(numbered);
        }
    }
    found.ok_or_else(|| no_entry(wanted, last))
}

/// Why there is no entry of that number to be spoken of.
pub(crate) fn no_entry(wanted: u64, last: Option<u64>) -> Failure {
    match last {
        Some(last) if wanted < last => Failure::new(format!(
            "entry {wanted} holds a part of a message that ends in a later entry: name that one"
        )),
        Some(last) => Failure::new(format!("the ledger has no entry {wanted}: its last is {last}")),
        None => Failure::new(format!("the ledger has no entry {wanted}: it is empty")),
    }
}
