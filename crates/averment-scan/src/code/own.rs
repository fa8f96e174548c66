//! Whose the repository is, as it says itself: domains that it names as its own. What goes there goes to nobody else.
//!
//! Start at [`signs`], which reads one file, and [`Says::of`], which weighs all of them. A guess, so it decides nothing where a register says
//! what is the organisation's own ([`crate::drift()`] takes it back): it keeps lists that are made without one from naming the platform as its
//! own third party.

use std::collections::BTreeMap;

use averment_catalog::{ThirdPartyId, catalog, domain};
use serde::{Deserialize, Serialize};

use super::class::Class;
use super::finding::Looked;
use crate::drift::Own;
use crate::drift::case::is_own;
use crate::identify::{Address, registrable, tables};
use crate::observation::{Observation, Party, Spot};
use crate::seen::OwnDomain;

/// What a line says is the repository's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Sign {
    pub(super) line: u32,
    pub(super) says: Saying,
}

/// A domain by the word that says so, or a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Saying {
    /// A registrable domain, and what names it.
    Domain(String, String),
    /// Whose a repository is at a code host, and what it is called.
    Name(String),
}

/// Words before a host or a mail address of one's own, in settings.
const WORDS: [&str; 8] = [
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "SESSION_COOKIE_DOMAIN",
    "DEFAULT_FROM_EMAIL",
    "SERVER_EMAIL",
    "default_url_options",
    "server_name",
    "default from:",
];

/// Words before the name of a package for Android, which is a domain from behind: `com.school.app`.
const PACKAGES: [&str; 2] = ["applicationId", "namespace"];

/// Code hosts, before the name of an owner.
const CODE_HOSTS: [&str; 3] = ["github.com", "gitlab.com", "bitbucket.org"];

/// Most signs of one file.
const MOST: usize = 64;

/// What a file says.
pub(super) fn signs(path: &str, class: Class, text: &str) -> Vec<Sign> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut signs = match name {
        "package.json" | "composer.json" if class == Class::Live => of_manifest(path, text),
        "CNAME" => text
            .lines()
            .next()
            .and_then(|line| said(1, "CNAME", line))
            .into_iter()
            .collect(),
        _ if is_introduction(path) => named_at_code_hosts(text),
        _ if class != Class::Live => Vec::new(),
        _ if name.ends_with(".gradle") || name.ends_with(".gradle.kts") => of_settings(text, &PACKAGES),
        _ if is_setting(name) => of_settings(text, &WORDS),
        _ => Vec::new(),
    };
    signs.truncate(MOST);
    signs
}

/// `README.md` and its like, at the top.
fn is_introduction(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    !path.contains('/') && (lower.starts_with("readme") || lower.starts_with("contributing"))
}

/// Files that name hosts of one's own: settings, mailers, web servers.
fn is_setting(name: &str) -> bool {
    let ends = [".py", ".rb", ".conf"];
    ends.iter().any(|end| name.ends_with(end))
}

/// `homepage` of a manifest at the top, and the name of the owner behind its `repository`.
fn of_manifest(path: &str, text: &str) -> Vec<Sign> {
    let content: serde_json::Value = match serde_json::from_str(text) {
        Ok(content) if !path.contains('/') => content,
        _ => return Vec::new(),
    };
    let line_of = |word: &str| {
        let line = text.lines().position(|line| line.contains(word)).unwrap_or(0);
        u32::try_from(line + 1).unwrap_or(u32::MAX)
    };
    let homepage = content.get("homepage").and_then(serde_json::Value::as_str);
    let mut signs: Vec<Sign> = homepage
        .and_then(|page| said(line_of("\"homepage\""), "homepage", page))
        .into_iter()
        .collect();
    let repository = content.get("repository").map(ToString::to_string).unwrap_or_default();
    let line = line_of("\"repository\"");
    signs.extend(owners(&repository).map(|name| name_sign(line, name)));
    let whole = owners(&repository).find_map(|owner| platform(&repository, &owner.to_ascii_lowercase()));
    signs.extend(whole.map(|name| name_sign(line, name)));
    // Somebody else's package does not get there.
    if let Some(name) = content.get("name").and_then(serde_json::Value::as_str) {
        let owner = name.split('/').next().unwrap_or(name).trim_start_matches('@');
        signs.push(name_sign(line_of("\"name\""), owner));
    }
    signs
}

/// The repository that an introduction names more often than any other, and at least twice.
fn named_at_code_hosts(text: &str) -> Vec<Sign> {
    let mut named: BTreeMap<String, (usize, u32)> = BTreeMap::new();
    for (line, number) in text.lines().zip(1u32..) {
        for name in owners(line) {
            named.entry(name.to_ascii_lowercase()).or_insert((0, number)).0 += 1;
        }
    }
    let most = named.into_iter().max_by_key(|(_, (count, _))| *count);
    let Some((name, (_, line))) = most.filter(|(_, (count, _))| *count > 1) else {
        return Vec::new();
    };
    let platform = platform(text, &name).map(|platform| name_sign(line, platform));
    std::iter::once(name_sign(line, &name)).chain(platform).collect()
}

