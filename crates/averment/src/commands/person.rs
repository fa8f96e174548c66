//! `averment ledger person`: what left about one person, to whom, when, on what authority; with proofs when asked.

use std::collections::BTreeMap;

use averment_store::{Fate, PersonEntry, PersonError, ProofError, Proofs, proofs};
use clap::Args;
use serde_json::{Value, json};

use super::house::{Gate, House};
use crate::cli::{Format, HouseFolders};
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
    folders: HouseFolders,
}

/// What one ledger says.
struct Told {
    origin: String,
    entries: Vec<PersonEntry>,
    proofs: Option<Proofs>,
}

/// One entry with the ledger that it is of.
type Row<'a> = (&'a Told, &'a PersonEntry);

pub(crate) fn run(arguments: &PersonArgs) -> Result<Outcome, Failure> {
    let house = House::open(&arguments.folders)?;
    let mut told = Vec::new();
    let mut unknown = None;
    for gate in &house.gates {
        match gate.asked.index.person(&gate.asked.people, &arguments.id) {
            // Not everybody passes every gate.
            Err(error @ PersonError::Unknown) if house.is_several() => {
                anstream::eprintln!("note: the directory of `{}` does not know this person", gate.origin);
                unknown = Some(error);
            }
            entries => told.push(told_by(gate, entries?, arguments.proof)?),
        }
    }
    if let Some(unknown) = unknown.filter(|_| told.is_empty()) {
        return Err(unknown.into());
    }
    let mut rows: Vec<Row<'_>> = told
        .iter()
        .flat_map(|told| told.entries.iter().map(move |entry| (told, entry)))
        .collect();
    if house.is_several() {
        // In one ledger the order is its own.
        rows.sort_by(|(_, one), (_, other)| one.at.cmp(&other.at));
    }
    match arguments.format {
        Format::Text => print_text(&rows, &told, house.is_several()),
        Format::Json => print_json(&rows, &told),
    }
    Ok(house.outcome())
}

fn told_by(gate: &Gate, entries: Vec<PersonEntry>, with_proofs: bool) -> Result<Told, ProofError> {
    let numbers = entries.iter().map(|entry| entry.index).collect();
    let proofs = with_proofs.then(|| proofs(&gate.asked.folder, &gate.asked.keys, &numbers));
    Ok(Told {
        origin: gate.origin.clone(),
        proofs: proofs.transpose()?,
        entries,
    })
}

/// One message a paragraph, in the order of the ledger, or of time where there are several: when, to whom, what became of it, and which
/// elements by which rule.
fn print_text(rows: &[Row<'_>], told: &[Told], is_several: bool) {
    for (by, entry) in rows {
        let fate = if entry.void { "void" } else { entry.fate.as_str() };
        anstream::println!("{}  {fate:<13}  {}", seconds(&entry.at), to_whom(entry));
        for finding in &entry.findings {
            print_line(&finding_line(finding));
        }
        print_line(&authority(entry));
        if is_several {
            print_line(&format!("in the ledger {}", by.origin));
        }
        for corrected in &entry.corrections {
            let by = format!("corrected by entry {}: {}", corrected.by_entry, corrected.because);
            print_line(&by);
        }
        if let Some(proofs) = &by.proofs {
            print_proof(entry, proofs);
        }
    }
    print_counts(rows);
    for proofs in told.iter().filter_map(|told| told.proofs.as_ref()) {
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
        match finding.must_be_recorded().filter(|_| is_on_record(entry)) {
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

fn print_counts(rows: &[Row<'_>]) {
    let counted = rows.iter().map(|(_, entry)| entry).filter(|entry| !entry.void);
    let count = |fate| counted.clone().filter(|entry| entry.fate == fate).count();
    let counts: Vec<_> = Fate::ALL
        .into_iter()
        .map(|fate| format!("{} {}", count(fate), fate.as_str()))
        .collect();
    let void = rows.len() - counted.clone().count();
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

fn print_json(rows: &[Row<'_>], told: &[Told]) {
    let messages: Vec<_> = rows.iter().map(|(by, entry)| entry_json(by, entry)).collect();
    let ledgers: Vec<_> = told.iter().map(|told| &told.origin).collect();
    let mut answer = json!({ "schema": "averment.person/2", "ledgers": ledgers, "messages": messages });
    match told {
        [one] => {
            if let Some(proofs) = &one.proofs {
                answer["checkpoints"] = json!(proofs.checkpoints);
            }
        }
        several => {
            let of_each = several
                .iter()
                .filter_map(|told| Some((&told.origin, &told.proofs.as_ref()?.checkpoints)));
            let of_each: BTreeMap<_, _> = of_each.collect();
            if !of_each.is_empty() {
                answer["checkpoints_by_ledger"] = json!(of_each);
            }
        }
    }
    anstream::println!("{answer:#}");
}

fn entry_json(by: &Told, entry: &PersonEntry) -> Value {
    let mut message: BTreeMap<&str, Value> = BTreeMap::from([
        ("ledger", json!(by.origin)),
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
    if let Some(proofs) = &by.proofs {
        message.insert("proofs", json!(proofs.of(entry.index)));
    }
    json!(message)
}
