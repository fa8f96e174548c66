//! `averment claims`: every claim with the grade that it earned, what it earned before, and an exit code for CI.
//!
//! Start at [`run`]. Grades are taken from the ledger in the data folder; [`read`] does that for other commands too.

mod arguments;
mod changes;
mod print;
mod watch;

use std::sync::Arc;

use averment_claims::{Fold, Grade, Graded, History, grade};
use averment_ledger::{Deed, Entry};
use averment_register::Charter;
use averment_store::{DataFolder, Keys, ReadError, entries, trusted};
use jiff::Timestamp;

pub(crate) use self::arguments::ClaimsArgs;
use self::arguments::ClaimsFormat;
use crate::cli::Folders;
use crate::clock;
use crate::grading::{json, published};
use crate::live::{CHANGES_SHOWN, Standing};
use crate::outcome::{Failure, Outcome};
use crate::register;
use crate::text::wrap;

pub(crate) fn run(arguments: &ClaimsArgs) -> Result<Outcome, Failure> {
    let register = register::open(arguments.register.as_deref())?;
    if arguments.watch {
        return watch::run(arguments, &register);
    }
    let kept = if arguments.history { usize::MAX } else { CHANGES_SHOWN };
    let mut standing = match arguments.as_of {
        Some(entry) => recorded(&register.charter, &arguments.folders, entry)?,
        None => read(&register.charter, &arguments.folders, kept)?,
    };
    standing.graded = arguments.asked_for(standing.graded, &standing.history, &register.name)?;
    match (arguments.history, arguments.format) {
        (true, ClaimsFormat::Json) => anstream::print!("{}", changes::json(&standing, arguments)),
        (true, _) => anstream::print!("{}", changes::text(&standing, arguments)),
        (false, ClaimsFormat::Json) => anstream::print!("{}", json(&standing)),
        (false, ClaimsFormat::Text) => anstream::print!("{}", print::text(&standing)),
        (false, ClaimsFormat::Table) => anstream::print!("{}", print::table(&standing)),
    }
    Ok(outcome(&standing.graded, arguments.min_grade.into()))
}

/// Grades every claim of `charter` by the ledger in the data folder; without one, nothing is measured. Of each claim the
/// newest `kept` changes are given.
pub(crate) fn read(charter: &Arc<Charter>, folders: &Folders, kept: usize) -> Result<Standing, Failure> {
    let now = clock::now();
    let (mut fold, mut history) = (Fold::new(Arc::clone(charter)), History::keeping(kept));
    let taken = read_ledger(folders, &mut fold, &mut history)?;
    if taken.is_none() {
        anstream::eprintln!(
            "note: no ledger in `{}` yet, so nothing is measured",
            folders.data.display()
        );
    }
    warn_of_another_register(charter, &fold);
    Ok(standing(charter, &fold, history, (now, taken.unwrap_or(0))))
}

/// Every claim as it stood when the `grades` entry of this number was written; an error when the ledger has no such entry, or
/// when the same entries do not give the same grades.
pub(crate) fn recorded(charter: &Arc<Charter>, folders: &Folders, number: u64) -> Result<Standing, Failure> {
    let (mut found, mut last) = (None, None);
    each_entry(folders, |entry, index| {
        if index == number {
            found = Some(entry.clone());
        }
        if matches!(entry.deed, Deed::Grades(_)) {
            last = Some(index);
        }
    })?;
    let no_such = || {
        let failure = Failure::new(format!("entry {number} of the ledger does not record all grades"));
        failure.hint(match last {
            Some(last) => format!("the last that does is entry {last}"),
            None => "none does: a gate records them, and so do `averment publish` and `averment bundle`".to_owned(),
        })
    };
    let entry = found.ok_or_else(no_such)?;
    let Deed::Grades(grades) = entry.deed else {
        return Err(no_such());
    };
    if entry.charter != charter.digest().to_string() {
        let message = format!(
            "entry {number} is about another register ({}) than this one",
            entry.charter
        );
        return Err(Failure::new(message).hint("name the folder of the register as it was then"));
    }
    let now = grades.as_of.parse().map_err(|_| no_such())?;
    let (mut fold, mut history) = (Fold::new(Arc::clone(charter)), History::keeping(CHANGES_SHOWN));
    each_entry(folders, |entry, index| {
        if index < grades.entries {
            fold.push(entry, index);
            history.push(entry, index);
        }
    })?;
    let standing = standing(charter, &fold, history, (now, grades.entries));
    match published(&standing).sha256 == grades.sha256 {
        true => Ok(standing),
        false => Err(Failure::new(format!("the grades that entry {number} records are not those that its entries give"))
            .hint("another version of this program may grade otherwise; `averment ledger verify` says whether the ledger holds")),
    }
}

fn standing(charter: &Arc<Charter>, fold: &Fold, history: History, (now, entries): (Timestamp, u64)) -> Standing {
    let evidence = fold.evidence(now);
    Standing {
        graded: grade(charter, &evidence, now),
        charter: Arc::clone(charter),
        history,
        watched: evidence.watched,
        now,
        entries,
    }
}

/// A ledger that was written under another register can still be graded by this one; whoever asks must know.
fn warn_of_another_register(charter: &Charter, fold: &Fold) {
    let digest = charter.digest().to_string();
    if let Some(last) = fold.last_charter().filter(|last| *last != digest) {
        let note = format!("the gate last ran with another register ({last}) than the one graded here ({digest})");
        anstream::eprintln!("warning: {}", wrap(&note, 80, "         "));
    }
}

/// Pushes every entry and counts them; none when there is no ledger at all.
fn read_ledger(folders: &Folders, fold: &mut Fold, history: &mut History) -> Result<Option<u64>, Failure> {
    each_entry(folders, |entry, index| {
        fold.push(entry, index);
        history.push(entry, index);
    })
}

/// Gives each entry with its number and says how many there are; none when there is no ledger at all.
fn each_entry(folders: &Folders, mut each: impl FnMut(&Entry, u64)) -> Result<Option<u64>, Failure> {
    if !folders.data.exists() {
        return Ok(None);
    }
    let folder = DataFolder::open_read(&folders.data)?;
    let keys = Keys::read(&folders.keys)?;
    let entries = match trusted(&folder, &keys).and_then(|trusted| entries(&folder, trusted)) {
        Err(ReadError::NoLedger { .. }) => return Ok(None),
        opened => opened?,
    };
    let mut taken = 0;
    for numbered in entries {
        let numbered = numbered?;
        each(&numbered.entry, numbered.index);
        taken = numbered.index + 1;
    }
    Ok(Some(taken))
}

/// A broken claim is found contrary; one that did not earn what is asked for could not be measured, which is no pass.
fn outcome(graded: &[Graded], wanted: Grade) -> Outcome {
    match graded.iter().map(|graded| graded.overall).max() {
        Some(Grade::Broken) => Outcome::Contrary,
        Some(worst) if worst <= wanted => Outcome::Holds,
        _ => Outcome::CouldNotMeasure,
    }
}
