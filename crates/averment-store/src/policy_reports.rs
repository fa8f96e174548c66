//! What browsers reported about the content security policy, counted: no report is kept as it came.
//!
//! Start at [`PolicyReports::add`]. Rows hold directive, origin, masked page and counts, which whoever takes the reports has
//! made of them; at most [`ROWS_MAX`] of them, so that strangers who post cannot fill the disk.
//!
//! Lost: evidence of what browsers tried until then. Forged: evidence of a contact that was none, or none of one that was;
//! whoever can reach the endpoint can do the first anyway, so reports are told as reports and prove nothing else.

use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OpenFlags, params};

use crate::folder::DataFolder;

/// Different reports that are counted; of more only the number is kept.
pub const ROWS_MAX: u64 = 10_000;
/// How long a row stays when the same is not reported again: what was mended is then no evidence any more, and what strangers
/// made up does not keep others out for ever.
pub const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Longest text of a row, in bytes.
const TEXT_MAX: usize = 600;
/// Format of the tables, in `user_version`.
const FORMAT: i64 = 1;
const WAITS: Duration = Duration::from_secs(2);

const TABLES: &str = "
    create table report (
        directive text not null,
        blocked text not null,
        document text not null,
        disposition text not null,
        count integer not null,
        first_at text not null,
        last_at text not null,
        primary key (directive, blocked, document, disposition)
    ) strict, without rowid;
    create table state (
        one integer primary key check (one = 1),
        not_kept integer not null
    ) strict;
    insert into state values (1, 0);
";

/// Why reports cannot be kept or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyReportError {
    /// The database failed.
    #[error("the database of policy reports failed")]
    Database(#[from] rusqlite::Error),
    /// Its file cannot be made.
    #[error("the database of policy reports cannot be made")]
    File(#[from] std::io::Error),
    /// Another version wrote it.
    #[error("the database of policy reports has format {found}: expected {FORMAT}")]
    Format {
        /// What it says.
        found: i64,
    },
}

/// One report, without values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyReport {
    /// Directive of the policy.
    pub directive: String,
    /// Origin that was blocked or would have been; empty where nobody was contacted.
    pub blocked: String,
    /// Masked address of the page.
    pub document: String,
    /// `enforce` or `report`.
    pub disposition: String,
}

/// The same, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedReport {
    /// Which.
    pub report: PolicyReport,
    /// How often it came.
    pub count: u64,
    /// When first.
    pub first_at: Timestamp,
    /// When last.
    pub last_at: Timestamp,
}

/// The database.
#[derive(Debug)]
pub struct PolicyReports {
    connection: Connection,
}

impl PolicyReports {
    /// Opens the database of a data folder, and makes it where there is none.
    ///
    /// # Errors
    /// [`PolicyReportError`].
    pub fn open(folder: &DataFolder) -> Result<Self, PolicyReportError> {
        let path = folder.policy_reports();
        make(&path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(WAITS)?;
        connection
            .execute_batch("pragma journal_mode = wal; pragma synchronous = normal; pragma temp_store = memory;")?;
        let transaction = connection.transaction()?;
        if version(&transaction)? == 0 {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", FORMAT)?;
        }
        transaction.commit()?;
        Self::checked(connection)
    }

    /// Opens the database for reading; none where no report was ever kept.
    ///
    /// # Errors
    /// [`PolicyReportError`].
    pub fn read(folder: &DataFolder) -> Result<Option<Self>, PolicyReportError> {
        let path = folder.policy_reports();
        if !path.exists() {
            return Ok(None);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(WAITS)?;
        Self::checked(connection).map(Some)
    }

    fn checked(connection: Connection) -> Result<Self, PolicyReportError> {
        match version(&connection)? {
            FORMAT => Ok(Self { connection }),
            found => Err(PolicyReportError::Format { found }),
        }
    }

    /// Counts reports that came at `now`.
    ///
    /// # Errors
    /// [`PolicyReportError::Database`]; none of them is then counted.
    pub fn add(&mut self, reports: &[PolicyReport], now: Timestamp) -> Result<(), PolicyReportError> {
        let at = now.to_string();
        let transaction = self.connection.transaction()?;
        if let Ok(oldest) = now.checked_sub(KEPT) {
            transaction.execute("delete from report where last_at < ?1", [oldest.to_string()])?;
        }
        let mut rows: u64 = transaction.query_row("select count(*) from report", [], |row| row.get(0))?;
        for report in reports {
            let key = params![
                cut(&report.directive),
                cut(&report.blocked),
                cut(&report.document),
                cut(&report.disposition),
                at
            ];
            let known = transaction.execute(
                "update report set count = count + 1, last_at = max(last_at, ?5)
                 where directive = ?1 and blocked = ?2 and document = ?3 and disposition = ?4",
                key,
            )?;
            if known == 0 && rows < ROWS_MAX {
                rows += 1;
                transaction.execute("insert into report values (?1, ?2, ?3, ?4, 1, ?5, ?5)", key)?;
            } else if known == 0 {
                transaction.execute("update state set not_kept = not_kept + 1", [])?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// Everything that was counted, in order, also what is older than [`KEPT`] and nothing came after.
    ///
    /// # Errors
    /// [`PolicyReportError::Database`].
    pub fn all(&self) -> Result<Vec<CountedReport>, PolicyReportError> {
        let mut statement = self.connection.prepare(
            "select directive, blocked, document, disposition, count, first_at, last_at from report order by 1, 2, 3, 4",
        )?;
        let rows = statement.query_map([], |row| {
            let time = |index| -> rusqlite::Result<Timestamp> {
                let text: String = row.get(index)?;
                text.parse().map_err(|_| rusqlite::Error::InvalidQuery)
            };
            Ok(CountedReport {
                report: PolicyReport {
                    directive: row.get(0)?,
                    blocked: row.get(1)?,
                    document: row.get(2)?,
                    disposition: row.get(3)?,
                },
                count: row.get(4)?,
                first_at: time(5)?,
                last_at: time(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Reports that came when [`ROWS_MAX`] different ones were kept already.
    ///
    /// # Errors
    /// [`PolicyReportError::Database`].
    pub fn not_kept(&self) -> Result<u64, PolicyReportError> {
        Ok(self
            .connection
            .query_row("select not_kept from state", [], |row| row.get(0))?)
    }
}

fn version(connection: &Connection) -> Result<i64, PolicyReportError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_MAX)]
}

/// The owner's alone from the first byte, as the databases beside it.
fn make(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    options.open(path).map(drop)
}

#[cfg(test)]
mod tests;
