//! Whom the lines of a file of holds hold: a number that nothing knows is misspelled, or of somebody who is nowhere, and holds nobody.

use std::collections::BTreeSet;
use std::path::Path;

use averment_duties::erase::unknown;
use averment_store::People;

use super::{Bench, lines, text_of};
use crate::outcome::Failure;

/// Looks up the numbers in a file that were not looked up yet.
///
/// A number is known where a store, the directory or a run has it as it is written there.
pub(super) fn look_up(bench: &mut Bench<'_>, file: &Path) -> Result<(), Failure> {
    let text = text_of(file)?;
    let lines = lines(file, &text)?;
    let mut new: BTreeSet<String> = lines.iter().map(|line| line.number.to_owned()).collect();
    new.retain(|number| !bench.looked_up.contains(number));
    let nowhere = nowhere(bench, &new)?;
    let of_nobody = lines.iter().filter(|line| nowhere.contains(line.number));
    let of_nobody: Vec<String> = of_nobody.map(|line| line.line.to_string()).collect();
    if !of_nobody.is_empty() {
        tell(bench, file, &of_nobody)?;
    }
    bench.looked_up.extend(new);
    Ok(())
}

/// Nobody is held by these lines: an error, unless somebody said that they know.
fn tell(bench: &Bench<'_>, file: &Path, of_nobody: &[String]) -> Result<(), Failure> {
    let (lines, file) = (of_nobody.join(", "), file.display());
    let message = format!("line {lines} of the holds in `{file}`: no store, directory or run knows such a number");
    if bench.unknown_holds {
        anstream::eprintln!("note: {message}: nobody is held by it");
        return Ok(());
    }
    let expected = "expected numbers of people as the platform writes them";
    Err(Failure::new(message).hint(format!(
        "{expected}; `--unknown-holds` goes on, and nobody is held by such a line"
    )))
}

/// Those of the numbers that nothing knows.
fn nowhere(bench: &mut Bench<'_>, numbers: &BTreeSet<String>) -> Result<BTreeSet<String>, Failure> {
    let directory = People::open(&bench.folder, &bench.keys)?;
    let mut nowhere = BTreeSet::new();
    for number in numbers {
        let is_of_run = bench.journal.has_person(&bench.keys.person_digest(number))?;
        if !is_of_run && directory.find(number)?.is_none() {
            nowhere.insert(number.clone());
        }
    }
    if !nowhere.is_empty() {
        nowhere = unknown(&mut bench.stores, &nowhere)?;
    }
    // A replay of one store has opened no other.
    let opened: BTreeSet<String> = bench.stores.iter().map(|opened| opened.store.id.to_string()).collect();
    let all = bench.register.charter.content().data.values();
    for store in all.filter(|store| store.is_personal() && !opened.contains(store.id.as_str())) {
        if !nowhere.is_empty() {
            nowhere = unknown(&mut [bench.duties.opened(store)?], &nowhere)?;
        }
    }
    Ok(nowhere)
}
