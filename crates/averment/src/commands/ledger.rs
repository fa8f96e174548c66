//! `averment ledger verify`: does the record hold.

use averment_ledger::Audit;
use averment_store::{DataFolder, Keys, trusted, verify as verify_ledger};

use crate::cli::Folders;
use crate::commands::witness::verifier;
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

pub(crate) fn verify(named: Option<&str>, folders: &Folders) -> Result<Outcome, Failure> {
    let folder = DataFolder::open_read(&folders.data)?;
    let audit = check(&folder, named, folders)?;
    if audit.logs.len() > 1 {
        anstream::println!("logs         {}", audit.logs.len());
    }
    if let Some(sealed) = &audit.sealed {
        let checkpoints: u64 = audit.logs.iter().map(|log| log.sealed.checkpoints).sum();
        anstream::println!("entries      {}", audit.entries());
        anstream::println!("checkpoints  {checkpoints}");
        anstream::println!("root         {}", sealed.root);
    }
    if let Some(tail) = audit.tail.filter(|tail| tail.entries > 0 || tail.bytes > 0) {
        anstream::println!(
            "not sealed   {} entries, {} bytes: a gate is writing, or was cut off",
            tail.entries,
            tail.bytes
        );
    }
    if audit.holds() && audit.sealed.as_ref().is_some_and(|sealed| sealed.after_head > 0) {
        anstream::println!("behind       the file `checkpoint`, by one: a gate is writing, or was cut off");
    }
    for found in &audit.breaks {
        anstream::println!("broken       {}", wrap(&found.to_string(), 79, "             "));
    }
    anstream::println!(
        "{}",
        if audit.holds() {
            "The ledger holds."
        } else {
            "The ledger does not hold."
        }
    );
    Ok(if audit.holds() {
        Outcome::Holds
    } else {
        Outcome::Contrary
    })
}

/// Checks against the key as named, or against the key folder and the mark in it. An auditor has neither the folder nor,
/// perhaps, the key: then the files can only be held against each other.
fn check(folder: &DataFolder, named: Option<&str>, folders: &Folders) -> Result<Audit, Failure> {
    if let Some(named) = named {
        return Ok(verify_ledger(folder, Some(&verifier(named)?))?);
    }
    if folders.keys.exists() {
        let keys = Keys::read(&folders.keys)?;
        return Ok(verify_ledger(folder, trusted(folder, &keys)?)?);
    }
    anstream::println!("no key named   {}", wrap(OWN_KEY, 79, "               "));
    Ok(verify_ledger(folder, None)?)
}

/// What a check without a key of one's own shows.
const OWN_KEY: &str = "the key is taken from the ledger itself, so this shows that its files agree with each other, not \
                       whose they are; name it with `--verifier KEY`";
