//! A run from wherever it is to its end: each step is safe to do again.
//!
//! The ledger is told before anything goes; how it ends is `ending`'s.

use averment_claims::claim_version;
use averment_duties::erase::{
    Cleaned, EraseError, Measured, Recipient, Run, Stage, Swept, Tombstones, Visible, measures,
};
use averment_ledger::{Deed, Erasure, Listed};
use averment_register::ClaimId;
use averment_store::Parcel;
use jiff::Timestamp;

use super::holds::Watch;
use super::{Bench, again, ending, vendors};
use crate::outcome::{Failure, Outcome};
use crate::{clock, recording};

/// How a run ended.
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    /// Whoever was erased at any time and was visible at its end, in all stores that are open; none where nobody looked.
    pub(super) visible: Option<Visible>,
}

pub(super) fn finish(bench: &mut Bench<'_>, id: &str) -> Result<Ended, Failure> {
    let (began, run) = (clock::now(), read(bench, id)?);
    let numbers = bench.eraser(&mut |_| {}).numbers(&run)?;
    let whom = bench.eraser(&mut |_| {}).concerned(&run)?;
    let mut watch = Watch::of(bench, whom)?;
    watch.must_be_free()?;
    if run.stage == Stage::Ending {
        let outcome = ending::conclude(bench, &run, &numbers)?;
        return Ok(Ended { outcome, visible: None });
    }
    announce(bench, id)?;
    let run = read(bench, id)?;
    let mut tombstones = bench.tombstones()?;
    bench.eraser(&mut |_| {}).list(&run, &mut tombstones, clock::now())?;
    let agreed = match bench.accept_others {
        true => u64::MAX,
        false => run.plan.rows_of_others(),
    };
    let erased = bench
        .eraser(&mut |_| {})
        .erase(&run, &mut |asking| watch.answer(asking, agreed));
    erased.map_err(|error| match error {
        EraseError::RowsOfOthers(_) => {
            Failure::from(error).hint("`averment erase run REGISTER --resume --accept-others` lets them go")
        }
        error => error.into(),
    })?;
    let cleaned = bench.eraser(&mut |_| {}).clean(&run)?;
    let (swept, unseen) = sweep(bench, &run);
    let everybody = everybody(bench, &tombstones);
    let third_parties = vendors::ask(bench, &run, &mut watch)?;
    // Keys are destroyed, too: the last moment at which a hold keeps something.
    watch.must_be_free()?;
    let seen = Seen {
        began,
        swept,
        unseen,
        visible: everybody.seen,
        unlooked: everybody.unlooked,
        cleaned,
        third_parties,
        tombstones: tombstones.len(),
        listed: Listed {
            lines: tombstones.end().lines,
            head: tombstones.end().head.clone(),
        },
    };
    ending::write_down(bench, &run, &seen, &numbers)?;
    let outcome = ending::conclude(bench, &run, &numbers)?;
    let visible = everybody.visible;
    Ok(Ended { outcome, visible })
}

fn read(bench: &Bench<'_>, id: &str) -> Result<Run, Failure> {
    let run = bench.journal.run(id)?;
    run.ok_or_else(|| Failure::new(format!("no run `{id}`")))
}

/// What was seen after everything went.
pub(super) struct Seen {
    pub(super) began: Timestamp,
    pub(super) swept: Vec<Swept>,
    pub(super) unseen: Vec<String>,
    /// Whoever was erased at any time and is visible, store by store.
    pub(super) visible: Vec<Swept>,
    /// Stores in which nobody looked for them.
    pub(super) unlooked: u64,
    pub(super) cleaned: Vec<Cleaned>,
    pub(super) third_parties: Vec<Recipient>,
    pub(super) tombstones: usize,
    pub(super) listed: Listed,
}

/// Nothing is erased without its entry.
fn announce(bench: &Bench<'_>, id: &str) -> Result<(), Failure> {
    let run = read(bench, id)?;
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
        left_out: run.plan.left_out.clone(),
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

/// Whoever was erased at any time.
struct Everybody {
    /// Store by store.
    seen: Vec<Swept>,
    /// Stores of the data map in which nobody looked.
    unlooked: u64,
    visible: Option<Visible>,
}

/// Looks for whoever was erased at any time: what is seen of the people of one run says nothing of the others whom a backup may have
/// brought back.
fn everybody(bench: &mut Bench<'_>, tombstones: &Tombstones) -> Everybody {
    let data = &bench.register.charter.content().data;
    let stores = data.values().filter(|store| store.is_personal()).count() as u64;
    match again::looked(bench, tombstones) {
        Ok((seen, visible)) => Everybody {
            unlooked: stores.saturating_sub(seen.len() as u64),
            seen,
            visible: Some(visible),
        },
        Err(failure) => {
            anstream::eprintln!(
                "note: the look for everybody who was erased failed: {}",
                failure.in_one_line()
            );
            Everybody {
                seen: Vec::new(),
                unlooked: stores,
                visible: None,
            }
        }
    }
}

/// What was measured of every claim about erasure.
pub(super) fn measurements(bench: &Bench<'_>, measured: &Measured) -> Result<Vec<Deed>, Failure> {
    let mut deeds = Vec::new();
    let claims = &bench.register.charter.content().claims;
    for mut measurement in measures(&bench.register.charter, measured) {
        measurement.id = recording::new_id()?;
        let claim = measurement.claim.parse().ok().and_then(|id: ClaimId| claims.get(&id));
        measurement.claim_version = claim.map(claim_version);
        deeds.push(Deed::Measurement(measurement));
    }
    Ok(deeds)
}

/// Records what was measured of every claim about erasure. Whether anything goes against one.
pub(super) fn record_measures(bench: &Bench<'_>, measured: &Measured) -> Result<bool, Failure> {
    let deeds = measurements(bench, measured)?;
    let is_contrary = |deed: &Deed| matches!(deed, Deed::Measurement(measurement) if measurement.contrary > 0);
    let contrary = deeds.iter().any(is_contrary);
    if !deeds.is_empty() {
        let parcels: Vec<Parcel> = deeds.into_iter().map(Parcel::new).collect();
        recording::record(&bench.place.folders, &parcels, bench.register.charter.digest())?;
    }
    Ok(contrary)
}
