//! In which order rows can go: those that refer to others before those.

use std::collections::{BTreeMap, BTreeSet};

use crate::connect::Schema;

/// Tables in an order in which their rows can go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// Names, those that refer to others first.
    pub tables: Vec<String>,
    /// Tables that refer to each other in a circle, or to themselves: no order is right for them, and rows of them go by
    /// what the database does on delete, or after the reference was emptied.
    pub circular: BTreeSet<String>,
}

impl Order {
    /// The order of all tables of a database.
    pub fn of(schema: &Schema) -> Self {
        let mut left: BTreeMap<&str, BTreeSet<&str>> = schema
            .tables
            .iter()
            .map(|table| (table.name.as_str(), BTreeSet::new()))
            .collect();
        let mut order = Self::default();
        for table in &schema.tables {
            for target in table.references.iter().filter_map(|key| schema.table(&key.table)) {
                if target.name == table.name {
                    order.circular.insert(table.name.clone());
                } else if let Some(referred_by) = left.get_mut(target.name.as_str()) {
                    referred_by.insert(&table.name);
                }
            }
        }
        while !left.is_empty() {
            let mut free: Vec<&str> = left
                .iter()
                .filter(|(_, by)| by.is_empty())
                .map(|(name, _)| *name)
                .collect();
            if free.is_empty() {
                // Circles, and what they refer to: the first by name goes first.
                free = left.keys().take(1).copied().collect();
                order.circular.extend(free.iter().map(|name| (*name).to_owned()));
            }
            for name in free {
                left.remove(name);
                left.values_mut().for_each(|by| {
                    by.remove(name);
                });
                order.tables.push(name.to_owned());
            }
        }
        order
    }

    /// The place of a table in the order; after all others when it is not there.
    pub fn place(&self, table: &str) -> usize {
        let place = self.tables.iter().position(|name| name == table);
        place.unwrap_or(self.tables.len())
    }
}
