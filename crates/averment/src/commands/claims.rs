//! `averment claims`: every claim with the grade that it earned, and an exit code for CI.

use std::sync::Arc;

use averment_claims::{Evidence, Fold, Grade, Graded, Watched, grade};
use averment_register::Charter;
use averment_store::{DataFolder, Keys, ReadError, entries, trusted};
use jiff::Timestamp;
use serde_json::json;

use crate::cli::{ClaimsArgs, Folders, Format};
use crate::clock;
use crate::outcome::{Failure, Outcome};
use crate::register;
use crate::text::wrap;

pub(crate) fn run(arguments: &ClaimsArgs) -> Result<Outcome, Failure> {
    let register = register::open(arguments.register.as_deref())?;
    let mut graded = grades(&register.charter, &arguments.folders)?.claims;
    if let Some(wanted) = &arguments.recipient {
        graded.retain(|graded| graded.claim.recipient.as_ref().is_some_and(|id| id.as_str() == wanted));
        if graded.is_empty() {
            return Err(Failure::new(format!("no claim about `{wanted}` in {}", register.name)));
        }
    }
    match arguments.format {
        Format::Text => print_text(&register.charter, &graded),
        Format::Json => print_json(&register.charter, &graded),
    }
    Ok(outcome(&graded))
}

/// Every claim with its grade, as of one moment.
pub(crate) struct Grades {
    pub(crate) claims: Vec<Graded>,
    pub(crate) watched: Watched,
    pub(crate) at: Timestamp,
}

/// Grades every claim of `charter` by the ledger in the data folder; without one, nothing is measured.
pub(crate) fn grades(charter: &Arc<Charter>, folders: &Folders) -> Result<Grades, Failure> {
    let now = clock::now();
    let mut fold = Fold::new(Arc::clone(charter));
    if !read_ledger(folders, &mut fold)? {
        anstream::eprintln!(
            "note: no ledger in `{}` yet, so nothing is measured",
            folders.data.display()
        );
    }
    warn_of_another_register(charter, &fold);
    Ok(Grades {
        claims: grade(charter, &fold.evidence(now), now),
        watched: fold.watched(now),
        at: now,
    })
}

/// A ledger that was written under another register can still be graded by this one; whoever asks must know.
fn warn_of_another_register(charter: &Charter, fold: &Fold) {
    let digest = charter.digest().to_string();
    if let Some(last) = fold.last_charter().filter(|last| *last != digest) {
        let note = format!("the gate last ran with another register ({last}) than the one graded here ({digest})");
        anstream::eprintln!("warning: {}", wrap(&note, 80, "         "));
    }
}

/// Pushes every entry; whether there was a ledger at all.
fn read_ledger(folders: &Folders, fold: &mut Fold) -> Result<bool, Failure> {
    if !folders.data.exists() {
        return Ok(false);
    }
    let folder = DataFolder::open_read(&folders.data)?;
    let keys = Keys::read(&folders.keys)?;
    let entries = match trusted(&folder, &keys).and_then(|trusted| entries(&folder, trusted)) {
        Err(ReadError::NoLedger { .. }) => return Ok(false),
        opened => opened?,
    };
    for numbered in entries {
        let numbered = numbered?;
        fold.push(&numbered.entry, numbered.index);
    }
    Ok(true)
}

/// A broken claim is found contrary; one that nothing measured is no pass either.
fn outcome(graded: &[Graded]) -> Outcome {
    match graded.iter().map(|graded| graded.overall).max() {
        Some(Grade::Broken) => Outcome::Contrary,
        Some(Grade::Unverified) | None => Outcome::CouldNotMeasure,
        Some(_) => Outcome::Holds,
    }
}

fn print_text(charter: &Charter, graded: &[Graded]) {
    let mut sorted: Vec<&Graded> = graded.iter().collect();
    sorted.sort_by_key(|graded| std::cmp::Reverse(graded.overall));
    for graded in sorted {
        anstream::println!("{:<11} {}", graded.overall.as_str(), graded.claim.id);
        anstream::println!("            {}", wrap(&graded.reason, 79, "            "));
    }
    let count = |grade| graded.iter().filter(|graded| graded.overall == grade).count();
    let counts: Vec<_> = Grade::ALL
        .iter()
        .map(|grade| format!("{} {}", count(*grade), grade.as_str()))
        .collect();
    anstream::println!("\n{} claims: {}", graded.len(), counts.join(", "));
    anstream::println!("charter {}", charter.digest());
}

fn print_json(charter: &Charter, graded: &[Graded]) {
    anstream::print!("{}", document(charter, graded));
}

/// The document `averment.claims/1`, with the newline at its end.
pub(crate) fn document(charter: &Charter, graded: &[Graded]) -> String {
    let claims: Vec<_> = graded.iter().map(claim_json).collect();
    let document = json!({ "schema": "averment.claims/1", "charter": charter.digest(), "claims": claims });
    format!("{document:#}\n")
}

/// What a grade rests on: numbers of requests, and when the first and the last were seen.
fn evidence_json(evidence: &Evidence) -> serde_json::Value {
    json!({
        "observed": evidence.observed,
        "contrary": evidence.contrary,
        "prevented": evidence.prevented,
        "unreadable": evidence.unreadable,
        "unattributed": evidence.unattributed,
        "first_at": evidence.first_at,
        "last_at": evidence.last_at,
    })
}

fn claim_json(graded: &Graded) -> serde_json::Value {
    let planes: Vec<_> = graded
        .planes
        .iter()
        .map(|plane| {
            let evidence = plane.evidence.as_ref().map(evidence_json);
            json!({ "plane": plane.plane, "grade": plane.grade, "reason": plane.reason, "evidence": evidence })
        })
        .collect();
    json!({
        "id": graded.claim.id,
        "kind": graded.claim.kind.as_str(),
        "recipient": graded.claim.recipient,
        "sentence": graded.claim.sentence,
        "grade": graded.overall,
        "reason": graded.reason,
        "planes": planes,
    })
}
