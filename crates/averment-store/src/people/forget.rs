//! Forgetting people: their keys are destroyed, and with them every link from an entry to a person.
//!
//! What stays is a number, and the keyed digest of the platform's identifier, by which it is known that they were forgotten.
//!
//! Source: GDPR Art. 17.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, TransactionBehavior};

use super::put::depart;
use super::{People, PeopleError, changes, id_digest};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forgotten {
    /// Whose keys were destroyed.
    pub people: u64,
    /// Who had been forgotten before.
    pub before: u64,
    /// Ids that nobody ever had.
    pub unknown: u64,
}

impl People {
    /// Destroys the keys of the people with these ids of the platform and takes them out of the directory: all of them, or
    /// nobody when it fails. An id that nobody has, or whose person was forgotten, is counted and changes nothing.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn forget(&mut self, ids: &[String], now: Timestamp) -> Result<Forgotten, PeopleError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (mut done, mut gone, mut left) = (Forgotten::default(), BTreeSet::new(), 0_u64);
        let mut find =
            transaction.prepare("select number, wrapped_key is null, present = 1 from person where id = ?1")?;
        for id in ids {
            let digest = id_digest(&self.id_key, id);
            let row = find.query_row([&digest[..]], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?, row.get::<_, bool>(2)?))
            });
            match row.optional()? {
                None => done.unknown += 1,
                Some((_, true, _)) => done.before += 1,
                Some((number, false, present)) => left += u64::from(gone.insert(number) && present),
            }
        }
        drop(find);
        done.people = gone.len() as u64;
        let gone: Vec<i64> = gone.into_iter().collect();
        depart(&transaction, &gone)?;
        {
            let mut destroy = transaction.prepare("update person set wrapped_key = null where number = ?1")?;
            for number in &gone {
                destroy.execute([number])?;
            }
        }
        changes::note(&transaction, &gone)?;
        transaction.execute(
            "update note set value = cast(value as integer) - ?1 where name = 'present'",
            [left],
        )?;
        transaction.execute(
            "insert or replace into note values ('changed_at', ?1)",
            [now.to_string()],
        )?;
        transaction.commit()?;
        // A key that is destroyed must not stay in the write-ahead log. A reader may be in the way; then the next change
        // of the directory does it.
        self.connection
            .query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
        Ok(done)
    }
}
