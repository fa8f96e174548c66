//! A run from wherever it is to its end: each step is safe to do again.
//!
//! The ledger is told before anything goes and after everything was looked at. People's own keys are destroyed last, and only
//! when everything is confirmed: until then the ledger can still be asked who got something of them.

use std::collections::BTreeSet;

use averment_duties::erase::{Certificate, CertificateOf, Cleaned, Measured, Recipient, Run, Stage, Swept, measures};
use averment_ledger::{Deed, Erasure, Listed};
use averment_store::{Parcel, People};
use jiff::Timestamp;

use super::{Bench, beside, people, vendors};
use crate::commands::index::Asked;
use crate::outcome::{Failure, Outcome};
use crate::{clock, recording};

pub(super) fn finish(bench: &mut Bench<'_>, id: &str) -> Result<Outcome, Failure> {
    let began = clock::now();
    announce(bench, id)?;
    let run = again(bench, id)?;
    let numbers = bench.eraser(&mut |_| {}).numbers(&run)?;
    people::must_not_be_held(&numbers, &bench.folder, &bench.keys)?;
    let mut tombstones = bench.tombstones()?;
    bench.eraser(&mut |_| {}).list(&run, &mut tombstones, clock::now())?;
    bench.eraser(&mut |_| {}).erase(&run)?;
    let cleaned = bench.eraser(&mut |_| {}).clean(&run)?;
    let (swept, unseen) = sweep(bench, &run);
    let third_parties = vendors::ask(bench, &run)?;
    let seen = Seen {
        began,
        swept,
        unseen,
        cleaned,
        third_parties,
        tombstones: tombstones.len(),
        listed: Listed {
            lines: tombstones.end().lines,
            head: tombstones.end().head.clone(),
        },
    };
    end(bench, &run, &seen, &numbers)
}

fn again(bench: &Bench<'_>, id: &str) -> Result<Run, Failure> {
    let run = bench.journal.run(id)?;
    run.ok_or_else(|| Failure::new(format!("no run `{id}`")))
}

/// What was seen after everything went.
struct Seen {
    began: Timestamp,
    swept: Vec<Swept>,
    unseen: Vec<String>,
    cleaned: Vec<Cleaned>,
    third_parties: Vec<Recipient>,
    tombstones: usize,
    listed: Listed,
}

/// Nothing is erased without its entry.
fn announce(bench: &Bench<'_>, id: &str) -> Result<(), Failure> {
    let run = again(bench, id)?;
    if run.stage != Stage::Begun {
        return Ok(());
    }
    let stores = run.plan.stores.iter().map(|store| {
        let rows = store.tables.iter().map(|table| table.rows).sum();
        (store.store.clone(), rows)
    });
    let erasure = Erasure {
        id: run.id.clone(),
        people: run.plan.people,
        state: "planned".to_owned(),
        stores: stores.collect(),
        ..Erasure::default()
    };
    let entry = record(bench, erasure)?;
    anstream::println!("run       {id}");
    anstream::println!("planned   entry {entry}");
    Ok(bench.journal.announced(id, entry)?)
}

fn record(bench: &Bench<'_>, erasure: Erasure) -> Result<u64, Failure> {
    let charter = bench.register.charter.digest();
    let parcel = Parcel::new(Deed::Erasure(erasure));
    let numbers = recording::record(&bench.place.folders, &[parcel], charter)?;
    numbers
        .first()
        .copied()
        .ok_or_else(|| Failure::new("nothing was recorded"))
}

/// A store that cannot be looked at is not confirmed; the others are looked at nevertheless.
fn sweep(bench: &mut Bench<'_>, run: &Run) -> (Vec<Swept>, Vec<String>) {
    match bench.eraser(&mut |_| {}).sweep(run) {
        Ok(swept) => (swept, Vec::new()),
        Err(error) => {
            anstream::eprintln!("note: the look afterwards failed: {error}");
            let stores = bench.stores.iter().map(|opened| opened.store.id.to_string());
            (Vec::new(), stores.collect())
        }
    }
}

