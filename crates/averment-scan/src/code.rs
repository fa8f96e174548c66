//! Source code: which third parties a repository contacts, embeds, allows, sets up, links to or only mentions.
//!
//! Start at [`scan`]. Files are walked ([`walk`]), told apart ([`class`]), filtered by the names of the catalog ([`needles`]),
//! read by their manifest, their grammar or line by line, judged, and joined to observations.
//!
//! Invariant: nothing that is read is executed; links are not followed; a file that could not be read is counted as such. The
//! cache is only a cache: without it the same is found.

mod addresses;
mod apps;
mod cache;
mod class;
mod commands;
mod constants;
mod finding;
mod index;
mod infrastructure;
mod join;
mod judge;
mod kept;
mod keys;
mod lacking;
mod look;
mod manifest;
mod marked;
mod named;
mod names;
mod needles;
mod own;
mod passed;
mod plain;
mod policy;
mod registries;
mod services;
mod set_up;
mod settings;
mod side;
mod tags;
mod texts;
mod walk;
mod wrappers;

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use averment_catalog::Plane;
use averment_syntax::Language;
use jiff::Timestamp;

use self::cache::Cache;
pub use self::class::{Class, class_of};
use self::finding::{FileFindings, Finding, Lines, Looked};
use self::infrastructure::Format;
use self::look::Look as File;
use self::manifest::{Package, Role};
pub use self::walk::Limits;
use self::walk::Source;
use self::wrappers::Wrappers;
use crate::identify::{Kind, Tables, tables};
use crate::observation::{Confidence, How, Side, Spot, Tier};
use crate::seen::{Look, Seen, Unread};

/// What to read, and how.
#[derive(Debug, Clone, Default)]
pub struct CodeOptions {
    /// How much at most.
    pub limits: Limits,
    /// Where results are kept between runs; nothing is kept when absent.
    pub cache: Option<PathBuf>,
    /// Parse every file, whether or not it holds a name that matters: the same is found, slower.
    pub unfiltered: bool,
}

