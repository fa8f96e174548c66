//! What a heading of a column, a field or a label means.
//!
//! Start at [`column`]. The words are rows of `data/headings.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::lexicon;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Column {
    /// Who receives.
    Recipient,
    /// What the recipient calls the service.
    Service,
    /// The legal entity behind it.
    Operator,
    /// Why.
    Purpose,
    /// What.
    Information,
    /// Where.
    Country,
    /// Its page.
    Website,
    /// Its policies and contracts.
    Policy,
    /// Business address.
    Address,
    /// What a transfer to a third country rests on.
    Transfer,
    /// How long.
    Retention,
    /// Whose data.
    Subjects,
    /// Since when it is no longer used.
    Retired,
    /// Numbers of rows, pictures.
    Number,
    /// Anything else that is known to be none of these.
    Other,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    heading: Vec<HeadingRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadingRow {
    column: Column,
    rank: u8,
    #[serde(default)]
    phrases: Vec<String>,
    #[serde(default)]
    words: Vec<String>,
}

struct Headings {
    phrases: BTreeMap<String, (Column, u8)>,
    words: BTreeMap<String, (Column, u8)>,
}

static HEADINGS: LazyLock<Headings> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../../data/headings.toml"))
        .expect("the headings are part of the program; the test `every_heading_has_one_meaning` reads them");
    let mut headings = Headings {
        phrases: BTreeMap::new(),
        words: BTreeMap::new(),
    };
    for row in &file.heading {
        let meaning = (row.column, row.rank);
        headings
            .phrases
            .extend(row.phrases.iter().map(|phrase| (phrase.clone(), meaning)));
        headings
            .words
            .extend(row.words.iter().map(|word| (word.clone(), meaning)));
    }
    headings
});

/// Words behind which a heading only says more about what it is.
const STOPS: [&str; 19] = [
    "de", "del", "du", "of", "for", "in", "where", "that", "which", "by", "with", "from", "if", "/", "&", "and", "or",
    "to", "on",
];

/// What a heading means and how surely; none when no word of it is known.
pub(super) fn column(heading: &str) -> Option<(Column, u8)> {
    let words = words(heading);
    let whole = words
        .iter()
        .filter(|word| *word != "/" && *word != "&")
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    if let Some(found) = HEADINGS.phrases.get(&whole) {
        return Some(*found);
    }
    let end = words
        .iter()
        .skip(1)
        .position(|word| STOPS.contains(&word.as_str()))
        .map_or(words.len(), |at| at + 1);
    let known = |words: &[String]| words.iter().rev().find_map(|word| lookup(word));
    // "Categories of personal data": what a general word is of tells more than the word.
    let head = known(&words[..end]);
    let general = head.is_none_or(|(_, rank)| rank <= 3);
    let tail = known(&words[end..])
        .filter(|(column, _)| matches!(column, Column::Information | Column::Subjects | Column::Purpose));
    if general && tail.is_some() {
        tail
    } else {
        head.or_else(|| known(&words)).or_else(|| of_lexicon(heading))
    }
}

/// What a label means when each of its words is one that headings are made of: "Data shared" is a label, a name is not.
pub(super) fn label(text: &str) -> Option<Column> {
    const SMALL: [&str; 18] = [
        "of",
        "for",
        "in",
        "and",
        "or",
        "/",
        "&",
        "to",
        "we",
        "it",
        "what",
        "is",
        "shared",
        "processed",
        "legal",
        "primary",
        "personal",
        "processing",
    ];
    let words = words(text);
    let whole = words
        .iter()
        .filter(|word| *word != "/" && *word != "&")
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    let known = HEADINGS.phrases.contains_key(&whole)
        || words
            .iter()
            .all(|word| SMALL.contains(&word.as_str()) || lookup(word).is_some());
    known.then(|| column(text).map(|(column, _)| column))?
}

/// What the lexicon says about a heading that no row here knows.
fn of_lexicon(heading: &str) -> Option<(Column, u8)> {
    let words = super::words::words(heading);
    let hit = lexicon::lexicon().columns.find(&words).into_iter().next()?;
    Some(match hit.means {
        lexicon::Column::Recipient => (Column::Recipient, 5),
        lexicon::Column::Purpose => (Column::Purpose, 5),
        lexicon::Column::Information => (Column::Information, 5),
    })
}

fn lookup(word: &str) -> Option<(Column, u8)> {
    let singular = word
        .strip_suffix('s')
        .filter(|_| word.len() > 3 && !word.ends_with("ss"));
    let ies = word.strip_suffix("ies").map(|stem| format!("{stem}y"));
    HEADINGS
        .words
        .get(word)
        .or_else(|| singular.and_then(|word| HEADINGS.words.get(word)))
        .or_else(|| ies.and_then(|word| HEADINGS.words.get(&word)))
        .copied()
}

/// Lower-case words; "sub-processor" and "third party" are one word, what stands in brackets is left out.
fn words(heading: &str) -> Vec<String> {
    let outside: String = match heading.split_once('(') {
        Some((before, rest)) if !before.trim().is_empty() => {
            format!("{before} {}", rest.split_once(')').map_or("", |(_, after)| after))
        }
        _ => heading.to_owned(),
    };
    let lower = outside.to_lowercase().replace(['‑', '-', '_'], " ");
    let joined = lower
        .replace("sub processor", "subprocessor")
        .replace("third part", "thirdpart")
        .replace("3rd part", "thirdpart")
        .replace("sub contractor", "subcontractor")
        .replace('/', " / ")
        .replace('&', " & ");
    joined
        .split_whitespace()
        .map(|word| {
            word.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '/' | '&' | '#'))
                .to_owned()
        })
        .filter(|word| {
            !word.is_empty()
                && !["the", "a", "our", "your", "their", "la", "el", "der", "die", "das"].contains(&word.as_str())
        })
        .collect()
}

#[cfg(test)]
mod tests;
