//! `averment ledger show`: one entry as it stands, in words, and what was said of it since.

use averment_ledger::{Correction, Deed};
use averment_store::{DataFolder, Keys, Numbered, entries, trusted};
use clap::Args;
use serde_json::{Value, json};

use crate::cli::{Folders, Format, entry_number};
use crate::commands::correct::no_entry;
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Number of the entry
    #[arg(value_parser = entry_number)]
    entry: u64,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    folders: Folders,
}

pub(crate) fn run(arguments: &ShowArgs) -> Result<Outcome, Failure> {
    let folder = DataFolder::open_read(&arguments.folders.data)?;
    let keys = Keys::read(&arguments.folders.keys)?;
    let (mut shown, mut corrections, mut last): (Option<Numbered>, Vec<(u64, Correction)>, _) = Default::default();
    for numbered in entries(&folder, trusted(&folder, &keys)?)? {
        let numbered = numbered?;
        last = Some(numbered.index);
        match &numbered.entry.deed {
            Deed::Correction(correction) if correction.entry == arguments.entry => {
                corrections.push((numbered.index, correction.clone()));
            }
            _ => {}
        }
        if numbered.index == arguments.entry {
            shown = Some(numbered);
        }
    }
    let shown = shown.ok_or_else(|| no_entry(arguments.entry, last))?;
    // One about another entry that took its place would be seen by its hash.
    corrections.retain(|(_, correction)| correction.leaf == shown.leaf);
    match arguments.format {
        Format::Text => print_text(&shown, &corrections),
        Format::Json => anstream::println!("{:#}", document(&shown, &corrections)),
    }
    Ok(Outcome::Holds)
}

fn document(shown: &Numbered, corrections: &[(u64, Correction)]) -> Value {
    let corrections: Vec<Value> = corrections
        .iter()
        .map(|(number, one)| json!({ "entry": number, "because": one.because, "void": one.void }))
        .collect();
    json!({
        "schema": "averment.entry/1", "entry": shown.index, "leaf": shown.leaf, "words": in_words(&shown.entry.deed),
        "recorded": shown.entry, "corrections": corrections,
    })
}

fn print_text(shown: &Numbered, corrections: &[(u64, Correction)]) {
    anstream::println!("entry      {}", shown.index);
    anstream::println!("at         {}", shown.entry.at);
    anstream::println!("leaf       {}", shown.leaf);
    anstream::println!("charter    {}", shown.entry.charter);
    anstream::println!("in words   {}", wrap(&in_words(&shown.entry.deed), 80, "           "));
    for (number, one) in corrections {
        let said = if one.void { "voided" } else { "corrected" };
        let text = format!("{said} by entry {number}: {}", one.because);
        anstream::println!("           {}", wrap(&text, 80, "           "));
    }
    anstream::println!("\n{:#}", json!(shown.entry));
}