/// Why a repository could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// The path is not there, or may not be read.
    #[error("cannot read `{path}`")]
    Root {
        /// The path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Looks at everything below `root`. `now` is when; `tick` hears of the bytes of each file as it is read.
///
/// # Errors
/// [`CodeError::Root`] when `root` cannot be opened. What cannot be read below it is in the coverage.
pub fn scan(
    root: &Path,
    options: &CodeOptions,
    now: Timestamp,
    tick: &(dyn Fn(u64) + Sync),
) -> Result<Seen, CodeError> {
    let opened = |source| CodeError::Root {
        path: root.display().to_string(),
        source,
    };
    let root = root.canonicalize().map_err(opened)?;
    let cache = Cache::open(options.cache.as_deref());
    let read = |source: Source| first(&source, &cache, options);
    let (mut files, mut coverage) = walk::walk(&root, options.limits, &read, tick);
    for plane in files.iter().filter_map(|file| file.given.plane) {
        *coverage.live_by_plane.entry(plane).or_default() += 1;
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    coverage.unread.extend(files.iter().filter_map(broken));
    coverage.unread.sort();
    follow_wrappers(&root, &mut files, &cache, options);
    cache.save();
    let (observations, own) = own::Says::of(&files, &own::remote(&root)).part(join::observations(&files));
    Ok(Seen {
        look: Look::Code,
        planes: coverage.live_by_plane.keys().copied().collect(),
        from: now,
        until: now,
        observations,
        own,
        coverage,
        knows_people: false,
    })
}

/// The plane that a live file can say something about; none where nothing says on which machine it runs.
fn plane_of(format: Option<Format>, side: Option<Side>) -> Option<Plane> {
    match (format, side) {
        (Some(_), _) => Some(Plane::Infrastructure),
        (None, Some(Side::Server)) => Some(Plane::Gateway),
        (None, Some(Side::Browser)) => Some(Plane::Browser),
        (None, None) => None,
    }
}

/// What is told of a manifest that could not be read.
fn broken(file: &Looked) -> Option<Unread> {
    let because = file.given.unread.clone()?;
    let spot = Spot {
        file: file.path.clone(),
        ..Spot::default()
    };
    Some(Unread { spot, because })
}

/// What lies beside a file has a say in its class: a class that has changed is another look.
fn key_path(path: &str, class: Class) -> String {
    format!("{} {path}", class.as_str())
}

/// The first look at one file, from the cache where it has been seen before.
fn first(source: &Source, cache: &Cache, options: &CodeOptions) -> Looked {
    let key = Cache::key(&key_path(&source.path, source.class), &source.bytes);
    let given = cache.get(&key).unwrap_or_else(|| {
        let given = look_at(source, tables(), options.unfiltered);
        cache.put(key, &given);
        given
    });
    Looked {
        path: source.path.clone(),
        class: source.class,
        digest: key,
        given,
    }
}

/// Everything that one file shows by itself.
fn look_at(source: &Source, tables: &'static Tables, unfiltered: bool) -> FileFindings {
    let text = String::from_utf8_lossy(&source.bytes);
    let text = text.trim_start_matches('\u{feff}');
    let mut given = FileFindings {
        own: own::signs(&source.path, source.class, text),
        ..FileFindings::default()
    };
    if manifest::is_manifest(&source.path) && !manifest::is_program(&source.path) {
        let packages = manifest::packages(&source.path, text);
        if packages.is_empty() && source.class == Class::Live {
            given.unread =
                manifest::broken(&source.path, text).map(|format| format!("is no {format} that can be read"));
        }
        let mut file = file(source, text, tables);
        of_packages(&mut file, &packages, &mut given);
        registries::read(&mut file);
        given.findings = file.findings;
        return given;
    }
    let mut file = file(source, text, tables);
    let packages = manifest::packages(&source.path, text);
    of_packages(&mut file, &packages, &mut given);
    if source.class == Class::Live {
        let format = infrastructure::format_of(&source.path, text);
        given.plane = plane_of(format, file.side);
        marked::read(&mut file);
        apps::read(&mut file);
        let set_up = commands::is_script(&source.path) || source.path.ends_with("config/storage.yml");
        let always = unfiltered || format.is_some() || set_up;
        if always || needles::may_matter(file.language, text) {
            given.wrappers = of_live(&mut file, format);
        }
        if manifest::is_program(&source.path) {
            // What a build asks are its registries; other addresses there say where a project has its page.
            file.findings.retain(|finding| finding.host.is_none());
        }
        registries::read(&mut file);
    } else {
        settings::read_dead(&mut file);
    }
    given.findings = file.findings;
    if given.findings.len() >= look::FINDINGS_MAX {
        given.unread = Some(format!(
            "names third parties in more than {} places",
            look::FINDINGS_MAX
        ));
    }
    given.findings.sort();
    given.findings.dedup();
    given
}

fn file<'a>(source: &'a Source, text: &'a str, tables: &'static Tables) -> File<'a> {
    let language = Language::of_path(&source.path);
    File {
        path: &source.path,
        class: source.class,
        language,
        side: side::side_of(&source.path, language, text),
        text,
        lines: Lines::of(text),
        tables,
        findings: Vec::new(),
    }
}

fn of_live(file: &mut File<'_>, format: Option<Format>) -> Vec<finding::Wrapper> {
    if let Some(format) = format {
        infrastructure::read(file, format);
        settings::read(file);
        return Vec::new();
    }
    match file.language {
        Language::Plain | Language::Yaml => {
            settings::read(file);
            Vec::new()
        }
        language => {
            let facts = averment_syntax::facts(language, file.text);
            judge::read(file, &facts)
        }
    }
}

/// Packages that mean a third party of the catalog.
fn of_packages(file: &mut File<'_>, packages: &[Package], given: &mut FileFindings) {
    let pinned = packages
        .iter()
        .filter(|package| package.kind == Kind::Gem && package.locked);
    given.gems = pinned.map(|package| package.name.clone()).collect();
    if file.class == Class::Live && packages.iter().any(|package| !package.locked) {
        // That there is a manifest, whether or not it asks for a third party.
        given.declared.push("~".to_owned());
    }
    for package in packages {
        let parties = file.tables.names().look_up(package.kind, &package.name);
        if parties.is_empty() {
            continue;
        }
        if !package.locked && package.role != Role::Transitive && file.class == Class::Live {
            let sign = if package.role == Role::Development { '-' } else { '+' };
            given.declared.push(format!("{sign}{}", package.name));
        }
        let (tier, confidence) = match package.role {
            _ if package.name.starts_with("@types/") => (Tier::Dead, Confidence::Certain),
            Role::Direct | Role::Pinned | Role::Wanted => (Tier::Configured, Confidence::Certain),
            // What only other packages want, nothing here calls.
            Role::Transitive | Role::Development => (Tier::Dead, Confidence::Certain),
        };
        let how = if package.locked { How::LockFile } else { How::Manifest };
        if let Some(finding) = file.known(parties, &package.name, package.at, (tier, how, confidence)) {
            finding.pinned = matches!(package.role, Role::Pinned | Role::Wanted);
            finding.wanted = package.role == Role::Wanted;
            // npm's packages also go to browsers, and those of apps run on neither side.
            let elsewhere = [Kind::Npm, Kind::Pod, Kind::SwiftPackage, Kind::Pub];
            finding.side = (!elsewhere.contains(&package.kind)).then_some(Side::Server);
        }
    }
}

