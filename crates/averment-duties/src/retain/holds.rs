//! People whose data may not go: a request to inspect them is open, or somebody has to keep them.
//!
//! Invariant: where holds cannot be known, nothing goes.
//!
//! Source: FERPA 34 CFR 99.10(e); GDPR Art. 17(3)(e), 18(2).

use std::collections::BTreeSet;

use super::bound::referring;
use crate::connect::{Database, DatabaseError, Dialect, OnDelete, Table};
use crate::graph::{Graph, Part, Subject};

/// Most people under hold in one store.
const HELD_MAX: usize = 10_000;
/// How far rows that go with others are followed.
const STEPS_MAX: usize = 8;

/// Who is under hold.
pub trait Holds {
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

/// Those of a store's people who are under hold.
pub(super) fn held_in(graph: &Graph, database: &mut dyn Database, holds: &dyn Holds) -> Result<Subject, String> {
    let mut held = BTreeSet::new();
    if !holds.are_any()? {
        return Ok(Subject::default());
    }
    let dialect = database.dialect();
    for (table, column) in columns_of_people(graph) {
        let Some(found) = table.column(column) else { continue };
        let written = dialect.name(&found.name);
        let sql = format!(
            "select distinct {} from {} where {written} is not null",
            dialect.as_text(&written, found),
            dialect.table(&table.name)
        );
        let mut unknown = None;
        let read = database.rows(&sql, &[], &mut |row| {
            let Some(number) = row.first().and_then(Option::as_deref) else {
                return Ok(crate::connect::Next::Row);
            };
            match holds.is_held(number) {
                Ok(true) => _ = held.insert(number.to_owned()),
                Ok(false) => {}
                Err(because) => {
                    unknown = Some(because);
                    return Err(crate::connect::Stopped);
                }
            }
            Ok(crate::connect::Next::Row)
        });
        if let Some(because) = unknown {
            return Err(because);
        }
        read.map_err(|error: DatabaseError| error.to_string())?;
    }
    if held.len() > HELD_MAX {
        return Err(format!("more than {HELD_MAX} people are under hold"));
    }
    Ok(Subject::of(held))
}

/// Every column that itself holds the number of whose the row is.
fn columns_of_people(graph: &Graph) -> impl Iterator<Item = (&Table, &str)> {
    graph.tables.iter().flat_map(|reached| {
        let direct = reached.own.iter().filter(|path| path.steps.is_empty());
        let direct = direct.filter(|path| path.element == Subject::number());
        direct.map(|path| (&reached.table, path.column.as_str()))
    })
}

/// Rows of a table that are of somebody under hold, name them, or would take such rows with them.
pub(super) fn is_held(graph: &Graph, table: &Table, held: &Subject, dialect: Dialect, first: usize) -> Option<Part> {
    held.elements().next()?;
    let mut parts = Parts::new(first);
    own_rows(graph, table, held, dialect, &mut parts);
    taken_with(graph, table, held, dialect, STEPS_MAX, &mut parts);
    parts.joined()
}

struct Parts {
    sql: Vec<String>,
    parameters: Vec<String>,
    first: usize,
}

impl Parts {
    fn new(first: usize) -> Self {
        Self {
            sql: Vec::new(),
            parameters: Vec::new(),
            first,
        }
    }

    fn next(&self) -> usize {
        self.first + self.parameters.len()
    }

    fn push(&mut self, part: Part) {
        self.sql.push(part.sql);
        self.parameters.extend(part.parameters);
    }

    fn joined(self) -> Option<Part> {
        (!self.sql.is_empty()).then(|| Part {
            sql: format!("(({}) is true)", self.sql.join(" or ")),
            parameters: self.parameters,
        })
    }
}

fn own_rows(graph: &Graph, table: &Table, held: &Subject, dialect: Dialect, parts: &mut Parts) {
    let Some(reached) = graph.table(&table.name) else {
        return;
    };
    let own = reached.is_of(held, dialect, &graph.schema, parts.next());
    own.into_iter().for_each(|part| parts.push(part));
    let named = reached.names(held, dialect, &graph.schema, parts.next());
    named.into_iter().for_each(|part| parts.push(part));
}

fn taken_with(graph: &Graph, table: &Table, held: &Subject, dialect: Dialect, steps: usize, parts: &mut Parts) {
    let taken = referring(graph, &table.name).filter(|(_, key)| key.on_delete != OnDelete::Refuse);
    for (from, key) in taken.filter(|(from, _)| steps > 0 && from.name != table.name) {
        let mut inner = Parts::new(parts.next());
        own_rows(graph, from, held, dialect, &mut inner);
        taken_with(graph, from, held, dialect, steps - 1, &mut inner);
        let Some(inner) = inner.joined() else { continue };
        let names = |columns: &[String]| {
            let written: Vec<String> = columns.iter().map(|column| dialect.name(column)).collect();
            written.join(", ")
        };
        parts.push(Part {
            sql: format!(
                "({}) in (select {} from {} where {})",
                names(&key.targets),
                names(&key.columns),
                dialect.table(&from.name),
                inner.sql
            ),
            parameters: inner.parameters,
        });
    }
}