/// What was done, in a sentence.
fn in_words(deed: &Deed) -> String {
    match deed {
        Deed::Run(run) => format!(
            "a program writes from here on, version {}; references to people are counted anew",
            run.version
        ),
        Deed::Findings(_) => "findings of a message".to_owned(),
        Deed::Intent(message) => format!(
            "a message to {} was about to go out ({}), with {} kinds of findings",
            message.recipient.as_deref().unwrap_or(&message.host),
            message.action,
            message.findings.len()
        ),
        Deed::Refusal(message) => {
            let whom = message.recipient.as_deref().unwrap_or(&message.host);
            format!("a message to {whom} was not let out")
        }
        Deed::Outcome(outcome) => format!("a message {}", outcome.result.replace('_', " ")),
        Deed::Fault(fault) => format!("the gate could not do its work: {}", fault.fault),
        Deed::Charter(charter) => format!("a charter with {} claims came into force", charter.claims),
        Deed::Directory(loaded) => format!("a directory of {} people was loaded", loaded.people),
        Deed::Consent(change) => format!("{} {}, version {}", change.consent, change.state, change.version),
        Deed::RequestChange(change) => request_in_words(change),
        Deed::Watch(watch) => format!("a gate's watch has {}", watch.watch),
        Deed::CutOff(set) if set.all => "nobody gets anything from here on".to_owned(),
        Deed::CutOff(set) => format!("cut off from here on: {}", or_nobody(&set.recipients)),
        Deed::ClockAccepted(one) => format!(
            "the {} says that times up to {} are wrong and the clock is right: {}",
            one.by, one.latest, one.because
        ),
        Deed::Heartbeat(beat) => format!("a gate has been watching for {} seconds", beat.up_s),
        Deed::Manual(manual) => manual_in_words(manual),
        Deed::Correction(one) => format!("entry {} is wrong: {}", one.entry, one.because),
        Deed::Erasure(erasure) => erasure_in_words(erasure),
        Deed::Retention(run) => retention_in_words(run),
        Deed::Repair(one) => format!(
            "{} files of the {} of log {:04} were not what the log says, and are made anew",
            one.files, one.what, one.log
        ),
        Deed::Export(export) => format!("what is held of a {} was given to: {}", export.what, export.to),
        Deed::Attestation(one) => format!(
            "the {} says that {} {}{}: {}",
            one.by,
            one.claim,
            one.finds.replace('_', " "),
            one.scope
                .as_ref()
                .map_or_else(String::new, |scope| format!(", for {scope}")),
            one.says
        ),
        Deed::Measurement(one) => format!(
            "{} looked at {} for {}: {} contrary, {} unreadable, {} not seen",
            one.by, one.observed, one.claim, one.contrary, one.unreadable, one.unseen
        ),
        Deed::Grade(change) => format!("{} is {} from here on: {}", change.claim, change.to, change.reason),
        Deed::Grades(grades) => format!("all grades as of {} were published", grades.as_of),
        Deed::Begun(begun) => format!("log {} begins, where {} ended", begun.log, begun.previous.origin),
        Deed::Ended(ended) => format!("the log ends; log {} of {} follows", ended.next, ended.origin),
        Deed::Unknown => "of a kind that a newer version writes".to_owned(),
    }
}

fn erasure_in_words(erasure: &averment_ledger::Erasure) -> String {
    match &erasure.confirmed {
        Some(one) => format!(
            "the {} says that {} has erased {} people, too: {}",
            one.by, one.recipient, erasure.people, one.says
        ),
        None => match &erasure.released {
            Some(one) => format!(
                "the {} says that somebody who was erased has come back: {}",
                one.by, one.because
            ),
            None => erased_in_words(erasure),
        },
    }
}

/// How many people, and who of those whom a backup brought back was not among them.
fn erased_in_words(erasure: &averment_ledger::Erasure) -> String {
    let kept = erasure
        .left_out
        .iter()
        .map(|left| left.in_words())
        .collect::<Vec<_>>()
        .join("; ");
    let people = format!("{} people {}", erasure.people, erasure.state);
    match (erasure.state.as_str(), erasure.left_out.is_empty()) {
        (_, true) => people,
        ("left_out", false) => format!("brought back by a backup and kept by holds: {kept}"),
        (_, false) => format!("{people}; kept by holds: {kept}"),
    }
}

fn request_in_words(change: &averment_ledger::RequestChange) -> String {
    let due = change
        .due
        .as_ref()
        .map_or_else(String::new, |day| format!("; due by {day}"));
    let because = change
        .because
        .as_ref()
        .map_or_else(String::new, |why| format!(": {why}"));
    format!(
        "the request {} for {} is {}{because}{due}",
        change.request,
        change.asks.replace('_', " "),
        change.state.replace('_', " ")
    )
}

fn retention_in_words(run: &averment_ledger::Retention) -> String {
    let went: u64 = run.tables.iter().map(|(_, rows)| rows).sum();
    let (before, after) = (run.overdue_before, run.overdue_after);
    format!(
        "a run that ends what is due: {}; {went} rows went, {before} were overdue before and {after} after",
        run.state
    )
}

fn manual_in_words(manual: &averment_ledger::ManualDisclosure) -> String {
    let whom = manual
        .recipient
        .as_deref()
        .or(manual.party.as_deref())
        .unwrap_or("nobody named");
    let did = if manual.result == "denied" {
        "was asked for and denied"
    } else {
        "was disclosed"
    };
    let record = if manual.authority.record_required {
        "belongs"
    } else {
        "need not stand"
    };
    format!(
        "{} of {} people {did} ({}), {whom}, on {}; {record} in the school's record of disclosures",
        manual.elements.join(", "),
        manual.people.len() as u64 + manual.forgotten,
        manual.means,
        manual.authority.basis
    )
}

fn or_nobody(list: &[String]) -> String {
    if list.is_empty() {
        "nobody".to_owned()
    } else {
        list.join(", ")
    }
}
