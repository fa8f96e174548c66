//! The lexicon: what phrases of published prose mean in the catalog's words.
//!
//! Start at [`lexicon`]; it is read once from `data/lexicon.toml`, embedded in the program. [`Phrases::find`] gives the
//! longest phrase at each place, left to right, without overlap.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use averment_catalog::{ElementId, PurposeId, SubjectId};
use serde::Deserialize;

use super::statement::{Rows, Tables};
use super::words::{Word, same, words};
use crate::charter::Condition;

/// How many words `*` may stand for.
const GAP_MAX: usize = 6;

/// What a noun phrase means.
#[derive(Debug, Clone)]
pub(super) enum Noun {
    /// Data elements.
    Elements(Elements),
    /// Kinds of data subjects.
    Subjects(Vec<SubjectId>),
    /// People of no particular kind.
    Anyone,
    /// Nothing.
    Ignore,
}

/// Data elements that a phrase names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Elements {
    /// The elements.
    pub(super) elements: Vec<ElementId>,
    /// Whose they are by their nature ("donor data").
    #[serde(default)]
    pub(super) subjects: Vec<SubjectId>,
    /// They name nothing in particular ("personal information").
    #[serde(default)]
    pub(super) generic: bool,
    /// They name a kind of data ("account data"): generic only where its members are listed behind.
    #[serde(default)]
    pub(super) category: bool,
    /// Every user's ("user age"), whoever else the sentence names.
    #[serde(default)]
    pub(super) everyone: bool,
    phrases: Vec<String>,
}

/// What a condition phrase means.
#[derive(Debug, Clone)]
pub(super) struct When {
    /// Rank: a smaller one wins.
    pub(super) rank: usize,
    /// The condition.
    pub(super) when: Condition,
    /// Only where the elements are generic.
    pub(super) generic_only: bool,
}

/// What a claim phrase means.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimPhrase {
    /// The kind of claim.
    pub(super) kind: String,
    /// Form of `stored_as`.
    pub(super) form: Option<String>,
    /// Term of `contract_says`.
    pub(super) term: Option<String>,
    /// What the host of `embeds_only` holds.
    pub(super) host: Option<String>,
    /// Where its elements are named: `before`, `clause` or `own`.
    pub(super) elements: Option<String>,
    phrases: Vec<String>,
}

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Column {
    Recipient,
    Purpose,
    Information,
}

/// Everything in the lexicon.
pub(super) struct Lexicon {
    pub(super) columns: Phrases<Column>,
    pub(super) nouns: Phrases<Noun>,
    pub(super) conditions: Phrases<When>,
    pub(super) claims: Phrases<ClaimPhrase>,
    pub(super) inbound: Phrases<()>,
    pub(super) possible: Phrases<()>,
    pub(super) besides: Phrases<()>,
    pub(super) purposes: Phrases<Vec<PurposeId>>,
    pub(super) kinds: Vec<(String, Vec<PurposeId>)>,
    /// What statements about the whole are read with.
    pub(super) statement: Tables,
}

/// The lexicon of this program.
pub(super) fn lexicon() -> &'static Lexicon {
    static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
        let file: File = toml::from_str(include_str!("../../data/lexicon.toml")).expect(
            "the lexicon is part of the program; the test `the_lexicon_is_made_of_the_catalogs_words` reads it",
        );
        file.into()
    });
    &LEXICON
}

/// Phrases with what they mean, by the first letter of their first word.
#[derive(Debug, Clone)]
pub(super) struct Phrases<T> {
    rows: BTreeMap<char, Vec<(Vec<Word>, T)>>,
}

/// A phrase found: the words `start..end`.
#[derive(Debug)]
pub(super) struct Hit<'a, T> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) means: &'a T,
}

impl<T> Default for Phrases<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new() }
    }
}

impl<T> Phrases<T> {
    /// No phrase.
    pub(super) const fn none() -> Self {
        Self { rows: BTreeMap::new() }
    }

    /// Adds phrases of one meaning.
    pub(super) fn add(&mut self, phrases: &[String], means: &T)
    where
        T: Clone,
    {
        for phrase in phrases {
            let phrase = words(phrase);
            self.rows
                .entry(first_letter(&phrase))
                .or_default()
                .push((phrase, means.clone()));
        }
    }

