//! Databases that are not ours, behind one trait: PostgreSQL, MySQL and MariaDB, SQLite.
//!
//! Start at [`open`]. Values cross as text in the database's own writing, whatever their type, so that what is written for one
//! engine runs on all: [`Dialect`] says how a column is read as text and how a text is compared with a column without losing
//! its index. Bytes are hexadecimal digits.
//!
//! Errors name the engine and its code; never a statement, a value, or what the server said.

mod dialect;
mod mysql;
mod postgres;
mod schema;
mod sqlite;

use std::path::Path;

use averment_register::Engine;
use averment_store::SourceError;
use rustls::pki_types::CertificateDer;

pub use dialect::Dialect;
pub use schema::{Column, ForeignKey, OnDelete, Schema, Table};

/// A value on its way to or from a database; none is `null`.
pub type Text = Option<String>;

/// What is done with a row: whether to go on.
pub type EachRow<'a> = &'a mut dyn FnMut(&[Text]) -> Result<Next, Stopped>;

/// Whether to go on reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The next row.
    Row,
    /// Enough.
    Enough,
}

/// Whoever took a row could not go on; why is theirs to remember.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

/// Why a database could not do what was asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// The server, or the connection to it.
    #[error(transparent)]
    Server(#[from] SourceError),
    /// SQLite.
    #[error("the SQLite file answers with error {code}")]
    Sqlite {
        /// The extended result code, as in SQLite's manual.
        code: i32,
    },
    /// A lock was not to be had in time, or the engine gave up one of two that waited for each other: to be tried again.
    #[error("rows are locked by others")]
    Busy,
    /// The file is not there.
    #[error("expected a SQLite file at `{0}`")]
    NoFile(String),
    /// The engine keeps no tables.
    #[error("`{0}` keeps no tables")]
    NoTables(&'static str),
    /// Whoever took the rows could not go on.
    #[error("what took the rows could not go on")]
    Stopped,
}

/// A database with tables.
///
/// Statements are kept prepared by their text. Outside of [`Database::begin`] each is a transaction of its own.
pub trait Database: Send {
    /// How it writes SQL.
    fn dialect(&self) -> Dialect;

    /// Gives each row of an answer as it comes. `parameters` stand at [`Dialect::parameter`] 1, 2, ….
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn rows(&mut self, sql: &str, parameters: &[&str], each: EachRow<'_>) -> Result<(), DatabaseError>;

    /// Changes rows and gives how many.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn change(&mut self, sql: &str, parameters: &[&str]) -> Result<u64, DatabaseError>;

    /// Begins a transaction in which everything read is of one moment.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn begin(&mut self) -> Result<(), DatabaseError>;

    /// Makes the transaction durable.
    ///
    /// # Errors
    /// [`DatabaseError`]; whether it became durable is then not known.
    fn commit(&mut self) -> Result<(), DatabaseError>;

    /// Undoes the transaction; nothing when there is none.
    fn undo(&mut self);

    /// Tables, columns and foreign keys.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn schema(&mut self) -> Result<Schema, DatabaseError>;

    /// All rows of a short answer.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn all(&mut self, sql: &str, parameters: &[&str]) -> Result<Vec<Vec<Text>>, DatabaseError> {
        let mut all = Vec::new();
        self.rows(sql, parameters, &mut |row| {
            all.push(row.to_vec());
            Ok(Next::Row)
        })?;
        Ok(all)
    }

    /// The first value of an answer; none where there is no row or it is `null`.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn one(&mut self, sql: &str, parameters: &[&str]) -> Result<Text, DatabaseError> {
        let mut one = None;
        self.rows(sql, parameters, &mut |row| {
            one = row.first().cloned().flatten();
            Ok(Next::Enough)
        })?;
        Ok(one)
    }
}

/// Connects. `address`: as for libpq, as `mysql://…`, or the path of a SQLite file; `trust`: certificates besides the system's.
///
/// Statements wait two seconds for a lock and then are [`DatabaseError::Busy`].
///
/// # Errors
/// [`DatabaseError`], which never repeats an address of a server.
pub fn open(
    engine: Engine,
    address: &str,
    trust: &[CertificateDer<'static>],
) -> Result<Box<dyn Database>, DatabaseError> {
    Ok(match engine {
        Engine::Postgresql => Box::new(postgres::Postgres::open(address.trim(), trust)?),
        Engine::Mysql | Engine::Mariadb => Box::new(mysql::Mysql::open(address)?),
        Engine::Sqlite => Box::new(sqlite::Sqlite::open(Path::new(address.trim()))?),
        Engine::S3 | Engine::Files => return Err(DatabaseError::NoTables(engine.as_str())),
    })
}
