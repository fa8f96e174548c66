//! Bundler and RubyGems.

use super::{Package, Role, is_development, lines};
use crate::identify::Kind;

fn package(name: &str, at: usize, role: Role, locked: bool) -> Package {
    Package {
        kind: Kind::Gem,
        name: name.to_owned(),
        at,
        role,
        locked,
    }
}

/// The first text in quotes.
fn quoted(text: &str) -> Option<&str> {
    let start = text.find(['"', '\''])? + 1;
    let rest = text.get(start..)?;
    rest.get(..rest.find(['"', '\''])?)
}

/// `Gemfile`: groups of development and tests are told apart, also nested.
pub(super) fn gemfile(_: &str, text: &str) -> Vec<Package> {
    let mut blocks: Vec<bool> = Vec::new();
    let mut found = Vec::new();
    for (at, line) in lines(text) {
        let code = line.trim_start();
        if code.starts_with('#') {
            continue;
        }
        if let Some(rest) = code.strip_prefix("gem ").or_else(|| code.strip_prefix("gem(")) {
            let inside = blocks.iter().any(|development| *development);
            let grouped = ["group:", "groups:", ":group", ":groups"]
                .iter()
                .find_map(|key| rest.split_once(key));
            let development = inside || grouped.is_some_and(|(_, groups)| only_development(groups));
            let role = if development { Role::Development } else { Role::Direct };
            found.extend(quoted(rest).map(|name| package(name, at + (line.len() - code.len()), role, false)));
        } else if code.starts_with("group ") || code.starts_with("group(") {
            blocks.push(only_development(code));
        } else if code == "end" || code.starts_with("end ") {
            blocks.pop();
        } else if code.trim_end().ends_with(" do") || code.starts_with("if ") || code.starts_with("unless ") {
            blocks.push(false);
        }
    }
    found
}

/// Whether every group that is named is one of development.
fn only_development(groups: &str) -> bool {
    let names: Vec<&str> = groups
        .split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
        .filter(|word| {
            !word.is_empty() && !["group", "do", "require", "false", "nil", "optional", "true"].contains(word)
        })
        .collect();
    !names.is_empty() && names.iter().all(|name| is_development(name))
}

/// `Gemfile.lock`: `DEPENDENCIES` are those asked for.
pub(super) fn gemfile_lock(_: &str, text: &str) -> Vec<Package> {
    let mut found: Vec<Package> = Vec::new();
    let mut asked: Vec<&str> = Vec::new();
    let mut inside = false;
    for (at, line) in lines(text) {
        if !line.starts_with(' ') {
            inside = line == "DEPENDENCIES";
        } else if inside {
            asked.extend(line.split_whitespace().next().map(|name| name.trim_end_matches('!')));
        } else if let Some(rest) = line.strip_prefix("    ").filter(|rest| !rest.starts_with(' ')) {
            let name = rest.split([' ', '(']).next().unwrap_or(rest);
            found.push(package(name, at + 4, Role::Transitive, true));
        }
    }
    let asked: std::collections::BTreeSet<&str> = asked.into_iter().collect();
    for package in found.iter_mut().filter(|package| asked.contains(package.name.as_str())) {
        // Which of them are for development only the Gemfile says.
        package.role = Role::Pinned;
    }
    found
}

/// `*.gemspec`.
pub(super) fn gemspec(_: &str, text: &str) -> Vec<Package> {
    let mut found = Vec::new();
    for (at, line) in lines(text) {
        let Some((front, rest)) = line.split_once("dependency") else {
            continue;
        };
        if front.trim_start().starts_with('#') || !front.contains(".add_") {
            continue;
        }
        let role = if front.ends_with("development_") {
            Role::Development
        } else {
            Role::Direct
        };
        found.extend(quoted(rest).map(|name| package(name, at + (line.len() - line.trim_start().len()), role, false)));
    }
    found
}
