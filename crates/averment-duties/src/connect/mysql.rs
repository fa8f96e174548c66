//! MySQL and MariaDB.

use averment_store::{connect_mysql, mysql_fault};
use mysql::prelude::Queryable as _;
use mysql::{Conn, Params, Value};

use super::schema::{Builder, Schema};
use super::{Database, DatabaseError, Dialect, EachRow, Next, Text};

/// A row was changed since the transaction began to read; a lock was not to be had in time; one of two that waited for each other was
/// given up.
const BUSY: [u16; 3] = [1020, 1205, 1213];

const COLUMNS: &str = "
select c.table_name, c.column_name, c.column_type, c.is_nullable = 'YES',
       coalesce((select k.ordinal_position from information_schema.key_column_usage k
                 where k.table_schema = c.table_schema and k.table_name = c.table_name and k.column_name = c.column_name
                   and k.constraint_name = 'PRIMARY' limit 1), 0),
       exists (select 1 from information_schema.statistics s
               where s.table_schema = c.table_schema and s.table_name = c.table_name and s.column_name = c.column_name
                 and s.seq_in_index = 1)
from information_schema.columns c
join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
where c.table_schema = database() and t.table_type = 'BASE TABLE'
order by c.table_name, c.ordinal_position";

const REFERENCES: &str = "
select k.table_name, k.constraint_name, k.column_name, k.referenced_table_name, k.referenced_column_name, r.delete_rule
from information_schema.key_column_usage k
join information_schema.referential_constraints r
  on r.constraint_schema = k.constraint_schema and r.constraint_name = k.constraint_name and r.table_name = k.table_name
where k.table_schema = database() and k.referenced_table_schema = database()
order by k.table_name, k.constraint_name, k.ordinal_position";

/// A MySQL or MariaDB database.
pub(super) struct Mysql {
    connection: Conn,
    in_transaction: bool,
}

impl Mysql {
    pub(super) fn open(address: &str) -> Result<Self, DatabaseError> {
        let mut connection = connect_mysql(address)?;
        // `sql_mode`: what does not fit into a column is an error, not shortened.
        connection
            .query_drop(
                "set session innodb_lock_wait_timeout = 2, sql_mode = 'STRICT_ALL_TABLES', time_zone = '+00:00'",
            )
            .map_err(|error| told(&error))?;
        Ok(Self {
            connection,
            in_transaction: false,
        })
    }
}

fn positional(parameters: &[&str]) -> Params {
    match parameters {
        [] => Params::Empty,
        some => Params::Positional(some.iter().map(|text| Value::from(*text)).collect()),
    }
}

impl Database for Mysql {
    fn dialect(&self) -> Dialect {
        Dialect::Mysql
    }

    fn rows(&mut self, sql: &str, parameters: &[&str], each: EachRow<'_>) -> Result<(), DatabaseError> {
        let answer = self.connection.exec_iter(sql, positional(parameters));
        let mut values: Vec<Text> = Vec::new();
        for row in answer.map_err(|error| told(&error))? {
            let row = row.map_err(|error| told(&error))?;
            values.clear();
            values.extend((0..row.len()).map(|index| row.as_ref(index).and_then(text)));
            match each(&values) {
                Ok(Next::Row) => {}
                Ok(Next::Enough) => break,
                Err(_) => return Err(DatabaseError::Stopped),
            }
        }
        Ok(())
    }

    fn change(&mut self, sql: &str, parameters: &[&str]) -> Result<u64, DatabaseError> {
        let done = self.connection.exec_drop(sql, positional(parameters));
        done.map_err(|error| told(&error))?;
        Ok(self.connection.affected_rows())
    }

    fn begin(&mut self) -> Result<(), DatabaseError> {
        let begun = self
            .connection
            .query_drop("set transaction isolation level repeatable read")
            .and_then(|()| self.connection.query_drop("start transaction"));
        begun.map_err(|error| told(&error))?;
        self.in_transaction = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), DatabaseError> {
        self.in_transaction = false;
        self.connection.query_drop("commit").map_err(|error| told(&error))
    }

    fn undo(&mut self) {
        if std::mem::take(&mut self.in_transaction) {
            _ = self.connection.query_drop("rollback");
        }
    }

    fn schema(&mut self) -> Result<Schema, DatabaseError> {
        Builder::ask(self, COLUMNS, REFERENCES)
    }
}

fn text(value: &Value) -> Text {
    match value {
        Value::NULL => None,
        Value::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Value::Int(number) => Some(number.to_string()),
        Value::UInt(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Double(number) => Some(number.to_string()),
        other => Some(other.as_sql(true).trim_matches('\'').to_owned()),
    }
}

fn told(error: &mysql::Error) -> DatabaseError {
    match error {
        mysql::Error::MySqlError(fault) if BUSY.contains(&fault.code) => DatabaseError::Busy,
        _ => mysql_fault(error).into(),
    }
}
