//! Packages of pub.dev.

use super::{Package, Role, lines};
use crate::identify::Kind;

fn package(name: &str, at: usize, role: Role, locked: bool) -> Package {
    Package {
        kind: Kind::Pub,
        name: name.to_owned(),
        at,
        role,
        locked,
    }
}

/// The key of a line of YAML that stands two to the right of the edge.
fn key(line: &str) -> Option<&str> {
    let rest = line
        .strip_prefix("  ")
        .filter(|rest| !rest.starts_with([' ', '#', '-']))?;
    rest.split_once(':').map(|(name, _)| name.trim_matches(['"', '\'']))
}

/// `pubspec.yaml`: keys below `dependencies` and `dev_dependencies`.
pub(super) fn pubspec(_: &str, text: &str) -> Vec<Package> {
    let mut section = "";
    let mut found = Vec::new();
    for (at, line) in lines(text).filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        if !line.starts_with(' ') {
            section = line.split(':').next().unwrap_or(line);
            continue;
        }
        let role = match section {
            "dependencies" => Role::Direct,
            "dev_dependencies" => Role::Development,
            _ => continue,
        };
        found.extend(key(line).map(|name| package(name, at + 2, role, false)));
    }
    found
}

/// `pubspec.lock`: each entry says itself who wants it.
pub(super) fn pubspec_lock(_: &str, text: &str) -> Vec<Package> {
    let mut found: Vec<Package> = Vec::new();
    for (at, line) in lines(text) {
        if let Some(said) = line.strip_prefix("    dependency:") {
            let role = match said.trim().trim_matches(['"', '\'']) {
                "direct main" => Role::Direct,
                "direct dev" => Role::Development,
                _ => Role::Transitive,
            };
            if let Some(package) = found.last_mut() {
                package.role = role;
            }
        } else if let Some(name) = key(line) {
            found.push(package(name, at + 2, Role::Transitive, true));
        }
    }
    found
}
