//! The data map as TOML, from a schema and what its columns probably hold; every guess is marked as one.

use std::fmt::Write as _;

use averment_register::StoreId;

use super::classify::{ColumnGuess, TableGuess};
use super::{Classified, Column, Schema, Table, What};
use crate::observation::Confidence;

/// A file `data/<store>.toml` for a whole schema. Views are left out: they store nothing.
pub fn propose(id: &StoreId, schema: &Schema, classified: &Classified) -> String {
    let mut out = format!(
        "# Proposed by `averment scan schema`. Lines marked as a guess are for you to check; take the mark away when you have.\n\
         # A column in a comment is one that nothing says anything about: until it has a line the scan reports it.\n\
         store = {}\nengine = {}\n",
        quoted(id.as_str()),
        quoted(schema.engine.as_str())
    );
    for table in schema.tables.iter().filter(|table| !table.is_view) {
        out.push('\n');
        out.push_str(&table_text(table, classified));
    }
    out
}

/// One `[[tables]]` row.
pub(super) fn table_text(table: &Table, classified: &Classified) -> String {
    let blank = TableGuess::default();
    let guess = classified.table(&table.name).unwrap_or(&blank);
    let mut out = format!("[[tables]]\ntable = {}\n", quoted(&table.name));
    if let Some(reason) = &guess.none {
        _ = writeln!(out, "none = {} # guess", quoted(reason));
        return out;
    }
    if !guess.subjects.is_empty() {
        let subjects: Vec<String> = guess.subjects.iter().map(|subject| quoted(subject.as_str())).collect();
        _ = writeln!(out, "subjects = [{}] # guess", subjects.join(", "));
    }
    if let Some(key) = &guess.key {
        _ = writeln!(out, "key = {}", quoted(key));
    }
    if !guess.belongs_to.is_empty() {
        let links = guess
            .belongs_to
            .iter()
            .map(|(column, target)| format!("{} = {}", key(column), quoted(target)));
        _ = writeln!(out, "belongs_to = {{ {} }}", links.collect::<Vec<_>>().join(", "));
    }
    for (column, target) in &guess.outside {
        _ = writeln!(
            out,
            "# belongs_to = {{ {} = {} }} # for when the table that it leads to is in this file",
            key(column),
            quoted(target)
        );
    }
    out.push_str("\n[tables.columns]\n");
    for column in &table.columns {
        let guess = guess.columns.get(&column.name);
        match guess.and_then(value) {
            Some(value) => {
                _ = writeln!(
                    out,
                    "{} = {value}{}",
                    key(&column.name),
                    guess.map(mark).unwrap_or_default()
                )
            }
            None => _ = writeln!(out, "# {} = {{ }} {}", key(&column.name), open(column)),
        }
    }
    out
}

/// What is known of a column that nothing says anything about.
fn open(column: &Column) -> String {
    let kind: String = column
        .kind
        .chars()
        .filter(|letter| !letter.is_control())
        .take(60)
        .collect();
    match kind.is_empty() {
        true => "# unclassified".to_owned(),
        false => format!("# unclassified: {kind}"),
    }
}

/// What stands behind `column =`; none when nobody knows.
pub(super) fn value(guess: &ColumnGuess) -> Option<String> {
    Some(match &guess.what {
        What::Element(element) => format!("{{ element = {} }}", quoted(element.as_str())),
        What::FreeText(Some(element)) => format!("{{ element = {}, holds = \"free_text\" }}", quoted(element.as_str())),
        What::FreeText(None) => "{ holds = \"free_text\" }".to_owned(),
        What::Secret => "{ holds = \"secret\" }".to_owned(),
        What::NotPersonal(reason) => format!("{{ none = {} }}", quoted(reason)),
        What::Unclassified => return None,
    })
}

/// The comment behind a guess; what a foreign key or a key says is none.
pub(super) fn mark(guess: &ColumnGuess) -> String {
    let sure = match guess.confidence {
        Confidence::Certain if guess.by == "table" => return String::new(),
        Confidence::Certain => "certain",
        Confidence::Likely => "likely",
        Confidence::Possible => "possible",
    };
    format!(" # guess: {sure}, by its {}", guess.by)
}

pub(super) fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

pub(super) fn key(name: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    match !name.is_empty() && name.chars().all(bare) {
        true => name.to_owned(),
        false => toml_edit::Key::new(name).to_string(),
    }
}
