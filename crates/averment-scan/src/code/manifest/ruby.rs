//! Bundler and RubyGems.

use std::collections::{BTreeMap, BTreeSet};

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
pub(super) fn quoted(text: &str) -> Option<&str> {
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

/// Gems that build and check a program and are no part of it, with the beginnings of those that are added to them.
const TOOLS: [&str; 5] = ["fastlane", "cocoapods", "danger", "rubocop", "overcommit"];

fn is_tool(gem: &str) -> bool {
    let added = |tool: &&str| {
        gem.strip_prefix(*tool)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    TOOLS.iter().any(added)
}

/// `Gemfile.lock`: `DEPENDENCIES` are those asked for; what only tools of builds want is for development.
pub(super) fn gemfile_lock(_: &str, text: &str) -> Vec<Package> {
    let mut lock = Lock::of(text);
    let asked = &lock.asked;
    let running = reached(asked.iter().copied().filter(|name| !is_tool(name)), &lock.wants);
    let building = reached(asked.iter().copied().filter(|name| is_tool(name)), &lock.wants);
    let wanted: BTreeSet<&str> = lock.wants.values().flatten().copied().collect();
    for package in &mut lock.found {
        let name = package.name.as_str();
        if lock.asked.contains(name) || !wanted.contains(name) {
            // Which of them are for development only the Gemfile says.
            package.role = Role::Pinned;
        } else if building.contains(name) && !running.contains(name) {
            package.role = Role::Development;
        }
    }
    lock.found
}

/// What a `Gemfile.lock` says, line by line.
#[derive(Default)]
struct Lock<'t> {
    found: Vec<Package>,
    /// Those below `DEPENDENCIES`.
    asked: BTreeSet<&'t str>,
    /// What each gem wants.
    wants: BTreeMap<&'t str, Vec<&'t str>>,
}

impl<'t> Lock<'t> {
    fn of(text: &'t str) -> Self {
        let mut lock = Self::default();
        let mut section = "";
        let mut last = "";
        for (at, line) in lines(text) {
            let rest = line.trim_start();
            let name = rest.split([' ', '(']).next().unwrap_or_default();
            match line.len() - rest.len() {
                0 => section = line,
                _ if section == "DEPENDENCIES" => {
                    lock.asked.insert(name.trim_end_matches('!'));
                }
                4 => {
                    lock.found.push(package(name, at + 4, Role::Transitive, true));
                    last = name;
                }
                6 => {
                    // Gems that lie in the repository are the program's own: what they want, it wants.
                    if section == "PATH" {
                        lock.asked.insert(name);
                    }
                    lock.wants.entry(last).or_default().push(name);
                }
                _ => {}
            }
        }
        lock
    }
}

/// Everything that `roots` want, and they themselves.
fn reached<'t>(roots: impl Iterator<Item = &'t str>, wants: &BTreeMap<&'t str, Vec<&'t str>>) -> BTreeSet<&'t str> {
    let mut open: Vec<&str> = roots.collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            open.extend(wants.get(name).into_iter().flatten());
        }
    }
    seen
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
