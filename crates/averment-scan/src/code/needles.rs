//! What a file has to hold for any finding: names of the catalog as its language writes them, an address, a directive of a policy.
//! One pass over its bytes says whether parsing it can give anything.
//!
//! Invariant: the filter loses nothing. What is found without it is found with it (a test compares both). Whatever is looked up
//! is put together from pieces of the source, so that a name of which a piece is missing cannot be found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use averment_catalog::{ThirdParty, catalog};
use averment_syntax::Language;

use super::addresses;
use super::judge::{constants, gem_heads, words_at};
use crate::identify::{Kind, tables};

/// Languages, one bit each.
type Languages = u32;

const fn bits(languages: &[Language]) -> Languages {
    let (mut bits, mut at) = (0, 0);
    while at < languages.len() {
        bits |= 1 << languages[at] as Languages;
        at += 1;
    }
    bits
}

const SCRIPTS: Languages = bits(&[
    Language::JavaScript,
    Language::TypeScript,
    Language::Tsx,
    Language::Html,
    Language::Pug,
]);
const RUBY: Languages = bits(&[Language::Ruby, Language::Erb, Language::Haml, Language::Slim]);
const JVM: Languages = bits(&[Language::Java, Language::Kotlin]);
const LINES: Languages = bits(&[Language::Plain, Language::Yaml]);
const CALLING: Languages = !LINES;

/// How a word has to stand in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Anywhere.
    Word,
    /// Behind a quote.
    Quoted,
    /// Behind one of these in its line.
    Behind(&'static [&'static str]),
    /// Together with the other parts of the call of this number.
    Call(usize),
}

/// Kinds of names that stand in code: in which languages, and how.
const KINDS: [(Kind, Languages, Shape); 10] = [
    (Kind::Npm, SCRIPTS, Shape::Quoted),
    (
        Kind::PythonModule,
        bits(&[Language::Python]),
        Shape::Behind(&["import", "from"]),
    ),
    // Settings of Django name modules in texts.
    (Kind::PythonModule, bits(&[Language::Python]), Shape::Quoted),
    (Kind::RubyFeature, RUBY, Shape::Quoted),
    (Kind::Go, bits(&[Language::Go]), Shape::Quoted),
    (Kind::JavaPackage, JVM, Shape::Behind(&["import"])),
    (Kind::PhpNamespace, bits(&[Language::Php]), Shape::Behind(&["use"])),
    (Kind::Crate, bits(&[Language::Rust]), Shape::Word),
    (Kind::EnvironmentKey, !0, Shape::Word),
    (Kind::Terraform, LINES, Shape::Word),
];

/// Everything that is looked for, with what it means where.
struct Needles {
    matcher: AhoCorasick,
    /// By the number of the pattern.
    meant: Vec<Vec<(Languages, Shape)>>,
    /// Parts of the names of calls, by number.
    calls: Vec<Vec<&'static str>>,
}

static NEEDLES: LazyLock<Needles> = LazyLock::new(Needles::of_catalog);

