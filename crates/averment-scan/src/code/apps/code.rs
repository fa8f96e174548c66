//! Programs of apps line by line: modules that are imported, what is called on them, and addresses.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use averment_catalog::ThirdParty;
use averment_syntax::Surroundings;

use super::Script;
use crate::code::look::{Look, Verdict, live};
use crate::code::names::{Use, of_name};
use crate::code::{judge, needles, texts};
use crate::identify::{Address, Kind};
use crate::observation::{Confidence, How, Tier};

/// Third parties of the catalog.
type Parties = &'static [&'static ThirdParty];

/// Adds imports of a third party's modules, and what is called on them or by a name that only its code has.
pub(super) fn read(look: &mut Look<'_>, script: Script) {
    let text = look.text;
    let aside = Aside::of(look.path, text);
    let mut words: BTreeMap<String, Parties> = BTreeMap::new();
    let mut told: BTreeSet<(u32, &str)> = BTreeSet::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        let imported = module(script, line.trim())
            .map(|(kind, module)| (module, look.tables.names().look_up(kind, module)))
            .filter(|(_, parties)| !parties.is_empty());
        let Some((module, parties)) = imported else { continue };
        let tier = live(aside.surroundings(start), Tier::Contacted);
        look.known(parties, module, start, (tier, How::Import, Confidence::Likely));
        told.insert((look.lines.at(start).0, ""));
        words.extend(words_of(module).into_iter().map(|word| (word, parties)));
    }
    for (at, word, parties) in calls(look, &words) {
        let (line, _) = look.lines.at(at);
        let party = parties.first().map_or("", |party| party.id.as_str());
        if !told.contains(&(line, "")) && told.insert((line, party)) {
            let tier = live(aside.surroundings(at), Tier::Contacted);
            look.known(parties, &word, at, (tier, How::Call, Confidence::Likely));
        }
    }
}

/// What is called on things of imported modules, and on classes that only one third party has, in the order of the text.
fn calls(look: &Look<'_>, words: &BTreeMap<String, Parties>) -> Vec<(usize, String, Parties)> {
    let text = look.text;
    let mut found: Vec<(usize, String, Parties)> = Vec::new();
    for (word, parties) in words {
        let called = judge::words_at(text, word).filter(|at| {
            let behind = text.as_bytes().get(at + word.len());
            behind == Some(&b'.') || behind == Some(&b'(')
        });
        found.extend(called.map(|at| (at, word.clone(), *parties)));
    }
    // Functions in small letters are called like those of others.
    let classes = needles::calls_in(text)
        .into_iter()
        .filter(|(name, _)| name.starts_with(|first: char| first.is_ascii_uppercase()));
    let names = look.tables.names();
    found.extend(classes.map(|(name, at)| (at, name.to_owned(), names.look_up(Kind::Call, name))));
    found.sort_by_key(|(at, ..)| *at);
    found
}

/// What does not run: comments, and what is in no app.
struct Aside {
    comments: Vec<Range<usize>>,
    dead: Dead,
}

impl Aside {
    fn of(path: &str, text: &str) -> Self {
        Self {
            comments: comments(text),
            dead: Dead::of(path, text),
        }
    }

    fn surroundings(&self, at: usize) -> Surroundings {
        if holds(&self.comments, at) {
            Surroundings::Comment
        } else if self.dead.has(at) {
            Surroundings::Unreachable
        } else {
            Surroundings::Live
        }
    }
}

/// Whether one of the ranges, which stand in order and apart, holds a byte.
fn holds(ranges: &[Range<usize>], at: usize) -> bool {
    let after = ranges.partition_point(|range| range.start <= at);
    after
        .checked_sub(1)
        .and_then(|before| ranges.get(before))
        .is_some_and(|range| range.contains(&at))
}

