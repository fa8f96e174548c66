//! Whom a replay leaves as they are, so that everybody else goes at once.
//!
//! Holds are read from requests, from the file that is named, and from the files of runs that are not over: what one of them keeps a
//! replay does not take.

use std::collections::BTreeSet;
use std::path::PathBuf;

use averment_duties::erase::{LeftOut, Replay, Run, Visible};

use super::Bench;
use super::holds::{self, Watch};
use crate::clock;
use crate::outcome::Failure;

/// How often it is asked anew of those who are left: fewer of them lead to fewer rows, never to more.
const ROUNDS: usize = 3;

/// What would be done with those whom no hold keeps; `visible` becomes them. Who stays is told.
pub(super) fn of_the_free(bench: &mut Bench<'_>, visible: &mut Visible) -> Result<Replay, Failure> {
    let files = files(bench, visible)?;
    let mut replay = Replay::of(&mut bench.stores, visible, &bench.keys, clock::now())?;
    let mut watch = Watch::open(bench, files, replay.concerned())?;
    for _ in 0..ROUNDS {
        if watch.reasons()?.is_empty() {
            break;
        }
        let held = watch.held(&visible.numbers)?;
        let mut why = |whom| {
            watch.turn_to(whom);
            watch.reasons()
        };
        let left_out = visible.leave_out(&mut bench.stores, &held, &bench.keys, &mut why)?;
        tell(bench, &left_out)?;
        replay = Replay::of(&mut bench.stores, visible, &bench.keys, clock::now())?;
        watch.turn_to(replay.concerned());
    }
    watch.must_be_free()?;
    Ok(replay)
}

/// The files in which holds stand. The people of a run of which the file cannot be read are left out.
fn files(bench: &mut Bench<'_>, visible: &mut Visible) -> Result<Vec<PathBuf>, Failure> {
    let mut files = BTreeSet::from_iter(bench.holds.clone());
    for run in bench.journal.unfinished()? {
        let Some(file) = bench.journal.holds(&run.id)?.map(PathBuf::from) else {
            continue;
        };
        match holds::read(Some(&file)) {
            Ok(_) => _ = files.insert(file),
            Err(failure) => tell_unread(bench, &run, visible, &failure)?,
        }
    }
    Ok(files.into_iter().collect())
}

fn tell_unread(bench: &mut Bench<'_>, run: &Run, visible: &mut Visible, failure: &Failure) -> Result<(), Failure> {
    let names = bench.eraser(&mut |_| {}).leave_out(run, visible)?;
    if names > 0 {
        let because = failure.in_one_line();
        line(&format!(
            "left out: everybody of run {}, {names} names: {because}",
            run.id
        ));
    }
    Ok(())
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
        let (names, reasons) = (one.names, one.reasons.join(", "));
        line(&format!("left out: {who}{of}, {names} names: {reasons}"));
    }
    Ok(())
}

fn line(text: &str) {
    anstream::println!("{}", crate::text::wrap(text, 80, "  "));
}