impl Needles {
    fn of_catalog() -> Self {
        let table = tables().names();
        let mut words: BTreeMap<String, Vec<(Languages, Shape)>> = BTreeMap::new();
        let mut add = |word: String, languages, shape| {
            if !word.is_empty() {
                words.entry(word).or_default().push((languages, shape));
            }
        };
        for (kind, languages, shape) in KINDS {
            for name in table.all(kind).chain(table.all_starts(kind)) {
                for word in written(kind, name) {
                    add(word, languages, shape);
                }
            }
        }
        for name in table.in_keys() {
            // A module of settings of Python names a third party by its whole name: `ALGOLIA = {…}`.
            add(name.to_owned(), bits(&[Language::Python]), Shape::Word);
        }
        for word in ["ingress", "delivery_method", "lookup", "ip_lookup"] {
            add(word.to_owned(), bits(&[Language::Ruby]), Shape::Word);
        }
        // A command that a call runs begins its text.
        for word in super::commands::heads() {
            add(word.to_owned(), CALLING, Shape::Quoted);
        }
        for word in ["credentials", "Credentials", "Secrets"] {
            add(word.to_owned(), RUBY | bits(&[Language::Yaml]), Shape::Word);
        }
        for word in catalog().third_parties().flat_map(tails) {
            add(word, !0, Shape::Word);
        }
        add("npm:".to_owned(), SCRIPTS, Shape::Quoted);
        for word in ["omniauth", "omniauth_providers", "OmniAuth"] {
            add(word.to_owned(), RUBY, Shape::Word);
        }
        for scope in super::named::scopes() {
            add(scope.to_owned(), CALLING, Shape::Word);
        }
        for word in constants() {
            add(word.to_owned(), RUBY | bits(&[Language::Php]), Shape::Word);
        }
        let calls: Vec<Vec<&'static str>> = table.all(Kind::Call).map(parts).collect();
        for (number, parts) in calls.iter().enumerate() {
            // The longest part is the rarest, more often than not.
            if let Some(longest) = parts.iter().max_by_key(|part| part.len()) {
                add((*longest).to_owned(), CALLING, Shape::Call(number));
            }
        }
        Self {
            matcher: matcher(&words.keys().cloned().collect()),
            meant: words.into_values().collect(),
            calls,
        }
    }

    fn any(&self, language: Language, text: &str) -> bool {
        let bit = bits(&[language]);
        // Parts that were looked for in the whole text and are not there: each is looked for once.
        let mut missing: BTreeSet<&str> = BTreeSet::new();
        let mut all_there = |call: usize| {
            let parts = self.calls.get(call).map_or(&[][..], Vec::as_slice);
            parts.iter().all(|part| {
                let there = !missing.contains(part) && words_at(text, part).next().is_some();
                if !there {
                    missing.insert(part);
                }
                there
            })
        };
        let mut found = self.matcher.find_overlapping_iter(text);
        found.any(|found| {
            let meant = self
                .meant
                .get(found.pattern().as_usize())
                .map_or(&[][..], Vec::as_slice);
            let here = |(languages, _): &&(Languages, Shape)| languages & bit != 0;
            meant.iter().any(|(languages, _)| languages & bit != 0)
                && is_word(text, found.start(), found.end())
                && meant.iter().filter(here).any(|(_, shape)| match shape {
                    Shape::Word => true,
                    Shape::Quoted => is_quoted(text, found.start()),
                    Shape::Behind(words) => is_behind(text, found.start(), words),
                    Shape::Call(call) => all_there(*call),
                })
        })
    }
}

/// Names between the points of a call: `A`, `B` and `c` of `A::B.c`.
fn parts(call: &'static str) -> Vec<&'static str> {
    let call = call.split('(').next().unwrap_or(call);
    call.split(['.', ':', '\\', '#', '/'])
        .filter(|part| !part.is_empty())
        .collect()
}

/// Names of third parties and listed keys as parts of longer keys, whatever case those are written in.
static KEYS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let names = tables().names();
    let names = names.in_keys().chain(names.runs_in_keys());
    let spelled = names.flat_map(|name| [name.to_owned(), name.replace('_', "")]);
    insensitive(spelled.collect::<BTreeSet<_>>().into_iter().collect())
});

/// Whether a part of a key may stand in `text`: `MY_STRIPE_KEY`, `stripeKey`, and in settings `stripe.key` and `stripe-key`.
fn may_be_key(language: Language, text: &str) -> bool {
    let bytes = text.as_bytes();
    let joints: &[u8] = match bits(&[language]) & LINES {
        0 => b"_",
        _ => b"_.-",
    };
    KEYS.find_overlapping_iter(text).any(|found| {
        let byte = |at: Option<usize>| at.and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
        let before = byte(found.start().checked_sub(1));
        let rises = byte(Some(found.start())).is_ascii_uppercase() && !before.is_ascii_uppercase();
        let (last, next) = (byte(found.end().checked_sub(1)), byte(Some(found.end())));
        let goes_on = joints.contains(&next) || next.is_ascii_uppercase() || last.is_ascii_uppercase();
        (!before.is_ascii_alphanumeric() || rises) && (goes_on || joints.contains(&before))
    })
}

