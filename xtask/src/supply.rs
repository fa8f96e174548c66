//! The supply chain: licences and banned crates of everything that is linked, held against `deny.toml`.
//!
//! `cargo deny check` reads the same file and does more (advisories); this part needs nothing installed, so it always
//! runs.

use std::collections::BTreeSet;
use std::process::Command;

use serde::Deserialize;

use crate::run::{Step, output, root};

/// The platform that is shipped for.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

#[derive(Deserialize)]
struct Deny {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Deserialize)]
struct Banned {
    name: String,
    reason: String,
}

/// One crate that is linked.
struct Package<'a> {
    /// Name and version, as cargo prints them.
    name: &'a str,
    version: &'a str,
    licence: &'a str,
    /// Where it comes from: empty for the registry, a path for a member of the workspace.
    origin: &'a str,
}

/// Fails on a banned crate, a licence that is not allowed, and a source that is not the registry.
pub(crate) fn check() -> Step {
    let text = std::fs::read_to_string(root().join("deny.toml"))
        .map_err(|error| format!("cannot read `deny.toml`: {error}"))?;
    let deny: Deny = toml::from_str(&text).map_err(|error| format!("`deny.toml`: {error}"))?;
    // `cargo metadata` also lists what no feature asks for; the tree holds what is really linked.
    let mut command = Command::new("cargo");
    let arguments = [
        "tree",
        "--workspace",
        "--all-features",
        "--locked",
        "--edges",
        "all",
        "--target",
        PLATFORM,
        "--prefix",
        "none",
    ];
    command
        .args(arguments)
        .args(["--format", "{p}|{l}"])
        .current_dir(root());
    let tree = output(&mut command)?;
    let lines: BTreeSet<&str> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    let packages: Vec<Package<'_>> = lines.into_iter().filter_map(parse).collect();
    let wrong: Vec<String> = packages
        .iter()
        .filter_map(|package| objection(package, &deny))
        .collect();
    if wrong.is_empty() && !packages.is_empty() {
        println!("supply: {} crates, every licence allowed, none banned", packages.len());
        return Ok(());
    }
    Err(if wrong.is_empty() {
        "`cargo tree` named no crate".to_owned()
    } else {
        wrong.join("\nerror: ")
    })
}

/// `name v1.2.3 (origin)|licence`
fn parse(line: &str) -> Option<Package<'_>> {
    let (package, licence) = line.rsplit_once('|')?;
    let mut words = package.splitn(3, ' ');
    let (name, version) = (words.next()?, words.next()?);
    let origin = words.next().unwrap_or("").trim_start_matches("(proc-macro)").trim();
    Some(Package {
        name,
        version,
        licence,
        origin,
    })
}

fn objection(package: &Package<'_>, deny: &Deny) -> Option<String> {
    let which = format!("`{} {}`", package.name, package.version);
    if let Some(ban) = deny.bans.deny.iter().find(|ban| ban.name == package.name) {
        return Some(format!("{which} is banned: {}", ban.reason));
    }
    if package.origin.contains("://") {
        return Some(format!("{which} does not come from the registry"));
    }
    let allowed = allows(package.licence, &deny.licenses.allow);
    (!allowed).then(|| {
        format!(
            "{which} has licence `{}`, which deny.toml does not allow",
            package.licence
        )
    })
}

/// Whether an SPDX expression can be met with the allowed licences: one side of every `OR`, both of every `AND`.
fn allows(expression: &str, allowed: &BTreeSet<String>) -> bool {
    // Older crates write `MIT/Apache-2.0` for `OR`. Brackets only ever group an `OR` or an `AND` in what is used here.
    let expression = expression.replace('/', " OR ").replace(['(', ')'], " ");
    let one = |licence: &str| allowed.contains(licence.split(" WITH ").next().unwrap_or(licence).trim());
    expression.split(" OR ").any(|side| side.split(" AND ").all(one))
}
