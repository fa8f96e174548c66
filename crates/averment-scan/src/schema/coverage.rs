//! How much of a schema the data map speaks of.

use std::collections::BTreeSet;

use averment_register::Store;
use toml_edit::{DocumentMut, Item, TableLike};

use super::{Classified, Schema, What};

/// Lines of a data map that still carry the mark of a guess, which nobody has checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    /// Tables of which it is guessed that nothing in them is personal.
    tables: BTreeSet<String>,
    /// Table and column.
    columns: BTreeSet<(String, String)>,
}

impl Marked {
    /// Those of the text of a `data/<store>.toml`; none of what is no TOML.
    pub fn of(text: &str) -> Self {
        let mut marked = Self::default();
        let Ok(document) = text.parse::<DocumentMut>() else {
            return marked;
        };
        let rows = document.get("tables").and_then(Item::as_array_of_tables);
        for row in rows.into_iter().flatten() {
            let name = row
                .get("table")
                .and_then(Item::as_str)
                .unwrap_or_default()
                .to_lowercase();
            if row.get("none").is_some_and(is_marked) {
                marked.tables.insert(name.clone());
            }
            let columns = row.get("columns").and_then(Item::as_table_like);
            for (column, item) in columns.into_iter().flat_map(TableLike::iter) {
                if is_marked(item) {
                    marked.columns.insert((name.clone(), column.to_lowercase()));
                }
            }
        }
        marked
    }

    fn has(&self, table: &str, column: &str) -> bool {
        let (table, column) = (table.to_lowercase(), column.to_lowercase());
        self.tables.contains(&table) || self.columns.contains(&(table, column))
    }
}

/// Whether the comment behind a value is the mark; a table is marked behind one of its own.
fn is_marked(item: &Item) -> bool {
    let suffix = item.as_value().and_then(|value| value.decor().suffix());
    let words = suffix.and_then(|suffix| suffix.as_str()).unwrap_or_default();
    words
        .trim_start()
        .trim_start_matches('#')
        .trim_start()
        .starts_with("guess")
}

/// Columns of tables, each counted once; views store nothing and are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MapCoverage {
    /// All.
    pub columns: usize,
    /// In the map, with what they hold.
    pub mapped: usize,
    /// In the map, with the reason why they are not personal.
    pub none: usize,
    /// Their name, type or table says what they probably are: not in the map, or there with the mark of a guess.
    pub guessed: usize,
    /// Not in the map, and nothing says what they are.
    pub unclassified: usize,
}

impl MapCoverage {
    /// Counts; without store nothing is mapped. What is marked as a guess is one, wherever it stands.
    pub fn of(store: Option<&Store>, schema: &Schema, classified: &Classified, marked: &Marked) -> Self {
        let mut coverage = Self::default();
        for table in schema.tables.iter().filter(|table| !table.is_view) {
            let mapped = store.and_then(|store| store.table(&table.name));
            for column in &table.columns {
                coverage.columns += 1;
                let of_table = mapped.is_some_and(|mapped| mapped.none.is_some());
                let known = mapped.and_then(|mapped| mapped.column(&column.name));
                let guess = classified.column(&table.name, &column.name);
                let unchecked = (known.is_some() || of_table) && marked.has(&table.name, &column.name);
                let count = match known {
                    _ if unchecked => &mut coverage.guessed,
                    Some(column) if column.is_personal() => &mut coverage.mapped,
                    Some(_) => &mut coverage.none,
                    None if of_table => &mut coverage.none,
                    None if guess.is_none_or(|guess| guess.what == What::Unclassified) => &mut coverage.unclassified,
                    None => &mut coverage.guessed,
                };
                *count += 1;
            }
        }
        coverage
    }

    /// Columns of which the map says something, in percent, rounded down; nothing of nothing.
    pub fn percent(&self) -> usize {
        ((self.mapped + self.none) * 100).checked_div(self.columns).unwrap_or(0)
    }
}

impl std::fmt::Display for MapCoverage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            columns,
            mapped,
            none,
            guessed,
            unclassified,
        } = self;
        write!(
            f,
            "{columns} columns: {mapped} mapped, {none} not personal with a reason, {guessed} guessed, \
             {unclassified} unclassified; the map covers {} %",
            self.percent()
        )
    }
}
