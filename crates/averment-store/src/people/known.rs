//! What the directory knows of one person, whether present or departed: for deeds that people enter.

use averment_catalog::SubjectId;
use averment_detect::PersonNumber;
use jiff::Timestamp;
use rusqlite::OptionalExtension as _;

use super::subject::{Age, AgeBand, Role, subject_of};
use super::{People, PeopleError, database, id_digest};
use crate::PersonKey;
use crate::persons::PersonId;

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

impl People {
    /// What is known of the person with the platform's `id`; none when nobody ever had it.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn know(&self, id: &str, now: Timestamp) -> Result<Option<KnownPerson>, PeopleError> {
        let id = id_digest(&self.id_key, id);
        let sql = "select wrapped_key is null, role, birth_year, age_band from person where id = ?1";
        let row = self.connection.query_row(sql, [&id[..]], |row| {
            let word = |column| -> rusqlite::Result<Option<&str>> { Ok(row.get_ref(column)?.as_str_or_null()?) };
            let age = Age {
                birth_year: row.get(2)?,
                band: word(3)?.and_then(AgeBand::of_word),
            };
            Ok((row.get(0)?, word(1)?.and_then(Role::of_word), age))
        });
        Ok(row.optional()?.map(|(is_forgotten, role, age)| KnownPerson {
            id: PersonId(id),
            subject: role.map(|role| subject_of(role, age, now)),
            is_forgotten,
        }))
    }

    /// Number and key of a person, also of one who departed; none when they were forgotten or never known.
    pub(crate) fn named(&self, person: PersonId) -> Result<Option<(PersonNumber, PersonKey)>, PeopleError> {
        let Some(number) = database::find(&self.connection, &person.0)? else {
            return Ok(None);
        };
        Ok(self.person_key(number)?.map(|key| (number, key)))
    }
}
