//! Calls of Ruby for whose third party the program has no gem: what is called is then somebody's example.
//!
//! Start at [`Lacking::is_called`]. Only below a lock file of Bundler, which says all that there is; none of its gems may be called like the
//! third party, and nothing but calls may speak for it.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{ThirdParty, catalog};
use averment_syntax::Language;

use super::finding::{Finding, Looked};
use crate::observation::{How, Party, Tier};

/// What lock files of Bundler hold, and what else there is to see.
pub(super) struct Lacking<'f> {
    /// First words of the names of gems, by the folder of the lock file.
    gems: BTreeMap<&'f str, BTreeSet<&'f str>>,
    /// The same of gems that anything of Bundler names, lock file or not.
    asked: BTreeMap<&'f str, BTreeSet<&'f str>>,
    /// Third parties that something other than a call of Ruby shows.
    shown: BTreeSet<&'f Party>,
}

impl<'f> Lacking<'f> {
    pub(super) fn of(files: &'f [Looked]) -> Self {
        let locks = files.iter().filter(|file| !file.given.gems.is_empty());
        let gems = locks.map(|file| {
            let words = file.given.gems.iter().map(|gem| first_word(gem));
            (super::join::folder(&file.path), words.collect())
        });
        let bundles = files.iter().filter(|file| is_of_bundler(&file.path));
        let asked = bundles.map(|file| {
            let declared = file.given.declared.iter().map(|gem| gem.trim_start_matches(['+', '-']));
            let gems = file.given.gems.iter().map(String::as_str).chain(declared);
            (super::join::folder(&file.path), gems.map(first_word))
        });
        let mut by_folder: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (folder, words) in asked {
            by_folder.entry(folder).or_default().extend(words);
        }
        Self {
            gems: gems.collect(),
            asked: by_folder,
            shown: files.iter().flat_map(shown).collect(),
        }
    }

    /// Whether `finding`, in the file at `path`, is somebody's only by the constant of a gem that the program does not have.
    pub(super) fn is_of_no_gem(&self, path: &str, finding: &Finding) -> bool {
        let above = self.asked.iter().filter(|(folder, _)| is_below(path, folder));
        let gems: Vec<&BTreeSet<&str>> = above.map(|(_, gems)| gems).collect();
        let has = |party: &Party| match party {
            Party::Known(id) => catalog().third_party(id).is_some_and(|known| has_any(&gems, known)),
            Party::Domain(_) => false,
        };
        finding.of_gem && !finding.parties.iter().any(has)
    }

    /// Whether `finding`, in the file at `path`, calls what the program does not have.
    pub(super) fn is_called(&self, path: &str, finding: &Finding) -> bool {
        if !is_call_of_ruby(path, finding) {
            return false;
        }
        let locks: Vec<&BTreeSet<&str>> = self
            .gems
            .iter()
            .filter(|(folder, _)| is_below(path, folder))
            .map(|(_, gems)| gems)
            .collect();
        let has = |party: &ThirdParty| has_any(&locks, party);
        let lacks = |party: &Party| match party {
            Party::Known(id) => catalog()
                .third_party(id)
                .is_some_and(|known| !known.packages.gem.is_empty() && !has(known)),
            Party::Domain(_) => false,
        };
        !locks.is_empty()
            && finding
                .parties
                .iter()
                .all(|party| !self.shown.contains(party) && lacks(party))
    }
}

/// What Bundler reads: a Gemfile, the lock file beside it, the manifest of a gem.
fn is_of_bundler(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    ["Gemfile", "Gemfile.lock", "gems.rb", "gems.locked"].contains(&name) || name.ends_with(".gemspec")
}

/// Third parties that something in a file shows which is no call of Ruby; a package may be for development only.
fn shown(file: &Looked) -> impl Iterator<Item = &Party> {
    let shows = |finding: &&Finding| {
        let package = matches!(finding.how, How::Manifest | How::LockFile | How::Import);
        package || (finding.tier > Tier::Linked && !is_call_of_ruby(&file.path, finding))
    };
    let findings = file.given.findings.iter().filter(shows);
    findings.flat_map(|finding| &finding.parties)
}

fn is_call_of_ruby(path: &str, finding: &Finding) -> bool {
    finding.how == How::Call && Language::of_path(path) == Language::Ruby
}

/// What gems for a third party may begin with: `sentry` of `sentry-ruby`, which `sentry-sidekiq` does as well.
fn names(party: &ThirdParty) -> impl Iterator<Item = &str> {
    let gems = party.packages.gem.iter().map(String::as_str);
    gems.chain([party.id.as_str()]).map(first_word)
}

/// Whether one of the sets of first words has one of the third party's gems.
fn has_any(sets: &[&BTreeSet<&str>], party: &ThirdParty) -> bool {
    names(party).any(|name| sets.iter().any(|gems| gems.contains(name)))
}

fn first_word(name: &str) -> &str {
    name.split(['-', '_']).next().unwrap_or(name)
}

fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
