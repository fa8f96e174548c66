//! Arrows between rooms: what each crate's `Cargo.toml` names against what `arrows.toml` allows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crate::run::{Step, root};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arrows {
    knows: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Deserialize)]
struct Manifest {
    package: Package,
    #[serde(default)]
    dependencies: BTreeMap<String, toml::Value>,
    #[serde(default, rename = "build-dependencies")]
    build_dependencies: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
}

/// Fails on an arrow that is not allowed and on a room that is not listed. Test code may know any room.
pub(crate) fn check() -> Step {
    let allowed: Arrows = read(&root().join("arrows.toml"))?;
    let mut wrong = Vec::new();
    let mut arrows = 0;
    for manifest in manifests()? {
        let Some(knows) = allowed.knows.get(&manifest.package.name) else {
            wrong.push(format!("`{}` is not listed in arrows.toml", manifest.package.name));
            continue;
        };
        let all = manifest.dependencies.keys().chain(manifest.build_dependencies.keys());
        for known in all.filter(|name| name.starts_with("averment")) {
            arrows += 1;
            if !knows.contains(known) {
                wrong.push(format!(
                    "`{}` knows `{known}`, which arrows.toml does not allow",
                    manifest.package.name
                ));
            }
        }
    }
    if wrong.is_empty() {
        println!("arrows: {arrows} between {} crates, all allowed", allowed.knows.len());
        return Ok(());
    }
    Err(wrong.join("\nerror: "))
}

fn manifests() -> Result<Vec<Manifest>, String> {
    let crates = root().join("crates");
    let entries = std::fs::read_dir(&crates).map_err(|error| format!("cannot read `{}`: {error}", crates.display()))?;
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path().join("Cargo.toml")))
        .collect();
    paths.extend(["benches/load/Cargo.toml", "xtask/Cargo.toml"].map(|path| root().join(path)));
    paths.iter().map(|path| read(path)).collect()
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| format!("`{}`: {error}", path.display()))
}