/// Owners of repositories at code hosts: `github.com/OWNER/…`, `git@github.com:OWNER/…`.
pub(super) fn owners(text: &str) -> impl Iterator<Item = &str> {
    CODE_HOSTS.iter().flat_map(move |host| {
        text.match_indices(host).filter_map(move |(at, host)| {
            let rest = text.get(at + host.len()..)?.strip_prefix(['/', ':'])?;
            let end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'))?;
            rest.get(..end)
                .filter(|name| rest.get(end..=end) == Some("/") && name.len() > 2)
        })
    })
}

/// Words behind the name of a platform that say which part of it a repository holds: `stepik-ios`.
const PARTS: [&str; 23] = [
    "android", "api", "app", "backend", "client", "core", "desktop", "frontend", "ios", "lms", "mobile", "monorepo",
    "next", "platform", "portal", "server", "ui", "gui", "vm", "www", "web", "webapp", "website",
];

/// What a repository of `owner` that `text` names is called, without the part of the platform that it holds.
fn platform<'t>(text: &'t str, owner: &str) -> Option<&'t str> {
    let lower = text.to_ascii_lowercase();
    let ends = [format!("/{owner}/"), format!(":{owner}/")];
    let at = ends.iter().find_map(|end| lower.find(end.as_str()))?;
    let rest = text.get(at + owner.len() + 2..)?;
    let end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || "-_".contains(letter)));
    let name = rest.get(..end.unwrap_or(rest.len()))?;
    let mut words = name.split(['-', '_']);
    let first = words.next().filter(|first| first.len() > 3)?;
    words
        .all(|word| PARTS.contains(&word.to_ascii_lowercase().as_str()))
        .then_some(first)
}

fn name_sign(line: u32, name: &str) -> Sign {
    Sign {
        line,
        says: Saying::Name(name.to_ascii_lowercase()),
    }
}

/// Hosts, mail addresses and packages behind the words of settings, line by line.
fn of_settings(text: &str, words: &[&str]) -> Vec<Sign> {
    if !words
        .iter()
        .any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
    {
        return Vec::new();
    }
    let mut signs = Vec::new();
    for (line, number) in text.lines().zip(1u32..) {
        let code = line.trim_start();
        if code.starts_with(['#', '/', '*']) {
            continue;
        }
        for word in words {
            let Some((_, rest)) = line.split_once(word) else {
                continue;
            };
            let is_package = PACKAGES.contains(word);
            let written = rest
                .split(['"', '\'', ' ', ';', ',', '<', '>'])
                .filter(|part| part.contains('.'));
            signs.extend(written.filter_map(|part| match is_package {
                true => said(number, word, &backwards(part)),
                false => said(number, word, part.rsplit('@').next().unwrap_or(part)),
            }));
        }
    }
    signs
}

/// `com.school.app` as `app.school.com`.
fn backwards(package: &str) -> String {
    package.rsplit('.').collect::<Vec<_>>().join(".")
}

/// A domain below a public suffix that is nobody's of the catalog; a package is called like whoever made it, though the catalog knows them.
fn said(line: u32, word: &str, written: &str) -> Option<Sign> {
    let written = written
        .trim()
        .trim_start_matches(['.', '*'])
        .trim_end_matches(['.', '/']);
    let address = Address::parse(written).ok()?;
    let domain = registrable(&address.host);
    let is_theirs = tables().owner(&domain).is_some() && PACKAGES.contains(&word);
    if !(is_theirs || tables().of_address(&address).is_empty()) || domain::registrable(&address.host).is_none() {
        return None;
    }
    let says = Saying::Domain(domain, word.trim_end_matches(':').to_owned());
    Some(Sign { line, says })
}

/// What a repository says of itself.
#[derive(Debug, Default)]
pub(super) struct Says {
    /// Domains, with what says so and where first.
    domains: BTreeMap<String, (String, Spot)>,
    /// Names of the owner.
    names: BTreeMap<String, Spot>,
}

impl Says {
    /// `remote`: what git says of where the repository comes from, with its file; empty where nothing does.
    pub(super) fn of(files: &[Looked], remote: &str) -> Self {
        let mut says = Self::default();
        for name in owners(remote) {
            let name = name.to_ascii_lowercase();
            let platform = platform(remote, &name).map(str::to_ascii_lowercase);
            for name in std::iter::once(name).chain(platform) {
                says.names.insert(name, spot(".git/config", 1));
            }
        }
        for (file, sign) in files
            .iter()
            .flat_map(|file| file.given.own.iter().map(move |sign| (file, sign)))
        {
            let spot = spot(&file.path, sign.line);
            match &sign.says {
                Saying::Domain(domain, word) => {
                    says.domains.entry(domain.clone()).or_insert((word.clone(), spot));
                }
                Saying::Name(name) => {
                    says.names.entry(name.clone()).or_insert(spot);
                }
            }
        }
        says
    }

