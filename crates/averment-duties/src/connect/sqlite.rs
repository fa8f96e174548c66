//! SQLite.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter};

use super::schema::{Column, ForeignKey, OnDelete, Schema, Table};
use super::{Database, DatabaseError, Dialect, EachRow, Next, Text};

/// A SQLite file.
pub(super) struct Sqlite(Connection);

impl Sqlite {
    pub(super) fn open(file: &Path) -> Result<Self, DatabaseError> {
        if !file.is_file() {
            return Err(DatabaseError::NoFile(file.display().to_string()));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags).map_err(|error| told(&error))?;
        connection
            .busy_timeout(Duration::from_secs(2))
            .map_err(|error| told(&error))?;
        // What goes is overwritten, also in free pages; keys between tables hold.
        for pragma in ["foreign_keys", "secure_delete"] {
            connection
                .pragma_update(None, pragma, true)
                .map_err(|error| told(&error))?;
        }
        // What is put down for a while is of people, and in no file.
        connection
            .pragma_update(None, "temp_store", "memory")
            .map_err(|error| told(&error))?;
        Ok(Self(connection))
    }

    fn names(&self, sql: &str, table: &str) -> Result<Vec<String>, DatabaseError> {
        let mut statement = self.0.prepare(sql).map_err(|error| told(&error))?;
        let names = statement
            .query_map([table], |row| row.get(0))
            .map_err(|error| told(&error))?;
        names.collect::<Result<_, _>>().map_err(|error| told(&error))
    }

    fn table(&self, name: String) -> Result<Table, DatabaseError> {
        let sql = "select name, type, \"notnull\", pk from pragma_table_info(?1) order by cid";
        let mut statement = self.0.prepare(sql).map_err(|error| told(&error))?;
        let mut primary = Vec::new();
        let columns = statement.query_map([&name], |row| {
            let column = Column {
                name: row.get(0)?,
                kind: row.get(1)?,
                nullable: !row.get::<_, bool>(2)?,
            };
            Ok((column, row.get::<_, i64>(3)?))
        });
        let mut all = Vec::new();
        for row in columns.map_err(|error| told(&error))? {
            let (column, place) = row.map_err(|error| told(&error))?;
            if place > 0 {
                primary.push((place, column.name.clone()));
            }
            all.push(column);
        }
        primary.sort();
        let indexed = "select i.name from pragma_index_list(?1) l join pragma_index_info(l.name) i where i.seqno = 0 and i.name is not null";
        Ok(Table {
            references: self.references(&name)?,
            indexed: self.names(indexed, &name)?,
            columns: all,
            primary: primary.into_iter().map(|(_, name)| name).collect(),
            name,
        })
    }

    fn references(&self, table: &str) -> Result<Vec<ForeignKey>, DatabaseError> {
        let sql = "select id, \"table\", \"from\", \"to\", on_delete from pragma_foreign_key_list(?1) order by id, seq";
        let mut statement = self.0.prepare(sql).map_err(|error| told(&error))?;
        let mut keys: Vec<(i64, ForeignKey)> = Vec::new();
        let mut rows = statement.query([table]).map_err(|error| told(&error))?;
        while let Some(row) = rows.next().map_err(|error| told(&error))? {
            let read = || -> rusqlite::Result<(i64, String, String, Option<String>, String)> {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            };
            let (id, target, from, to, rule) = read().map_err(|error| told(&error))?;
            if keys.last().is_none_or(|(last, _)| *last != id) {
                keys.push((
                    id,
                    ForeignKey {
                        columns: Vec::new(),
                        table: target.clone(),
                        targets: Vec::new(),
                        on_delete: OnDelete::of(&rule),
                    },
                ));
            }
            let (_, key) = keys.last_mut().expect("pushed above");
            key.columns.push(from);
            // Without a name the key is to the primary key of the other table.
            key.targets.extend(to);
        }
        Ok(keys.into_iter().map(|(_, key)| key).collect())
    }
}

impl Database for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn rows(&mut self, sql: &str, parameters: &[&str], each: EachRow<'_>) -> Result<(), DatabaseError> {
        let mut statement = self.0.prepare_cached(sql).map_err(|error| told(&error))?;
        let width = statement.column_count();
        let mut rows = statement
            .query(params_from_iter(parameters))
            .map_err(|error| told(&error))?;
        let mut values = vec![None; width];
        while let Some(row) = rows.next().map_err(|error| told(&error))? {
            for (index, value) in values.iter_mut().enumerate() {
                *value = text(row.get_ref(index).map_err(|error| told(&error))?);
            }
            match each(&values) {
                Ok(Next::Row) => {}
                Ok(Next::Enough) => break,
                Err(_) => return Err(DatabaseError::Stopped),
            }
        }
        Ok(())
    }

    fn change(&mut self, sql: &str, parameters: &[&str]) -> Result<u64, DatabaseError> {
        let mut statement = self.0.prepare_cached(sql).map_err(|error| told(&error))?;
        let changed = statement
            .execute(params_from_iter(parameters))
            .map_err(|error| told(&error))?;
        Ok(changed as u64)
    }

    fn begin(&mut self) -> Result<(), DatabaseError> {
        self.0.execute_batch("begin").map_err(|error| told(&error))
    }

    fn commit(&mut self) -> Result<(), DatabaseError> {
        self.0.execute_batch("commit").map_err(|error| told(&error))
    }

    fn undo(&mut self) {
        if !self.0.is_autocommit() {
            _ = self.0.execute_batch("rollback");
        }
    }

    fn schema(&mut self) -> Result<Schema, DatabaseError> {
        let sql =
            "select name from sqlite_schema where type = ?1 and name not like 'sqlite\\_%' escape '\\' order by name";
        let names = self.names(sql, "table")?;
        let tables = names.into_iter().map(|name| self.table(name));
        let mut schema = Schema {
            tables: tables.collect::<Result<_, _>>()?,
        };
        let primary: Vec<(String, Vec<String>)> = schema
            .tables
            .iter()
            .map(|table| (table.name.clone(), table.primary.clone()))
            .collect();
        for key in schema.tables.iter_mut().flat_map(|table| &mut table.references) {
            let found = primary.iter().find(|(name, _)| name.eq_ignore_ascii_case(&key.table));
            if let Some((_, columns)) = found.filter(|_| key.targets.is_empty()) {
                key.targets.clone_from(columns);
            }
        }
        Ok(schema)
    }
}

fn text(value: ValueRef<'_>) -> Text {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
    }
}

fn told(error: &rusqlite::Error) -> DatabaseError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => DatabaseError::Busy,
        _ => DatabaseError::Sqlite {
            code: error.sqlite_error().map_or(-1, |error| error.extended_code),
        },
    }
}
