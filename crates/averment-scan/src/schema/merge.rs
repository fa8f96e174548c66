//! A proposal into a data map that people have edited: what stands there stays, what is missing is added and marked.

use toml_edit::{DocumentMut, Item, Table as TomlTable, TomlError, Value};

use super::propose::{mark, table_text, value};
use super::{Classified, Schema};

/// A merged file, and what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The file.
    pub text: String,
    /// Tables that were added.
    pub tables: Vec<String>,
    /// Columns that were added to tables that were there, as `table.column`.
    pub columns: Vec<String>,
    /// Columns of tables that were there of which nothing says what they hold.
    pub open: Vec<String>,
}

/// Adds to the text of a `data/<store>.toml` what a schema has besides.
///
/// # Errors
/// What is wrong with the text, when it is no TOML.
pub fn merge(text: &str, schema: &Schema, classified: &Classified) -> Result<Merged, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    let mut merged = Merged {
        text: String::new(),
        tables: Vec::new(),
        columns: Vec::new(),
        open: Vec::new(),
    };
    let mut appended = String::new();
    for table in schema.tables.iter().filter(|table| !table.is_view) {
        let Some(row) = row(&mut document, &table.name) else {
            appended.push('\n');
            appended.push_str(&table_text(table, classified));
            merged.tables.push(table.name.clone());
            continue;
        };
        if row.contains_key("none") {
            continue;
        }
        for column in &table.columns {
            let place = format!("{}.{}", table.name, column.name);
            if has_column(row, &column.name) {
                continue;
            }
            let guess = classified.column(&table.name, &column.name);
            let item = guess.and_then(value).and_then(|text| text.parse::<Value>().ok());
            let (Some(mut item), Some(guess)) = (item, guess) else {
                merged.open.push(place);
                continue;
            };
            item.decor_mut().set_prefix(" ");
            item.decor_mut().set_suffix(mark(guess));
            let columns = row.entry("columns").or_insert_with(|| Item::Table(TomlTable::new()));
            if let Some(columns) = columns.as_table_like_mut() {
                columns.insert(&column.name, Item::Value(item));
                merged.columns.push(place);
            }
        }
    }
    merged.text = document.to_string();
    if !appended.is_empty() && !merged.text.ends_with('\n') && !merged.text.is_empty() {
        merged.text.push('\n');
    }
    merged.text.push_str(&appended);
    Ok(merged)
}

/// The row of a table; rows written as one list count only when they are rows.
fn row<'a>(document: &'a mut DocumentMut, name: &str) -> Option<&'a mut TomlTable> {
    let rows = document.get_mut("tables")?.as_array_of_tables_mut()?;
    rows.iter_mut().find(|row| {
        let table = row.get("table").and_then(Item::as_str);
        table.is_some_and(|table| table.eq_ignore_ascii_case(name))
    })
}

fn has_column(row: &TomlTable, name: &str) -> bool {
    let columns = row.get("columns").and_then(Item::as_table_like);
    columns.is_some_and(|columns| columns.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)))
}
