//! People whose data may not go: a request to inspect them is open, or somebody has to keep them.
//!
//! Start at [`Held::read`]; [`is_held`] says which rows may not go. Holds come and go while a run takes its time: whoever deletes asks
//! [`Held::is_of_now`] before each batch.
//!
//! Invariant: where holds cannot be known, nothing goes.
//!
//! Source: FERPA 34 CFR 99.10(e); GDPR Art. 17(3)(e), 18(2).

mod condition;
mod lists;

use std::collections::BTreeSet;

use averment_catalog::ElementId;
use averment_register::Store;

use super::open::Opened;
use crate::connect::{Column, Database, DatabaseError, Next, Table};
use crate::graph::{Graph, Reached, Subject};
use condition::{Parts, led_to};
use lists::{List, Lists};

pub(super) use condition::is_held;

/// How often names lead to more names.
const ROUNDS: usize = 3;

/// Who is under hold.
pub trait Holds {
    /// A number that is another one once somebody has come under hold or left it. Asked before each batch.
    ///
    /// # Errors
    /// Why that cannot be known, without names.
    fn version(&self) -> Result<u64, String>;

    /// Whether anybody is.
    ///
    /// # Errors
    /// Why that cannot be known, without names.
    fn are_any(&self) -> Result<bool, String>;

    /// Whether the person with this number at the platform is.
    ///
    /// # Errors
    /// Why that cannot be known, without names.
    fn is_held(&self, number: &str) -> Result<bool, String>;
}

/// A store's people who are under hold, by all that its tables name them by.
#[derive(Default)]
pub(super) struct Held {
    who: Subject,
    lists: Lists,
    /// [`Holds::version`] just before.
    version: u64,
}

impl Held {
    /// Reads who of a store's people is.
    pub(super) fn read(graph: &Graph, database: &mut dyn Database, holds: &dyn Holds) -> Result<Self, String> {
        let version = holds.version()?;
        let mut numbers = BTreeSet::new();
        if holds.are_any()? {
            for (table, column) in columns_of_people(graph) {
                held_in(table, column, database, holds, &mut numbers)?;
            }
        }
        Ok(Self {
            who: Subject::of(numbers),
            lists: Lists::default(),
            version,
        })
    }

    /// Whether nobody has come under hold, or left it, since.
    pub(super) fn is_of_now(&self, holds: &dyn Holds) -> Result<bool, String> {
        Ok(holds.version()? == self.version)
    }

    /// Puts those who are too many for each statement where the database finds them.
    pub(super) fn put_down(&mut self, graph: &Graph, database: &mut dyn Database) {
        self.take_away(database);
        self.lists = Lists::make(&self.who, graph, database);
    }

    /// Takes away what was put down.
    pub(super) fn take_away(&mut self, database: &mut dyn Database) {
        self.lists.take_away(database);
    }

    fn list(&self, element: &ElementId, table: &Table, column: &Column) -> Option<&List> {
        self.lists.of(element, table, column)
    }
}

/// Adds the numbers in a column that are of somebody under hold.
fn held_in(
    table: &Table,
    column: &Column,
    database: &mut dyn Database,
    holds: &dyn Holds,
    held: &mut BTreeSet<String>,
) -> Result<(), String> {
    let dialect = database.dialect();
    let written = dialect.name(&column.name);
    let sql = format!(
        "select distinct {} from {} where {written} is not null",
        dialect.as_text(&written, column),
        dialect.table(&table.name)
    );
    let mut unknown = None;
    let read = database.rows(&sql, &[], &mut |row| {
        let Some(number) = row.first().and_then(Option::as_deref) else {
            return Ok(Next::Row);
        };
        match holds.is_held(number) {
            Ok(true) => _ = held.insert(number.to_owned()),
            Ok(false) => {}
            Err(because) => {
                unknown = Some(because);
                return Err(crate::connect::Stopped);
            }
        }
        Ok(Next::Row)
    });
    match unknown {
        Some(because) => Err(because),
        None => read.map_err(|error: DatabaseError| error.to_string()),
    }
}

/// Every column that itself holds the number of whose the row is.
fn columns_of_people(graph: &Graph) -> impl Iterator<Item = (&Table, &Column)> {
    graph.tables.iter().flat_map(|reached| {
        let direct = reached.own.iter().filter(|path| path.steps.is_empty());
        let direct = direct.filter(|path| path.element == Subject::number());
        direct.filter_map(|path| Some((&reached.table, reached.table.column(&path.column)?)))
    })
}

/// Elements by which tables name people, besides their numbers.
pub(super) fn linking<'a>(graphs: impl Iterator<Item = &'a Graph>) -> BTreeSet<ElementId> {
    let tables = graphs.flat_map(|graph| &graph.tables);
    let paths = tables.flat_map(|reached| reached.own.iter().chain(&reached.others));
    let elements = paths.map(|path| path.element.clone());
    elements.filter(|element| *element != Subject::number()).collect()
}

/// Whether a store holds what people are known by.
pub(super) fn tells(store: &Store, linking: &BTreeSet<ElementId>) -> bool {
    let mut columns = store.tables.iter().flat_map(|table| table.columns.values());
    store.engine.has_tables() && columns.any(|column| column.element.as_ref().is_some_and(|one| linking.contains(one)))
}

/// Adds to those under hold by what tables of any of the stores name them besides: an e-mail address.
pub(super) fn name(stores: &mut [&mut Opened], linking: &BTreeSet<ElementId>) -> Result<(), DatabaseError> {
    for _ in 0..ROUNDS {
        let mut found = Subject::default();
        for store in stores.iter_mut() {
            let Opened { graph, database, held } = &mut **store;
            for reached in &graph.tables {
                read_names(reached, graph, &mut **database, held, linking, &mut found)?;
            }
        }
        for element in linking {
            for value in found.values(element) {
                stores
                    .iter_mut()
                    .for_each(|store| store.held.who.add(element.clone(), value.to_owned()));
            }
        }
    }
    Ok(())
}

fn read_names(
    reached: &Reached,
    graph: &Graph,
    database: &mut dyn Database,
    held: &Held,
    linking: &BTreeSet<ElementId>,
    found: &mut Subject,
) -> Result<(), DatabaseError> {
    // Of rows of several people nobody can tell whose the values are.
    if reached.map.key.is_none() && reached.own.len() > 1 {
        return Ok(());
    }
    let dialect = database.dialect();
    let mut parts = Parts::new(1);
    led_to(&reached.own, graph, &reached.table, held, dialect, &mut parts);
    let Some(part) = parts.joined() else { return Ok(()) };
    for column in &reached.table.columns {
        let element = reached.map.column(&column.name).and_then(|said| said.element.as_ref());
        let is_other = reached
            .others
            .iter()
            .any(|path| path.column.eq_ignore_ascii_case(&column.name));
        let Some(element) = element.filter(|element| linking.contains(*element) && !is_other) else {
            continue;
        };
        let written = dialect.as_text(&dialect.name(&column.name), column);
        let from = dialect.table(&reached.table.name);
        let sql = format!("select distinct {written} from {from} where {}", part.sql);
        database.rows(&sql, &part.parameters(), &mut |row| {
            let value = row.first().cloned().flatten().filter(|value| !value.is_empty());
            value.into_iter().for_each(|value| found.add(element.clone(), value));
            Ok(Next::Row)
        })?;
    }
    Ok(())
}
