//! `averment ledger verify`: does the record hold.

mod repair;

use averment_ledger::Audit;
use averment_store::{DataFolder, Keys, trusted, verify as verify_ledger};

use crate::cli::Folders;
use crate::commands::witness::verifier;
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

pub(crate) fn verify(named: Option<&str>, folders: &Folders) -> Result<Outcome, Failure> {
    let folder = DataFolder::open_read(&folders.data)?;
    Ok(say(&check(&folder, named, folders)?))
}

/// The same, and what is made from a ledger that holds is made anew where it differs.
pub(crate) fn repair(folders: &Folders) -> Result<Outcome, Failure> {
    let folder = DataFolder::open_read(&folders.data)?;
    let keys = Keys::read(&folders.keys)?;
    match say(&verify_ledger(&folder, trusted(&folder, &keys)?)?) {
        Outcome::Holds => repair::tiles(&folder, &keys, folders),
        broken => {
            anstream::println!("Its tiles are left as they are: what they should be nobody can say.");
            Ok(broken)
        }
    }
}

fn say(audit: &Audit) -> Outcome {
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
    if let Some(behind) = behind(audit) {
        anstream::println!("behind       {}", wrap(&behind, 79, "             "));
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
    if audit.holds() {
        Outcome::Holds
    } else {
        Outcome::Contrary
    }
}

/// How far the file `checkpoint` is behind a log that holds: what a crash leaves is no break, and is said.
fn behind(audit: &Audit) -> Option<String> {
    let groups = audit.sealed.as_ref().filter(|_| audit.holds())?.after_head;
    match groups {
        0 => None,
        1 => Some("the file `checkpoint`, by one: a gate is writing, or was cut off".to_owned()),
        _ => Some(format!(
            "the file `checkpoint`, by {groups} checkpoints of the last minute: power failed, or somebody put back a copy; every \
             entry is sealed in `log`, and the next start brings the file up to date"
        )),
    }
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
