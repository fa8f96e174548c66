//! Names as published to third parties of the catalog.
//!
//! Start at [`third_parties`]. A name is compared as written, without its company ending, and by the part in brackets
//! (`Google Inc. (Charts)` is `google-charts`); then with one typing mistake; then by its first word.
//!
//! A name that is also a common word (`Clever`) counts where it is the whole name of a row, and elsewhere only with the ending of
//! a company behind it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use averment_catalog::{ThirdParty, ThirdPartyId, catalog};

use super::words::Word;

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

/// Companies that put their name before those of their products.
const HOUSES: [&str; 6] = ["Google", "Microsoft", "Amazon", "AWS", "Meta", "Atlassian"];

/// The third party that `name` means, and those of the same house that `prose` names; empty when none is known.
pub(super) fn third_parties(name: &str, prose: &str) -> Vec<ThirdPartyId> {
    let Some(first) = by_name(name) else { return Vec::new() };
    let mut found = vec![first.id.clone()];
    let house = format!("{} ", squash(first.id.as_str()));
    let prose = squash_words(prose);
    for (alias, party) in ALIASES
        .iter()
        .filter(|(alias, party)| alias.starts_with(&house) && party.id != first.id)
    {
        // "Mailgun's Mailjet system": an alias that begins with the name of the row's own third party.
        if prose.contains(alias.as_str()) && !found.contains(&party.id) {
            found.push(party.id.clone());
        }
    }
    found
}

/// The third party that a name means without any guess: by its identifier, product or alias.
pub(super) fn exact(name: &str) -> Option<&'static ThirdPartyId> {
    let names = &INDEX.products;
    let found = keys(name).into_iter().find_map(|key| names.get(&key).copied());
    found.map(|party| &party.id)
}

/// As [`exact`], for a name that stands in running text or at the front of a longer one: what is also a common word is meant
/// only with the ending of a company behind it (`Clever, Inc.`).
pub(super) fn in_text(name: &str) -> Option<&'static ThirdPartyId> {
    let meant = |id: &&ThirdPartyId| !is_common_word(id) || without_ending(name) != words(name);
    exact(name).filter(meant)
}

/// Whether the word at `at` of a running text speaks of `party`: it is its identifier and, where that is also a common word, has
/// a capital and the ending of a company behind it.
pub(super) fn spoken_of(party: &ThirdParty, text: &str, word: &Word) -> bool {
    // As written, for stems make one word of `canvas` and `canva`.
    let written = text[word.at.clone()].trim_end_matches("'s").trim_end_matches("’s");
    let own = written.eq_ignore_ascii_case(party.id.as_str());
    own && (!party.common_word || written.starts_with(char::is_uppercase) && is_company(&text[word.at.end..]))
}

/// Whether `after`, what stands behind a name, begins with the ending of a company.
fn is_company(after: &str) -> bool {
    let next = after.trim_start_matches([' ', ',']).split([' ', ',', ';', ')']).next();
    next.is_some_and(is_ending)
}

fn is_common_word(id: &ThirdPartyId) -> bool {
    catalog().third_party(id).is_some_and(|party| party.common_word)
}

/// Aliases of the catalog, word by word.
static ALIASES: LazyLock<Vec<(String, &'static ThirdParty)>> = LazyLock::new(|| {
    let of = |party: &'static ThirdParty| party.aliases.iter().map(move |alias| (squash_words(alias), party));
    let parties = catalog().third_parties().filter(|party| !party.common_word);
    parties.flat_map(of).collect()
});

/// Parties of the catalog by their names, letters only.
struct Index {
    /// By identifier.
    ids: BTreeMap<String, &'static ThirdParty>,
    /// By identifier, product and alias.
    products: BTreeMap<String, &'static ThirdParty>,
    /// By any name, companies too; the first of the catalog's order where several share one.
    all: BTreeMap<String, &'static ThirdParty>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index {
        ids: BTreeMap::new(),
        products: BTreeMap::new(),
        all: BTreeMap::new(),
    };
    for party in catalog().third_parties() {
        index.ids.entry(squash(party.id.as_str())).or_insert(party);
        let products = [party.id.to_string(), party.product.clone()];
        for name in products.iter().chain(&party.aliases) {
            index.products.entry(squash(name)).or_insert(party);
        }
    }
    // A company may run several products: its name means the one that is called like it, if there is one.
    index.all = index.products.clone();
    for party in catalog().third_parties() {
        for name in names(party) {
            index.all.entry(squash(&name)).or_insert(party);
        }
    }
    index
});

fn by_name(name: &str) -> Option<&'static ThirdParty> {
    let keys = keys(name);
    let first_word = squash(name.split_whitespace().next().unwrap_or_default());
    // Identifiers and products before companies: a company may run several products.
    let whole = keys
        .iter()
        .find_map(|key| INDEX.ids.get(key).or_else(|| INDEX.all.get(key)).copied());
    whole
        .or_else(|| {
            let first = INDEX.ids.get(&first_word).copied();
            // "Clever Prototypes" is somebody else.
            first.filter(|party| first_word.len() > 3 && !party.common_word)
        })
        .or_else(|| near(&keys))
}

/// The party with a name one letter away, in the catalog's order.
fn near(keys: &[String]) -> Option<&'static ThirdParty> {
    let long: Vec<&String> = keys.iter().filter(|key| key.len() >= 9).collect();
    let fits = |name: &String| long.iter().any(|key| nearly(name, key));
    let named = |(name, party): &(&String, &&ThirdParty)| !party.common_word && fits(name);
    let found = INDEX.all.iter().filter(|row| !long.is_empty() && named(row));
    found.map(|(_, party)| *party).min_by(|a, b| a.id.cmp(&b.id))
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
    // "Google GSuite": the product behind the name of its house.
    let house = outer.split_once(' ').filter(|(first, _)| HOUSES.contains(first));
    let whole = whole.into_iter().chain(house.map(|(_, product)| product.to_owned()));
    let mut keys: Vec<String> = whole.map(|key| squash(&key)).filter(|key| !key.is_empty()).collect();
    keys.dedup();
    keys
}

fn without_ending(name: &str) -> String {
    let words: Vec<&str> = name.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let endings = words.iter().rev().take_while(|word| is_ending(word)).count();
    words[..words.len().saturating_sub(endings).max(1).min(words.len())].join(" ")
}

fn words(name: &str) -> String {
    let words: Vec<&str> = name.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn is_ending(word: &str) -> bool {
    ENDINGS.contains(&word.trim_end_matches('.').to_lowercase().as_str())
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

#[cfg(test)]
mod tests;
