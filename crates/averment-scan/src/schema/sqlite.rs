//! SQLite files: opened for reading, never written to, also while somebody else writes.

use std::path::Path;

use averment_register::Engine;
use rusqlite::{Connection, OpenFlags};

use super::sample::{Sampler, Samples};
use super::{Column, Reference, Schema, SchemaError, Table};
use crate::observation::Spot;
use crate::seen::Unread;

/// Milliseconds to wait for whoever writes.
const BUSY_MS: u64 = 5_000;

/// Reads the tables of a file; looks at rows when a sampler is given.
///
/// # Errors
/// [`SchemaError::File`] when it cannot be opened, or is no database.
pub fn read_sqlite(file: &Path, sampler: Option<&Sampler<'_>>) -> Result<(Schema, Samples), SchemaError> {
    let name = file.display().to_string();
    let failed = |error: rusqlite::Error| SchemaError::File {
        path: name.clone(),
        because: told(&error),
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(failed)?;
    connection
        .busy_timeout(std::time::Duration::from_millis(BUSY_MS))
        .map_err(failed)?;
    // Definitions of a file that somebody made may call functions.
    connection
        .execute_batch("pragma trusted_schema = off; pragma query_only = on; begin")
        .map_err(failed)?;
    let mut schema = Schema::new(Engine::Sqlite, name.clone());
    let mut samples = Samples::default();
    for (table, kind) in tables(&connection).map_err(failed)? {
        match kind.as_str() {
            "table" | "view" => match columns(&connection, &table, &name) {
                Ok(columns) => schema.tables.push(Table {
                    name: table,
                    is_view: kind == "view",
                    columns,
                    spot: Spot {
                        file: name.clone(),
                        ..Spot::default()
                    },
                    ..Table::default()
                }),
                Err(error) => schema.unread.push(Unread {
                    spot: Spot {
                        file: name.clone(),
                        ..Spot::default()
                    },
                    because: format!("the columns of `{table}` cannot be read: {}", told(&error)),
                }),
            },
            _ => *schema.left_out.entry("part of another table".to_owned()).or_default() += 1,
        }
    }
    let schema = schema.finish();
    if let Some(sampler) = sampler {
        for table in schema.tables.iter().filter(|table| !table.is_view) {
            if sample(&connection, table, sampler, &mut samples).is_err() {
                samples.not_read(&table.name);
            }
        }
    }
    Ok((schema, samples))
}

/// Names with what they are: `table`, `view`, `virtual`, `shadow`.
fn tables(connection: &Connection) -> Result<Vec<(String, String)>, rusqlite::Error> {
    let sql = "select name, case type when 'virtual' then 'table' else type end from pragma_table_list \
               where schema = 'main' and name not like 'sqlite\\_%' escape '\\' order by name";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn columns(connection: &Connection, table: &str, file: &str) -> Result<Vec<Column>, rusqlite::Error> {
    // Hidden ones of virtual tables (1) are arguments, not stored.
    let sql = "select name, lower(type), \"notnull\", pk from pragma_table_xinfo(?1) where hidden <> 1 order by cid";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([table], |row| {
        Ok((
            Column {
                name: row.get(0)?,
                kind: row.get(1)?,
                nullable: !row.get::<_, bool>(2)?,
                spot: Spot {
                    file: file.to_owned(),
                    ..Spot::default()
                },
                ..Column::default()
            },
            row.get::<_, i64>(3)?,
        ))
    })?;
    let rows: Vec<(Column, i64)> = rows.collect::<Result<_, _>>()?;
    let keys = rows.iter().filter(|(_, place)| *place > 0).count();
    let mut columns: Vec<Column> = rows
        .into_iter()
        .map(|(column, place)| Column {
            is_key: place > 0 && keys == 1,
            nullable: column.nullable && place == 0,
            ..column
        })
        .collect();
    let mut statement = connection.prepare("select \"from\", \"table\", \"to\" from pragma_foreign_key_list(?1)")?;
    let links = statement.query_map([table], |row| {
        Ok((
            row.get::<_, String>(0)?,
            Reference {
                table: row.get(1)?,
                column: row.get(2)?,
            },
        ))
    })?;
    for link in links {
        let (from, reference) = link?;
        if let Some(column) = columns
            .iter_mut()
            .find(|column| column.name.eq_ignore_ascii_case(&from))
        {
            column.references = Some(reference);
        }
    }
    Ok(columns)
}

fn sample(
    connection: &Connection,
    table: &Table,
    sampler: &Sampler<'_>,
    samples: &mut Samples,
) -> Result<(), rusqlite::Error> {
    let quote = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let names: Vec<String> = table.columns.iter().map(|column| quote(&column.name)).collect();
    let sql = format!(
        "select {} from {} limit {}",
        names.join(", "),
        quote(&table.name),
        sampler.rows()
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for (index, column) in table.columns.iter().enumerate() {
            match row.get_ref(index)? {
                rusqlite::types::ValueRef::Text(text) => samples.add(sampler, table, column, text),
                rusqlite::types::ValueRef::Integer(number) => {
                    samples.add(sampler, table, column, number.to_string().as_bytes())
                }
                rusqlite::types::ValueRef::Blob(bytes) => samples.add(sampler, table, column, bytes),
                _ => {}
            }
        }
    }
    Ok(())
}

/// The kind of fault; what the library says may repeat a part of the file.
fn told(error: &rusqlite::Error) -> String {
    use rusqlite::ErrorCode;
    let code = error.sqlite_error_code();
    match code {
        Some(ErrorCode::NotADatabase) => "it is not a SQLite file".to_owned(),
        Some(ErrorCode::DatabaseCorrupt) => "it is damaged".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "somebody else holds it locked".to_owned(),
        Some(ErrorCode::CannotOpen) => "it cannot be opened".to_owned(),
        Some(other) => format!("SQLite answers {other:?}").to_lowercase(),
        None => "SQLite gives something unexpected".to_owned(),
    }
}
