//! Many people under hold, in temporary tables: a statement of thousands of values for each batch of rows would be slower than
//! the batch. There is no limit to how many.
//!
//! A list is of the type of the column that it is compared with and goes with the connection. MySQL and MariaDB have none: their
//! temporary tables want a privilege of their own, and a literal list is searched by halves. Where a database lets none be made
//! the values stand in each statement, too.
//!
//! Their names are random, anew each time: a pool may give one connection to two runs, and one of them would look up the other's list.

use std::collections::BTreeMap;

use averment_catalog::ElementId;
use averment_store::random_id;

use super::condition::end_of;
use crate::connect::{Column, Database, DatabaseError, Dialect, Table};
use crate::graph::{Graph, Subject};

/// So many stand in a statement.
const IN_STATEMENT: usize = 1_000;
/// So many are put into a list at once.
const AT_ONCE: usize = 10_000;
/// The column of a list; no other table has one of this name.
const VALUE: &str = "averment_held_value";

/// Element, table and column.
type Compared = (ElementId, String, String);

/// The lists of a store.
#[derive(Default)]
pub(super) struct Lists(BTreeMap<Compared, List>);

/// A temporary table, as written.
pub(super) struct List(String);

impl List {
    /// By the schema of temporary tables: a table of the platform that is called so is not meant.
    fn named(token: &str, dialect: Dialect) -> Self {
        Self(match dialect {
            Dialect::Sqlite => format!("temp.{}", place(token)),
            _ => format!("pg_temp.{}", place(token)),
        })
    }

    /// Whether a column (as written) holds one of it.
    pub(super) fn has(&self, column: &str) -> String {
        format!("exists (select 1 from {} where {column} = {VALUE})", self.0)
    }
}

impl Lists {
    /// Makes a list for each column that is compared with more values than a statement should hold; none where one cannot be made.
    pub(super) fn make(who: &Subject, graph: &Graph, database: &mut dyn Database) -> Self {
        let mut lists = Self::default();
        if database.dialect() == Dialect::Mysql {
            return lists;
        }
        let Ok(token) = random_id() else { return lists };
        for (element, table, column) in compared(who, graph) {
            let key = key(&element, table, column);
            if lists.0.contains_key(&key) {
                continue;
            }
            let token = format!("{token}_{}", lists.0.len());
            let list = List::named(&token, database.dialect());
            let made = make(&list, &token, who.values(&element), table, column, database);
            lists.0.insert(key, list);
            if made.is_err() {
                lists.take_away(database);
                return Self::default();
            }
        }
        lists
    }

    /// Takes them out of the connection, which may be somebody else's later.
    pub(super) fn take_away(&mut self, database: &mut dyn Database) {
        for List(name) in std::mem::take(&mut self.0).into_values() {
            // What cannot be taken away goes with the connection, and nobody knows its name.
            _ = database.change(&format!("drop table if exists {name}"), &[]);
        }
    }

    /// The list for a column.
    pub(super) fn of(&self, element: &ElementId, table: &Table, column: &Column) -> Option<&List> {
        match self.0.is_empty() {
            true => None,
            false => self.0.get(&key(element, table, column)),
        }
    }
}

fn key(element: &ElementId, table: &Table, column: &Column) -> Compared {
    (element.clone(), table.name.clone(), column.name.clone())
}

/// Columns with which ways to people end, where those under hold are many.
fn compared<'a>(who: &Subject, graph: &'a Graph) -> Vec<(ElementId, &'a Table, &'a Column)> {
    let paths = graph.tables.iter().flat_map(|reached| {
        let paths = reached.own.iter().chain(&reached.others);
        paths.map(move |path| (path, &reached.table))
    });
    let many = paths.filter(|(path, _)| who.values(&path.element).len() > IN_STATEMENT);
    many.filter_map(|(path, table)| {
        let (table, column) = end_of(path, graph, table)?;
        Some((path.element.clone(), table, column))
    })
    .collect()
}

fn place(token: &str) -> String {
    format!("averment_held_{token}")
}

fn make<'a>(
    List(name): &List,
    token: &str,
    values: impl Iterator<Item = &'a str>,
    table: &Table,
    column: &Column,
    database: &mut dyn Database,
) -> Result<(), DatabaseError> {
    let dialect = database.dialect();
    let (place, schema) = match dialect {
        Dialect::Sqlite => (place(token), "temp."),
        _ => (place(token), ""),
    };
    database.change(&empty(&place, table, column, dialect), &[])?;
    let text = match dialect {
        Dialect::Sqlite => format!("value from json_each({})", dialect.parameter(1)),
        _ => format!("value from json_array_elements_text({}::json)", dialect.parameter(1)),
    };
    let forms = dialect.forms("value", column).into_iter();
    let forms: Vec<String> = forms
        .map(|form| format!("select {form} from (select {text}) as one"))
        .collect();
    let mut values = values.peekable();
    while values.peek().is_some() {
        let some: Vec<&str> = values.by_ref().take(AT_ONCE).collect();
        let some = serde_json::json!(some).to_string();
        for form in &forms {
            database.change(&format!("insert into {name} {form}"), &[&some])?;
        }
    }
    let on = match dialect {
        Dialect::Sqlite => &place,
        _ => name,
    };
    database.change(&format!("create index {schema}{place}_value on {on} ({VALUE})"), &[])?;
    if dialect == Dialect::Postgres {
        database.change(&format!("analyze {name}"), &[])?;
    }
    Ok(())
}

/// A table of the column's type, without its length: a value that is longer than the column may be is in no row.
fn empty(place: &str, table: &Table, column: &Column, dialect: Dialect) -> String {
    let value = match dialect {
        Dialect::Sqlite => dialect.name(&column.name),
        _ => dialect.forms("null::text", column).swap_remove(0),
    };
    let from = match dialect {
        Dialect::Sqlite => format!(" from {}", dialect.table(&table.name)),
        _ => String::new(),
    };
    format!("create temporary table {place} as select {value} as {VALUE}{from} where 1 = 0")
}
