//! People from where they already are: a SQLite file, PostgreSQL, an HTTP API.
//!
//! Start at [`People::sync`]. A sync reads the whole source, or, when a column is named that grows with each change, only
//! what changed since. The mark up to which a source was read is kept in the directory, under a digest of what the source
//! is, and moves in the transaction that puts the people.
//!
//! Absent: addresses and passwords of sources; nothing of them is kept or told.

mod http;
mod postgres;
mod sqlite;

pub(crate) use postgres::is_this_machine;

use std::path::PathBuf;

use averment_detect::DirectoryKey;
use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use rustls::pki_types::CertificateDer;
use zeroize::Zeroizing;

use super::database::is_outdated;
use super::load::{Currency, Scope, Shrink, expect_somebody};
use super::put::Load;
use super::read::Reading;
use super::report::{LoadError, LoadReport};
use super::{People, PeopleError};
use crate::keys::keyed_digest;

/// Where people come from.
pub enum Source {
    /// A SQLite file, opened for reading only, and a query whose columns are named as those of a people file.
    Sqlite {
        /// The file.
        file: PathBuf,
        /// One `select`.
        query: String,
    },
    /// A PostgreSQL server and such a query. Other machines are reached by TLS only, and always verified.
    Postgres {
        /// Connection string, as for libpq: a URL or words.
        connection: Zeroizing<String>,
        /// One `select`.
        query: String,
        /// Certificates to trust besides the system's.
        trust: Vec<CertificateDer<'static>>,
    },
    /// An HTTP API that answers with JSON: an array, an object with an array `people` and perhaps a `next` page, or one
    /// object a line. Other machines are reached by TLS only, and always verified.
    Http {
        /// Of the first page.
        url: String,
        /// Sent as `Authorization: Bearer`, to the host of the first page and to no other.
        token: Option<Zeroizing<String>>,
        /// Certificates to trust besides the system's.
        trust: Vec<CertificateDer<'static>>,
    },
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Source({})", self.name())
    }
}

/// What a sync reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    /// Everybody: whoever is missing departs.
    Everybody(Shrink),
    /// Everybody when nothing was read before, and then whatever has a value in this column that is not less than the
    /// greatest seen. Of databases only.
    Since {
        /// The column, as the query names it.
        column: String,
        /// For the first time.
        shrink: Shrink,
    },
}

/// Why a source cannot be read. Its own words are not repeated where they could hold a value or a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The SQLite file or the query.
    #[error("the query failed on the SQLite file")]
    Sqlite(#[source] rusqlite::Error),
    /// The connection string.
    #[error("expected a connection string such as `host=db.example user=averment dbname=school`")]
    ConnectionString,
    /// PostgreSQL; with the code that its manual explains.
    #[error("PostgreSQL {0}")]
    Postgres(String),
    /// MySQL or MariaDB.
    #[error("MySQL or MariaDB {0}")]
    Mysql(String),
    /// The connection would be open to read for others.
    #[error("expected a TLS connection to `{0}`: only this machine is spoken to without")]
    TlsNeeded(String),
    /// TLS cannot be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(String),
    /// The API.
    #[error("the API {0}")]
    Http(String),
    /// Only databases know what changed since.
    #[error("expected a database where `--since-column` is named: an API is read whole")]
    SinceNotKnown,
    /// The column's greatest value is no text.
    #[error("expected numbers, times or texts in the column `{0}`")]
    Mark(String),
}

/// The place up to which a source was read.
pub(super) struct Since<'a> {
    pub(super) column: &'a str,
    /// None when nothing was read before.
    pub(super) mark: Option<String>,
}

impl Source {
    /// For messages.
    fn name(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "the SQLite query",
            Self::Postgres { .. } => "the PostgreSQL query",
            Self::Http { .. } => "the API",
        }
    }

    /// What makes it another source: then its marks say nothing.
    fn parts(&self) -> [&[u8]; 3] {
        match self {
            Self::Sqlite { file, query } => [b"sqlite", file.as_os_str().as_encoded_bytes(), query.as_bytes()],
            Self::Postgres { connection, query, .. } => [b"postgres", connection.as_bytes(), query.as_bytes()],
            Self::Http { url, .. } => [b"http", url.as_bytes(), b""],
        }
    }
}

impl People {
    /// Reads `source` and puts what it says: all of it, or nothing when anything is wrong.
    ///
    /// # Errors
    /// [`LoadError`]; the line in it is the place of the person in the answer.
    pub fn sync(&mut self, source: &Source, extent: &Extent, now: Timestamp) -> Result<LoadReport, LoadError> {
        let (since, shrink) = match extent {
            Extent::Everybody(shrink) => (None, *shrink),
            Extent::Since { column, shrink } => {
                let mark = self.mark(&self.mark_name(source, column))?;
                (Some(Since { column, mark }), *shrink)
            }
        };
        let directory = DirectoryKey::new(*self.directory_key);
        let mut reading = Reading::new((&directory, &self.id_key), now);
        let mark = match source {
            Source::Sqlite { file, query } => sqlite::read(&mut reading, file, query, since.as_ref())?,
            Source::Postgres {
                connection,
                query,
                trust,
            } => postgres::read(&mut reading, (connection, trust), query, since.as_ref())?,
            Source::Http { .. } if since.is_some() => return Err(SourceError::SinceNotKnown.into()),
            Source::Http { url, token, trust } => {
                let token = token.as_ref().map(|token| token.as_str());
                http::read(&mut reading, url, token, trust)?;
                None
            }
        };
        let before = since.as_ref().and_then(|since| since.mark.clone());
        let scope = if before.is_some() {
            Scope::Changes(Currency::Current)
        } else {
            expect_somebody(&mut reading);
            Scope::Whole(shrink)
        };
        let rows = reading.finish(source.name())?;
        let mark = since.map(|since| (self.mark_name(source, since.column), mark.or(before)));
        let mark = mark.and_then(|(name, mark)| mark.map(|mark| (name, mark)));
        let load = Load {
            rows,
            scope,
            source_name: source.name(),
            mark,
        };
        self.put(load, now)
    }

    fn mark_name(&self, source: &Source, column: &str) -> String {
        let [kind, place, query] = source.parts();
        let lengths = [place.len() as u64, query.len() as u64].map(u64::to_be_bytes).concat();
        let parts: [&[u8]; 6] = [b"averment.mark/1", kind, &lengths, place, query, column.as_bytes()];
        let digest = keyed_digest(&*self.id_key, &parts);
        let text: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("mark:{text}")
    }

    /// None also where all people have to be read again.
    fn mark(&self, name: &str) -> Result<Option<String>, PeopleError> {
        if is_outdated(&self.connection)? {
            return Ok(None);
        }
        let sql = "select value from note where name = ?1";
        Ok(self.connection.query_row(sql, [name], |row| row.get(0)).optional()?)
    }
}

/// Connects to a PostgreSQL server as a sync does: other machines by TLS only, and always verified.
///
/// `connection`: as for libpq, a URL or words.
///
/// # Errors
/// [`SourceError`], which never repeats the connection string.
pub fn connect_postgres(
    connection: &str,
    trust: &[CertificateDer<'static>],
) -> Result<::postgres::Client, SourceError> {
    postgres::connect(connection, trust)
}

/// A name as SQL quotes it.
fn quoted_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The query without the semicolon at its end, so that it can stand in another.
fn inner(query: &str) -> &str {
    query.trim().trim_end_matches(';').trim_end()
}
