//! Since when it was asked for, and who got something: by run.

use rusqlite::{Connection, params};

use super::{Journal, JournalError};
use crate::erase::asked::{Asked, Since};
use crate::erase::third_parties::{Recipient, RecipientState};

impl Journal {
    /// Since when erasure was asked for, and for how many people of a run.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn asked(&self, run: &str) -> Result<Vec<Asked>, JournalError> {
        let sql = "select at, by_school_at, people from asked where run = ?1 order by at, by_school_at";
        let mut asked = self.connection.prepare(sql)?;
        let rows = asked.query_map([run], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, Option<String>>(1)?,
                row.get::<_, i64>(2)?,
            ))
        })?;
        let since = |text: &str| Since::read(text).ok_or(JournalError::Damaged("when it was asked for"));
        let read = rows.map(|row| {
            let (at, by_school_at, people) = row?;
            Ok(Asked {
                at: since(&at)?,
                by_school_at: by_school_at.as_deref().map(since).transpose()?,
                people: people as u64,
            })
        });
        read.collect()
    }

    /// Writes down who got something of the people of a run; without `last_at` they may have. What is known of a recipient already stays.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn put_recipient(&self, run: &str, name: &str, people: u64, last_at: &str) -> Result<(), JournalError> {
        let state = RecipientState::NotAsked.word();
        self.connection.execute(
            "insert or ignore into recipient values (?1, ?2, ?3, ?4, ?5, null)",
            params![run, name, people as i64, last_at, state],
        )?;
        Ok(())
    }

    /// Writes down how far a recipient is, and in whose words.
    ///
    /// # Errors
    /// [`JournalError`]; whether the run has such a recipient.
    pub fn set_recipient(
        &self,
        run: &str,
        name: &str,
        state: RecipientState,
        says: Option<&str>,
    ) -> Result<bool, JournalError> {
        let changed = self.connection.execute(
            "update recipient set state = ?3, says = ?4 where run = ?1 and recipient = ?2",
            params![run, name, state.word(), says],
        )?;
        Ok(changed > 0)
    }

    /// Recipients that got something of the people of a run.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn recipients(&self, run: &str) -> Result<Vec<Recipient>, JournalError> {
        let sql =
            "select recipient, people, last_at, state, says, began_at from recipient join run on run.id = recipient.run
                   where recipient.run = ?1 order by recipient";
        let mut recipients = self.connection.prepare(sql)?;
        let rows = recipients.query_map([run], |row| {
            let recipient = Recipient {
                name: row.get(0)?,
                people: row.get::<_, i64>(1)? as u64,
                last_at: row.get(2)?,
                state: RecipientState::NotAsked,
                says: row.get(4)?,
                run_began_at: row.get(5)?,
            };
            Ok((recipient, row.get::<_, String>(3)?))
        })?;
        let read = rows.map(|row| {
            let (recipient, state) = row?;
            let state = RecipientState::of(&state).ok_or(JournalError::Damaged("a state"))?;
            Ok(Recipient { state, ..recipient })
        });
        read.collect()
    }
}

/// When it was first asked for stands with the run, too, for whoever reads only that.
pub(super) fn put_asked(transaction: &Connection, run: &str, asked: &[Asked]) -> Result<(), JournalError> {
    for one in asked {
        let by_school_at = one.by_school_at.map(|at| at.to_string());
        transaction.execute(
            "insert into asked values (?1, ?2, ?3, ?4)",
            params![run, one.at.to_string(), by_school_at, one.people as i64],
        )?;
    }
    let first = asked.iter().map(|one| one.at).min().map(|at| at.to_string());
    transaction.execute("update run set asked_at = ?2 where id = ?1", params![run, first])?;
    Ok(())
}
