//! The table of what says in builds, scripts and settings that a third party is set up: `data/set-up.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use averment_catalog::{ThirdParty, ThirdPartyId, catalog};
use serde::Deserialize;

use super::look::Look;

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetUp {
    pub(super) command: Vec<Command>,
    /// Beginnings of what is asked to be allowed, with whose data that is.
    pub(super) scopes: BTreeMap<String, String>,
    /// Schemes of storages.
    pub(super) stores: BTreeMap<String, String>,
    /// Where Terraform keeps what it has done.
    pub(super) backends: BTreeMap<String, String>,
    /// Third parties that are called otherwise than in the catalog.
    words: BTreeMap<String, String>,
}

/// A command, the words that may follow it (any where none is named), and whose it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Command {
    pub(super) name: String,
    pub(super) party: String,
    #[serde(default)]
    pub(super) next: Vec<String>,
}

/// The table of this program.
#[expect(
    clippy::panic,
    reason = "the file is part of the program; the test `everybody_named_here_is_in_the_catalog` reads it"
)]
pub(super) fn set_up() -> &'static SetUp {
    static TABLE: LazyLock<SetUp> = LazyLock::new(|| {
        toml::from_str(include_str!("../../data/set-up.toml"))
            .unwrap_or_else(|error| panic!("embedded file set-up.toml: {error}"))
    });
    &TABLE
}

/// The third party of this id.
pub(super) fn party_of(id: &str) -> Option<&'static ThirdParty> {
    catalog().third_party(&ThirdPartyId::new(id).ok()?)
}

/// Whom a word of settings means: `sendgrid`, `heroku-postgresql`, `slack_notification`. None where it is a common word.
pub(super) fn called(look: &Look<'_>, word: &str) -> Option<&'static ThirdParty> {
    let word = word.to_ascii_lowercase();
    let listed = set_up().words.iter().find(|(name, _)| {
        let begins = name.strip_suffix('*').is_some_and(|start| word.starts_with(start));
        begins || **name == word
    });
    if let Some((_, id)) = listed {
        return party_of(id);
    }
    look.tables.names().called(&word).first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_named_here_is_in_the_catalog() {
        let table = set_up();
        let tables = [&table.scopes, &table.stores, &table.backends, &table.words];
        let named = tables.into_iter().flat_map(BTreeMap::values);
        for id in named.chain(table.command.iter().map(|command| &command.party)) {
            assert!(party_of(id).is_some(), "{id}");
        }
    }
}
