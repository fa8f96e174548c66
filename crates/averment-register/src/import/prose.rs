//! Recipients that a sentence of prose names: "we use X to send e-mail", "hosted by X".
//!
//! Start at [`recipients`]. A name counts when a word before it says that something is given to it, or when it is bold on a
//! page about recipients; the publisher, laws, places and words of pages never do.

use std::ops::Range;

use super::document::Text;
use super::identify;
use super::names;
use super::places;

/// A recipient that a sentence names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    /// Its name.
    pub(super) name: String,
    /// What the sentence says that it is for, where it says so behind the name.
    pub(super) purpose: Option<String>,
    /// Its page.
    pub(super) link: Option<String>,
}

/// Words before a name that say that data goes there.
const CUES: [&str; 44] = [
    "use",
    "uses",
    "using",
    "employ",
    "employs",
    "utilise",
    "utilises",
    "utilize",
    "utilizes",
    "rely on",
    "relies on",
    "relying on",
    "powered by",
    "provided by",
    "hosted by",
    "hosted on",
    "hosted with",
    "hosted at",
    "operated by",
    "processed by",
    "managed by",
    "handled by",
    "delivered by",
    "stored with",
    "stored by",
    "stored on",
    "sent by",
    "sent via",
    "sent through",
    "sent to",
    "shared with",
    "share with",
    "runs on",
    "run on",
    "run by",
    "work with",
    "partner with",
    "integrate with",
    "called",
    "currently",
    "provider",
    "embed",
    "processor",
    "service",
];
/// Words that may stand between the cue and the name.
const BETWEEN: [&str; 16] = [
    "the",
    "a",
    "an",
    "our",
    "service",
    "services",
    "provider",
    "of",
    "called",
    "from",
    "by",
    "tool",
    "platform",
    "software",
    "third-party",
    "currently",
];
/// Laws, standards, months and words with a capital that are no parties.
const NEVER: [&str; 58] = [
    "cdn",
    "dns",
    "dpas",
    "apis",
    "sms",
    "ids",
    "ddos",
    "captcha",
    "in",
    "if",
    "gdpr",
    "ccpa",
    "cpra",
    "coppa",
    "ferpa",
    "hipaa",
    "dsgvo",
    "bdsg",
    "iso",
    "soc",
    "pci",
    "eu",
    "eea",
    "us",
    "usa",
    "uk",
    "ip",
    "pii",
    "dpa",
    "scc",
    "sccs",
    "tls",
    "ssl",
    "https",
    "api",
    "sdk",
    "url",
    "html",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "you",
    "i",
    "personal",
    "platform",
    "site",
    "app",
    "art",
    "article",
    "oauth",
];

/// The recipients of one sentence. `publisher`: who wrote it; `about`: the page speaks of recipients.
pub(super) fn recipients(sentence: &Text, publisher: &str, about: bool) -> Vec<Mention> {
    let places = proper_names(sentence);
    let mut accepted: Vec<(Range<usize>, &Place)> = Vec::new();
    for place in &places {
        let name = &sentence.plain[place.at.clone()];
        let joined = accepted.last().is_some_and(|(last, _)| {
            matches!(
                sentence.plain[last.end..place.at.start].trim(),
                "and" | "," | "or" | "/" | "&" | ", and" | ", or"
            )
        });
        // "… to send letters and Wren for maps": the verb before the first name holds for the second.
        let goes_on = accepted.last().is_some_and(|(last, _)| {
            let between = sentence.plain[last.end..place.at.start].trim_end();
            (between.ends_with(" and") || between.ends_with(',')) && between.len() < 120
        });
        let joined = joined || goes_on && purpose(&sentence.plain[place.at.end..]).is_some();
        if is_party(name, place.bold, publisher) && (joined || counts(sentence, place, name, about)) {
            accepted.push((place.at.clone(), place));
        }
    }
    let mentions = accepted.iter().enumerate().map(|(index, (at, place))| {
        let until = accepted
            .get(index + 1)
            .map_or(sentence.plain.len(), |(next, _)| next.start);
        let behind = purpose(&sentence.plain[at.end..until]);
        // "We use A and B to do it": what stands behind the last is said of all.
        let last = accepted.last().map_or(at.end, |(last, _)| last.end);
        let close = sentence.plain[at.end..until].split_whitespace().count() <= 2;
        Mention {
            name: names::clean(&sentence.plain[at.clone()]),
            purpose: behind.or_else(|| close.then(|| purpose(&sentence.plain[last..]))?),
            link: place.link.clone(),
        }
    });
    mentions.collect()
}