    /// Parts what goes to the repository's own from what goes to others.
    pub(super) fn part(&self, observations: Vec<Observation>) -> (Vec<Observation>, Vec<OwnDomain>) {
        let mut own: BTreeMap<String, OwnDomain> = BTreeMap::new();
        let mut others = Vec::new();
        for observation in observations {
            match self.own(&observation) {
                Some((domain, because, spot)) => own
                    .entry(domain.clone())
                    .or_insert_with(|| OwnDomain {
                        domain,
                        because,
                        spot,
                        observations: Vec::new(),
                    })
                    .observations
                    .push(observation),
                None => others.push(observation),
            }
        }
        (others, own.into_values().collect())
    }

    /// The domain that is the repository's own, what says so, and where.
    fn own(&self, observation: &Observation) -> Option<(String, String, Spot)> {
        match &observation.party {
            Party::Domain(domain) => match self.domains.get(domain) {
                Some((word, spot)) => Some((domain.clone(), word.clone(), spot.clone())),
                None => {
                    let below = |name: &str| {
                        let mut hosts = observation.hosts.iter();
                        name.len() > 4
                            && hosts.len() > 0
                            && hosts.all(|host| host.split('.').any(|label| label == name))
                    };
                    let mut names = self.names.iter();
                    let (name, spot) = names.find(|(name, _)| is_called(domain, name) || below(name))?;
                    Some((domain.clone(), format!("called like its owner `{name}`"), spot.clone()))
                }
            },
            Party::Known(id) => {
                let theirs = |domain: &&String| tables().owner(domain) == Some(id);
                if let Some((domain, (word, spot))) = self.domains.iter().find(|(domain, _)| theirs(domain)) {
                    return Some((domain.clone(), word.clone(), spot.clone()));
                }
                let spot = self.names.get(id.as_str())?;
                let hosts = catalog().third_party(id)?.hosts.iter();
                let mut literal = hosts.filter(|host| !host.pattern.contains(['*', '{']));
                let domain = literal.find_map(|host| domain_of(&host.pattern, id))?;
                let named = Own::named(&[domain.clone()].into());
                // A host that somebody else lends out is none of one's own.
                let lent = observation.hosts.iter().any(|host| !named.has(host));
                (!lent && is_own(observation, &named))
                    .then(|| (domain, format!("called like its owner `{id}`"), spot.clone()))
            }
        }
    }
}

/// The domain of a third party that `host` is on: one that is theirs alone, or what is called like them below somebody's, as
/// `scratch.mit.edu`.
fn domain_of(host: &str, id: &ThirdPartyId) -> Option<String> {
    let domain = registrable(host);
    if tables().owner(&domain) == Some(id) {
        return Some(domain);
    }
    let labels: Vec<&str> = host.split('.').collect();
    let at = labels.iter().position(|label| *label == id.as_str())?;
    Some(labels.get(at..)?.join("."))
}

/// What an owner keeps beside the site, behind its name: `hackclub-assets.com`.
const BESIDE: [&str; 10] = [
    "app",
    "assets",
    "cdn",
    "content",
    "dev",
    "files",
    "images",
    "media",
    "static",
    "usercontent",
];

/// Whether the domain is called like the owner: `freecodecamp.org` of `freeCodeCamp`, `hackclub-assets.com` of `hack-club`.
fn is_called(domain: &str, name: &str) -> bool {
    let plain = |text: &str| text.replace(['-', '_'], "");
    let label = plain(domain.split('.').next().unwrap_or(domain));
    let name = plain(name);
    let beside = label.strip_prefix(name.as_str()).filter(|_| name.len() > 4);
    (label.len() > 2 && label == name) || beside.is_some_and(|beside| BESIDE.contains(&beside))
}

fn spot(file: &str, line: u32) -> Spot {
    Spot {
        file: file.to_owned(),
        line: Some(line),
        ..Spot::default()
    }
}

/// What git says of where a repository comes from.
pub(super) fn remote(root: &std::path::Path) -> String {
    let file = root.join(".git/config");
    let is_small = std::fs::symlink_metadata(&file).is_ok_and(|meta| meta.is_file() && meta.len() < 1 << 16);
    let text = if is_small {
        std::fs::read_to_string(file)
    } else {
        Ok(String::new())
    };
    let text = text.unwrap_or_default();
    let mut lines = text.lines().skip_while(|line| !line.starts_with("[remote \"origin\"]"));
    let url = lines.find(|line| line.trim_start().starts_with("url"));
    url.map(str::to_owned).unwrap_or_default()
}
