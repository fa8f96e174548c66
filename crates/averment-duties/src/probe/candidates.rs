//! Clear values of people that the data map knows columns of: what unkeyed digests are tried with.

use std::collections::BTreeSet;

use averment_catalog::ElementId;
use averment_register::Store;

use super::target::{Rows, values_of};
use super::{Shape, World};
use crate::connect::Next;

/// Elements that name a person, or a machine of one.
const NAMING: [&str; 10] = [
    "contact.email",
    "contact.phone",
    "account.username",
    "account.id",
    "edu.student_id",
    "identity.name",
    "guardian.email",
    "guardian.phone",
    "demographic.date_of_birth",
    "tech.ip_address",
];

/// Values that could be behind a digest.
#[derive(Default)]
pub(super) struct Candidates {
    /// Each once.
    pub(super) values: BTreeSet<String>,
    /// Whether there were more than are kept.
    pub(super) cut: bool,
}

impl Candidates {
    /// Reads every column of every store that names people. Stores that cannot be asked give none.
    pub(super) fn read(world: &mut World<'_>) -> Self {
        let mut all = Self::default();
        let charter = world.charter;
        for store in charter.content().data.values() {
            all.of_store(store, world);
        }
        all
    }

    fn of_store(&mut self, store: &Store, world: &mut World<'_>) {
        let most = world.settings.probes.candidates;
        let Ok(opened) = world.stores.open(store, world.settings, world.secrets) else {
            return;
        };
        let dialect = opened.database.dialect();
        for map in &store.tables {
            let Some(table) = opened.schema.table(map.name()) else {
                continue;
            };
            for (name, column) in &map.columns {
                let names = column.element.as_ref().is_some_and(names_somebody);
                let Some(column) = table.column(name).filter(|_| names) else {
                    continue;
                };
                let (sql, parameters) = values_of(table, column, &Rows::All, dialect);
                // What cannot be read gives no candidate; the column itself is looked at elsewhere.
                _ = opened.database.rows(&sql, &parameters, &mut |row| {
                    let value = row.first().cloned().flatten().unwrap_or_default();
                    if self.values.len() >= most {
                        self.cut = true;
                        return Ok(Next::Enough);
                    }
                    if (3..=320).contains(&value.len()) && Shape::of(&value) == Shape::Other {
                        self.values.insert(value);
                    }
                    Ok(Next::Row)
                });
            }
        }
    }
}

fn names_somebody(element: &ElementId) -> bool {
    let id = element.as_str();
    NAMING.iter().any(|name| {
        id.strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}