/// The module that a line imports, and how it is looked up.
fn module(script: Script, line: &str) -> Option<(Kind, &str)> {
    let plain = |rest: &'_ str| rest.trim().trim_end_matches(';').len();
    match script {
        Script::Swift => {
            let line = line.strip_prefix("@testable ").unwrap_or(line);
            let line = line.strip_prefix("@preconcurrency ").unwrap_or(line);
            let rest = line.strip_prefix("import ")?;
            // `import class Desk.Board`.
            let rest = ["class ", "struct ", "enum ", "func ", "protocol "]
                .iter()
                .find_map(|kind| rest.strip_prefix(kind))
                .unwrap_or(rest);
            let module = rest.split(['.', ' ', '/', ';']).next()?;
            Some((Kind::SwiftModule, module))
        }
        Script::ObjectiveC => {
            if let Some(rest) = line.strip_prefix("@import ") {
                let rest = rest.get(..plain(rest))?;
                return rest.split('.').next().map(|module| (Kind::SwiftModule, module));
            }
            let rest = line.strip_prefix("#import <")?;
            rest.split(['/', '>']).next().map(|module| (Kind::SwiftModule, module))
        }
        Script::Dart => {
            let rest = line.strip_prefix("import ").or_else(|| line.strip_prefix("export "))?;
            let rest = rest.trim_start_matches(['\'', '"']).strip_prefix("package:")?;
            rest.split(['/', '\'', '"']).next().map(|package| (Kind::Pub, package))
        }
    }
}

/// What things of a module are called: `Amplitude`, `Messaging` of `FirebaseMessaging`, `GoogleFonts` of `google_fonts`.
fn words_of(module: &str) -> Vec<String> {
    let class: String = crate::words::split(module)
        .iter()
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        })
        .collect();
    let product = module.strip_prefix("Firebase").filter(|rest| rest.len() > 3);
    let mut words = vec![module.to_owned(), class];
    words.extend(product.map(str::to_owned));
    words.retain(|word| word.starts_with(|first: char| first.is_ascii_uppercase()));
    words.dedup();
    words
}

/// Comments: from `//` at the beginning of a line to its end, and from `/*` there to `*/`.
fn comments(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut at, mut open) = (0, None);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let code = line.trim_start();
        match open {
            None if code.starts_with("//") => found.push(start..at),
            None if code.starts_with("/*") => open = Some(start),
            _ => {}
        }
        if let Some(from) = open.filter(|_| line.contains("*/")) {
            found.push(from..at);
            open = None;
        }
    }
    found.extend(open.map(|from| from..at));
    found
}

/// Parts of a program in Swift that are in no app that somebody uses: previews, and what is built for debugging only.
#[derive(Debug, Default)]
pub(in crate::code) struct Dead(Vec<Range<usize>>);

impl Dead {
    pub(in crate::code) fn of(path: &str, text: &str) -> Self {
        if !path.ends_with(".swift") {
            return Self::default();
        }
        let mut found = of_debugging(text);
        found.extend(of_previews(text));
        found.sort_by_key(|range| range.start);
        Self(apart(found))
    }

    pub(in crate::code) fn has(&self, at: usize) -> bool {
        holds(&self.0, at)
    }
}

/// From `#if DEBUG` to its `#else` or `#endif`.
fn of_debugging(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut at, mut open, mut nested) = (0, None, 0_usize);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let code = line.trim_start();
        match open {
            None if code.starts_with("#if DEBUG") => open = Some(start),
            Some(_) if code.starts_with("#if") => nested += 1,
            Some(_) if code.starts_with("#endif") && nested > 0 => nested -= 1,
            Some(from) if nested == 0 && (code.starts_with("#endif") || code.starts_with("#else")) => {
                found.push(from..at);
                open = None;
            }
            _ => {}
        }
    }
    found.extend(open.map(|from| from..at));
    found
}