struct Place {
    at: Range<usize>,
    bold: bool,
    link: Option<String>,
}

/// Runs of words with capitals, and what is marked.
fn proper_names(sentence: &Text) -> Vec<Place> {
    // What is bold in the middle of a sentence is a name even where its second word has no capital.
    let begins = |text: &str| text.chars().next().is_some_and(char::is_uppercase);
    let marked = sentence.marks.iter().filter(|mark| {
        let name = &sentence.plain[mark.at.clone()];
        let short = mark.at.start > 0 && mark.link.is_none() && begins(name) && name.split(' ').count() <= 3;
        names::is_name(name) || short && !names::is_generic(name)
    });
    let mut places: Vec<Place> = Vec::new();
    for mark in marked {
        if places.last().is_none_or(|last| last.at.end <= mark.at.start) {
            places.push(Place {
                at: mark.at.clone(),
                bold: mark.link.is_none(),
                link: mark.link.clone(),
            });
        }
    }
    let plain = sentence.plain.as_str();
    let mut at = 0;
    while at < plain.len() {
        let rest = &plain[at..];
        let word = rest.split(' ').next().unwrap_or_default();
        let bare = word.trim_start_matches(|c: char| !c.is_alphanumeric());
        let start = at + word.len() - bare.len();
        let capital = bare.chars().next().is_some_and(char::is_uppercase);
        let mut next = at + word.len() + 1;
        if capital && start > 0 {
            let inner = Text::new(sentence.line, &plain[start..]);
            let end = run_end(&inner.plain);
            if end > 0 && inner.plain.len() == plain.len() - start {
                let range = start..start + end;
                if !places
                    .iter()
                    .any(|place| place.at.start < range.end && range.start < place.at.end)
                {
                    places.push(Place {
                        at: range.clone(),
                        bold: false,
                        link: None,
                    });
                }
                next = next.max(range.end + 1);
            }
        }
        at = next;
        while at < plain.len() && !plain.is_char_boundary(at) {
            at += 1;
        }
    }
    places.sort_by_key(|place| place.at.start);
    places
}

/// Bytes of the run of words with capitals at the front.
fn run_end(text: &str) -> usize {
    let mut end = 0;
    let mut at = 0;
    for word in text.split(' ') {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let proper = bare
            .chars()
            .next()
            .is_some_and(|c| c.is_uppercase() || c.is_ascii_digit() && end > 0);
        if !proper || word.starts_with('(') {
            break;
        }
        end = at
            + word
                .trim_end_matches(['.', ',', ';', ':', ')', '!', '?', '"', '”'])
                .len();
        at += word.len() + 1;
        let last = word.chars().next_back();
        if last.is_some_and(|c| matches!(c, ',' | '.' | ';' | ':' | ')')) && !names::is_company(&format!("x {bare}")) {
            break;
        }
        if word.ends_with("'s") || word.ends_with("’s") {
            return 0;
        }
    }
    end
}

/// Whether a name can be a party's at all.
fn is_party(name: &str, bold: bool, publisher: &str) -> bool {
    let lower = name.to_lowercase();
    let first = lower
        .split(' ')
        .next()
        .unwrap_or_default()
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_owned();
    let own = !publisher.is_empty() && names::key(name).starts_with(&names::key(publisher));
    let possessive = lower.ends_with("'s") || lower.ends_with("’s");
    !own && !possessive
        && !name.contains(['@', '/'])
        && !NEVER.contains(&first.as_str())
        && (bold || names::is_name(name))
        && !names::is_generic(name)
        && !places::is_only_places(name)
}