fn end(bench: &mut Bench<'_>, run: &Run, seen: &Seen, numbers: &BTreeSet<String>) -> Result<Outcome, Failure> {
    let counts = bench.journal.counts(&run.id)?;
    let of = CertificateOf {
        run,
        plan: &run.plan,
        organisation: &bench.register.charter.content().organisation,
        counts: &counts,
        cleaned: &seen.cleaned,
        swept: &seen.swept,
        unseen: &seen.unseen,
        third_parties: &seen.third_parties,
        asked_at: run.asked_at.clone(),
        ended_at: format!("{:.0}", clock::now()),
        tombstones: seen.tombstones,
    };
    let (certificate, open) = (of.certificate(), of.open());
    let note = certificate.signed(&bench.keys);
    let document = recording::keep_bytes(&bench.folder, note.as_bytes(), "certificate-of-deletion.txt")?;
    let is_done = open.is_empty();
    let gone = counts.iter().map(|(store, tables)| {
        let gone = tables.values().map(|counts| counts.deleted + counts.others_deleted);
        (store.clone(), gone.sum())
    });
    let erasure = Erasure {
        id: run.done_id.clone(),
        people: run.plan.people,
        state: certificate.state.clone(),
        stores: gone.collect(),
        unconfirmed: open,
        document: Some(document),
        listed: Some(seen.listed.clone()),
        ..Erasure::default()
    };
    let entry = record(bench, erasure)?;
    measured(bench, run, seen)?;
    bench.journal.ended(&run.id, entry, &note)?;
    if is_done {
        forget(bench, run, numbers)?;
        bench.journal.wipe(&run.id)?;
    } else {
        bench.journal.incomplete(&run.id)?;
    }
    tell(&certificate, entry);
    Ok(if is_done { Outcome::Holds } else { Outcome::Contrary })
}

fn tell(certificate: &Certificate, entry: u64) {
    anstream::println!("{}      entry {entry}", certificate.state);
    anstream::println!("Not confirmed:");
    for what in &certificate.not_confirmed {
        anstream::println!("{}", crate::text::wrap(&format!("  {what}"), 80, "    "));
    }
    anstream::println!("`averment erase certificate` prints the certificate.");
}

/// Claims that say what is erased earn, or lose, by what was seen.
fn measured(bench: &Bench<'_>, run: &Run, seen: &Seen) -> Result<(), Failure> {
    let measured = Measured {
        people: run.plan.people,
        swept: seen.swept.clone(),
        unseen: seen.unseen.len() as u64,
        third_parties: seen.third_parties.clone(),
        from: seen.began,
        until: clock::now(),
        asked: bench.journal.asked(&run.id)?,
    };
    record_measures(bench, &measured).map(|_| ())
}

/// Records what was measured of every claim about erasure. Whether anything goes against one.
pub(super) fn record_measures(bench: &Bench<'_>, measured: &Measured) -> Result<bool, Failure> {
    let (mut parcels, mut is_contrary) = (Vec::new(), false);
    for mut measurement in measures(&bench.register.charter, measured) {
        is_contrary |= measurement.contrary > 0;
        measurement.id = recording::new_id()?;
        parcels.push(Parcel::new(Deed::Measurement(measurement)));
    }
    if !parcels.is_empty() {
        recording::record(&bench.place.folders, &parcels, bench.register.charter.digest())?;
    }
    Ok(is_contrary)
}

/// Last of all: with the keys go the links from the ledger to the people.
fn forget(bench: &Bench<'_>, run: &Run, numbers: &BTreeSet<String>) -> Result<(), Failure> {
    let mut people = People::open(&bench.folder, &bench.keys)?;
    let elsewhere = beside::open_elsewhere(bench, run)?;
    let is_over = |number: &&String| !elsewhere.contains(&bench.keys.person_digest(number)[..]);
    let ids: Vec<String> = numbers.iter().filter(is_over).cloned().collect();
    let done = people.forget(&ids, clock::now())?;
    if done.people > 0 {
        let erasure = Erasure {
            id: recording::new_id()?,
            people: done.people,
            state: "forgotten".to_owned(),
            ..Erasure::default()
        };
        let parcel = Parcel::new(Deed::Erasure(erasure));
        recording::record(&bench.place.folders, &[parcel], None)?;
    }
    Asked::forget(&bench.folder, &people)
}
