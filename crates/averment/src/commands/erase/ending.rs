//! The end of a run: what is to be said of it is written down whole, then said, so that whoever is cut off says the same once more
//! and not something else.
//!
//! Start at [`write_down`] and [`conclude`]. A deed that is recorded again has the same identifier, and a certificate that is kept again
//! is the same document. People's own keys are destroyed last, and only when everything is confirmed: until then the ledger can
//! still be asked who got something of them.

use std::collections::BTreeSet;

use averment_duties::erase::{Certificate, CertificateOf, Measured, Run};
use averment_ledger::{Deed, Erasure};
use averment_store::{Parcel, People};
use serde::{Deserialize, Serialize};

use super::finish::{Seen, measurements};
use super::{Bench, beside};
use crate::commands::index::Asked;
use crate::outcome::{Failure, Outcome};
use crate::{clock, recording};

/// What is to be said.
#[derive(Serialize, Deserialize)]
struct Ending {
    /// The certificate, signed.
    note: String,
    /// How it ended; the certificate is its document.
    erasure: Erasure,
    /// What the claims about erasure earn.
    measured: Vec<Deed>,
    /// That keys were destroyed, where everything is confirmed.
    forgotten: Option<Erasure>,
    /// Number of the entry that says how it ended, once it is there.
    entry: Option<u64>,
}

/// Writes down what is to be said of the end; nothing is said yet.
pub(super) fn write_down(bench: &Bench<'_>, run: &Run, seen: &Seen, numbers: &BTreeSet<String>) -> Result<(), Failure> {
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
    let is_done = open.is_empty();
    let gone = counts.iter().map(|(store, tables)| {
        let gone = tables.values().map(|counts| counts.deleted + counts.others_deleted);
        (store.clone(), gone.sum())
    });
    let ending = Ending {
        note: certificate.signed(&bench.keys),
        erasure: Erasure {
            id: run.done_id.clone(),
            people: run.plan.people,
            state: certificate.state,
            stores: gone.collect(),
            unconfirmed: open,
            listed: Some(seen.listed.clone()),
            left_out: run.plan.left_out.clone(),
            ..Erasure::default()
        },
        measured: measurements(bench, &of_run(bench, run, seen)?)?,
        forgotten: if is_done { forgotten(bench, run, numbers)? } else { None },
        entry: None,
    };
    ending.keep(bench, run)
}

/// Claims that say what is erased earn, or lose, by what was seen: of the people of the run, and of everybody who was erased before.
fn of_run(bench: &Bench<'_>, run: &Run, seen: &Seen) -> Result<Measured, Failure> {
    let mut swept = seen.swept.clone();
    for visible in &seen.visible {
        let found = visible.found.iter().cloned();
        match swept.iter_mut().find(|one| one.store == visible.store) {
            Some(one) => one.found.extend(found),
            None => swept.push(visible.clone()),
        }
    }
    Ok(Measured {
        people: run.plan.people,
        swept,
        unseen: seen.unseen.len() as u64 + seen.unlooked,
        third_parties: seen.third_parties.clone(),
        from: seen.began,
        until: clock::now(),
        asked: bench.journal.asked(&run.id)?,
    })
}

/// That keys are destroyed of whom the directory has one; nothing where it has none.
fn forgotten(bench: &Bench<'_>, run: &Run, numbers: &BTreeSet<String>) -> Result<Option<Erasure>, Failure> {
    let (directory, mut people) = (People::open(&bench.folder, &bench.keys)?, 0);
    for number in to_forget(bench, run, numbers)? {
        let known = directory.know(&number, clock::now())?;
        people += u64::from(known.is_some_and(|known| !known.is_forgotten));
    }
    let erasure = Erasure {
        id: recording::new_id()?,
        people,
        state: "forgotten".to_owned(),
        ..Erasure::default()
    };
    Ok((people > 0).then_some(erasure))
}