    /// Every phrase.
    #[cfg(test)]
    pub(super) fn all(&self) -> impl Iterator<Item = &(Vec<Word>, T)> {
        self.rows.values().flatten()
    }

    /// The longest phrase at each place, left to right, without overlap.
    pub(super) fn find(&self, text: &[Word]) -> Vec<Hit<'_, T>> {
        let (mut hits, mut start) = (Vec::new(), 0);
        while start < text.len() {
            let rows = self.rows.get(&first_letter(&text[start..]));
            let here = rows
                .into_iter()
                .flatten()
                .filter_map(|(phrase, means)| fits(phrase, &text[start..]).map(|end| (end, means)));
            match here.max_by_key(|(end, _)| *end) {
                Some((length, means)) => {
                    hits.push(Hit {
                        start,
                        end: start + length,
                        means,
                    });
                    start += length;
                }
                None => start += 1,
            }
        }
        hits
    }
}

fn first_letter(words: &[Word]) -> char {
    words
        .first()
        .and_then(|word| word.stem.chars().next())
        .unwrap_or_default()
}

/// How many words at the front of `text` the phrase takes.
fn fits(phrase: &[Word], text: &[Word]) -> Option<usize> {
    let Some(first) = phrase.first() else { return Some(0) };
    if first.stem == "*" {
        return (0..=GAP_MAX.min(text.len())).find_map(|gap| fits(&phrase[1..], &text[gap..]).map(|rest| gap + rest));
    }
    let word = text.first().filter(|word| same(&word.stem, &first.stem))?;
    debug_assert!(!word.stem.is_empty());
    fits(&phrase[1..], &text[1..]).map(|rest| rest + 1)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    column: Vec<ColumnRow>,
    element: Vec<Elements>,
    subject: Vec<SubjectRow>,
    anyone: Vec<BareRow>,
    ignore: Vec<BareRow>,
    condition: Vec<ConditionRow>,
    claim: Vec<ClaimPhrase>,
    inbound: Vec<BareRow>,
    possible: Vec<BareRow>,
    besides: Vec<BareRow>,
    purpose: Vec<PurposeRow>,
    kind: Vec<KindRow>,
    statement: Rows,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnRow {
    column: Column,
    phrases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectRow {
    subjects: Vec<SubjectId>,
    phrases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BareRow {
    phrases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionRow {
    when: Condition,
    phrases: Vec<String>,
    #[serde(default)]
    generic_only: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PurposeRow {
    purposes: Vec<PurposeId>,
    phrases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindRow {
    kind: String,
    purposes: Vec<PurposeId>,
}

impl From<File> for Lexicon {
    fn from(file: File) -> Self {
        let mut columns = Phrases::default();
        file.column
            .iter()
            .for_each(|row| columns.add(&row.phrases, &row.column));
        let mut nouns = Phrases::default();
        file.element
            .iter()
            .for_each(|row| nouns.add(&row.phrases, &Noun::Elements(row.clone())));
        file.subject
            .iter()
            .for_each(|row| nouns.add(&row.phrases, &Noun::Subjects(row.subjects.clone())));
        file.anyone
            .iter()
            .for_each(|row| nouns.add(&row.phrases, &Noun::Anyone));
        file.ignore
            .iter()
            .for_each(|row| nouns.add(&row.phrases, &Noun::Ignore));
        let mut conditions = Phrases::default();
        for (rank, row) in file.condition.iter().enumerate() {
            conditions.add(
                &row.phrases,
                &When {
                    rank,
                    when: row.when.clone(),
                    generic_only: row.generic_only,
                },
            );
        }
        let mut claims = Phrases::default();
        file.claim.iter().for_each(|row| claims.add(&row.phrases, row));
        let bare = |rows: &[BareRow]| {
            let mut phrases = Phrases::default();
            rows.iter().for_each(|row| phrases.add(&row.phrases, &()));
            phrases
        };
        let mut purposes = Phrases::default();
        file.purpose
            .iter()
            .for_each(|row| purposes.add(&row.phrases, &row.purposes));
        let kinds = file.kind.into_iter().map(|row| (row.kind, row.purposes)).collect();
        Self {
            columns,
            nouns,
            conditions,
            claims,
            inbound: bare(&file.inbound),
            possible: bare(&file.possible),
            besides: bare(&file.besides),
            purposes,
            kinds,
            statement: file.statement.into(),
        }
    }
}

#[cfg(test)]
mod tests;
