//! What stands above a part of a page: headings, questions, the sentence that opens a list. It decides whether a list is
//! one of recipients.

use super::document::Text;
use super::names;

/// Headings that are open above a place, and the last sentence that ends in a colon.
#[derive(Debug, Default)]
pub(super) struct Context {
    /// Whether the page as a whole is about recipients: its title or its file name says so.
    pub(super) page: bool,
    headings: Vec<(u8, Text)>,
    /// The sentence that opens what follows.
    pub(super) opening: Option<Text>,
}

impl Context {
    /// At the top of a page.
    pub(super) fn of_page(page: bool) -> Self {
        Self {
            page,
            ..Self::default()
        }
    }

    pub(super) fn enter(&mut self, level: u8, text: &Text) {
        self.headings.retain(|(other, _)| *other < level);
        self.headings.push((level, text.clone()));
        self.opening = None;
    }

    /// The nearest heading.
    pub(super) fn topic(&self) -> Option<&Text> {
        self.headings.last().map(|(_, text)| text)
    }

    /// The nearest heading that says more than that recipients follow.
    pub(super) fn purpose_above(&self) -> Option<&Text> {
        self.topic().filter(|text| is_telling(&text.plain))
    }

    /// Whether the nearest heading or the opening sentence announces recipients.
    pub(super) fn announces(&self) -> bool {
        match &self.opening {
            Some(opening) => announces(&opening.plain),
            None => self.topic().is_some_and(|topic| speaks_of_recipients(&topic.plain)),
        }
    }

    /// Whether anything above speaks of recipients.
    pub(super) fn speaks_of_recipients(&self) -> bool {
        self.page || self.headings.iter().any(|(_, text)| speaks_of_recipients(&text.plain)) || self.announces()
    }

    /// Whether anything that a heading of this level stands under speaks of recipients: its neighbours do not count.
    pub(super) fn speaks_above(&self, level: u8) -> bool {
        let mut above = self.headings.iter().filter(|(other, _)| *other < level);
        self.page
            || above.any(|(_, text)| speaks_of_recipients(&text.plain))
            || self.opening.is_some() && self.announces()
    }

    /// Whether what is above speaks of cookies: their tables name cookies, not parties.
    pub(super) fn speaks_of_cookies(&self) -> bool {
        let cookies = |text: &Text| text.plain.to_lowercase().contains("cookie");
        self.topic().is_some_and(cookies) || self.opening.as_ref().is_some_and(cookies)
    }
}

/// Words for recipients, as they stand in headings and opening sentences.
const RECIPIENTS: [&str; 34] = [
    "processors",
    "subencargado",
    "encargados del tratamiento",
    "terceros",
    "proveedores",
    "dienstleister",
    "dritte",
    "prestataires",
    "subprocessor",
    "sub processor",
    "third part",
    "3rd part",
    "service provider",
    "vendor",
    "supplier",
    "external service",
    "external provider",
    "data processor",
    "our processors",
    "recipients",
    "services we use",
    "tools we use",
    "providers we use",
    "companies we use",
    "who we share",
    "whom we share",
    "who do we share",
    "partners",
    "external tools",
    "unterauftrag",
    "auftragsverarbeiter",
    "drittanbieter",
    "sous traitant",
    "infrastructure providers",
];

/// Whether a text speaks of recipients.
pub(super) fn speaks_of_recipients(text: &str) -> bool {
    let lower = flat(text);
    RECIPIENTS.iter().any(|word| lower.contains(word))
}

/// Whether a sentence announces a list of recipients: it speaks of them, or of services that are used, and does not negate.
pub(super) fn announces(sentence: &str) -> bool {
    let lower = flat(sentence);
    let has = |words: &[&str]| words.iter().any(|word| lower.split(' ').any(|own| own == *word));
    let verb = has(&[
        "use",
        "uses",
        "using",
        "used",
        "share",
        "shared",
        "shares",
        "rely",
        "relies",
        "engage",
        "engages",
        "integrates",
        "employ",
        "work",
        "transfer",
        "include",
        "includes",
        "sent",
        "disclose",
    ]);
    // The services are what the sentence ends with, or what follows: not those that it mentions on its way.
    let words: Vec<&str> = lower.split(' ').collect();
    let last = words.len().saturating_sub(5);
    let near = |word: &&str| {
        words[last..].contains(word)
            || words
                .windows(4)
                .any(|four| four[0] == "following" && four.contains(word))
    };
    let noun = [
        "services",
        "service",
        "tools",
        "providers",
        "provider",
        "companies",
        "partners",
        "processors",
        "platforms",
        "software",
        "vendors",
        "integrations",
        "apps",
    ]
    .iter()
    .any(near);
    let denies = has(&["not", "never", "no", "unless", "except", "without"]);
    !denies && (RECIPIENTS.iter().any(|word| lower.contains(word)) || verb && noun)
}

fn flat(text: &str) -> String {
    let mapped: String = text
        .chars()
        .map(|c| {
            if c.is_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                ' '
            }
        })
        .collect();
    mapped.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a heading says more than that recipients follow: "Infrastructure subprocessors" does, "Current list" does not.
pub(super) fn is_telling(heading: &str) -> bool {
    // "List of processors used by Wren": by whom is no purpose.
    let heading = heading.split(" used by ").next().unwrap_or_default();
    let lower = flat(heading);
    let small = [
        "sub",
        "subprocessor",
        "subprocessors",
        "processor",
        "processors",
        "third",
        "party",
        "parties",
        "service",
        "services",
        "provider",
        "providers",
        "list",
        "of",
        "our",
        "the",
        "current",
        "vendors",
        "vendor",
        "and",
        "we",
        "use",
        "other",
        "data",
        "all",
        "who",
        "which",
        "with",
        "share",
        "shared",
        "authorized",
        "authorised",
        "approved",
        "active",
        "existing",
        "to",
        "in",
        "a",
        "used",
        "by",
        "register",
        "directory",
        "table",
        "external",
        "recipients",
        "recipient",
        "suppliers",
        "supplier",
        "partners",
        "tools",
        "s",
        "what",
        "are",
        "your",
        "information",
        "privacy",
        "policy",
        "page",
        "specific",
        "additional",
        "customer",
        "personal",
        "last",
        "updated",
    ];
    let mut telling = lower
        .split(' ')
        .filter(|word| !small.contains(word) && !word.chars().all(|c| c.is_ascii_digit()));
    telling.next().is_some() && !names::is_generic_page(&lower)
}
