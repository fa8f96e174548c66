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

/// Configurations of Gradle whose packages go into what runs, or into its build.
const CONFIGURATIONS: [&str; 11] = [
    "implementation",
    "api",
    "compile",
    "runtimeonly",
    "compileonly",
    "classpath",
    "kapt",
    "ksp",
    "annotationprocessor",
    "runtime",
    "debugimplementation",
];

/// Files of Gradle: `implementation "g:a:1"`, `api(group: 'g', name: 'a')`, coordinates that are given a name for use elsewhere, and plugins by
/// their id.
pub(super) fn gradle(path: &str, text: &str) -> Vec<Package> {
    let code_of_a_build = !path.ends_with(".gradle") && !path.ends_with(".gradle.kts");
    let mut found = Vec::new();
    // What a list over several lines is for: `androidTestImplementation(`.
    let mut list = Role::Direct;
    for (at, line) in lines(text) {
        let code = line.trim_start();
        if code.starts_with("//") || code.starts_with('*') || code.starts_with("exclude") {
            continue;
        }
        if code.starts_with(')') {
            list = Role::Direct;
        }
        let at = at + (line.len() - code.len());
        let word = code
            .split(|character: char| !character.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if let Some(id) = plugin(code, &word) {
            found.push(Package {
                kind: Kind::GradlePlugin,
                ..package(id.to_owned(), at, Role::Direct)
            });
            continue;
        }
        let test = word.starts_with("test") || word.starts_with("androidtest");
        let role = if test { Role::Development } else { list };
        if test && code.trim_end().ends_with('(') {
            list = Role::Development;
        }
        let asked = !code_of_a_build && (test || CONFIGURATIONS.iter().any(|known| word.ends_with(known)));
        let name = match asked {
            true => coordinate(code),
            false => code.split(['"', '\'']).skip(1).step_by(2).find_map(whole_coordinate),
        };
        found.extend(name.map(|name| package(name, at, role)));
    }
    found
}

/// `id 'x'`, `id("x") version "1"`, `apply plugin: 'x'`: the plugin.
fn plugin<'a>(code: &'a str, word: &str) -> Option<&'a str> {
    let applied = code.starts_with("apply plugin:") || code.starts_with("apply(plugin");
    if !applied && (word != "id" || !code.get(2..)?.starts_with([' ', '('])) {
        return None;
    }
    super::ruby::quoted(code).filter(|id| !id.contains(['/', ' ', '$']))
}

/// `g:a` of a text that is nothing but `g:a:1`: the group has a point in it, and the version, where there is one, a digit or what is put in.
fn whole_coordinate(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(':').collect();
    let [group, artifact, rest @ ..] = parts.as_slice() else {
        return None;
    };
    let plain = |part: &str, more: &[char]| {
        !part.is_empty()
            && part
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || more.contains(&letter))
    };
    let group_is_one = group.contains('.') && plain(group, &['.', '-', '_']);
    let artifact_is_one =
        artifact.starts_with(|first: char| first.is_ascii_alphabetic()) && plain(artifact, &['.', '-', '_']);
    let versioned = rest
        .first()
        .is_none_or(|version| version.contains(|letter: char| letter.is_ascii_digit() || letter == '$'));
    (group_is_one && artifact_is_one && versioned && rest.len() < 3).then(|| format!("{group}:{artifact}"))
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

/// `libs.versions.toml`: libraries, and plugins by their id.
pub(super) fn version_catalog(_: &str, text: &str) -> Vec<Package> {
    let Ok(content) = text.parse::<toml::Table>() else {
        return Vec::new();
    };
    let place = |key: &str| {
        lines(text)
            .find(|(_, line)| line.trim_start().starts_with(key))
            .map_or(0, |(at, _)| at)
    };
    let table = |name: &str| content.get(name).and_then(toml::Value::as_table).into_iter().flatten();
    let libraries = table("libraries").filter_map(|(key, library)| {
        let field = |name: &str| library.get(name).and_then(toml::Value::as_str);
        let named = library.as_str().or_else(|| field("module"));
        let name = match (named, field("group"), field("name")) {
            (Some(module), _, _) => module.split(':').take(2).collect::<Vec<_>>().join(":"),
            (None, Some(group), Some(name)) => format!("{group}:{name}"),
            _ => return None,
        };
        Some(package(name, place(key), Role::Direct))
    });
    let plugins = table("plugins").filter_map(|(key, plugin)| {
        let id = plugin.get("id").or(Some(plugin))?.as_str()?;
        let id = id.split(':').next().unwrap_or(id);
        Some(Package {
            kind: Kind::GradlePlugin,
            ..package(id.to_owned(), place(key), Role::Direct)
        })
    });
    libraries.chain(plugins).collect()
}
