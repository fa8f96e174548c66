//! Maven and Gradle.

use super::{Package, Role, lines};
use crate::identify::Kind;

fn package(name: String, at: usize, role: Role) -> Package {
    Package {
        kind: Kind::Maven,
        name,
        at,
        role,
        locked: false,
    }
}

/// `pom.xml`: every `<dependency>`.
pub(super) fn pom(_: &str, text: &str) -> Vec<Package> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text
        .get(from..)
        .and_then(|rest| rest.find("<dependency>"))
        .map(|at| from + at)
    {
        let rest = text.get(start..).unwrap_or_default();
        let end = rest.find("</dependency>").unwrap_or(rest.len());
        let block = rest.get(..end).unwrap_or_default();
        let block = block.split("<exclusions>").next().unwrap_or(block);
        let role = if inner(block, "scope") == Some("test") {
            Role::Development
        } else {
            Role::Direct
        };
        if let (Some(group), Some(artifact)) = (inner(block, "groupId"), inner(block, "artifactId")) {
            found.push(package(format!("{group}:{artifact}"), start, role));
        }
        from = start + end.max("<dependency>".len());
    }
    found
}

fn inner<'a>(block: &'a str, tag: &str) -> Option<&'a str> {
    let (_, rest) = block.split_once(&format!("<{tag}>"))?;
    rest.split('<').next().map(str::trim)
}

/// `build.gradle` and `.kts`: `implementation "g:a:1"`, `api(group: 'g', name: 'a')`.
pub(super) fn gradle(_: &str, text: &str) -> Vec<Package> {
    let mut found = Vec::new();
    for (at, line) in lines(text) {
        let code = line.trim_start();
        if code.starts_with("//") || code.starts_with('*') {
            continue;
        }
        let word = code
            .split(|character: char| !character.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        let lower = word.to_ascii_lowercase();
        let configuration = [
            "implementation",
            "api",
            "compile",
            "runtimeonly",
            "compileonly",
            "classpath",
            "kapt",
            "annotationprocessor",
            "runtime",
            "debugimplementation",
        ];
        let test = lower.starts_with("test") || lower.starts_with("androidtest");
        if !test && !configuration.iter().any(|known| lower.ends_with(known)) {
            continue;
        }
        let role = if test { Role::Development } else { Role::Direct };
        found.extend(coordinate(code).map(|name| package(name, at + (line.len() - code.len()), role)));
    }
    found
}

fn coordinate(code: &str) -> Option<String> {
    let texts: Vec<&str> = code.split(['"', '\'']).skip(1).step_by(2).collect();
    let first = texts.first()?;
    if let [group, artifact, ..] = first.split(':').collect::<Vec<_>>().as_slice() {
        return Some(format!("{group}:{artifact}"));
    }
    let named = code.contains("group") && code.contains("name");
    texts
        .get(1)
        .filter(|_| named)
        .map(|artifact| format!("{first}:{artifact}"))
}

/// `libs.versions.toml`.
pub(super) fn version_catalog(_: &str, text: &str) -> Vec<Package> {
    let Ok(content) = text.parse::<toml::Table>() else {
        return Vec::new();
    };
    let libraries = content
        .get("libraries")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flatten();
    libraries
        .filter_map(|(key, library)| {
            let field = |name: &str| library.get(name).and_then(toml::Value::as_str);
            let named = library.as_str().or_else(|| field("module"));
            let name = match (named, field("group"), field("name")) {
                (Some(module), _, _) => module.split(':').take(2).collect::<Vec<_>>().join(":"),
                (None, Some(group), Some(name)) => format!("{group}:{name}"),
                _ => return None,
            };
            let at = lines(text)
                .find(|(_, line)| line.trim_start().starts_with(key.as_str()))
                .map_or(0, |(at, _)| at);
            Some(package(name, at, Role::Direct))
        })
        .collect()
}
