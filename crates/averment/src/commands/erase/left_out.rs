//! Whom a replay leaves as they are, so that everybody else goes at once.
//!
//! Holds are read from requests, from the file that is named, and from the files of runs that are not over: what one of them keeps a
//! replay does not take.

use averment_duties::erase::{Concerned, LeftOut, Replay, Visible};
use averment_ledger::{Deed, Erasure, LeftByHold};
use averment_store::Parcel;

use super::Bench;
use super::holds::Watch;
use crate::outcome::Failure;
use crate::{clock, recording};

/// How often it is asked anew of those who are left: fewer of them lead to fewer rows, never to more.
const ROUNDS: usize = 3;

/// What would be done with those whom no hold keeps; `visible` becomes them. Who stays is told, and counted in the plan.
pub(super) fn of_the_free(bench: &mut Bench<'_>, visible: &mut Visible) -> Result<Replay, Failure> {
    let mut replay = Replay::of(&mut bench.stores, visible, &bench.keys, clock::now())?;
    let mut watch = Watch::of(bench, replay.concerned())?;
    let mut all = Vec::new();
    for _ in 0..ROUNDS {
        if watch.holds()?.is_empty() {
            break;
        }
        let held = watch.held(&visible.numbers)?;
        let mut why = |whom| {
            watch.turn_to(whom);
            watch.holds()
        };
        let left_out = visible.leave_out(&mut bench.stores, &held, &bench.keys, &mut why)?;
        tell(bench, &left_out)?;
        all.extend(left_out);
        replay = Replay::of(&mut bench.stores, visible, &bench.keys, clock::now())?;
        watch.turn_to(replay.concerned());
    }
    watch.must_be_free()?;
    replay.plan.left_out = LeftOut::counted(&all);
    Ok(replay)
}

/// That a backup brought back only people whom holds keep is on record, too.
pub(super) fn record(bench: &Bench<'_>, replay: &Replay) -> Result<(), Failure> {
    if replay.plan.left_out.is_empty() {
        return Ok(());
    }
    let erasure = Erasure {
        id: recording::new_id()?,
        state: "left_out".to_owned(),
        left_out: replay.plan.left_out.clone(),
        ..Erasure::default()
    };
    let parcel = Parcel::new(Deed::Erasure(erasure));
    let charter = bench.register.charter.digest();
    let numbers = recording::record(&bench.place.folders, &[parcel], charter)?;
    numbers
        .iter()
        .for_each(|entry| anstream::println!("left out  entry {entry}"));
    Ok(())
}

/// Which of the people who are visible a hold keeps: they are there lawfully, and that they are is no less against the claims.
pub(super) fn tell_held(bench: &mut Bench<'_>, visible: &Visible) -> Result<(), Failure> {
    if visible.numbers.is_empty() {
        return Ok(());
    }
    let whom = Concerned {
        numbers: visible.numbers.clone(),
        untied: 0,
    };
    let held = Watch::of(bench, whom)?.held(&visible.numbers)?;
    for (says, people) in held.reasons(&visible.numbers) {
        line(&format!(
            "{people} of the people who are visible are kept by a hold: {says}"
        ));
    }
    Ok(())
}

/// Who stays, of all whom the backup brought back, and where that is on record.
pub(super) fn tell_kept(left_out: &[LeftByHold]) {
    for one in left_out {
        line(&format!(
            "kept by holds, which is on record, and against the claims as long as it is so: {}",
            one.in_words()
        ));
    }
}

/// Names who stays by the directory's keyed digest, and by the run that has them and is not over.
fn tell(bench: &Bench<'_>, left_out: &[LeftOut]) -> Result<(), Failure> {
    let mut runs = Vec::new();
    for run in bench.journal.unfinished()? {
        runs.push((bench.journal.people(&run.id)?, run));
    }
    for one in left_out {
        let who = one
            .reference()
            .map_or("nobody's number".to_owned(), |it| format!("person {it}"));
        let of = runs
            .iter()
            .filter(|(people, _)| one.person.is_some_and(|person| people.contains(&person[..])));
        let of: String = of
            .map(|(_, run)| format!(" of run {} ({})", run.id, run.stage.as_str()))
            .collect();
        let reasons: Vec<&str> = one.holds.iter().map(|hold| hold.says.as_str()).collect();
        let (names, reasons) = (one.names, reasons.join(", "));
        line(&format!("left out: {who}{of}, {names} names: {reasons}"));
    }
    Ok(())
}

fn line(text: &str) {
    anstream::println!("{}", crate::text::wrap(text, 80, "  "));
}
