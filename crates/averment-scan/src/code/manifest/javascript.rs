//! npm, yarn and pnpm.

use serde_json::Value;

use super::{Package, Role, lines};
use crate::identify::Kind;

fn package(name: &str, at: usize, role: Role, locked: bool) -> Package {
    Package {
        kind: Kind::Npm,
        name: name.to_owned(),
        at,
        role,
        locked,
    }
}

/// `package.json`: names as they stand, section by section.
pub(super) fn package_json(_: &str, text: &str) -> Vec<Package> {
    let Ok(Value::Object(content)) = serde_json::from_str(text) else {
        return Vec::new();
    };
    let sections = [
        ("dependencies", Role::Direct),
        ("optionalDependencies", Role::Direct),
        ("peerDependencies", Role::Direct),
        ("devDependencies", Role::Development),
    ];
    let mut found = Vec::new();
    for (section, role) in sections {
        let Some(Value::Object(names)) = content.get(section) else {
            continue;
        };
        let from = super::place(text, 0, section);
        found.extend(
            names
                .keys()
                .map(|name| package(name, super::place(text, from, name), role, false)),
        );
    }
    found
}

/// `package-lock.json`, versions 1 to 3, line by line: the file may have a hundred thousand of them.
pub(super) fn package_lock(_: &str, text: &str) -> Vec<Package> {
    let mut found: Vec<Package> = Vec::new();
    let mut current: Option<usize> = None;
    for (at, line) in lines(text) {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        if let Some(name) = locked_name(trimmed, indent) {
            found.push(package(name, at + indent + 1, Role::Pinned, true));
            current = Some(found.len() - 1);
            continue;
        }
        let development = trimmed.starts_with("\"dev\": true") || trimmed.starts_with("\"devOptional\": true");
        let last = current.filter(|_| development).and_then(|last| found.get_mut(last));
        if let Some(last) = last {
            last.role = Role::Development;
        }
    }
    found
}

/// `"node_modules/a": {`, or `"a": {` of version 1.
fn locked_name(line: &str, indent: usize) -> Option<&str> {
    let name = line.strip_prefix('"')?.strip_suffix("\": {")?;
    match name.rsplit_once("node_modules/") {
        Some((_, name)) => Some(name),
        None if indent >= 4
            && ![
                "requires",
                "dependencies",
                "engines",
                "bin",
                "peerDependencies",
                "packages",
            ]
            .contains(&name) =>
        {
            (indent <= 4 && !name.contains("Dependencies"))
                .then_some(name)
                .filter(|name| !name.is_empty())
        }
        None => None,
    }
}

/// `yarn.lock` of all versions: entries begin at the edge.
pub(super) fn yarn_lock(_: &str, text: &str) -> Vec<Package> {
    let mut found = Vec::new();
    for (at, line) in lines(text) {
        if line.starts_with([' ', '#', '_']) || !line.ends_with(':') {
            continue;
        }
        let first = line.split(", ").next().unwrap_or(line).trim_matches(['"', ':']);
        if let Some(name) = name_before_version(first) {
            found.push(package(name, at, Role::Pinned, true));
        }
    }
    found
}

/// `@scope/name@^1.0.0` gives `@scope/name`.
fn name_before_version(text: &str) -> Option<&str> {
    let end = text.get(1..)?.find('@')? + 1;
    text.get(..end)
}

/// `pnpm-lock.yaml`: keys below `packages:`.
pub(super) fn pnpm_lock(_: &str, text: &str) -> Vec<Package> {
    let mut found = Vec::new();
    let mut inside = false;
    for (at, line) in lines(text).filter(|(_, line)| !line.is_empty()) {
        if !line.starts_with(' ') {
            inside = line.starts_with("packages:") || line.starts_with("snapshots:");
            continue;
        }
        let entry = line
            .strip_prefix("  ")
            .filter(|rest| inside && !rest.starts_with(' '))
            .map(|rest| rest.trim_matches([':', '\'', '"']));
        let Some(entry) = entry.map(|entry| entry.trim_start_matches('/')) else {
            continue;
        };
        let name = name_before_version(entry).or_else(|| entry.rsplit_once('/').map(|(name, _)| name));
        if let Some(name) = name {
            found.push(package(name, at + 2, Role::Pinned, true));
        }
    }
    found
}
