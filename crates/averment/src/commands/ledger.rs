//! `averment ledger`: does the record hold, and what left about one person.

use averment_ledger::Audit;
use averment_store::{DataFolder, Fate, Keys, People, PersonEntry, person_entries, trusted, verify as verify_ledger};
use serde_json::json;

use crate::cli::{Folders, Format};
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

pub(crate) fn person(id: &str, format: Format, folders: &Folders) -> Result<Outcome, Failure> {
    let folder = DataFolder::open_read(&folders.data)?;
    let keys = Keys::read(&folders.keys)?;
    let people = People::open(&folder, &keys)?;
    let entries = person_entries(&folder, &keys, &people, id)?;
    match format {
        Format::Text => print_text(&entries),
        Format::Json => print_json(&entries),
    }
    Ok(Outcome::Holds)
}

/// One message a paragraph, oldest first: when, to whom, what became of it, and which elements by which rule.
fn print_text(entries: &[PersonEntry]) {
    for entry in entries {
        let recipient = entry.recipient.as_deref().unwrap_or("nobody on the list");
        anstream::println!(
            "{}  {:<13}  {recipient} ({})",
            seconds(&entry.at),
            entry.fate.as_str(),
            entry.host
        );
        for finding in &entry.findings {
            let rule = finding.rule.as_deref().unwrap_or("no rule");
            let treated = if finding.treated == "pass" {
                String::new()
            } else {
                format!(", treated: {}", finding.treated)
            };
            let place = format!("{} {}", finding.part, finding.pointer);
            let place = place.trim_end();
            let line = format!(
                "{} ×{} in {place} ({}, {rule}{treated})",
                finding.element, finding.count, finding.reason
            );
            anstream::println!("    {}", wrap(&line, 79, "    "));
        }
    }
    let count = |fate| entries.iter().filter(|entry| entry.fate == fate).count();
    let counts: Vec<_> = [Fate::Left, Fate::MayHaveLeft, Fate::NotSent, Fate::Refused]
        .into_iter()
        .map(|fate| format!("{} {}", count(fate), fate.as_str()))
        .collect();
    anstream::println!("{} messages: {}", entries.len(), counts.join(", "));
}

/// A time without its fraction of a second.
fn seconds(at: &str) -> String {
    at.split_once('.')
        .map_or_else(|| at.to_owned(), |(seconds, _)| format!("{seconds}Z"))
}

fn print_json(entries: &[PersonEntry]) {
    let messages: Vec<_> = entries
        .iter()
        .map(|entry| {
            json!({
                "entry": entry.index, "at": entry.at, "charter": entry.charter, "request": entry.id,
                "recipient": entry.recipient, "host": entry.host, "fate": entry.fate.as_str().replace(' ', "_"),
                "findings": entry.findings,
            })
        })
        .collect();
    anstream::println!("{:#}", json!({ "schema": "averment.person/1", "messages": messages }));
}