/// `#Preview { … }`, `struct Desk_Previews: PreviewProvider { … }`.
fn of_previews(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut at, mut open, mut depth) = (0, None, 0_usize);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if open.is_none() && (line.trim_start().starts_with("#Preview") || line.contains(": PreviewProvider")) {
            (open, depth) = (Some(start), 0);
        }
        let Some(from) = open else { continue };
        depth = (depth + line.matches('{').count()).saturating_sub(line.matches('}').count());
        if depth == 0 && line.contains('}') {
            found.push(from..at);
            open = None;
        }
    }
    found.extend(open.map(|from| from..at));
    found
}

/// Ranges in order as ranges that stand apart.
fn apart(ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match found.last_mut().filter(|last| range.start <= last.end) {
            Some(last) => last.end = last.end.max(range.end),
            None => found.push(range),
        }
    }
    found
}

/// Calls that ask for what is at an address, or show it, in small letters.
const REQUESTS: [&str; 20] = [
    "http.get(",
    "http.post(",
    "http.put(",
    "dio.",
    "dio()",
    "af.request(",
    "af.download(",
    "alamofire",
    "urlrequest(",
    "urlsession",
    "datatask(",
    "httpclient",
    "websocket",
    "baseurl",
    "base_url",
    "image.network(",
    "networkimage(",
    "asyncimage(",
    "kfimage(",
    "getbytes(",
];

/// Calls that hand an address to another app, show it as a page to read, or share it; and questions about an address that came from elsewhere.
const LEADS: [&str; 18] = [
    "launch",
    "openurl",
    ".open(",
    "safari",
    "share",
    "clipboard",
    "text(",
    ".contains(",
    "hasprefix(",
    "startswith(",
    "hassuffix(",
    "endswith(",
    "replacingoccurrences(",
    "replaceall(",
    "replacefirst(",
    "regexp(",
    "regex",
    "==",
];

/// What an address at byte `at` of a line says; `known`: the catalog has it.
pub(in crate::code) fn verdict(look: &Look<'_>, address: &Address, line: &str, at: usize) -> Verdict {
    let front = line.get(..at).unwrap_or_default();
    let lower = front.to_ascii_lowercase();
    let linked = (Tier::Linked, How::Link, Confidence::Possible);
    let name = front
        .rsplit_once(['=', ':'])
        .map(|(before, _)| before.trim_end().trim_end_matches(['?', '=', '(']))
        .and_then(|before| {
            before
                .rsplit(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
                .next()
        })
        .filter(|name| !name.is_empty());
    let named = name.and_then(of_name);
    if LEADS.iter().any(|word| lower.contains(word)) || matches!(named, Some(Use::Link | Use::Nothing)) {
        return linked;
    }
    if REQUESTS.iter().any(|word| lower.contains(word)) {
        return (Tier::Contacted, How::Host, Confidence::Likely);
    }
    let quote = front.chars().last().filter(|last| ['"', '\''].contains(last));
    let Some(quote) = quote else { return linked };
    let value = line
        .get(at..)
        .and_then(|rest| rest.split(quote).next())
        .unwrap_or_default();
    if value.contains(' ') {
        return linked;
    }
    let put_in = ["${", "\\("].iter().any(|mark| value.contains(mark)) || value.contains("=$") || value.contains("/$");
    let path = address.path.to_ascii_lowercase();
    let for_programs = ["/api/", "/oembed", "/favicon", "/v1/", "/v2/", "/v3/", "/graphql"]
        .iter()
        .any(|part| format!("{path}/").contains(part));
    let api = address.host.starts_with("api.") || address.host.contains("-api.");
    match () {
        () if texts::is_service(look, address) => (Tier::Contacted, How::Host, Confidence::Possible),
        () if put_in && (for_programs || api) => (Tier::Contacted, How::Host, Confidence::Likely),
        () if named == Some(Use::Request) && (for_programs || api) => {
            (Tier::Contacted, How::Host, Confidence::Possible)
        }
        () => linked,
    }
}