/// Whether a word is a law, an abbreviation or a month rather than a name.
pub(super) fn is_never(word: &str) -> bool {
    NEVER.contains(&word.to_lowercase().as_str())
}

fn counts(sentence: &Text, place: &Place, name: &str, about: bool) -> bool {
    let before = &sentence.plain[..place.at.start];
    let after = &sentence.plain[place.at.end..];
    let known = identify::in_text(name).is_some();
    let lead = before.trim().is_empty() && after.trim_start().starts_with([':', '.']);
    let cue = cued(before);
    let behind = purpose(after).is_some();
    // "provider X", "service X": only where the page is about recipients, or the name is known.
    match () {
        () if lead => false,
        () if place.bold && about => !before.trim().is_empty() || known,
        () if cue == Cue::Sure => known || about || behind,
        () if cue == Cue::Weak => known && (about || behind || speaks_of_storage(&sentence.plain)),
        () => false,
    }
}

/// Where data lies is who has it.
fn speaks_of_storage(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    ["hosted", "stored", "storage", "cloud", "servers"]
        .iter()
        .any(|word| lower.contains(word))
}

#[derive(PartialEq, Eq)]
enum Cue {
    Sure,
    Weak,
    None,
}

/// Whether the words before a name say that something goes to it.
fn cued(before: &str) -> Cue {
    let lower = before.to_lowercase();
    let mut words: Vec<&str> = lower
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '-'))
        .filter(|word| !word.is_empty())
        .collect();
    let (mut taken, mut of) = (0, false);
    loop {
        let end = words.join(" ");
        // "Your use of X" is what people do.
        let people = |word: &&str| ["your", "their", "our", "the", "its", "customer's"].contains(word);
        let used = end.ends_with(" use") && of && words.len() > 1 && people(&words[words.len() - 2]);
        if used {
            return Cue::None;
        }
        if let Some(at) = CUES
            .iter()
            .position(|cue| end == *cue || end.ends_with(&format!(" {cue}")))
        {
            let negated = words
                .iter()
                .rev()
                .take(5)
                .any(|word| ["not", "never", "no", "don't", "doesn't"].contains(word));
            return match (negated, at >= CUES.len() - 4 && taken == 0) {
                (true, _) => Cue::None,
                (_, true) => Cue::Weak,
                _ => Cue::Sure,
            };
        }
        let between = words.last().is_some_and(|word| BETWEEN.contains(word));
        of |= words.last() == Some(&"of");
        if !between || taken >= 3 {
            break;
        }
        words.pop();
        taken += 1;
    }
    let last = lower.split_whitespace().next_back().unwrap_or_default();
    if ["with", "by", "via", "through", "on", "to", "as", "from", "is"].contains(&last) {
        Cue::Weak
    } else {
        Cue::None
    }
}

/// What a text behind a name says that it is for.
fn purpose(after: &str) -> Option<String> {
    let mut rest = after.trim_start();
    while let Some((_, behind)) = rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
        rest = behind.trim_start();
    }
    let rest = rest.trim_start_matches([',', ' ']);
    let starts = [
        "to ",
        "for ",
        "as ",
        "in order to ",
        "which ",
        "that ",
        "is used to ",
        "is used for ",
        "are used to ",
        "are used for ",
        "is a ",
        "is an ",
        "is our ",
        "who ",
        "helps ",
        "provides ",
        "processes ",
        "handles ",
        "when ",
        "so ",
    ];
    starts
        .iter()
        .any(|start| rest.to_lowercase().starts_with(start))
        .then(|| {
            let end = rest.find([';']).unwrap_or(rest.len());
            let text = rest[..end].trim().trim_end_matches([',', '.']);
            let text = ["and", "or", ", and", "and we use", "and use"]
                .iter()
                .fold(text, |text, joint| {
                    text.strip_suffix(&format!(" {joint}")).unwrap_or(text)
                });
            text.trim_end_matches([',', ' ']).to_owned()
        })
}
