//! The table of changes: rows are added and never changed, which triggers see to.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, Row, Transaction, TransactionBehavior, params};

use super::change::{Change, ConsentKind, ConsentState, GivenBy};
use super::{ConsentError, WhoseChange};
use crate::keys::keyed_digest;
use crate::persons::PersonId;

/// How long a decision waits for whoever holds the database; its caller is answered within a second.
const DECIDING_WAITS: Duration = Duration::from_millis(500);
/// Format of the tables, in `user_version`.
const FORMAT: i64 = 2;

const TABLES: &str = "
    create table change (
        number integer primary key autoincrement,
        person blob,
        school text,
        kind text not null,
        version integer not null,
        state text not null,
        given_by text not null,
        how text not null,
        at text not null,
        check ((person is null) <> (school is null))
    ) strict;
    create unique index change_of_person on change (person, kind, version) where person is not null;
    create unique index change_of_school on change (school, kind, version) where school is not null;
    create trigger change_stays before update on change begin select raise(abort, 'changes stay'); end;
    create trigger change_is_kept before delete on change begin select raise(abort, 'changes stay'); end;
    create table state (
        one integer primary key check (one = 1),
        recorded integer not null,
        key_check blob not null
    ) strict;
";

const COLUMNS: &str = "number, person, school, kind, version, state, given_by, how, at";

/// Opens the database, whose file is there, and checks that it belongs to the key.
pub(super) fn open(path: &Path, id_key: &[u8; 32]) -> Result<Connection, ConsentError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(DECIDING_WAITS)?;
    connection.execute_batch("pragma journal_mode = wal; pragma synchronous = full; pragma temp_store = memory;")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let check = keyed_digest(id_key, &[b"averment.key-check/1"]);
    match transaction.pragma_query_value(None, "user_version", |row| row.get(0))? {
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.execute("insert into state values (1, 0, ?1)", [&check[..]])?;
            transaction.pragma_update(None, "user_version", FORMAT)?;
        }
        FORMAT => {}
        found => {
            return Err(ConsentError::Format {
                found,
                expected: FORMAT,
            });
        }
    }
    let stored: Vec<u8> = transaction.query_row("select key_check from state", [], |row| row.get(0))?;
    transaction.commit()?;
    if stored == check {
        Ok(connection)
    } else {
        Err(ConsentError::OtherKey)
    }
}

/// Changes when another connection has written. Cheap: it reads shared memory.
pub(super) fn data_version(connection: &Connection) -> Result<i64, ConsentError> {
    let mut statement = connection.prepare("pragma data_version")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// The changes after number `after`, in their order.
pub(super) fn after(connection: &Connection, after: u64) -> Result<Vec<Change>, ConsentError> {
    read(
        connection,
        &format!("select {COLUMNS} from change where number > ?1 order by number"),
        params![after],
    )
}

/// The changes about one person or school, in their order.
pub(super) fn about(connection: &Connection, whose: &WhoseChange) -> Result<Vec<Change>, ConsentError> {
    let (column, value): (_, &dyn rusqlite::ToSql) = match whose {
        WhoseChange::Person(id) => ("person", &id.0),
        WhoseChange::School(name) => ("school", name),
    };
    let sql = format!("select {COLUMNS} from change where {column} = ?1 order by number");
    read(connection, &sql, params![value])
}

/// Up to which number the ledger was told.
pub(super) fn recorded(connection: &Connection) -> Result<u64, ConsentError> {
    Ok(connection.query_row("select recorded from state", [], |row| row.get(0))?)
}

/// Says up to which number the ledger was told.
pub(super) fn set_recorded(connection: &Connection, number: u64) -> Result<(), ConsentError> {
    connection.execute("update state set recorded = max(recorded, ?1)", [number])?;
    Ok(())
}

/// Adds a change as the next version of its kind, and gives it with its number and version.
pub(super) fn add(connection: &mut Connection, mut change: Change) -> Result<Change, ConsentError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    change.version = next_version(&transaction, &change)?;
    transaction.execute(
        "insert into change (person, school, kind, version, state, given_by, how, at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            change.person.map(|id| id.0),
            change.school,
            change.kind.to_string(),
            change.version,
            change.state.as_str(),
            change.by.as_str(),
            change.how,
            change.at.to_string(),
        ],
    )?;
    change.number = transaction.last_insert_rowid().unsigned_abs();
    transaction.commit()?;
    Ok(change)
}

fn next_version(transaction: &Transaction<'_>, change: &Change) -> Result<u64, ConsentError> {
    let sql = "select coalesce(max(version), 0) + 1 from change where person is ?1 and school is ?2 and kind = ?3";
    let whose = params![change.person.map(|id| id.0), change.school, change.kind.to_string()];
    Ok(transaction.query_row(sql, whose, |row| row.get(0))?)
}

fn read(connection: &Connection, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Change>, ConsentError> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query(values)?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        changes.push(change_of(row)?);
    }
    Ok(changes)
}

fn change_of(row: &Row<'_>) -> Result<Change, ConsentError> {
    let text = |index: usize| row.get::<_, String>(index);
    let damaged = |what| ConsentError::Damaged { what };
    let kind: ConsentKind = text(3)?.parse().map_err(|_| damaged("a kind of consent"))?;
    Ok(Change {
        number: row.get(0)?,
        person: row.get::<_, Option<[u8; 16]>>(1)?.map(PersonId),
        school: row.get(2)?,
        kind,
        version: row.get(4)?,
        state: ConsentState::parse(&text(5)?).ok_or(damaged("a state"))?,
        by: text(6)?.parse::<GivenBy>().map_err(|_| damaged("by whom"))?,
        how: row.get(7)?,
        at: text(8)?.parse::<Timestamp>().map_err(|_| damaged("a time"))?,
    })
}
