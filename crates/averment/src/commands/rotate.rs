//! `averment ledger rotate`: the ledger goes on in a new log, with a new key if asked for.

use averment_ledger::Trusted;
use averment_store::{Chain, DataFolder, Journal, Keys, entries, trusted};
use clap::Args;

use crate::cli::Folders;
use crate::clock;
use crate::outcome::{Failure, Outcome};
use crate::program::open_journal;

#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    /// Sign the new log with a new key; the old one is kept beside it
    #[arg(long)]
    new_key: bool,
    #[command(flatten)]
    folders: Folders,
}

pub(crate) fn run(arguments: &RotateArgs) -> Result<Outcome, Failure> {
    let folders = &arguments.folders;
    // Nothing is made where there is no ledger.
    let folder = DataFolder::open_read(&folders.data)?;
    let keys = Keys::read(&folders.keys)?;
    let mut last = None;
    for numbered in entries(&folder, trusted(&folder, &keys)?)? {
        last = Some(numbered?.entry);
    }
    let last = last.ok_or_else(|| Failure::new("the ledger holds no entry yet, so there is no log to end"))?;
    let charter = last.charter.parse();
    let charter = charter.map_err(|_| Failure::new("the newest entry of the ledger names no charter"))?;
    let (folder, mut keys) = DataFolder::open(&folders.data, &folders.keys)?;
    if arguments.new_key {
        keys.make_next_ledger_key()?;
        keys = Keys::read(&folders.keys)?;
    }
    let (journal, _) = open_journal(&folder, &keys, charter)?;
    tokio::runtime::Builder::new_current_thread()
        .build()?
        .block_on(journal.begin_log())?;
    journal.close()?;
    drop(journal);
    // Once more, so that the new key takes the place of the old one. Nothing is recorded.
    Journal::open(&folder, &keys, clock::now, charter)?.0.close()?;
    let chain = Chain::read(&folder, Trusted::default())?;
    let newest = chain.newest();
    anstream::println!("log       {:04}, from entry {} on", newest.number, newest.first);
    anstream::println!("verifier  {}", newest.key);
    Ok(Outcome::Holds)
}
