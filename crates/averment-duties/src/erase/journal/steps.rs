//! What a run found people by, and what was done to them, transaction by transaction.

use std::collections::BTreeMap;

use averment_store::Keys;
use rusqlite::{OptionalExtension as _, params};

use super::{Journal, JournalError, place};
use crate::erase::execute::{ByTable, Counts};
use crate::erase::harvest::Known;

/// A transaction of a store that was about to be made durable.
pub(in crate::erase) struct Step {
    pub(in crate::erase) done: bool,
    pub(in crate::erase) counts: ByTable,
    pub(in crate::erase) remaining: u64,
}

impl Journal {
    /// The batches of a run that is not over.
    pub(in crate::erase) fn batches(&self, run: &str, keys: &Keys) -> Result<Option<Vec<Known>>, JournalError> {
        let mut batches = self
            .connection
            .prepare("select number, sealed from batch where run = ?1 and sealed is not null order by number")?;
        let rows = batches.query_map([run], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        let mut all = Vec::new();
        for row in rows {
            let (number, sealed) = row?;
            let Some(bytes) = keys.open_sealed(&sealed, place(run, number as usize).as_bytes()) else {
                return Ok(None);
            };
            all.push(serde_json::from_slice(&bytes).map_err(|_| JournalError::Damaged("a batch"))?);
        }
        Ok(Some(all))
    }

    pub(in crate::erase) fn step(
        &self,
        run: &str,
        batch: usize,
        store: &str,
        part: u64,
    ) -> Result<Option<Step>, JournalError> {
        let sql = "select done, counts, remaining from step where run = ?1 and batch = ?2 and store = ?3 and part = ?4";
        let found = self
            .connection
            .query_row(sql, params![run, batch as i64, store, part as i64], |row| {
                Ok((row.get::<_, bool>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
            });
        let Some((done, counts, remaining)) = found.optional()? else {
            return Ok(None);
        };
        Ok(Some(Step {
            done,
            counts: serde_json::from_str(&counts).map_err(|_| JournalError::Damaged("counts"))?,
            remaining: remaining as u64,
        }))
    }

    pub(in crate::erase) fn put_step(
        &self,
        (run, batch, store, part): (&str, usize, &str, u64),
        step: &Step,
    ) -> Result<(), JournalError> {
        let counts = serde_json::to_string(&step.counts).map_err(|_| JournalError::Damaged("counts"))?;
        self.connection.execute(
            "insert or replace into step values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                run,
                batch as i64,
                store,
                part as i64,
                step.done,
                counts,
                step.remaining as i64
            ],
        )?;
        Ok(())
    }

    /// What a run did, by store and table.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn counts(&self, run: &str) -> Result<BTreeMap<String, BTreeMap<String, Counts>>, JournalError> {
        let mut steps = self
            .connection
            .prepare("select store, counts from step where run = ?1 and done = 1")?;
        let rows = steps.query_map([run], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        let mut all: BTreeMap<String, ByTable> = BTreeMap::new();
        for row in rows {
            let (store, counts) = row?;
            let counts: ByTable = serde_json::from_str(&counts).map_err(|_| JournalError::Damaged("counts"))?;
            for (table, counts) in counts {
                all.entry(store.clone())
                    .or_default()
                    .entry(table)
                    .or_default()
                    .add(counts);
            }
        }
        Ok(all)
    }
}
