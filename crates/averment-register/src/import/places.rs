//! Countries and safeguards as tables write them, to the catalog's words.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use averment_catalog::catalog;

/// Other names of countries and of the unions that the register knows.
const ALIASES: [(&str, &str); 46] = [
    ("estados unidos", "US"),
    ("unión europea", "EU"),
    ("vereinigte staaten", "US"),
    ("europäische union", "EU"),
    ("union européenne", "EU"),
    ("alemania", "DE"),
    ("usa", "US"),
    ("u s", "US"),
    ("u s a", "US"),
    ("united states of america", "US"),
    ("united states", "US"),
    ("america", "US"),
    ("california", "US"),
    ("virginia", "US"),
    ("oregon", "US"),
    ("ohio", "US"),
    ("washington", "US"),
    ("uk", "GB"),
    ("united kingdom", "GB"),
    ("great britain", "GB"),
    ("england", "GB"),
    ("scotland", "GB"),
    ("london", "GB"),
    ("the netherlands", "NL"),
    ("netherlands", "NL"),
    ("holland", "NL"),
    ("amsterdam", "NL"),
    ("europe", "EU"),
    ("european union", "EU"),
    ("eu", "EU"),
    ("european economic area", "EEA"),
    ("eea", "EEA"),
    ("frankfurt", "DE"),
    ("deutschland", "DE"),
    ("berlin", "DE"),
    ("dublin", "IE"),
    ("czech republic", "CZ"),
    ("south korea", "KR"),
    ("korea", "KR"),
    ("russia", "RU"),
    ("vietnam", "VN"),
    ("taiwan", "TW"),
    ("uae", "AE"),
    ("états unis", "US"),
    ("irland", "IE"),
    ("schweiz", "CH"),
];

static PLACES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let known = catalog()
        .countries()
        .map(|country| (words(&country.name).join(" "), country.code.to_string()));
    let others = ALIASES
        .iter()
        .map(|(name, code)| ((*name).to_owned(), (*code).to_owned()));
    known.chain(others).collect()
});

/// Longest name of a country, in words.
const WORDS_MAX: usize = 5;
/// Words beside names of places that say nothing more about where.
const FILLERS: [&str; 22] = [
    "the",
    "and",
    "or",
    "of",
    "in",
    "region",
    "regions",
    "global",
    "worldwide",
    "multiple",
    "data",
    "center",
    "centre",
    "based",
    "republic",
    "hq",
    "primary",
    "main",
    "hosted",
    "west",
    "east",
    "only",
];

/// Country codes, and `EU` or `EEA`, that a text names; codes of two letters only where they stand in capitals.
pub(super) fn countries(text: &str) -> BTreeSet<String> {
    scan(text).0
}

/// Whether a text names places and says nothing else.
pub(super) fn is_only_places(text: &str) -> bool {
    let (_, rest) = scan(text);
    rest.iter().all(|word| FILLERS.contains(&word.as_str()))
}

fn scan(text: &str) -> (BTreeSet<String>, Vec<String>) {
    let written: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let lower: Vec<String> = written.iter().map(|word| word.to_lowercase()).collect();
    let (mut found, mut rest, mut at) = (BTreeSet::new(), Vec::new(), 0);
    while at < lower.len() {
        let longest = (1..=WORDS_MAX.min(lower.len() - at)).rev().find_map(|count| {
            let name = lower[at..at + count].join(" ");
            let short = count == 1 && name.len() == 2 && written[at].chars().any(char::is_lowercase);
            PLACES.get(&name).filter(|_| !short).map(|code| (count, code.clone()))
        });
        let code = || {
            let capitals = written[at].len() == 2 && written[at].chars().all(|c| c.is_ascii_uppercase());
            catalog()
                .country(written[at])
                .filter(|_| capitals)
                .map(|country| (1, country.code.to_string()))
        };
        match longest.or_else(code) {
            Some((count, code)) => {
                found.insert(code);
                at += count;
            }
            None => {
                rest.push(lower[at].clone());
                at += 1;
            }
        }
    }
    (found, rest)
}

/// Whether a word stands in the name of a country.
pub(super) fn is_part_of_place(word: &str) -> bool {
    let word = word.to_lowercase();
    PLACES.keys().any(|name| name.split(' ').any(|part| part == word))
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Safeguards of GDPR Chapter V that a text names, in the catalog's words.
pub(super) fn safeguards(text: &str) -> BTreeSet<&'static str> {
    let lower = words(text).join(" ");
    let says = |phrases: &[&str]| {
        phrases
            .iter()
            .any(|phrase| format!(" {lower} ").contains(&format!(" {phrase} ")))
    };
    let rows: [(&[&str], &str); 4] = [
        (
            &[
                "standard contractual clauses",
                "scc",
                "sccs",
                "eu sccs",
                "standardvertragsklauseln",
                "idta",
            ],
            "standard_clauses",
        ),
        (
            &[
                "adequacy",
                "adequacy decision",
                "data privacy framework",
                "dpf",
                "privacy framework",
            ],
            "adequacy",
        ),
        (&["binding corporate rules", "bcr", "bcrs"], "binding_rules"),
        (&["explicit consent"], "explicit_consent"),
    ];
    rows.into_iter()
        .filter(|(phrases, _)| says(phrases))
        .map(|(_, word)| word)
        .collect()
}
