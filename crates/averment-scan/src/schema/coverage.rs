//! How much of a schema the data map speaks of.

use averment_register::Store;

use super::{Classified, Schema, What};

/// Columns of tables, each counted once; views store nothing and are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MapCoverage {
    /// All.
    pub columns: usize,
    /// In the map, with what they hold.
    pub mapped: usize,
    /// In the map, with the reason why they are not personal.
    pub none: usize,
    /// Not in the map, and their name, type or table says what they probably are.
    pub guessed: usize,
    /// Not in the map, and nothing says what they are.
    pub unclassified: usize,
}

impl MapCoverage {
    /// Counts; without store nothing is mapped.
    pub fn of(store: Option<&Store>, schema: &Schema, classified: &Classified) -> Self {
        let mut coverage = Self::default();
        for table in schema.tables.iter().filter(|table| !table.is_view) {
            let mapped = store.and_then(|store| store.table(&table.name));
            for column in &table.columns {
                coverage.columns += 1;
                let of_table = mapped.is_some_and(|mapped| mapped.none.is_some());
                let known = mapped.and_then(|mapped| mapped.column(&column.name));
                let guess = classified.column(&table.name, &column.name);
                let count = match known {
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
            "{columns} columns: {mapped} mapped, {none} not personal with a reason, {guessed} not in the map and guessed, \
             {unclassified} unclassified; the map covers {} %",
            self.percent()
        )
    }
}
