//! What a file has to hold for any finding: names of the catalog, an address, a directive of a policy. One pass over its bytes
//! says whether parsing it can give anything.
//!
//! Invariant: the filter loses nothing. What is found without it is found with it (a test compares both).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use averment_catalog::{ThirdParty, catalog};

use super::addresses;
use crate::identify::{Kind, tables};

/// Kinds of names that stand in code.
const KINDS: [Kind; 10] = [
    Kind::Npm,
    Kind::PythonModule,
    Kind::RubyFeature,
    Kind::Go,
    Kind::JavaPackage,
    Kind::PhpNamespace,
    Kind::Crate,
    Kind::Call,
    Kind::EnvironmentKey,
    Kind::Terraform,
];

static NAMES: LazyLock<AhoCorasick> = LazyLock::new(|| matcher(&names()));
static POLICY: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let directives = super::policy::DIRECTIVES.iter();
    let spelled = directives.flat_map(|name| ["-", "_", ""].map(|joint| name.replace('-', joint)));
    let lists = ["whitelist", "allowlist", "safelist"].map(str::to_owned);
    insensitive(spelled.chain(lists).collect())
});
static LISTED: LazyLock<AhoCorasick> = LazyLock::new(|| {
    insensitive(
        ["permitted", "allowed", "trusted", "approved"]
            .map(str::to_owned)
            .to_vec(),
    )
});
static REMOTE: LazyLock<AhoCorasick> = LazyLock::new(|| {
    insensitive(
        ["host", "domain", "urls", "sources", "patterns"]
            .map(str::to_owned)
            .to_vec(),
    )
});

fn insensitive(words: Vec<String>) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(words)
        .expect("a few short patterns make a matcher")
}

/// Whether a policy or an allow-list may stand in `text`.
fn may_be_policy(text: &str) -> bool {
    POLICY.is_match(text) || (LISTED.is_match(text) && REMOTE.is_match(text))
}

static CALLS: LazyLock<(AhoCorasick, Vec<&'static str>)> = LazyLock::new(|| {
    let names: Vec<&'static str> = tables().names().all(Kind::Call).collect();
    (matcher(&names.iter().map(ToString::to_string).collect()), names)
});

/// Whether anything in `text` can be evidence.
pub(super) fn may_matter(text: &str) -> bool {
    holds(&NAMES, text) || may_be_policy(text) || addresses::has_address(text)
}

/// Names of calls of the catalog that stand in `text` as words of their own.
pub(super) fn calls_in(text: &str) -> Vec<(&'static str, usize)> {
    let (matcher, names) = &*CALLS;
    let found = matcher
        .find_overlapping_iter(text)
        .filter(|found| is_word(text, found.start(), found.end()));
    let mut found: Vec<_> = found
        .filter_map(|found| Some((*names.get(found.pattern().as_usize())?, found.start())))
        .collect();
    // The longest of those that begin at one place.
    found.sort_by_key(|(name, at)| (*at, std::cmp::Reverse(name.len())));
    found.dedup_by_key(|(_, at)| *at);
    found
}

/// Whether one of the words stands in `text` with no letter, digit or `_` beside it.
pub(super) fn holds(matcher: &AhoCorasick, text: &str) -> bool {
    matcher
        .find_overlapping_iter(text)
        .any(|found| is_word(text, found.start(), found.end()))
}

fn is_word(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    let joined_before = part(before) && part(bytes.get(start));
    let joined_after = part(end.checked_sub(1).and_then(|at| bytes.get(at))) && part(bytes.get(end));
    !joined_before && !joined_after
}

/// A matcher for many words; the table is large and fast.
pub(super) fn matcher(words: &BTreeSet<String>) -> AhoCorasick {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .build(words)
        .expect("names of the catalog fit a matcher")
}

fn names() -> BTreeSet<String> {
    let table = tables().names();
    let mut all = BTreeSet::new();
    for kind in KINDS {
        for name in table.all(kind).chain(table.all_starts(kind)) {
            all.extend(written(kind, name));
        }
    }
    all.extend(catalog().third_parties().flat_map(tails));
    all.retain(|name| !name.is_empty());
    all
}

/// How a name stands in code that means it.
fn written(kind: Kind, name: &str) -> Vec<String> {
    match kind {
        // `from google.cloud import storage` holds the parent only.
        Kind::PythonModule => {
            let parent = name.rsplit_once('.').map_or(name, |(parent, _)| parent);
            vec![name.to_owned(), parent.to_owned()]
        }
        Kind::Crate => vec![name.to_owned(), name.replace('-', "_")],
        Kind::EnvironmentKey => vec![name.to_owned(), name.to_ascii_lowercase()],
        Kind::Call => vec![name.split(['.', ':', '\\']).next().unwrap_or(name).to_owned()],
        Kind::PhpNamespace => vec![name.split('\\').next().unwrap_or(name).to_owned()],
        Kind::JavaPackage => vec![name.to_owned()],
        _ => vec![name.trim_end_matches(['-', '/', '_']).to_owned()],
    }
}

/// Ends of a third party's hosts that stand in any address of them.
fn tails(party: &ThirdParty) -> Vec<String> {
    let patterns = party.hosts.iter().map(|host| host.pattern.as_str());
    let addresses = party
        .code
        .addresses
        .iter()
        .map(|address| address.split('/').next().unwrap_or(address));
    patterns
        .chain(addresses)
        .map(|pattern| {
            let literal = pattern
                .rsplit(['}', '*'])
                .next()
                .unwrap_or(pattern)
                .trim_start_matches('.');
            let labels: Vec<&str> = literal.split('.').collect();
            labels
                .get(labels.len().saturating_sub(2)..)
                .unwrap_or_default()
                .join(".")
                .to_ascii_lowercase()
        })
        .collect()
}
