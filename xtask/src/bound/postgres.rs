//! The mistakes that live in a database, once more on PostgreSQL: all of them at once, held against the platform's own register.
//!
//! Start at [`pass`]. Every mistake by itself is tried on SQLite (`mistakes.rs`). What another engine can change is how columns, times
//! and rows are read: here each sentence about them has to hold without the mistakes, and to be broken with them.

mod server;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::compose::{Bound, overlay};
use super::evidence::grades;
use super::grades::claims;
use super::mistakes::table;
use super::platform::{Platform, leave, live};
use super::process::well;
use crate::run::Step;
use server::Server;

/// Mistakes that rows of the platform show, without a page or a vendor. The other one of retention leaves the same rows.
const MISTAKES: [&str; 7] = [
    "deleted-account-keeps-rows",
    "ended-contract-keeps-accounts",
    "ip-in-statistics",
    "log-holds-viewer-ip",
    "md5-of-email-stored",
    "plain-text-password-column",
    "retention-stopped",
];
/// The register that they break.
const REGISTER: &str = "schoolhouse";
/// Probes that look into databases.
const PROBES: [&str; 4] = ["stored_as", "not_stored", "collects", "aggregates"];

/// Looks at a platform without mistakes and at one with them.
pub(super) fn pass(folder: &Path) -> Step {
    let server = Server::start()?;
    let mut wrong = Vec::new();
    for (name, mistakes) in [("well", &[][..]), ("spoiled", &MISTAKES[..])] {
        let expected = expected(mistakes)?;
        let broken = broken(&server, &folder.join("postgres").join(name), name, mistakes)?;
        let differing = broken.symmetric_difference(&expected);
        wrong.extend(differing.map(|claim| match broken.contains(claim) {
            true => format!("on PostgreSQL, {name}: {claim} is broken and should not be"),
            false => format!("on PostgreSQL, {name}: {claim} should be broken and is not"),
        }));
        println!(
            "on PostgreSQL, {name}: {} mistakes, {} claims broken",
            mistakes.len(),
            broken.len()
        );
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n")),
    }
}

/// The claims that these mistakes break.
fn expected(mistakes: &[&str]) -> Result<BTreeSet<String>, String> {
    let table = table()?;
    let planted = table.mistake.iter().filter(|one| mistakes.contains(&one.name.as_str()));
    let broken = planted.flat_map(|one| one.broken.get(REGISTER).into_iter().flatten());
    Ok(broken.cloned().collect())
}

/// The claims that are broken on a platform of its own with these mistakes.
fn broken(server: &Server, folder: &Path, name: &str, mistakes: &[&str]) -> Result<BTreeSet<String>, String> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|error| told(folder, &error))?;
    }
    std::fs::create_dir_all(folder).map_err(|error| told(folder, &error))?;
    let platform = Platform {
        data: folder.join("schoolhouse-data"),
        database: Some(server.database(name)?),
        mistakes: mistakes.iter().map(|mistake| (*mistake).to_owned()).collect(),
    };
    platform.seed()?;
    let serving = platform.serve("off", None, &folder.join("platform.log"))?;
    live(&serving, &folder.join("picture.png"))?;
    leave(&serving, "ivy")?;
    drop(serving);
    looked_at(&platform, folder)
}

/// Everything that looks into the database, and what is broken by that.
fn looked_at(platform: &Platform, folder: &Path) -> Result<BTreeSet<String>, String> {
    let bound = Bound {
        example: REGISTER,
        folder: folder.to_owned(),
    };
    platform.register(folder)?;
    let address = reached(platform, folder)?;
    let mut sync = bound.averment(&["people", "sync", "--postgres-file"]);
    sync.arg(address).arg("--query").arg(overlay().join("people.sql"));
    well(&mut sync)?;
    let only = PROBES.iter().flat_map(|probe| ["--only", probe]);
    let probe: Vec<&str> = ["probe", "register", "--record"].into_iter().chain(only).collect();
    bound.look(&probe)?;
    bound.look(&["retain", "plan", "register"])?;
    let graded = claims(&grades(&bound)?)?;
    let broken = graded.into_iter().filter(|claim| claim.grade == "broken");
    Ok(broken.map(|claim| claim.id).collect())
}

/// Writes down how the database is reached, which the platform leaves to the environment.
fn reached(platform: &Platform, folder: &Path) -> Result<PathBuf, String> {
    let address = folder.join("database-url");
    let text = platform.database.as_deref().unwrap_or_default();
    std::fs::write(&address, text).map_err(|error| told(&address, &error))?;
    let settings = folder.join("averment-duties.toml");
    let text = std::fs::read_to_string(&settings).map_err(|error| told(&settings, &error))?;
    let text = text.replace("url_env = \"SCHOOLHOUSE_DATABASE\"", &format!("url_file = {address:?}"));
    std::fs::write(&settings, text).map_err(|error| told(&settings, &error))?;
    Ok(address)
}

fn told(path: &Path, error: &std::io::Error) -> String {
    format!("`{}`: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mistake_breaks_something_of_the_platforms_own_register() {
        for mistake in MISTAKES {
            let broken = expected(&[mistake]).expect("the table can be read");
            assert!(!broken.is_empty(), "{mistake}");
        }
    }
}
