//! CocoaPods, and packages of Swift: `Podfile`, `*.podspec`, `Package.swift`, `Package.resolved`, projects of Xcode.

use super::ruby::quoted;
use super::{Package, Role, lines};
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

/// `Podfile`: what stands in targets of tests is for development.
pub(super) fn podfile(_: &str, text: &str) -> Vec<Package> {
    let mut blocks: Vec<bool> = Vec::new();
    let mut found = Vec::new();
    for (at, line) in lines(text) {
        let code = line.trim_start();
        let word = code.split([' ', '(']).next().unwrap_or_default();
        match word {
            "pod" => {
                let role = match blocks.contains(&true) {
                    true => Role::Development,
                    false => Role::Direct,
                };
                let own = code.contains("path:") || code.contains(":path");
                let name = quoted(code).filter(|_| !own);
                found.extend(name.map(|name| package(Kind::Pod, name, at + (line.len() - code.len()), role, false)));
            }
            "target" | "def" | "abstract_target" => blocks.push(is_of_tests(code)),
            "if" | "unless" | "case" | "begin" => blocks.push(false),
            "end" => {
                blocks.pop();
            }
            _ if !code.starts_with('#') && (code.ends_with(" do") || code.contains(" do |")) => blocks.push(false),
            _ => {}
        }
    }
    found
}

/// `target "SchoolTests" do`, `def testing_pods`.
fn is_of_tests(code: &str) -> bool {
    let words = crate::words::split(code);
    words
        .iter()
        .any(|word| ["test", "tests", "testing", "specs"].contains(&word.as_str()))
}

/// `Podfile.lock`: `DEPENDENCIES` are those asked for, everything else in `PODS` is wanted by them. A pod that lies where a package of
/// pub.dev or npm was laid is that package.
pub(super) fn podfile_lock(_: &str, text: &str) -> Vec<Package> {
    let asked: Vec<&str> = lines(text)
        .skip_while(|(_, line)| *line != "DEPENDENCIES:")
        .skip(1)
        .take_while(|(_, line)| line.starts_with(' '))
        .filter_map(|(_, line)| pod(line))
        .collect();
    let mut found = Vec::new();
    let mut section = "";
    for (at, line) in lines(text) {
        if !line.starts_with(' ') {
            section = line;
            continue;
        }
        let Some(name) = line.starts_with("  - ").then(|| pod(line)).flatten() else {
            continue;
        };
        match section {
            "PODS:" if asked.contains(&name) => found.push(package(Kind::Pod, name, at + 4, Role::Pinned, true)),
            "PODS:" => found.push(package(Kind::Pod, name, at + 4, Role::Transitive, true)),
            "DEPENDENCIES:" => {
                let (kind, name) = laid(line).unwrap_or((Kind::Pod, name));
                found.push(package(kind, name, at + 4, Role::Direct, true));
            }
            _ => {}
        }
    }
    found
}

/// `Firebase/Core` of `  - Firebase/Core (= 10.15.0):`.
fn pod(line: &str) -> Option<&str> {
    let entry = line.trim_start().strip_prefix("- ")?.trim_start_matches('"');
    let end = entry.find([' ', ':', '"']).unwrap_or(entry.len());
    entry.get(..end).filter(|name| !name.is_empty())
}

/// `sentry_flutter` of ``(from `.symlinks/plugins/sentry_flutter/ios`)``, `@scope/name` of ``(from `../node_modules/@scope/name/ios`)``.
fn laid(line: &str) -> Option<(Kind, &str)> {
    let from = line.split_once("(from `")?.1;
    if let Some((_, rest)) = from.split_once(".symlinks/plugins/") {
        return rest.split(['/', '`']).next().map(|name| (Kind::Pub, name));
    }
    let (_, rest) = from.rsplit_once("node_modules/")?;
    let parts = if rest.starts_with('@') { 2 } else { 1 };
    let end = rest.match_indices(['/', '`']).nth(parts - 1)?.0;
    rest.get(..end).map(|name| (Kind::Npm, name))
}

/// `*.podspec`: `s.dependency "Name"`.
pub(super) fn podspec(_: &str, text: &str) -> Vec<Package> {
    let mut found = Vec::new();
    for (at, line) in lines(text) {
        let code = line.trim_start();
        if let Some((front, rest)) = code.split_once(".dependency").filter(|_| !code.starts_with('#')) {
            let role = match front.contains("test") {
                true => Role::Development,
                false => Role::Direct,
            };
            let at = at + (line.len() - code.len());
            found.extend(quoted(rest).map(|name| package(Kind::Pod, name, at, role, false)));
        }
    }
    found
}

/// `Package.swift`: `.package(url: "https://github.com/owner/name", …)`.
pub(super) fn package_swift(_: &str, text: &str) -> Vec<Package> {
    repositories(text, &["url:"], Role::Direct, false)
}

/// `Package.resolved`: every package, whoever wants it.
pub(super) fn package_resolved(_: &str, text: &str) -> Vec<Package> {
    repositories(text, &["\"location\"", "\"repositoryURL\""], Role::Wanted, true)
}

/// `project.pbxproj`: `repositoryURL = "https://github.com/owner/name";`.
pub(super) fn project(_: &str, text: &str) -> Vec<Package> {
    repositories(text, &["repositoryURL ="], Role::Direct, false)
}

/// Repositories in quotes behind one of `keys`.
fn repositories(text: &str, keys: &[&str], role: Role, locked: bool) -> Vec<Package> {
    let mut found = Vec::new();
    for (at, line) in lines(text).filter(|(_, line)| !line.trim_start().starts_with("//")) {
        let behind = keys.iter().find_map(|key| line.split_once(key));
        let name = behind.and_then(|(_, rest)| quoted(rest)).and_then(repository);
        let start = at + (line.len() - line.trim_start().len());
        found.extend(name.map(|name| package(Kind::SwiftPackage, name, start, role, locked)));
    }
    found
}

/// `owner/name` of `https://github.com/owner/name.git` and `git@github.com:owner/name.git`.
fn repository(address: &str) -> Option<&str> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let (_, path) = rest.split_once(['/', ':'])?;
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    path.contains('/').then_some(path)
}
