//! What an index of the ledger asks of the directory: everybody's key, who still has one, and which school is whose.

use std::collections::HashMap;

use averment_detect::PersonNumber;

use super::read::IdDigest;
use super::{People, PeopleError};
use crate::PersonKey;
use crate::wrap::unwrap_person_key;

/// The beginning of a person's wrapped key: another key has another seal, and the seal says nothing about the key.
pub(crate) type KeySeal = [u8; 8];

impl People {
    /// Everybody who has a key, also those who have departed, with its seal.
    pub(crate) fn seals(&self) -> Result<HashMap<PersonNumber, KeySeal>, PeopleError> {
        let sql = "select number, substr(wrapped_key, 1, 8) from person where wrapped_key is not null";
        let mut people = self.connection.prepare(sql)?;
        let rows = people.query_map([], |row| Ok((PersonNumber(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Everybody's key.
    pub(crate) fn each_key(&self, mut each: impl FnMut(PersonNumber, KeySeal, PersonKey)) -> Result<(), PeopleError> {
        let sql = "select number, id, wrapped_key from person where wrapped_key is not null order by number";
        let mut people = self.connection.prepare(sql)?;
        let mut rows = people.query([])?;
        while let Some(row) = rows.next()? {
            let (number, id): (u32, IdDigest) = (row.get(0)?, row.get(1)?);
            let wrapped = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            let key = unwrap_person_key(&self.wrapping_key, &id, wrapped);
            let (Some(key), Some(seal)) = (key, wrapped.first_chunk()) else {
                return Err(PeopleError::Damaged {
                    what: "a person's key is not theirs",
                });
            };
            each(PersonNumber(number), *seal, key);
        }
        Ok(())
    }

    /// The school of everybody who is in the directory and has one, as it stands there.
    pub(crate) fn schools(&self) -> Result<HashMap<PersonNumber, String>, PeopleError> {
        let sql = "select number, school from person where present = 1 and school is not null";
        let mut people = self.connection.prepare(sql)?;
        let rows = people.query_map([], |row| Ok((PersonNumber(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether the person has a key: whoever has none was forgotten.
    pub(crate) fn has_key(&self, person: PersonNumber) -> Result<bool, PeopleError> {
        let sql = "select count(*) from person where number = ?1 and wrapped_key is not null";
        Ok(self.connection.query_row(sql, [person.0], |row| row.get::<_, u32>(0))? > 0)
    }
}
