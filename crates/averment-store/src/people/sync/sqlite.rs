//! A SQLite file that somebody else writes: opened for reading only.

use std::path::Path;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OpenFlags};

use super::super::read::Reading;
use super::super::report::LoadError;
use super::super::table::{Table, Wanted};
use super::{Since, SourceError, inner, quoted_name};

/// Reads what the query gives; the greatest value of the column, if one is asked for.
pub(super) fn read(
    reading: &mut Reading<'_>,
    file: &Path,
    query: &str,
    since: Option<&Since<'_>>,
) -> Result<Option<String>, LoadError> {
    Ok(read_rows(reading, file, query, since)?)
}

fn read_rows(
    reading: &mut Reading<'_>,
    file: &Path,
    query: &str,
    since: Option<&Since<'_>>,
) -> Result<Option<String>, SourceError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags).map_err(SourceError::Sqlite)?;
    let _ = connection.busy_timeout(std::time::Duration::from_secs(5));
    // One picture for the greatest value and the rows.
    let transaction = connection.transaction().map_err(SourceError::Sqlite)?;
    let query = inner(query);
    let (mut sql, mut parameters, mut greatest) = (query.to_owned(), Vec::new(), None);
    if let Some(since) = since {
        let column = quoted_name(since.column);
        let max = transaction.query_row(&format!("select max({column}) from (\n{query}\n)"), [], |row| {
            row.get(0)
        });
        greatest = mark_of(&max.map_err(SourceError::Sqlite)?, since.column)?;
        if let Some(mark) = &since.mark {
            // What was written at the same moment as the last row may have come later.
            sql = format!("select * from (\n{query}\n) where {column} >= ?1");
            parameters.push(mark_value(mark));
        }
    }
    let mut statement = transaction.prepare(&sql).map_err(SourceError::Sqlite)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let header = names.iter().map(String::as_bytes);
    let Some(table) = Table::new(reading, header, Wanted::People) else {
        return Ok(None);
    };
    let mut rows = statement
        .query(rusqlite::params_from_iter(parameters))
        .map_err(SourceError::Sqlite)?;
    let mut line = 1;
    while let Some(row) = rows.next().map_err(SourceError::Sqlite)? {
        line += 1;
        let values = (0..names.len()).map(|column| row.get_ref(column).map(bytes));
        let values: Result<Vec<Vec<u8>>, _> = values.collect();
        let values = values.map_err(SourceError::Sqlite)?;
        table.read(reading, line, values.iter().map(Vec::as_slice), values.len());
    }
    Ok(greatest)
}

fn bytes(value: ValueRef<'_>) -> Vec<u8> {
    match value {
        ValueRef::Null => Vec::new(),
        ValueRef::Integer(number) => number.to_string().into_bytes(),
        ValueRef::Real(number) => number.to_string().into_bytes(),
        ValueRef::Text(text) | ValueRef::Blob(text) => text.to_vec(),
    }
}

/// A mark with its type: SQLite counts every number as less than every text.
fn mark_of(value: &Value, column: &str) -> Result<Option<String>, SourceError> {
    match value {
        Value::Null => Ok(None),
        Value::Integer(number) => Ok(Some(format!("integer:{number}"))),
        Value::Real(number) => Ok(Some(format!("real:{number}"))),
        Value::Text(text) => Ok(Some(format!("text:{text}"))),
        Value::Blob(_) => Err(SourceError::Mark(column.to_owned())),
    }
}

fn mark_value(mark: &str) -> Value {
    match mark.split_once(':') {
        Some(("integer", number)) => number.parse().map_or(Value::Null, Value::Integer),
        Some(("real", number)) => number.parse().map_or(Value::Null, Value::Real),
        Some((_, text)) => Value::Text(text.to_owned()),
        None => Value::Null,
    }
}
