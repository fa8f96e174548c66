//! What the texts of a field may be, as definitions of a schema: words of the catalog, identifiers, dates.

use std::collections::BTreeMap;

use averment_catalog::{Vocabulary, catalog};
use serde_json::{Value, json};

use crate::charter::Condition;
use crate::compile::shape::Field;
use crate::field::Names;

/// Identifiers, as the catalog's `is_id` has them.
const ID: &str = "[a-z0-9][a-z0-9._/-]{0,99}";

/// The definition of what `names` says: its name and itself.
pub(super) fn of(names: Names, field: &Field) -> (&'static str, Value) {
    match names {
        Names::Element => ("element", known(elements())),
        Names::Subject => ("subject", known(subjects())),
        Names::Purpose => ("purpose", known(purposes())),
        Names::ThirdParty => ("third_party", known(third_parties())),
        Names::Place => ("place", known(places())),
        Names::Word(vocabulary) => (name(vocabulary), known(words(vocabulary))),
        Names::Condition => ("condition", condition()),
        // Replaced where claims stand, since it depends on the file.
        Names::ClaimKind => ("text", text()),
        Names::Id => identifier(field.name),
        Names::Host => ("host", pattern(r"^(\*\.)?[A-Za-z0-9_{}.-]{1,253}$")),
        Names::Free => ("text", text()),
    }
}

/// A date: TOML's own, which editors hand on as text, or the same in quotes.
pub(super) fn date() -> (&'static str, Value) {
    ("date", pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))
}

/// An ISO 8601 duration.
pub(super) fn period() -> (&'static str, Value) {
    let date = "([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?";
    let time = "(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+S)?)?";
    ("period", pattern(&format!("^P(?=[0-9T]){date}{time}$")))
}

fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn text() -> Value {
    pattern(r"\S")
}

fn identifier(field: &str) -> (&'static str, Value) {
    match field {
        "controller" | "store" => ("controller_id", pattern("^[a-z0-9][a-z0-9_-]{0,99}$")),
        "claim" => ("claim_id", pattern(&format!("^{ID}$"))),
        "id" => ("own_claim_id", pattern("^[a-z0-9._-]{1,99}$")),
        "consent" => ("consent", pattern(&format!("^{ID}$"))),
        _ => ("recipient_id", pattern("^[a-z0-9][a-z0-9_-]{0,59}$")),
    }
}

fn condition() -> Value {
    json!({
        "type": "string",
        "anyOf": [{ "enum": Condition::WORDS }, { "pattern": format!("^(consent|act):{ID}$") }],
    })
}

/// One of these words; what people call them is where editors look for it.
fn known(words: BTreeMap<String, String>) -> Value {
    let (ids, labels): (Vec<String>, Vec<String>) = words.into_iter().unzip();
    json!({ "type": "string", "enum": ids, "x-taplo": { "docs": { "enumValues": labels } } })
}

/// Elements, and every category above one.
fn elements() -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    for element in catalog().elements() {
        let id = element.id.as_str();
        for (at, _) in id.match_indices('.') {
            let category = &id[..at];
            words
                .entry(category.to_owned())
                .or_insert_with(|| format!("everything under `{category}`"));
        }
        words.insert(id.to_owned(), element.label.clone());
    }
    words
}

fn subjects() -> BTreeMap<String, String> {
    let subjects = catalog().subjects();
    subjects
        .map(|subject| (subject.id.to_string(), subject.label.clone()))
        .collect()
}

fn purposes() -> BTreeMap<String, String> {
    let purposes = catalog().purposes();
    purposes
        .map(|purpose| (purpose.id.to_string(), purpose.label.clone()))
        .collect()
}

fn third_parties() -> BTreeMap<String, String> {
    let parties = catalog().third_parties();
    parties
        .map(|party| (party.id.to_string(), party.product.clone()))
        .collect()
}

fn places() -> BTreeMap<String, String> {
    let unions = [("EU", "European Union"), ("EEA", "European Economic Area")];
    let unions = unions.map(|(code, name)| (code.to_owned(), name.to_owned()));
    let countries = catalog()
        .countries()
        .map(|country| (country.code.to_string(), country.name.to_string()));
    countries.chain(unions).collect()
}

fn words(vocabulary: Vocabulary) -> BTreeMap<String, String> {
    let words = catalog().words(vocabulary).iter();
    words.map(|word| (word.id.to_string(), word.label.clone())).collect()
}

fn name(vocabulary: Vocabulary) -> &'static str {
    match vocabulary {
        Vocabulary::Viewer => "viewer",
        Vocabulary::Activity => "activity",
        Vocabulary::Trigger => "trigger",
        Vocabulary::Offer => "offer",
        Vocabulary::Form => "form",
        Vocabulary::Exception => "exception",
        Vocabulary::Regime => "regime",
        Vocabulary::Certificate => "certificate",
        Vocabulary::Giver => "giver",
        Vocabulary::Term => "term",
        Vocabulary::OwnUse => "own_use",
        Vocabulary::Safeguard => "safeguard",
        Vocabulary::Basis => "basis",
        Vocabulary::Agreement => "agreement",
    }
}
