//! SQLite: times and days are texts, flags are numbers.

use std::path::Path;
use std::rc::Rc;

use rusqlite::types::{Value as Raw, ValueRef};
use rusqlite::{Connection, Statement, params_from_iter};

use super::value::written;
use super::{Row, StoreError, Value};

/// How the schema's words are written here. Numbers of people are never given twice.
pub(super) const TYPES: [(&str, &str); 5] = [
    ("{id}", "integer primary key autoincrement"),
    ("{number}", "integer"),
    ("{flag}", "integer"),
    ("{time}", "text"),
    ("{day}", "text"),
];

pub(super) fn open(file: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(file)?;
    // What is deleted is overwritten; without this it would stand in free pages until they are used again.
    connection.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;
         pragma busy_timeout = 10000; pragma secure_delete = on",
    )?;
    Ok(connection)
}

pub(super) fn rows(connection: &Connection, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare(&placed(sql))?;
    let names: Rc<[String]> = statement.column_names().map(str::to_owned).collect();
    read(&mut statement, &names, values)
}

fn read(statement: &mut Statement<'_>, names: &Rc<[String]>, values: &[Value]) -> Result<Vec<Row>, StoreError> {
    let mut found = statement.query(params_from_iter(values.iter().map(raw)))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values = (0..names.len()).map(|at| row.get_ref(at).map(value));
        rows.push(Row {
            names: Rc::clone(names),
            values: values.collect::<Result<_, _>>()?,
        });
    }
    Ok(rows)
}

pub(super) fn run(connection: &Connection, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
    let changed = connection.execute(&placed(sql), params_from_iter(values.iter().map(raw)))?;
    Ok(changed as u64)
}

/// `$1` is a name here, `?1` a place.
fn placed(sql: &str) -> String {
    sql.replace('$', "?")
}

fn raw(value: &Value) -> Raw {
    match value {
        Value::Null => Raw::Null,
        Value::Number(number) => Raw::Integer(*number),
        Value::Flag(flag) => Raw::Integer(i64::from(*flag)),
        Value::Text(text) => Raw::Text(text.clone()),
        Value::Time(time) => Raw::Text(written(*time)),
        Value::Day(day) => Raw::Text(day.to_string()),
    }
}

fn value(raw: ValueRef<'_>) -> Value {
    match raw {
        ValueRef::Integer(number) => Value::Number(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Null,
    }
}
