//! Disclosures of one log alone, and when rows made of it earlier are no longer right.
//!
//! A log that has ended never changes, and most of what a row says comes from it. What became of a message, whether it was
//! made void and which school is whose can change later: [`Index::states`] is about these.

use std::collections::HashMap;
use std::ops::Range;

use averment_detect::PersonNumber;
use averment_ledger::{Base64, LogState};
use sha2::{Digest as _, Sha256};

use super::export::Disclosures;
use super::reach::Question;
use super::{Index, IndexError};
use crate::read::{entries_from, trusted};
use crate::{DataFolder, Keys, People};

impl Index {
    /// Every disclosure in `log`, as of the last [`Index::follow`]. Logs from number `from` on are read: the first part of
    /// a message with many findings can stand in the log before.
    ///
    /// # Errors
    /// [`IndexError`]; [`IndexError::Damaged`] when findings stand in a log before `from`.
    pub fn disclosures_of(
        &self,
        folder: &DataFolder,
        keys: &Keys,
        people: &People,
        (log, from): (&LogState, u32),
    ) -> Result<Disclosures<'_>, IndexError> {
        let entries = entries_from(folder, trusted(folder, keys)?, from)?;
        let only = log.first..log.first + log.checkpoint.size;
        Disclosures::new(&self.connection, entries, people, Question::default(), Some(only))
    }

    /// For each range of entries a digest of what rows about them take from elsewhere: what became of each message, whether
    /// it is void, and the schools of the people in it.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn states(&self, people: &People, ranges: &[Range<u64>]) -> Result<Vec<String>, IndexError> {
        let schools = people.schools()?;
        ranges.iter().map(|range| self.state(&schools, range)).collect()
    }

    fn state(&self, schools: &HashMap<PersonNumber, String>, range: &Range<u64>) -> Result<String, IndexError> {
        let mut digest = Sha256::new();
        let sql = "select entry, fate, void from message where entry >= ?1 and entry < ?2 order by entry";
        let mut messages = self.connection.prepare_cached(sql)?;
        let mut rows = messages.query([range.start, range.end])?;
        while let Some(row) = rows.next()? {
            digest.update(row.get::<_, u64>(0)?.to_be_bytes());
            digest.update([row.get::<_, u8>(1)?, row.get(2)?]);
        }
        digest.update(u64::MAX.to_be_bytes());
        let sql = "select distinct f.person, s.text from finding f left join school s on s.id = f.school
                   where f.entry >= ?1 and f.entry < ?2 and f.person is not null order by 1, 2";
        let mut people = self.connection.prepare_cached(sql)?;
        let mut rows = people.query([range.start, range.end])?;
        while let Some(row) = rows.next()? {
            let person = row.get::<_, u32>(0)?;
            let then: Option<String> = row.get(1)?;
            let school = then
                .as_deref()
                .or(schools.get(&PersonNumber(person)).map(String::as_str));
            let school = school.unwrap_or_default();
            digest.update(person.to_be_bytes());
            digest.update((school.len() as u64).to_be_bytes());
            digest.update(school);
        }
        Ok(Base64::<32>(digest.finalize().into()).to_string())
    }
}
