//! The database of people: its tables, and single questions to it.

use std::path::Path;

use averment_detect::PersonNumber;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction};

use super::read::IdDigest;
use super::{PeopleError, changes};
use crate::PersonKey;
use crate::keys::keyed_digest;
use crate::wrap::unwrap_person_key;

/// Format of the tables and of the digests in them, in `user_version`.
const FORMAT: i64 = 4;
/// Formats with the same people and other identifiers: one row each, and of other normal forms or under another fast hash.
/// Nobody is recognised by them: people have to be loaded again, and then keep their numbers and keys.
const WITH_OTHER_IDENTIFIERS: std::ops::RangeInclusive<i64> = 2..=3;

/// A person who departed keeps number, id digest and key, so that what left about them can still be answered; everything
/// else of them is gone. `wrapped_key` is null once they are forgotten. Numbers are never given twice.
const TABLES: &str = "
    create table person (
        number integer primary key autoincrement,
        id blob not null unique,
        wrapped_key blob,
        present integer not null,
        role text,
        birth_year integer,
        age_band text,
        school text
    ) strict;
    create table state (
        one integer primary key check (one = 1),
        version integer not null,
        loaded_at text,
        key_check blob not null
    ) strict;
";

/// What came later. `known_by` has the identifiers of who is present, packed. `note`: `changed_at` is a time, `ambiguous`
/// a rule, `mark:` and a digest of a source the place up to which it was read. `stamp` and `change` say who changed since
/// which version, see `changes.rs`.
const LATER_TABLES: &str = "
    create table if not exists known_by (
        person integer primary key references person (number),
        identifiers blob not null
    ) strict;
    create table if not exists note (name text primary key, value text not null) strict;
    create table if not exists stamp (version integer primary key, stamp blob not null) strict;
    create table if not exists change (person integer primary key, version integer not null) strict;
    create index if not exists change_version on change (version);
";

/// SQLite's own choice, less making the file: one that was taken away is not replaced by an empty one.
const WITHOUT_MAKING: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// Opens the database, whose file is there, and checks that it belongs to the key.
pub(crate) fn open(path: &Path, id_key: &[u8; 32]) -> Result<Connection, PeopleError> {
    let mut connection = Connection::open_with_flags(path, WITHOUT_MAKING)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on;
         pragma foreign_keys = on; pragma temp_store = memory;",
    )?;
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let check = keyed_digest(id_key, &[b"averment.key-check/1"]);
    transaction.execute_batch(LATER_TABLES)?;
    match transaction.pragma_query_value(None, "user_version", |row| row.get(0))? {
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.execute("insert into state values (1, 0, null, ?1)", [&check[..]])?;
            changes::stamp(&transaction, 0)?;
            transaction.pragma_update(None, "user_version", FORMAT)?;
        }
        FORMAT => {}
        found if WITH_OTHER_IDENTIFIERS.contains(&found) => {}
        found => {
            return Err(PeopleError::Format {
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
        Err(PeopleError::OtherKey)
    }
}

/// Says that every identifier is one of this program.
pub(super) fn set_format(transaction: &Transaction<'_>) -> Result<(), PeopleError> {
    transaction.execute_batch("drop table if exists identifier")?;
    Ok(transaction.pragma_update(None, "user_version", FORMAT)?)
}

/// Whether identifiers are those of an older program.
pub(super) fn is_outdated(connection: &Connection) -> Result<bool, PeopleError> {
    let format: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(format != FORMAT)
}

/// Checks that every page is one of a database. Reads the whole file.
pub(crate) fn check(connection: &Connection) -> Result<(), PeopleError> {
    let found: String = connection.query_row("pragma quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        Ok(())
    } else {
        Err(PeopleError::Damaged {
            what: "its file does not pass the check",
        })
    }
}

/// Number of loads.
pub(crate) fn version(connection: &Connection) -> Result<u64, PeopleError> {
    Ok(connection.query_row("select version from state", [], |row| row.get(0))?)
}

/// The number of the person with this id digest.
pub(crate) fn find(connection: &Connection, id: &IdDigest) -> Result<Option<PersonNumber>, PeopleError> {
    let number = connection.query_row("select number from person where id = ?1", [&id[..]], |row| row.get(0));
    Ok(number.optional()?.map(PersonNumber))
}

/// A person's key; none when there is no such person or the key was destroyed.
pub(crate) fn person_key(
    connection: &Connection,
    wrapping_key: &[u8; 32],
    person: PersonNumber,
) -> Result<Option<PersonKey>, PeopleError> {
    let sql = "select id, wrapped_key from person where number = ?1 and wrapped_key is not null";
    let row = connection.query_row(sql, [person.0], |row| {
        Ok((row.get::<_, IdDigest>(0)?, row.get::<_, Vec<u8>>(1)?))
    });
    let Some((id, wrapped)) = row.optional()? else {
        return Ok(None);
    };
    let key = unwrap_person_key(wrapping_key, &id, &wrapped);
    key.map(Some).ok_or(PeopleError::Damaged {
        what: "a person's key is not theirs",
    })
}
