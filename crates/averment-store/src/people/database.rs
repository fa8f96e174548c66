//! The database of people: its tables, and reading them whole.

use std::collections::HashMap;
use std::path::Path;

use averment_catalog::{ElementId, SubjectId};
use averment_detect::{DirectoryRow, IdentifierDigest, PersonNumber};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction};

use super::PeopleError;
use super::read::IdDigest;
use super::subject::{Age, AgeBand, Role, subject_of};
use crate::PersonKey;
use crate::keys::keyed_digest;
use crate::wrap::unwrap_person_key;

/// Format of the tables and of the digests in them, in `user_version`.
const FORMAT: i64 = 4;
/// The same tables; its digests are of other normal forms and under another fast hash, so that most would never match.
/// Nobody is recognised by them: people have to be loaded again, and then keep their numbers and keys.
const WITH_OTHER_DIGESTS: [i64; 2] = [2, 3];

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
    create table identifier (
        person integer not null references person (number),
        element text not null,
        form integer not null,
        fast integer not null,
        strong blob not null
    ) strict;
    create table state (
        one integer primary key check (one = 1),
        version integer not null,
        loaded_at text,
        key_check blob not null
    ) strict;
";

/// Everything a snapshot needs.
pub(crate) struct Read {
    pub(crate) rows: Vec<DirectoryRow>,
    pub(crate) subjects: Vec<(PersonNumber, SubjectId)>,
    pub(crate) keys: HashMap<PersonNumber, PersonKey>,
    pub(crate) loaded_at: Option<Timestamp>,
    pub(crate) version: u64,
}

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
    match transaction.pragma_query_value(None, "user_version", |row| row.get(0))? {
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.execute("insert into state values (1, 0, null, ?1)", [&check[..]])?;
            transaction.pragma_update(None, "user_version", FORMAT)?;
        }
        FORMAT => {}
        found if WITH_OTHER_DIGESTS.contains(&found) => {}
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

/// Says that every digest is one of this program.
pub(crate) fn set_format(transaction: &Transaction<'_>) -> Result<(), PeopleError> {
    Ok(transaction.pragma_update(None, "user_version", FORMAT)?)
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

/// Reads the whole directory at one moment.
pub(crate) fn read(connection: &mut Connection, wrapping_key: &[u8; 32], now: Timestamp) -> Result<Read, PeopleError> {
    let transaction = connection.transaction()?;
    if transaction.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))? != FORMAT {
        return Err(PeopleError::Outdated);
    }
    let (version, loaded_at) = transaction.query_row("select version, loaded_at from state", [], |row| {
        Ok((row.get(0)?, row.get::<_, Option<String>>(1)?))
    })?;
    let loaded_at = loaded_at.map(|time| time.parse()).transpose();
    let loaded_at = loaded_at.map_err(|_| PeopleError::Damaged {
        what: "the time of loading is no time",
    })?;
    let mut read = Read {
        rows: Vec::new(),
        subjects: Vec::new(),
        keys: HashMap::new(),
        loaded_at,
        version,
    };
    read_people(&transaction, wrapping_key, now, &mut read)?;
    read.rows = read_identifiers(&transaction)?;
    Ok(read)
}

fn read_people(
    transaction: &Transaction<'_>,
    wrapping_key: &[u8; 32],
    now: Timestamp,
    read: &mut Read,
) -> Result<(), PeopleError> {
    let mut people = transaction
        .prepare("select number, id, wrapped_key, role, birth_year, age_band from person where present = 1")?;
    let mut rows = people.query([])?;
    while let Some(row) = rows.next()? {
        let number = PersonNumber(row.get(0)?);
        let (id, wrapped): (IdDigest, Vec<u8>) = (row.get(1)?, row.get(2)?);
        let key = unwrap_person_key(wrapping_key, &id, &wrapped);
        read.keys.insert(
            number,
            key.ok_or(PeopleError::Damaged {
                what: "a person's key is not theirs",
            })?,
        );
        let role = Role::parse(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?);
        let role = role.ok_or(PeopleError::Damaged {
            what: "a role is not known",
        })?;
        let band = row.get::<_, Option<String>>(5)?.map(|band| AgeBand::parse(&band));
        let band = band
            .map(|band| {
                band.ok_or(PeopleError::Damaged {
                    what: "an age band is not known",
                })
            })
            .transpose()?;
        let age = Age {
            birth_year: row.get(4)?,
            band,
        };
        read.subjects.push((number, subject_of(role, age, now)));
    }
    Ok(())
}

fn read_identifiers(transaction: &Transaction<'_>) -> Result<Vec<DirectoryRow>, PeopleError> {
    let mut elements: HashMap<String, ElementId> = HashMap::new();
    let mut identifiers = transaction.prepare("select person, element, fast, strong from identifier")?;
    let mut rows = identifiers.query([])?;
    let mut read = Vec::new();
    while let Some(row) = rows.next()? {
        let name = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        let element = match elements.get(name) {
            Some(element) => element.clone(),
            None => {
                let element = ElementId::new(name).map_err(|_| PeopleError::Damaged {
                    what: "an element is not known",
                })?;
                elements.insert(name.to_owned(), element.clone());
                element
            }
        };
        let digest = IdentifierDigest {
            fast: row.get::<_, i64>(2)?.cast_unsigned(),
            strong: row.get(3)?,
        };
        read.push(DirectoryRow {
            digest,
            element,
            person: PersonNumber(row.get(0)?),
        });
    }
    Ok(read)
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
