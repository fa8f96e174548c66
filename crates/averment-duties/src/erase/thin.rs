//! Tables with very many rows of these people, taken away in parts before the rest, so that no transaction holds many locks for
//! long. Only tables on which nothing depends.

use super::sql;
use super::work::{Work, going};
use crate::connect::{Database, DatabaseError, Dialect};
use crate::graph::{Graph, Part, Subject};

/// Rows that go at once.
pub(super) const ROWS_MAX: u64 = 5_000;

/// A table of which more rows are left than go at once, and the statement that takes as many away.
pub(super) fn next(
    database: &mut dyn Database,
    graph: &Graph,
    work: &Work,
    subject: &Subject,
) -> Result<Option<(usize, Part)>, DatabaseError> {
    // A SQLite file is locked as a whole, whatever is taken away.
    if database.dialect() == Dialect::Sqlite {
        return Ok(None);
    }
    for table in work
        .tables
        .iter()
        .filter(|table| table.goes && table.leaf && !table.by_keys)
    {
        let (reached, dialect) = (&graph.tables[table.index], database.dialect());
        let Some(part) = going(reached, subject, dialect, &graph.schema, 1) else {
            continue;
        };
        let name = dialect.table(&reached.table.name);
        let probe = format!("select '1' from {name} where {} limit 1 offset {ROWS_MAX}", part.sql);
        if sql::again(|| database.one(&probe, &part.parameters()))?.is_some() {
            let again = |first| going(reached, subject, dialect, &graph.schema, first).unwrap_or_else(|| part.clone());
            return Ok(Some((table.index, statement(dialect, &name, again))));
        }
    }
    Ok(None)
}

fn statement(dialect: Dialect, name: &str, rows: impl Fn(usize) -> Part) -> Part {
    let one = rows(1);
    match dialect {
        // The condition stands twice because the parts of a partitioned table number their rows each for itself.
        Dialect::Postgres => {
            let other = rows(1 + one.parameters.len());
            let some = format!("select ctid from {name} where {} limit {ROWS_MAX}", one.sql);
            Part {
                sql: format!("delete from {name} where ctid = any(array({some})) and {}", other.sql),
                parameters: one.parameters.into_iter().chain(other.parameters).collect(),
            }
        }
        Dialect::Mysql | Dialect::Sqlite => Part {
            sql: format!("delete from {name} where {} limit {ROWS_MAX}", one.sql),
            ..one
        },
    }
}

/// How many rows are left.
pub(super) fn left(
    database: &mut dyn Database,
    graph: &Graph,
    index: usize,
    subject: &Subject,
) -> Result<u64, DatabaseError> {
    let reached = &graph.tables[index];
    match going(reached, subject, database.dialect(), &graph.schema, 1) {
        Some(part) => sql::count(database, &reached.table.name, &part),
        None => Ok(0),
    }
}
