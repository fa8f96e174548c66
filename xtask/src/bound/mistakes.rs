//! Each planted mistake of the platform breaks its own claims and no others.
//!
//! `examples/bound/mistakes.toml` says which. A mistake is tried on a platform of its own, and on copies of the ledgers that the
//! platform without mistakes left: what was clean there is looked at again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::bound;
use super::compose::{Bound, copy, overlay};
use super::evidence::grades;
use super::grades::claims;
use super::platform::{Platform, Serving, leave, live};
use crate::run::Step;

/// The mistake of which somebody who left comes back with a backup.
const RESTORED: &str = "restored-backup-brings-back";
/// Who is erased there: Ivy.
const ERASED: &str = "14";

#[derive(Deserialize)]
struct Table {
    mistake: Vec<Mistake>,
}

/// A mistake, and what it breaks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mistake {
    name: String,
    /// What has to look again besides the probes.
    #[serde(default)]
    looks: BTreeSet<String>,
    /// Claims by register.
    #[serde(default)]
    broken: BTreeMap<String, BTreeSet<String>>,
}

/// Tries every mistake, or those of these names. `healthy`: the folder that the platform without mistakes left.
pub(super) fn all(healthy: &Path, only: &[&str]) -> Step {
    let file = overlay().join("mistakes.toml");
    let text = std::fs::read_to_string(&file).map_err(|error| format!("`{}`: {error}", file.display()))?;
    let table: Table = toml::from_str(&text).map_err(|error| format!("`{}`: {error}", file.display()))?;
    let wanted = |mistake: &&Mistake| only.is_empty() || only.contains(&mistake.name.as_str());
    let mut wrong = Vec::new();
    for mistake in table.mistake.iter().filter(wanted) {
        let differences = tried(mistake, healthy).map_err(|error| format!("mistake `{}`: {error}", mistake.name))?;
        let word = if differences.is_empty() {
            "breaks its own claims"
        } else {
            "does not"
        };
        println!("mistake {}: {word}", mistake.name);
        for difference in differences {
            println!("  {difference}");
            wrong.push(format!("{}: {difference}", mistake.name));
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "mistakes break other claims than they should:\n{}",
            wrong.join("\n")
        )),
    }
}

/// What is broken and should not be, or should be and is not.
fn tried(mistake: &Mistake, healthy: &Path) -> Result<Vec<String>, String> {
    let folder = healthy.join("mistakes").join(&mistake.name);
    std::fs::create_dir_all(&folder).map_err(|error| format!("`{}`: {error}", folder.display()))?;
    let platform = planted(mistake, &folder, healthy)?;
    let serving = platform.serve("off", None, &folder.join("platform.log"))?;
    if mistake.name != RESTORED {
        live(&serving, &folder.join("picture.png"))?;
        leave(&serving)?;
    }
    let mut differences = Vec::new();
    for bound in bound(&folder) {
        if mistake.name != RESTORED {
            begun(&bound, healthy)?;
        }
        bound.compose(&healthy.join("platform"), &serving.address)?;
        if mistake.looks.contains("news") {
            reporting(&bound)?;
        }
        look_again(mistake, &bound, &platform, &serving)?;
        differences.extend(compared(mistake, &bound)?);
    }
    Ok(differences)
}

/// Begins with the ledger that the platform without mistakes left.
fn begun(bound: &Bound, healthy: &Path) -> Step {
    for part in ["averment-data", "averment-keys"] {
        copy(&healthy.join(bound.example).join(part), &bound.folder.join(part))?;
    }
    Ok(())
}

/// What a gate that enforces keeps back breaks nothing: the mistake is tried on one that reports.
fn reporting(bound: &Bound) -> Step {
    let file = bound.register().join("organisation.toml");
    let text = std::fs::read_to_string(&file).map_err(|error| format!("`{}`: {error}", file.display()))?;
    let text = text.replace("mode = \"enforce\"", "mode = \"report\"");
    std::fs::write(&file, text).map_err(|error| format!("`{}`: {error}", file.display()))
}

fn look_again(mistake: &Mistake, bound: &Bound, platform: &Platform, serving: &Serving) -> Step {
    bound.people(platform)?;
    let up = bound.up()?;
    if mistake.looks.contains("news") {
        bound.news(platform, &up)?;
    }
    bound.probe(platform, serving, &up)?;
    bound.look(&["retain", "plan", "register"])?;
    if mistake.looks.contains("browser") {
        bound.scan(serving)?;
    }
    up.stop()?;
    match mistake.name == RESTORED {
        true => bound.verify_erased(),
        false => Ok(()),
    }
}

/// A platform with the mistake, and with what it takes for it to show.
fn planted(mistake: &Mistake, folder: &Path, healthy: &Path) -> Result<Platform, String> {
    let platform = Platform {
        data: folder.join("schoolhouse-data"),
        mistakes: vec![mistake.name.clone()],
    };
    match mistake.name == RESTORED {
        true => restored(platform, folder, healthy),
        false => platform.seed().map(|()| platform),
    }
}

/// Somebody is erased, and a backup of before is put in the place of the rows.
fn restored(platform: Platform, folder: &Path, healthy: &Path) -> Result<Platform, String> {
    let before = Platform {
        data: platform.data.clone(),
        mistakes: Vec::new(),
    };
    before.seed()?;
    let serving = before.serve("off", None, &folder.join("platform.log"))?;
    live(&serving, &folder.join("picture.png"))?;
    let backup = PathBuf::from(before.run("backup", &[])?.trim());
    for bound in bound(folder) {
        begun(&bound, healthy)?;
        bound.compose(&healthy.join("platform"), &serving.address)?;
        bound.people(&before)?;
        let up = bound.up()?;
        bound.reached(&before, &serving, &up)?;
        up.stop()?;
        bound.erase(ERASED)?;
    }
    drop(serving);
    platform.run("restore", &[&backup.display().to_string()])?;
    Ok(platform)
}

fn compared(mistake: &Mistake, bound: &Bound) -> Result<Vec<String>, String> {
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

/// Whether every register that a mistake names is one that is bound.
#[cfg(test)]
mod tests {
    use super::super::REGISTERS;
    use super::*;

    #[test]
    fn mistakes_name_registers_that_are_bound() {
        let text = std::fs::read_to_string(overlay().join("mistakes.toml")).unwrap_or_default();
        let table: Table = toml::from_str(&text).unwrap_or(Table { mistake: Vec::new() });
        assert!(table.mistake.len() >= 15);
        let named = table.mistake.iter().flat_map(|mistake| mistake.broken.keys());
        assert!(named.into_iter().all(|name| REGISTERS.contains(&name.as_str())));
    }
}
