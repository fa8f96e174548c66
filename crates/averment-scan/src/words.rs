//! Names of variables, attributes, columns and keys to data elements, and to whose they are.
//!
//! Start at [`element_of`]. The table is `data/names.toml`. A name is split where its case, `_`, `-`, `.` or a space says so;
//! the whole of it counts most, its last words less. A name is only a name: what it gives is a [`Guess`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use averment_catalog::{ElementId, SubjectId};
use serde::Deserialize;

use crate::observation::Confidence;

/// What a name probably stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// The element.
    pub element: ElementId,
    /// How sure.
    pub confidence: Confidence,
}

/// Longest identifier that is looked at, in bytes: no person writes longer ones, and generated ones say nothing.
const IDENTIFIER_MAX: usize = 120;

/// The element that `identifier` stands for: `parentEmail`, `first_name`, `signup-ip-address`, `user.dob`.
pub fn element_of(identifier: &str) -> Option<Guess> {
    let words = split(identifier);
    let table = &*TABLE;
    if let Some(guess) = table.whole.get(&words.join(" ")) {
        return Some(guess.clone());
    }
    let longest = (1..words.len()).find_map(|from| table.ends.get(&words.get(from..)?.join(" ")));
    let bare = words
        .iter()
        .skip_while(|word| table.aside.contains(*word))
        .cloned()
        .collect::<Vec<_>>()
        .join(" ");
    let bare = table.whole.get(&bare).filter(|_| !bare.is_empty());
    match (longest, bare) {
        (Some(end), Some(bare)) if end.confidence >= bare.confidence => Some(end.clone()),
        (_, Some(bare)) => Some(bare.clone()),
        (end, None) => end.cloned(),
    }
}

/// Whose data `identifier` speaks of, where it says so: `studentEmail`, `teacher.name`.
pub fn subject_of(identifier: &str) -> Option<SubjectId> {
    split(identifier)
        .iter()
        .find_map(|word| TABLE.subjects.get(word).cloned())
}

/// The words of an identifier in lower case: `parentEmail2` gives `parent`, `email2`.
pub fn split(identifier: &str) -> Vec<String> {
    if identifier.len() > IDENTIFIER_MAX {
        return Vec::new();
    }
    let mut words: Vec<String> = vec![String::new()];
    let characters: Vec<char> = identifier.chars().collect();
    for (at, &character) in characters.iter().enumerate() {
        if !character.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| characters.get(at));
        let next_is_lower = characters.get(at + 1).is_some_and(|next| next.is_lowercase());
        let rises = character.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase() || before.is_ascii_digit() || (before.is_uppercase() && next_is_lower)
            });
        if rises {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[derive(Debug)]
struct Table {
    whole: BTreeMap<String, Guess>,
    ends: BTreeMap<String, Guess>,
    aside: BTreeSet<String>,
    subjects: BTreeMap<String, SubjectId>,
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::embedded);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Vec<Row>,
    aside: Aside,
    subjects: BTreeMap<String, SubjectId>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    element: ElementId,
    confidence: Confidence,
    #[serde(default)]
    whole: Vec<String>,
    #[serde(default)]
    ends: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Aside {
    words: BTreeSet<String>,
}

impl Table {
    #[expect(
        clippy::panic,
        reason = "the file is part of the program; the test `every_row_names_an_element` reads it"
    )]
    fn embedded() -> Self {
        let file: File = toml::from_str(include_str!("../data/names.toml"))
            .unwrap_or_else(|error| panic!("embedded file names.toml: {error}"));
        let mut table = Self {
            whole: BTreeMap::new(),
            ends: BTreeMap::new(),
            aside: file.aside.words,
            subjects: file.subjects,
        };
        for row in file.name {
            let guess = |confidence| Guess {
                element: row.element.clone(),
                confidence,
            };
            for words in row.whole {
                table.whole.insert(words, guess(row.confidence));
            }
            for words in row.ends {
                table.ends.insert(words, guess(row.confidence.min(Confidence::Likely)));
            }
        }
        table
    }
}

#[cfg(test)]
mod tests;
