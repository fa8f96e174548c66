//! `averment ledger person`: what left about one person, to whom, when, on what authority; with proofs when asked.

use std::collections::BTreeMap;

use averment_store::{Fate, PersonEntry, ProofError, Proofs, proofs};
use clap::Args;
use serde_json::{Value, json};

use super::index::Asked;
use crate::cli::{Folders, Format};
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

#[derive(Debug, Args)]
pub(crate) struct PersonArgs {
    /// Identifier of the person, as in the `id` column of the people file
    id: String,
    /// Add for each entry the proof that it is in the tree of the newest checkpoint
    #[arg(long)]
    proof: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    folders: Folders,
}

pub(crate) fn run(arguments: &PersonArgs) -> Result<Outcome, Failure> {
    let asked = Asked::open(&arguments.folders)?;
    let entries = asked.index.person(&asked.people, &arguments.id)?;
    let numbers = || entries.iter().map(|entry| entry.index).collect();
    let proofs: Option<Proofs> = arguments
        .proof
        .then(|| -> Result<Proofs, ProofError> { proofs(&asked.folder, &asked.keys, &numbers()) })
        .transpose()?;
    match arguments.format {
        Format::Text => print_text(&entries, proofs.as_ref()),
        Format::Json => print_json(&entries, proofs.as_ref()),
    }
    Ok(Outcome::Holds)
}

/// One message a paragraph, in the order of the ledger: when, to whom, what became of it, and which elements by which rule.
fn print_text(entries: &[PersonEntry], proofs: Option<&Proofs>) {
    for entry in entries {
        let fate = if entry.void { "void" } else { entry.fate.as_str() };
        anstream::println!("{}  {fate:<13}  {}", seconds(&entry.at), to_whom(entry));
        for finding in &entry.findings {
            print_line(&finding_line(finding));
        }
        print_line(&authority(entry));
        for corrected in &entry.corrections {
            let by = format!("corrected by entry {}: {}", corrected.by_entry, corrected.because);
            print_line(&by);
        }
        if let Some(proofs) = proofs {
            print_proof(entry, proofs);
        }
    }
    print_counts(entries);
    if let Some(proofs) = proofs {
        for checkpoint in proofs.checkpoints.values() {
            anstream::println!("\nProofs lead to this checkpoint:\n{}", checkpoint.trim_end());
        }
    }
}

fn print_line(line: &str) {
    if !line.is_empty() {
        anstream::println!("    {}", wrap(line, 79, "    "));
    }
}

fn to_whom(entry: &PersonEntry) -> String {
    let recipient = entry.recipient.as_deref();
    match (&entry.entered, &entry.host) {
        (Some(entered), _) => {
            let whom = recipient.or(entered.party.as_deref()).unwrap_or("somebody");
            format!("{whom} (by {}, entered)", entered.means)
        }
        (None, host) => {
            let host = host.as_deref().unwrap_or("*");
            format!("{} ({host})", recipient.unwrap_or("nobody on the list"))
        }
    }
}

fn finding_line(finding: &averment_ledger::FindingEntry) -> String {
    let rule = finding.rule.as_deref().unwrap_or("no rule");
    let treated = if finding.treated == "pass" {
        String::new()
    } else {
        format!(", treated: {}", finding.treated)
    };
    if finding.part == "entered" {
        return finding.element.clone();
    }
    let place = format!("{} {}", finding.part, finding.pointer);
    let place = place.trim_end();
    format!(
        "{} ×{} in {place} ({}, {rule}{treated})",
        finding.element, finding.count, finding.reason
    )
}

/// What it rests on, each said once.
fn authority(entry: &PersonEntry) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut say = |word: String| {
        if !said.contains(&word) {
            said.push(word);
        }
    };
    for finding in &entry.findings {
        finding.basis.iter().for_each(|basis| say(format!("rests on {basis}")));
        if let Some(version) = finding.consent_version {
            say(format!("consent version {version}"));
        }
        match finding.record_required.filter(|_| is_on_record(entry)) {
            Some(true) => say("must be in the school's record of disclosures".to_owned()),
            Some(false) => say("needs no record, 34 CFR 99.32(d)".to_owned()),
            None => {}
        }
    }
    let entered = entry.entered.as_ref();
    if let Some(instrument) = entered.and_then(|entered| entered.instrument.as_deref()) {
        say(instrument.to_owned());
    }
    if let Some(interest) = entered.and_then(|entered| entered.interest.as_deref()) {
        say(format!("for: {interest}"));
    }
    said.join("; ")
}

/// Whether a school's record of disclosures concerns it: of what a gate saw, what left or may have.
fn is_on_record(entry: &PersonEntry) -> bool {
    entry.entered.is_some() || matches!(entry.fate, Fate::Left | Fate::MayHaveLeft)
}

fn print_counts(entries: &[PersonEntry]) {
    let counted = entries.iter().filter(|entry| !entry.void);
    let count = |fate| counted.clone().filter(|entry| entry.fate == fate).count();
    let counts: Vec<_> = Fate::ALL
        .into_iter()
        .map(|fate| format!("{} {}", count(fate), fate.as_str()))
        .collect();
    let void = entries.len() - counted.clone().count();
    let void = if void > 0 {
        format!("; {void} void")
    } else {
        String::new()
    };
    anstream::println!("{} messages: {}{void}", counted.count(), counts.join(", "));
}

fn print_proof(entry: &PersonEntry, proofs: &Proofs) {
    for proven in proofs.of(entry.index) {
        anstream::println!("    entry {}, leaf {}", proven.entry, proven.leaf);
        for hash in &proven.proof {
            anstream::println!("      {hash}");
        }
    }
}

/// A time without its fraction of a second.
fn seconds(at: &str) -> String {
    at.split_once('.')
        .map_or_else(|| at.to_owned(), |(seconds, _)| format!("{seconds}Z"))
}

fn print_json(entries: &[PersonEntry], proofs: Option<&Proofs>) {
    let messages: Vec<_> = entries.iter().map(|entry| entry_json(entry, proofs)).collect();
    let mut answer = json!({ "schema": "averment.person/2", "messages": messages });
    if let Some(proofs) = proofs {
        answer["checkpoints"] = json!(proofs.checkpoints);
    }
    anstream::println!("{answer:#}");
}

fn entry_json(entry: &PersonEntry, proofs: Option<&Proofs>) -> Value {
    let mut message: BTreeMap<&str, Value> = BTreeMap::from([
        ("entry", json!(entry.index)),
        ("at", json!(entry.at)),
        ("charter", json!(entry.charter)),
        ("request", json!(entry.id)),
        ("part_of", json!(entry.part_of)),
        ("recipient", json!(entry.recipient)),
        ("host", json!(entry.host)),
        ("fate", json!(entry.fate.word())),
        ("void", json!(entry.void)),
        ("findings", json!(entry.findings)),
        ("entered", json!(entry.entered)),
        ("corrections", json!(entry.corrections)),
    ]);
    if let Some(proofs) = proofs {
        message.insert("proofs", json!(proofs.of(entry.index)));
    }
    json!(message)
}