/// People of whom no other run is open.
fn to_forget(bench: &Bench<'_>, run: &Run, numbers: &BTreeSet<String>) -> Result<Vec<String>, Failure> {
    let elsewhere = beside::open_elsewhere(bench, run)?;
    let is_over = |number: &&String| !elsewhere.contains(&bench.keys.person_digest(number)[..]);
    Ok(numbers.iter().filter(is_over).cloned().collect())
}

/// Says what was written down, and ends the run.
pub(super) fn conclude(bench: &mut Bench<'_>, run: &Run, numbers: &BTreeSet<String>) -> Result<Outcome, Failure> {
    let mut ending = Ending::read(bench, run)?;
    let entry = match ending.entry {
        Some(entry) => entry,
        None => ending.record(bench, run)?,
    };
    let is_done = ending.erasure.unconfirmed.is_empty();
    if is_done {
        forget(bench, run, numbers)?;
        ending.record_forgotten(bench, run)?;
    }
    bench.journal.ended(&run.id, entry, &ending.note)?;
    match is_done {
        true => bench.journal.wipe(&run.id)?,
        false => bench.journal.incomplete(&run.id)?,
    }
    tell(bench, &ending.note, entry)?;
    Ok(if is_done { Outcome::Holds } else { Outcome::Contrary })
}

impl Ending {
    fn keep(&self, bench: &Bench<'_>, run: &Run) -> Result<(), Failure> {
        Ok(bench.journal.set_ending(&run.id, &serde_json::to_string(self)?)?)
    }

    fn read(bench: &Bench<'_>, run: &Run) -> Result<Self, Failure> {
        let text = bench.journal.ending(&run.id)?.unwrap_or_default();
        let damaged = |_| Failure::new("the journal of erasures is damaged: how a run ends");
        serde_json::from_str(&text).map_err(damaged)
    }

    /// Records how it ended and what that earns; the number of the entry.
    fn record(&mut self, bench: &Bench<'_>, run: &Run) -> Result<u64, Failure> {
        let document = recording::keep_bytes(&bench.folder, self.note.as_bytes(), "certificate-of-deletion.txt")?;
        let ended = Erasure {
            document: Some(document),
            ..self.erasure.clone()
        };
        let deeds = std::iter::once(Deed::Erasure(ended)).chain(self.measured.iter().cloned());
        let parcels: Vec<Parcel> = deeds.map(Parcel::new).collect();
        let numbers = recording::record(&bench.place.folders, &parcels, bench.register.charter.digest())?;
        let entry = numbers.first().copied();
        let entry = entry.ok_or_else(|| Failure::new("nothing was recorded"))?;
        self.entry = Some(entry);
        self.keep(bench, run)?;
        Ok(entry)
    }

    fn record_forgotten(&mut self, bench: &Bench<'_>, run: &Run) -> Result<(), Failure> {
        if let Some(erasure) = self.forgotten.take() {
            let parcel = Parcel::new(Deed::Erasure(erasure));
            recording::record(&bench.place.folders, &[parcel], None)?;
            self.keep(bench, run)?;
        }
        Ok(())
    }
}

/// With the keys go the links from the ledger to the people.
fn forget(bench: &Bench<'_>, run: &Run, numbers: &BTreeSet<String>) -> Result<(), Failure> {
    let mut people = People::open(&bench.folder, &bench.keys)?;
    people.forget(&to_forget(bench, run, numbers)?, clock::now())?;
    Asked::forget(&bench.folder, &people)
}

fn tell(bench: &Bench<'_>, note: &str, entry: u64) -> Result<(), Failure> {
    let certificate = bench.keys.open_document(note).and_then(Certificate::read);
    let damaged = || Failure::new("the journal of erasures is damaged: a certificate");
    let certificate = certificate.ok_or_else(damaged)?;
    anstream::println!("{}      entry {entry}", certificate.state);
    anstream::println!("Not confirmed:");
    for what in &certificate.not_confirmed {
        anstream::println!("{}", crate::text::wrap(&format!("  {what}"), 80, "    "));
    }
    anstream::println!("`averment erase certificate` prints the certificate.");
    Ok(())
}
