//! The platform's rows, in SQLite or PostgreSQL: the same statements for both.
//!
//! Start at [`Store::take`]. Statements are written with `$1`, `$2` …; what differs between the engines is how a column's
//! type is called (`schema/schema.sql`) and how a [`Value`] travels.

mod pg;
mod sqlite;
mod value;

use std::path::PathBuf;
use std::sync::Mutex;

pub(crate) use value::{Row, Value};

/// What can go wrong with a database.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("SQLite does not do it")]
    Sqlite(#[from] rusqlite::Error),
    #[error("PostgreSQL does not do it")]
    Postgres(#[from] postgres::Error),
    #[error("column `{0}` is not what was asked for")]
    Column(String),
}

/// Where the rows are.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// A file.
    Sqlite(PathBuf),
    /// As libpq takes it: `postgres://…` or `host=… dbname=…`.
    Postgres(String),
}

/// The database, with the connections that nobody uses at the moment.
pub(crate) struct Store {
    pub(crate) place: Place,
    idle: Mutex<Vec<Connection>>,
}

/// One connection.
pub(crate) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(Box<postgres::Client>),
}

impl Store {
    pub(crate) fn new(place: Place) -> Self {
        let idle = Mutex::new(Vec::new());
        Self { place, idle }
    }

    /// A connection for as long as one request takes; give it back with [`Store::give`].
    pub(crate) fn take(&self) -> Result<Connection, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop();
        match idle.filter(Connection::is_open) {
            Some(connection) => Ok(connection),
            None => Connection::open(&self.place),
        }
    }

    /// Keeps a connection for the next request.
    pub(crate) fn give(&self, connection: Connection) {
        self.idle
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .push(connection);
    }
}

impl Connection {
    fn open(place: &Place) -> Result<Self, StoreError> {
        match place {
            Place::Sqlite(file) => sqlite::open(file).map(Self::Sqlite),
            Place::Postgres(address) => pg::open(address).map(|client| Self::Postgres(Box::new(client))),
        }
    }

    /// What a statement yields.
    pub(crate) fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::rows(connection, sql, values),
            Self::Postgres(client) => pg::rows(client, sql, values),
        }
    }

    /// The first row, if there is one.
    pub(crate) fn row(&mut self, sql: &str, values: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, values)?.into_iter().next())
    }

    /// The number in the first column of the only row: of `count(*)`, of `returning id`.
    pub(crate) fn number(&mut self, sql: &str, values: &[Value]) -> Result<i64, StoreError> {
        let row = self.row(sql, values)?;
        row.map_or(Ok(0), |row| row.first())
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) fn run(&mut self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::run(connection, sql, values),
            Self::Postgres(client) => pg::run(client, sql, values),
        }
    }

    /// Does everything in `act` or nothing of it.
    pub(crate) fn whole<T, E: From<StoreError>>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        // SQLite takes the right to write at once: a reader that wants to write later may be refused.
        let begin = if matches!(self, Self::Sqlite(_)) {
            "begin immediate"
        } else {
            "begin"
        };
        self.run(begin, &[])?;
        let result = act(self);
        self.run(if result.is_ok() { "commit" } else { "rollback" }, &[])?;
        result
    }

    /// Whether the server has not hung up.
    fn is_open(&self) -> bool {
        !matches!(self, Self::Postgres(client) if client.is_closed())
    }

    /// Takes what was deleted out of SQLite's log of changes, too. While somebody reads it stays until the next time.
    pub(crate) fn settle(&mut self) -> Result<(), StoreError> {
        if matches!(self, Self::Sqlite(_)) {
            self.rows("pragma wal_checkpoint(truncate)", &[])?;
        }
        Ok(())
    }

    /// Makes the tables where there are none.
    pub(crate) fn make_tables(&mut self) -> Result<(), StoreError> {
        let there = match self {
            Self::Sqlite(_) => "select count(*) from sqlite_master where name = 'users'",
            Self::Postgres(_) => {
                "select count(*) from pg_tables where tablename = 'users' and schemaname = current_schema"
            }
        };
        if self.number(there, &[])? > 0 {
            return Ok(());
        }
        match self {
            Self::Sqlite(connection) => connection.execute_batch(&schema(&sqlite::TYPES))?,
            Self::Postgres(client) => client.batch_execute(&schema(&pg::TYPES))?,
        }
        Ok(())
    }
}

/// The statements that make the tables of one engine.
fn schema(types: &[(&str, &str)]) -> String {
    let text = include_str!("../schema/schema.sql").to_owned();
    types.iter().fold(text, |text, (word, name)| text.replace(word, name))
}

/// The schema as PostgreSQL (`true`) or SQLite takes it.
pub(crate) fn schema_text(postgres: bool) -> String {
    schema(if postgres { &pg::TYPES } else { &sqlite::TYPES })
}