/// The second look, at files that may call a wrapper.
fn follow_wrappers(root: &Path, files: &mut [Looked], cache: &Cache, options: &CodeOptions) {
    let wrappers = Wrappers::of(
        files
            .iter()
            .map(|file| (file.path.as_str(), file.given.wrappers.as_slice())),
    );
    if wrappers.is_empty() {
        return;
    }
    let words: BTreeSet<String> = wrappers.methods().map(str::to_owned).collect();
    let methods = needles::matcher(&words);
    let print = Cache::key("", wrappers.fingerprint().as_bytes());
    let share = files.len().div_ceil(options.limits.threads.max(1)).max(1);
    std::thread::scope(|scope| {
        for part in files.chunks_mut(share) {
            let (wrappers, methods, print) = (&wrappers, &methods, &print);
            scope.spawn(move || {
                for file in part.iter_mut().filter(|file| may_call(file)) {
                    let key = Cache::second_key(&file.digest, print);
                    let known = cache.get(&key).map(|given| given.findings);
                    let again = || read_again(root, file, options.limits.file_max);
                    let more = known.or_else(|| {
                        let findings = calls_of_wrappers(&file.path, again()?, methods, wrappers);
                        let given = FileFindings {
                            findings,
                            ..FileFindings::default()
                        };
                        cache.put(key, &given);
                        Some(given.findings)
                    });
                    add_callers(&mut file.given.findings, more.unwrap_or_default());
                }
            });
        }
    });
}

fn may_call(file: &Looked) -> bool {
    let language = Language::of_path(&file.path);
    file.class == Class::Live
        && !matches!(language, Language::Plain | Language::Yaml)
        && !manifest::is_manifest(&file.path)
}

/// The file's bytes once more; none when it is another one than was looked at first.
fn read_again(root: &Path, file: &Looked, most: u64) -> Option<Vec<u8>> {
    let full = if root.is_file() {
        root.to_path_buf()
    } else {
        root.join(&file.path)
    };
    if !full.symlink_metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    std::fs::File::open(full)
        .ok()?
        .take(most)
        .read_to_end(&mut bytes)
        .ok()?;
    (Cache::key(&key_path(&file.path, file.class), &bytes) == file.digest).then_some(bytes)
}

fn calls_of_wrappers(
    path: &str,
    bytes: Vec<u8>,
    methods: &aho_corasick::AhoCorasick,
    wrappers: &Wrappers,
) -> Vec<Finding> {
    let source = Source {
        path: path.to_owned(),
        class: Class::Live,
        bytes,
    };
    let text = String::from_utf8_lossy(&source.bytes);
    let text = text.trim_start_matches('\u{feff}');
    if !wrappers.may_be_called(path, text, &needles::held(methods, text)) {
        return Vec::new();
    }
    let mut file = file(&source, text, tables());
    let facts = averment_syntax::facts(file.language, text);
    wrappers::callers(&mut file, &facts, wrappers)
}

/// Adds what callers show, unless the same place already shows the same third party.
fn add_callers(findings: &mut Vec<Finding>, more: Vec<Finding>) {
    for finding in more {
        let there =
            |other: &&Finding| (other.line, other.column) == (finding.line, finding.column) && other.how == How::Call;
        if !findings
            .iter()
            .any(|other| there(&other) && finding.parties.iter().all(|party| other.parties.contains(party)))
        {
            findings.push(finding);
        }
    }
}

#[cfg(test)]
mod tests;
