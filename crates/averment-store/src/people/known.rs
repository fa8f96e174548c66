//! What the directory knows of people, whether present or departed: for deeds that people enter, and for an index of the
//! ledger, which asks for everybody's key, who still has one, and which school is whose.

use std::collections::HashMap;

use averment_catalog::SubjectId;
use averment_detect::PersonNumber;
use jiff::Timestamp;
use rusqlite::OptionalExtension as _;

use super::read::IdDigest;
use super::subject::{Age, AgeBand, Role, subject_of};
use super::{People, PeopleError, database, id_digest};
use crate::PersonKey;
use crate::persons::PersonId;
use crate::wrap::unwrap_person_key;

/// One person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPerson {
    /// The keyed digest of the platform's identifier.
    pub id: PersonId,
    /// The kind of data subject; none of somebody who departed.
    pub subject: Option<SubjectId>,
    /// Whether their key is gone.
    pub is_forgotten: bool,
}

/// The beginning of a person's wrapped key: another key has another seal, and the seal says nothing about the key.
pub(crate) type KeySeal = [u8; 8];

impl People {
    /// What is known of the person with the platform's `id`; none when nobody ever had it.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn know(&self, id: &str, now: Timestamp) -> Result<Option<KnownPerson>, PeopleError> {
        self.know_person(PersonId(id_digest(&self.id_key, id)), now)
    }

    /// The same for the keyed digest of the platform's identifier.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn know_person(&self, person: PersonId, now: Timestamp) -> Result<Option<KnownPerson>, PeopleError> {
        let sql = "select wrapped_key is null, role, birth_year, age_band from person where id = ?1";
        let row = self.connection.query_row(sql, [&person.0[..]], |row| {
            let word = |column| -> rusqlite::Result<Option<&str>> { Ok(row.get_ref(column)?.as_str_or_null()?) };
            let age = Age {
                birth_year: row.get(2)?,
                band: word(3)?.and_then(AgeBand::of_word),
            };
            Ok((row.get(0)?, word(1)?.and_then(Role::of_word), age))
        });
        Ok(row.optional()?.map(|(is_forgotten, role, age)| KnownPerson {
            id: person,
            subject: role.map(|role| subject_of(role, age, now)),
            is_forgotten,
        }))
    }

    /// Whether somebody who is in the directory is of a school that `is_it`. Looks at everybody.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn has_school(&self, is_it: impl Fn(&str) -> bool) -> Result<bool, PeopleError> {
        let sql = "select distinct school from person where present = 1 and school is not null";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if is_it(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The school of somebody who is in the directory, as it stands there.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn school_of(&self, person: PersonId) -> Result<Option<String>, PeopleError> {
        let sql = "select school from person where id = ?1 and present = 1";
        let found = self.connection.query_row(sql, [&person.0[..]], |row| row.get(0));
        Ok(found.optional()?.flatten())
    }

    /// Number and key of a person, also of one who departed; none when they were forgotten or never known.
    pub(crate) fn named(&self, person: PersonId) -> Result<Option<(PersonNumber, PersonKey)>, PeopleError> {
        let Some(number) = database::find(&self.connection, &person.0)? else {
            return Ok(None);
        };
        Ok(self.person_key(number)?.map(|key| (number, key)))
    }
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
