//! Packages that a program asks for: manifests and lock files of twelve ecosystems.
//!
//! Start at [`packages`]. What cannot be parsed gives what can be read of it; a manifest is never executed.

mod apple;
mod dart;
mod javascript;
mod jvm;
mod other;
mod python;
mod ruby;
mod wanted;

use crate::identify::Kind;

/// What a package is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Asked for by name, for what runs.
    Direct,
    /// For development, tests or documentation only.
    Development,
    /// Another package wants it.
    Transitive,
    /// A lock file pins it and does not say which of these.
    Pinned,
    /// The same, and another package of the lock file wants it.
    Wanted,
}

/// One package in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Package {
    pub(super) kind: Kind,
    pub(super) name: String,
    /// Where, in bytes.
    pub(super) at: usize,
    pub(super) role: Role,
    /// In a lock file.
    pub(super) locked: bool,
}

type Reader = fn(&str, &str) -> Vec<Package>;

/// Which reader a file is for, by its name.
fn reader(path: &str) -> Option<Reader> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let by_name: Option<Reader> = Some(match name.as_str() {
        "package.json" => javascript::package_json,
        "package-lock.json" | "npm-shrinkwrap.json" => javascript::package_lock,
        "yarn.lock" => javascript::yarn_lock,
        "pnpm-lock.yaml" => javascript::pnpm_lock,
        "pyproject.toml" => python::pyproject,
        "poetry.lock" | "uv.lock" | "pdm.lock" => python::toml_lock,
        "pipfile" => python::pipfile,
        "pipfile.lock" => python::pipfile_lock,
        "setup.py" => python::setup_py,
        "setup.cfg" => python::setup_cfg,
        "gemfile" | "gems.rb" | "pluginfile" => ruby::gemfile,
        "gemfile.lock" | "gems.locked" => ruby::gemfile_lock,
        "cargo.toml" => other::cargo_toml,
        "cargo.lock" => other::cargo_lock,
        "go.mod" => other::go_mod,
        "go.sum" => other::go_sum,
        "composer.json" => other::composer_json,
        "composer.lock" => other::composer_lock,
        "packages.config" => other::packages_config,
        "packages.lock.json" => other::nuget_lock,
        "pom.xml" => jvm::pom,
        "libs.versions.toml" => jvm::version_catalog,
        "podfile" => apple::podfile,
        "podfile.lock" => apple::podfile_lock,
        "package.swift" => apple::package_swift,
        "package.resolved" => apple::package_resolved,
        "project.pbxproj" => apple::project,
        "pubspec.yaml" => dart::pubspec,
        "pubspec.lock" => dart::pubspec_lock,
        _ => return by_ending(path, &name),
    });
    by_name
}

fn by_ending(path: &str, name: &str) -> Option<Reader> {
    let requirements = name.contains("requirements")
        || name.contains("constraints")
        || path.split('/').rev().nth(1) == Some("requirements");
    let folder = path.contains("requirements/");
    if (requirements || folder) && (name.ends_with(".txt") || name.ends_with(".in") || name.ends_with(".pip")) {
        return Some(python::requirements);
    }
    if name.ends_with(".gemspec") {
        return Some(ruby::gemspec);
    }
    if name.ends_with(".podspec") {
        return Some(apple::podspec);
    }
    if is_of_gradle(path, name) {
        return Some(jvm::gradle);
    }
    if name.ends_with(".csproj")
        || name.ends_with(".fsproj")
        || name.ends_with(".vbproj")
        || name == "directory.packages.props"
    {
        return Some(other::project_file);
    }
    None
}

/// Files of Gradle, and the code that a build keeps its coordinates in: `buildSrc/src/main/java/Dependencies.kt`.
fn is_of_gradle(path: &str, name: &str) -> bool {
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let of_a_build = ["buildSrc/", "build-logic/", "buildLogic/"];
    ends(&[".gradle", ".gradle.kts"])
        || (ends(&[".kt", ".java", ".groovy"]) && of_a_build.iter().any(|folder| path.contains(folder)))
}

