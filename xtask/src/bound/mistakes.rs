//! Each planted mistake of the platform breaks its own claims and no others.
//!
//! `examples/bound/mistakes.toml` says which. Start at [`all`]; how one is planted and looked for stands in `trial.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;

use super::compose::{Bound, overlay};
use super::evidence::grades;
use super::grades::claims;
use super::trial::tried;
use crate::run::Step;

/// How many are tried at the same time: much of each is waiting.
const AT_ONCE: usize = 3;

#[derive(Deserialize)]
pub(super) struct Table {
    pub(super) mistake: Vec<Mistake>,
}

/// A mistake, and what it breaks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mistake {
    pub(super) name: String,
    /// What has to look again besides the probes.
    #[serde(default)]
    pub(super) looks: BTreeSet<String>,
    /// Claims by register.
    #[serde(default)]
    pub(super) broken: BTreeMap<String, BTreeSet<String>>,
}

/// What came of trying one: what is broken and should not be, or should be and is not; or why it could not be tried.
type Tried = Result<Vec<String>, String>;

/// Tries every mistake, or those of these names. `healthy`: the folder that the platform without mistakes left.
pub(super) fn all(healthy: &Path, only: &[&str]) -> Step {
    let wanted = |mistake: &Mistake| only.is_empty() || only.contains(&mistake.name.as_str());
    let mistakes: Vec<Mistake> = table()?.mistake.into_iter().filter(wanted).collect();
    if let Some(unknown) = only.iter().find(|name| mistakes.iter().all(|one| one.name != **name)) {
        return Err(format!("`{unknown}` is no mistake of `examples/bound/mistakes.toml`"));
    }
    let results = each(&mistakes, |mistake| tried(mistake, healthy));
    let mut wrong = 0;
    println!();
    for (mistake, result) in mistakes.iter().zip(&results) {
        println!("{}", told(mistake, result));
        wrong += usize::from(result.as_ref().map_or(true, |differences| !differences.is_empty()));
    }
    println!(
        "{} mistakes: {} break exactly their own claims.",
        results.len(),
        results.len() - wrong
    );
    match wrong {
        0 => Ok(()),
        _ => Err(format!("{wrong} mistakes break other claims than they should, or none")),
    }
}

/// Every mistake, with what it breaks.
pub(super) fn table() -> Result<Table, String> {
    let file = overlay().join("mistakes.toml");
    let text = std::fs::read_to_string(&file).map_err(|error| format!("`{}`: {error}", file.display()))?;
    toml::from_str(&text).map_err(|error| format!("`{}`: {error}", file.display()))
}

/// Tries each, some at a time; results in the order of `mistakes`.
fn each(mistakes: &[Mistake], try_one: impl Fn(&Mistake) -> Tried + Sync) -> Vec<Tried> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    // Children end with the thread that started them, and each trial has one of its own to its end.
    let worker = || {
        while let Some((place, mistake)) = {
            let place = next.fetch_add(1, Ordering::Relaxed);
            mistakes.get(place).map(|mistake| (place, mistake))
        } {
            let result = try_one(mistake);
            println!("tried: {}", mistake.name);
            let mut results = results.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            results.insert(place, result);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(worker);
        }
    });
    let results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.into_values().collect()
}

fn told(mistake: &Mistake, result: &Tried) -> String {
    let broken: usize = mistake.broken.values().map(BTreeSet::len).sum();
    let name = &mistake.name;
    match result {
        Err(because) => format!("{name}: could not be tried: {because}"),
        Ok(differences) if differences.is_empty() => {
            format!("{name}: its own claims are broken, {broken}, and no others")
        }
        Ok(differences) => format!(
            "{name}: NOT just its own claims, {broken}:\n  {}",
            differences.join("\n  ")
        ),
    }
}

/// What is broken and should not be, or should be and is not.
pub(super) fn compared(mistake: &Mistake, bound: &Bound) -> Tried {
    let graded = claims(&grades(bound)?)?;
    let expected = mistake.broken.get(bound.example).cloned().unwrap_or_default();
    let broken = graded.iter().filter(|claim| claim.grade == "broken");
    let broken: BTreeMap<&str, &str> = broken.map(|claim| (claim.id.as_str(), claim.reason.as_str())).collect();
    let unexpected = broken.iter().filter(|(id, _)| !expected.contains(**id));
    let unexpected = unexpected.map(|(id, why)| format!("{} {id} is broken: {why}", bound.example));
    let missing = expected.iter().filter(|id| !broken.contains_key(id.as_str()));
    let missing = missing.map(|id| match graded.iter().find(|claim| claim.id == *id) {
        Some(claim) => format!("{} {id} is {}: {}", bound.example, claim.grade, claim.reason),
        None => format!("{} has no claim {id}", bound.example),
    });
    Ok(unexpected.chain(missing).collect())
}

#[cfg(test)]
mod tests {
    use super::super::REGISTERS;
    use super::*;

    #[test]
    fn mistakes_name_registers_that_are_bound() {
        let table = table().expect("a table of mistakes");
        let mut named = table.mistake.iter().flat_map(|mistake| mistake.broken.keys());
        assert!(named.all(|name| REGISTERS.contains(&name.as_str())));
    }

    /// The platform's README lists its mistakes: `` | `name` | ``.
    #[test]
    fn every_mistake_of_the_platform_is_tried() {
        let readme = include_str!("../../../examples/schoolhouse/README.md");
        let rows = readme.split_once("## Mistakes").map_or("", |(_, rest)| rest);
        let planted = rows
            .lines()
            .filter_map(|row| row.strip_prefix("| `")?.split('`').next());
        let planted: BTreeSet<&str> = planted.collect();
        let table = table().expect("a table of mistakes");
        let tried: BTreeSet<&str> = table.mistake.iter().map(|mistake| mistake.name.as_str()).collect();
        assert_eq!(tried, planted);
        assert!(table.mistake.iter().all(|mistake| !mistake.broken.is_empty()));
    }

    #[test]
    fn results_stand_in_the_order_of_the_table() {
        let names = ["a", "b", "c", "d", "e"];
        let mistakes = names.map(|name| Mistake {
            name: name.to_owned(),
            looks: BTreeSet::new(),
            broken: BTreeMap::new(),
        });
        let results = each(&mistakes, |mistake| match mistake.name.as_str() {
            "c" => Err("ended".to_owned()),
            name => Ok(vec![name.to_owned()]),
        });
        let said = results
            .into_iter()
            .map(|result| result.map_or_else(|error| error, |all| all.concat()));
        assert_eq!(said.collect::<Vec<_>>(), ["a", "b", "ended", "d", "e"]);
    }
}