/// `TURNSTILE__SECRET_KEY`: what is looked up as if it had one `_`.
fn has_double_joint(text: &str) -> bool {
    let upper = |at: Option<usize>| {
        at.and_then(|at| text.as_bytes().get(at))
            .is_some_and(u8::is_ascii_uppercase)
    };
    let mut joints = memchr::memmem::find_iter(text.as_bytes(), "__");
    joints.any(|at| upper(at.checked_sub(1)) && upper(Some(at + 2)))
}

fn is_quoted(text: &str, start: usize) -> bool {
    let before = start.checked_sub(1).and_then(|at| text.as_bytes().get(at));
    before.is_some_and(|byte| b"\"'`".contains(byte))
}

/// Longest front of a line that is looked at; what stands further behind counts as found.
const FRONT_MAX: usize = 400;

/// Whether one of the words stands before in the same line, or the line goes on from the one above.
fn is_behind(text: &str, start: usize, words: &[&str]) -> bool {
    let bytes = text.as_bytes();
    let from = start.saturating_sub(FRONT_MAX);
    let front = bytes.get(from..start).unwrap_or_default();
    let line = match memchr::memrchr(b'\n', front) {
        Some(at)
            if front
                .get(..at)
                .is_some_and(|above| above.trim_ascii_end().ends_with(b"\\")) =>
        {
            return true;
        }
        Some(at) => front.get(at..).unwrap_or_default(),
        None if from > 0 => return true,
        None => front,
    };
    words
        .iter()
        .any(|word| memchr::memmem::find(line, word.as_bytes()).is_some())
}

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
        .expect("names and short patterns make a matcher")
}

/// Longest name of a list that is looked at.
const NAME_MAX: usize = 160;

/// Whether a policy or an allow-list may stand in `text`. Both words of a list's name stand in one name, but in YAML, where names
/// of several lines are one.
fn may_be_policy(language: Language, text: &str) -> bool {
    if POLICY.is_match(text) {
        return true;
    }
    let bytes = text.as_bytes();
    let mut listed = LISTED.find_iter(text);
    if language == Language::Yaml {
        return listed.next().is_some() && REMOTE.is_match(text);
    }
    listed.any(|found| {
        let from = found.start().saturating_sub(NAME_MAX);
        let until = bytes.len().min(found.end() + NAME_MAX);
        REMOTE.is_match(bytes.get(from..until).unwrap_or_default())
    })
}

static CALLS: LazyLock<(AhoCorasick, Vec<&'static str>)> = LazyLock::new(|| {
    let names: Vec<&'static str> = tables().names().all(Kind::Call).collect();
    (matcher(&names.iter().map(ToString::to_string).collect()), names)
});

/// First parts of the constants of gems, in whatever letters.
static GEMS: LazyLock<AhoCorasick> = LazyLock::new(|| insensitive(gem_heads().map(str::to_owned).collect()));

/// Whether a constant of a gem may stand in `text`: `PagarMe` of `pagarme`.
fn may_be_of_gem(language: Language, text: &str) -> bool {
    let starts = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_uppercase);
    bits(&[language]) & RUBY != 0 && GEMS.find_overlapping_iter(text).any(|found| starts(found.start()))
}

/// Whether anything in `text`, read as `language`, can be evidence.
pub(super) fn may_matter(language: Language, text: &str) -> bool {
    addresses::has_address(text)
        || NEEDLES.any(language, text)
        || may_be_policy(language, text)
        || may_be_key(language, text)
        || (has_double_joint(text) && NEEDLES.any(language, &text.replace("__", "_")))
        || may_be_of_gem(language, text)
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

/// Numbers of the words that stand in `text` with no letter, digit or `_` beside them, in the order of the words.
pub(super) fn held(matcher: &AhoCorasick, text: &str) -> BTreeSet<usize> {
    let found = matcher.find_overlapping_iter(text);
    found
        .filter(|found| is_word(text, found.start(), found.end()))
        .map(|found| found.pattern().as_usize())
        .collect()
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