/// Whether a file is a manifest or a lock file.
pub(super) fn is_manifest(path: &str) -> bool {
    reader(path).is_some()
}

/// Whether a manifest is a program as well, so that its keys and calls say something.
pub(super) fn is_program(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    is_of_gradle(path, &name)
}

/// The packages of a manifest, in the order of the text; none where the file is no manifest.
pub(super) fn packages(path: &str, text: &str) -> Vec<Package> {
    let mut found = reader(path).map(|read| read(path, text)).unwrap_or_default();
    // A list of pip's says itself who asked.
    if !path.ends_with(".txt") && found.iter().any(|package| package.role == Role::Pinned) {
        let wanted = wanted::names(path, text);
        let pinned = found.iter_mut().filter(|package| package.role == Role::Pinned);
        let said = |package: &Package| [Kind::Gem, Kind::Pod].contains(&package.kind);
        for package in pinned.filter(|package| !said(package) && wanted.contains(package.name.as_str())) {
            package.role = Role::Wanted;
        }
    }
    found.sort_by(|a, b| (a.kind, &a.name, a.role, a.at).cmp(&(b.kind, &b.name, b.role, b.at)));
    found.dedup_by(|later, first| later.kind == first.kind && later.name == first.name && later.role == first.role);
    found.sort_by_key(|package| package.at);
    found
}

/// The format that a manifest is written in and that this text is not in; none where it can be read, or is of no format.
pub(super) fn broken(path: &str, text: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    match name.as_str() {
        "package.json" | "composer.json" | "composer.lock" | "packages.lock.json" | "pipfile.lock" => {
            let read = serde_json::from_str::<serde::de::IgnoredAny>(text);
            read.is_err().then_some("JSON")
        }
        "pyproject.toml" | "poetry.lock" | "uv.lock" | "pdm.lock" | "pipfile" | "cargo.toml" | "cargo.lock"
        | "libs.versions.toml" => text.parse::<toml::Table>().is_err().then_some("TOML"),
        // Read by its tags, so that only a text without its end is known to be none.
        "pom.xml" => (!text.contains("</project>")).then_some("XML"),
        _ => None,
    }
}

/// Words in names of groups and files that are not for what runs.
fn is_development(group: &str) -> bool {
    let group = group.to_ascii_lowercase();
    let words = [
        "dev",
        "develop",
        "development",
        "test",
        "tests",
        "testing",
        "doc",
        "docs",
        "lint",
        "linting",
        "ci",
        "quality",
        "tox",
        "typing",
        "typecheck",
        "mypy",
        "unittest",
        "unittests",
        "functest",
        "functests",
        "pytest",
        "checkformatting",
        "format",
        "coverage",
        "template",
        "cucumber",
    ];
    group
        .split(|character: char| !character.is_ascii_alphanumeric())
        .any(|word| words.contains(&word))
}

/// Where a name stands in quotes behind `from`, or the start of the text.
fn place(text: &str, from: usize, name: &str) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let quoted = rest.find(&format!("\"{name}\"")).map(|at| at + 1);
    quoted.or_else(|| rest.find(name)).map_or(0, |at| from + at)
}

/// Places of names in a text in the order in which they come: each search goes on where the last one ended, so that all of them
/// together read the text once.
struct Cursor<'a> {
    text: &'a str,
    from: usize,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, from: 0 }
    }

    fn next(&mut self, needle: &str) -> usize {
        match self.text.get(self.from..).and_then(|rest| rest.find(needle)) {
            Some(at) => {
                self.from += at + needle.len();
                self.from - needle.len()
            }
            None => 0,
        }
    }
}

/// Lines with the byte at which each begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line.trim_end_matches(['\n', '\r']))
    })
}

#[cfg(test)]
mod tests;
