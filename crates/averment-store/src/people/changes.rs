//! Who changed since when, so that a running gate reads a few people and not all.
//!
//! Every load has a random stamp. A picture of the directory that was taken at a version still leads to this one when the
//! stamp of its version is here: then the file is not another one, nor an older copy that was changed in another way.

use averment_detect::PersonNumber;
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::PeopleError;

/// More changed people than this are read with everybody.
pub(super) const CHANGES_MAX: usize = 50_000;
/// Versions that a picture may lie back.
const VERSIONS_KEPT: u64 = 1000;

/// One version of one directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) version: u64,
    random: [u8; 16],
}

/// Makes the next version, in which `people` changed.
pub(super) fn note(transaction: &Transaction<'_>, people: &[i64]) -> Result<(), PeopleError> {
    transaction.execute("update state set version = version + 1", [])?;
    let version = super::database::version(transaction)?;
    if people.len() > CHANGES_MAX {
        transaction.execute_batch("delete from change; delete from stamp")?;
    } else {
        let mut change = transaction.prepare("insert or replace into change values (?1, ?2)")?;
        for person in people {
            change.execute([*person, version.cast_signed()])?;
        }
    }
    stamp(transaction, version)?;
    let oldest = version.saturating_sub(VERSIONS_KEPT);
    transaction.execute("delete from stamp where version < ?1", [oldest])?;
    transaction.execute("delete from change where version <= ?1", [oldest])?;
    Ok(())
}

/// Gives a version its stamp.
pub(super) fn stamp(transaction: &Transaction<'_>, version: u64) -> Result<(), PeopleError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(PeopleError::Random)?;
    transaction.execute("insert or replace into stamp values (?1, ?2)", (version, random))?;
    Ok(())
}

/// The version that is there.
pub(super) fn current(connection: &Connection) -> Result<Stamp, PeopleError> {
    let version = super::database::version(connection)?;
    let random = at(connection, version)?.ok_or(PeopleError::Damaged {
        what: "its version has no stamp",
    })?;
    Ok(Stamp { version, random })
}

fn at(connection: &Connection, version: u64) -> Result<Option<[u8; 16]>, PeopleError> {
    let sql = "select stamp from stamp where version = ?1";
    Ok(connection.query_row(sql, [version], |row| row.get(0)).optional()?)
}

/// Whether what is there comes after `stamp`, or is it.
pub(super) fn leads_here(connection: &Connection, stamp: &Stamp) -> Result<bool, PeopleError> {
    Ok(at(connection, stamp.version)? == Some(stamp.random))
}

/// Who changed after `stamp`; none when everybody has to be read.
pub(super) fn since(connection: &Connection, stamp: &Stamp) -> Result<Option<Vec<PersonNumber>>, PeopleError> {
    if !leads_here(connection, stamp)? {
        return Ok(None);
    }
    let mut changed = connection.prepare("select person from change where version > ?1 limit ?2")?;
    let people = changed.query_map((stamp.version, CHANGES_MAX as u64 + 1), |row| {
        row.get(0).map(PersonNumber)
    })?;
    let people: Vec<PersonNumber> = people.collect::<Result<_, _>>()?;
    Ok((people.len() <= CHANGES_MAX).then_some(people))
}
