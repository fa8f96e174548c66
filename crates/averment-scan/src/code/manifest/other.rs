//! Cargo, Go, Composer, NuGet.

use serde_json::Value as Json;
use toml::{Table, Value};

use super::{Cursor, Package, Role, lines, place};
use crate::identify::Kind;

fn package(kind: Kind, name: &str, at: usize, role: Role, locked: bool) -> Package {
    Package {
        kind,
        name: name.to_owned(),
        at,
        role,
        locked,
    }
}

/// `Cargo.toml`, also of a workspace and per target.
pub(super) fn cargo_toml(_: &str, text: &str) -> Vec<Package> {
    let Ok(content) = text.parse::<Table>() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let workspace = content.get("workspace").and_then(Value::as_table);
    let targets = content.get("target").and_then(Value::as_table).into_iter().flatten();
    let targets = targets.filter_map(|(_, target)| target.as_table());
    for part in std::iter::once(&content).chain(workspace).chain(targets) {
        for (section, role) in [
            ("dependencies", Role::Direct),
            ("build-dependencies", Role::Development),
            ("dev-dependencies", Role::Development),
        ] {
            for (name, how) in part.get(section).and_then(Value::as_table).into_iter().flatten() {
                let renamed = how.get("package").and_then(Value::as_str).unwrap_or(name);
                let at = lines(text).find(|(_, line)| {
                    line.strip_prefix(name.as_str())
                        .is_some_and(|rest| rest.starts_with([' ', '=', '.']))
                });
                found.push(package(Kind::Crate, renamed, at.map_or(0, |(at, _)| at), role, false));
            }
        }
    }
    found
}

/// `Cargo.lock`.
pub(super) fn cargo_lock(path: &str, text: &str) -> Vec<Package> {
    let mut found = super::python::toml_lock(path, text);
    for package in &mut found {
        package.kind = Kind::Crate;
    }
    found
}

/// `go.mod`: `// indirect` is what another module wants.
pub(super) fn go_mod(_: &str, text: &str) -> Vec<Package> {
    let mut found = Vec::new();
    let mut block = "";
    for (at, line) in lines(text) {
        let code = line.trim_start();
        if let Some(word) = code.strip_suffix('(') {
            block = word.trim_end();
            continue;
        }
        if code.starts_with(')') {
            block = "";
        }
        let required = code.strip_prefix("require ").or((block == "require").then_some(code));
        let name = required
            .and_then(|rest| rest.split_whitespace().next())
            .filter(|name| name.contains('.') && !name.starts_with("//"));
        if let Some(name) = name {
            let role = if code.contains("// indirect") {
                Role::Transitive
            } else {
                Role::Direct
            };
            found.push(package(Kind::Go, name, at + (line.len() - code.len()), role, false));
        }
    }
    found
}

/// `go.sum`: pins more than is used; what is asked for stands in `go.mod`. Of a module with a line `…/go.mod` alone only the list of what it wants was read, and none of its code.
pub(super) fn go_sum(_: &str, text: &str) -> Vec<Package> {
    let names = lines(text).filter_map(|(at, line)| {
        let mut words = line.split_whitespace();
        let (name, version) = (words.next()?, words.next()?);
        (name.contains('.') && !version.ends_with("/go.mod")).then_some((at, name))
    });
    names
        .map(|(at, name)| package(Kind::Go, name, at, Role::Wanted, true))
        .collect()
}

/// `composer.json`.
pub(super) fn composer_json(_: &str, text: &str) -> Vec<Package> {
    let Ok(content) = serde_json::from_str::<Json>(text) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (section, role) in [("require", Role::Direct), ("require-dev", Role::Development)] {
        let from = place(text, 0, section);
        let names = content
            .get(section)
            .and_then(Json::as_object)
            .into_iter()
            .flatten()
            .map(|(name, _)| name);
        found.extend(
            names
                .filter(|name| name.contains('/'))
                .map(|name| package(Kind::Composer, name, place(text, from, name), role, false)),
        );
    }
    found
}

/// `composer.lock`.
pub(super) fn composer_lock(_: &str, text: &str) -> Vec<Package> {
    let Ok(content) = serde_json::from_str::<Json>(text) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut cursor = Cursor::new(text);
    for (section, role) in [("packages", Role::Pinned), ("packages-dev", Role::Development)] {
        let names = content.get(section).and_then(Json::as_array).into_iter().flatten();
        let names = names.filter_map(|one| one.get("name")?.as_str());
        found.extend(names.map(|name| {
            package(
                Kind::Composer,
                name,
                cursor.next(&format!("\"name\": \"{name}\"")),
                role,
                true,
            )
        }));
    }
    found
}

/// Project files of .NET: `<PackageReference Include="X" …`, `<PackageVersion …`.
pub(super) fn project_file(_: &str, text: &str) -> Vec<Package> {
    included(text, &["<PackageReference", "<PackageVersion"], "Include=\"")
}

/// `packages.config`.
pub(super) fn packages_config(_: &str, text: &str) -> Vec<Package> {
    included(text, &["<package "], "id=\"")
}

fn included(text: &str, tags: &[&str], attribute: &str) -> Vec<Package> {
    let mut found = Vec::new();
    for (at, line) in lines(text) {
        let tag = tags
            .iter()
            .find_map(|tag| Some((line.find(tag)?, line.split_once(tag)?.1)));
        let name = tag.and_then(|(_, rest)| rest.split_once(attribute)?.1.split('"').next());
        if let (Some((column, rest)), Some(name)) = (tag, name) {
            let development = rest.contains("developmentDependency=\"true\"");
            let role = if development { Role::Development } else { Role::Direct };
            found.push(package(Kind::Nuget, name, at + column, role, false));
        }
    }
    found
}

/// `packages.lock.json`.
pub(super) fn nuget_lock(_: &str, text: &str) -> Vec<Package> {
    let Ok(content) = serde_json::from_str::<Json>(text) else {
        return Vec::new();
    };
    let frameworks = content
        .get("dependencies")
        .and_then(Json::as_object)
        .into_iter()
        .flatten();
    let mut found = Vec::new();
    for (name, how) in frameworks.flat_map(|(_, packages)| packages.as_object().into_iter().flatten()) {
        let role = match how.get("type").and_then(Json::as_str) {
            Some("Direct") => Role::Direct,
            _ => Role::Transitive,
        };
        found.push(package(Kind::Nuget, name, place(text, 0, name), role, true));
    }
    found
}
