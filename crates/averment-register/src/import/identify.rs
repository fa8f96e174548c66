//! Names as published to third parties of the catalog.
//!
//! Start at [`third_parties`]. A name is compared as written, without its company ending, and by the part in brackets
//! (`Google Inc. (Charts)` is `google-charts`); then with one typing mistake; then by its first word.

use averment_catalog::{ThirdParty, ThirdPartyId, catalog};

/// Endings of company names that say nothing.
const ENDINGS: [&str; 12] = [
    "inc",
    "llc",
    "ltd",
    "limited",
    "corp",
    "corporation",
    "co",
    "gmbh",
    "sas",
    "technologies",
    "lp",
    "plc",
];

/// The third party that `name` means, and those of the same house that `prose` names; empty when none is known.
pub(super) fn third_parties(name: &str, prose: &str) -> Vec<ThirdPartyId> {
    let Some(first) = by_name(name) else { return Vec::new() };
    let mut found = vec![first.id.clone()];
    let house = squash(first.id.as_str());
    let prose = squash_words(prose);
    for party in catalog().third_parties().filter(|party| party.id != first.id) {
        // "Mailgun's Mailjet system": an alias that begins with the name of the row's own third party.
        let mut aliases = party.aliases.iter().map(|alias| squash_words(alias));
        if aliases.any(|alias| alias.starts_with(&format!("{house} ")) && prose.contains(&alias)) {
            found.push(party.id.clone());
        }
    }
    found
}

fn by_name(name: &str) -> Option<&'static ThirdParty> {
    let keys = keys(name);
    let exact = |key: &String| parties().find(|party| names(party).any(|name| squash(&name) == *key));
    let near = |party: &&ThirdParty| {
        keys.iter()
            .any(|key| names(party).any(|name| nearly(&squash(&name), key)))
    };
    let first_word = squash(name.split_whitespace().next().unwrap_or_default());
    let by_word = |party: &&ThirdParty| first_word.len() > 3 && squash(party.id.as_str()) == first_word;
    // Identifiers and products before companies: a company may run several products.
    let by_id = |key: &String| parties().find(|party| squash(party.id.as_str()) == *key);
    let whole = keys.iter().find_map(|key| by_id(key).or_else(|| exact(key)));
    whole
        .or_else(|| parties().find(by_word))
        .or_else(|| parties().find(near))
}

fn parties() -> impl Iterator<Item = &'static ThirdParty> {
    catalog().third_parties()
}

fn names(party: &ThirdParty) -> impl Iterator<Item = String> {
    let own = [
        party.id.to_string(),
        party.product.clone(),
        without_ending(&party.company),
    ];
    own.into_iter().chain(party.aliases.iter().cloned())
}

/// What a name may be looked up as, most telling first.
fn keys(name: &str) -> Vec<String> {
    let (outer, inner) = match name.split_once('(') {
        Some((outer, rest)) => (outer.trim(), rest.trim_end_matches([')', ' '])),
        None => (name.trim(), ""),
    };
    let outer = without_ending(outer);
    let whole = [
        name.to_owned(),
        format!("{outer} {inner}"),
        inner.to_owned(),
        outer.clone(),
    ];
    let mut keys: Vec<String> = whole
        .iter()
        .map(|key| squash(key))
        .filter(|key| !key.is_empty())
        .collect();
    keys.dedup();
    keys
}

fn without_ending(name: &str) -> String {
    let words: Vec<&str> = name.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let is_ending = |word: &&&str| ENDINGS.contains(&word.trim_end_matches('.').to_lowercase().as_str());
    let endings = words.iter().rev().take_while(is_ending).count();
    words[..words.len().saturating_sub(endings).max(1).min(words.len())].join(" ")
}

/// Letters and digits only, lower case.
fn squash(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn squash_words(text: &str) -> String {
    let spaced: String = text.replace("'s ", " ").replace("’s ", " ").to_lowercase();
    let words: Vec<String> = spaced.split_whitespace().map(squash).collect();
    words.join(" ")
}

/// Long names with one letter too many, too few or wrong.
fn nearly(a: &str, b: &str) -> bool {
    a.len() >= 9 && b.len() >= 9 && super::words::same(a, b)
}
