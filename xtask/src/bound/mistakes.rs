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
use super::platform::{Platform, live};
use crate::run::Step;

/// The mistake of which somebody who left comes back with a backup.
const RESTORED: &str = "restored-backup-brings-back";

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
    let platform = planted(mistake, &folder)?;
    let serving = platform.serve("off", None, &folder.join("platform.log"))?;
    if mistake.name != RESTORED {
        live(&serving, &folder.join("picture.png"))?;
    }
    let mut differences = Vec::new();
    for bound in bound(&folder) {
        for part in ["averment-data", "averment-keys"] {
            copy(&healthy.join(bound.example).join(part), &bound.folder.join(part))?;
        }
        bound.compose(&healthy.join("platform"), &serving.address)?;
        bound.people(&platform)?;
        let up = bound.up()?;
        if mistake.looks.contains("traffic") {
            bound.traffic(&platform, &up)?;
        }
        bound.probe(&platform, &serving, &up)?;
        bound.look(&["retain", "plan", "register"])?;
        if mistake.looks.contains("browser") {
            bound.scan(&serving)?;
        }
        up.stop()?;
        differences.extend(compared(mistake, &bound)?);
    }
    Ok(differences)
}

/// A platform with the mistake, and with what it takes for it to show.
fn planted(mistake: &Mistake, folder: &Path) -> Result<Platform, String> {
    let data = folder.join("schoolhouse-data");
    let on = vec![mistake.name.clone()];
    if mistake.name != RESTORED {
        let platform = Platform { data, mistakes: on };
        platform.seed()?;
        return Ok(platform);
    }
    let before = Platform {
        data,
        mistakes: Vec::new(),
    };
    before.seed()?;
    let backup = PathBuf::from(before.run("backup", &[])?.trim());
    let serving = before.serve("off", None, &folder.join("platform.log"))?;
    live(&serving, &folder.join("picture.png"))?;
    drop(serving);
    let platform = Platform { mistakes: on, ..before };
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
