//! Which runs may be beside each other: whoever only waits for third parties, or is kept by a hold, keeps nobody else.

use std::collections::{BTreeSet, HashSet};

use averment_duties::erase::{Run, Stage};

use super::Bench;
use super::holds::Watch;
use crate::outcome::Failure;

/// What goes on with a run that keeps others from beginning.
const HINT: &str = "`averment erase run REGISTER --resume` goes on with it first";

/// Whether a run of these people may begin: no other is in the middle of the stores, or has one of them.
pub(super) fn may_begin(bench: &mut Bench<'_>, numbers: &BTreeSet<String>) -> Result<(), Failure> {
    stores_are_free(bench)?;
    for run in bench.journal.unfinished()? {
        let theirs = bench.journal.people(&run.id)?;
        let digests = numbers.iter().map(|number| bench.keys.person_digest(number));
        let both = digests.filter(|digest| theirs.contains(&digest[..])).count();
        if both > 0 {
            let (id, stage) = (&run.id, run.stage.as_str());
            return Err(Failure::new(format!("run `{id}` is {stage}, and {both} of these people are its")).hint(HINT));
        }
    }
    Ok(())
}

/// Whether no run has begun and not gone through its stores. One that somebody's hold keeps may wait for years.
pub(super) fn stores_are_free(bench: &mut Bench<'_>) -> Result<(), Failure> {
    for run in bench.journal.unfinished()? {
        if run.stage >= Stage::Erased || is_held(bench, &run)? {
            continue;
        }
        let message = format!("run `{}` is {}", run.id, run.stage.as_str());
        return Err(Failure::new(message).hint(HINT));
    }
    Ok(())
}

/// Whether somebody of a run is held, or a line came while that was asked: then it cannot go on, either.
fn is_held(bench: &mut Bench<'_>, run: &Run) -> Result<bool, Failure> {
    let whom = bench.eraser(&mut |_| {}).concerned(run)?;
    let held = Watch::of(bench, whom)?.reasons();
    Ok(held.map_or(true, |reasons| !reasons.is_empty()))
}

/// The people of other runs that are not over, by the directory's keyed digest: the ledger still has to be asked about them.
pub(super) fn open_elsewhere(bench: &Bench<'_>, run: &Run) -> Result<HashSet<Vec<u8>>, Failure> {
    let mut people = HashSet::new();
    for other in bench.journal.unfinished()?.iter().filter(|other| other.id != run.id) {
        people.extend(bench.journal.people(&other.id)?);
    }
    Ok(people)
}
