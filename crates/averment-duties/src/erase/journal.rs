//! What is written down about runs, so that one that was cut off goes on and nothing is done or counted twice.
//!
//! Start at [`Journal::open`]. One SQLite file, `erasures.db` in the data folder. People stand in it by the directory's keyed
//! digest; what tables name them by is sealed, and wiped when the run is over.
//!
//! Lost: a run that was cut off cannot go on by itself; plan and run again. Forged: a run can be made to look done; the
//! sweep and the ledger tell.

use std::collections::BTreeMap;
use std::path::Path;

use averment_store::{Keys, random_id};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use super::asked::{Asked, Since};
use super::execute::{ByTable, Counts};
use super::harvest::Known;
use super::plan::Plan;
use super::run::Mandate;
use super::third_parties::{Recipient, RecipientState};

const TABLES: &str = "
create table if not exists run (
    number integer primary key, id text not null unique, done_id text not null, plan text not null, stage text not null,
    began_at text not null, by text not null, asked_at text,
    round integer not null default 0, planned_entry integer, done_entry integer, certificate text
) strict;
create table if not exists person (
    run text not null, person blob not null, primary key (run, person)
) strict, without rowid;
create table if not exists asked (
    run text not null, at text not null, by_school_at text, people integer not null
) strict;
create table if not exists batch (
    run text not null, number integer not null, sealed blob, primary key (run, number)
) strict, without rowid;
create table if not exists recipient (
    run text not null, recipient text not null, people integer not null, last_at text not null, state text not null, says text,
    primary key (run, recipient)
) strict, without rowid;
create table if not exists ask (
    run text not null, recipient text not null, third_party text not null, person integer not null,
    state text not null, says text not null, next_at text, done integer not null, sealed blob,
    primary key (run, recipient, third_party, person)
) strict, without rowid;
create table if not exists step (
    run text not null, batch integer not null, store text not null, part integer not null,
    done integer not null, counts text not null, remaining integer not null,
    primary key (run, batch, store, part)
) strict, without rowid;";

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The database.
    #[error("cannot use the journal of erasures")]
    Database(#[from] rusqlite::Error),
    /// A row is not what was written.
    #[error("the journal of erasures is damaged: {0}")]
    Damaged(&'static str),
    /// The keys, or random bytes.
    #[error(transparent)]
    Key(#[from] averment_store::KeyError),
    /// The operating system gave no random bytes.
    #[error("cannot make an identifier")]
    Random,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is written down, and nothing was changed.
    Begun,
    /// The ledger says that it is planned.
    Announced,
    /// Everything was erased that the plan says.
    Erased,
    /// Something is left or not confirmed.
    Incomplete,
    /// It is over.
    Done,
}

impl Stage {
    const WORDS: [&'static str; 5] = ["begun", "announced", "erased", "incomplete", "done"];

    /// The word in answers.
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    fn of(word: &str) -> Option<Self> {
        let all = [Self::Begun, Self::Announced, Self::Erased, Self::Incomplete, Self::Done];
        all.into_iter().find(|stage| stage.as_str() == word)
    }
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// 32 hexadecimal digits: of the entry that says that it is planned.
    pub id: String,
    /// Of the entry that says how it ended.
    pub done_id: String,
    /// What was to be done.
    pub plan: Plan,
    /// How far it is.
    pub stage: Stage,
    /// When it began, RFC 3339 UTC.
    pub began_at: String,
    /// Who ran it: a role.
    pub by: String,
    /// When erasure was first asked for, as [`Since`] is written, where that is known.
    pub asked_at: Option<String>,
    /// Number of the entry that it is planned.
    pub planned_entry: Option<u64>,
    /// Number of the entry that says how it ended.
    pub done_entry: Option<u64>,
    /// The certificate, as it was signed.
    pub certificate: Option<String>,
}

/// The journal of one data folder.
#[derive(Debug)]
pub struct Journal {
    pub(super) connection: Connection,
}

/// A transaction of a store that was about to be made durable.
pub(super) struct Step {
    pub(super) done: bool,
    pub(super) counts: ByTable,
    pub(super) remaining: u64,
}

impl Journal {
    /// Opens the file, which is made where there is none.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn open(file: &Path) -> Result<Self, JournalError> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "secure_delete", true)?;
        connection.execute_batch(TABLES)?;
        Ok(Self { connection })
    }

    /// Writes down a run, with its people in batches: all of it or nothing.
    pub(super) fn begin(
        &self,
        plan: &Plan,
        batches: &[Known],
        keys: &Keys,
        mandate: &Mandate<'_>,
        now: jiff::Timestamp,
    ) -> Result<Run, JournalError> {
        let id = random_id().map_err(|_| JournalError::Random)?;
        let done_id = random_id().map_err(|_| JournalError::Random)?;
        let json = serde_json::to_string(plan).map_err(|_| JournalError::Damaged("a plan"))?;
        let transaction = self.connection.unchecked_transaction()?;
        transaction.execute(
            "insert into run (id, done_id, plan, stage, began_at, by) values (?1, ?2, ?3, 'begun', ?4, ?5)",
            params![id, done_id, json, now.to_string(), mandate.by],
        )?;
        put_asked(&transaction, &id, mandate.asked)?;
        for (number, known) in batches.iter().enumerate() {
            let bytes = serde_json::to_vec(known).map_err(|_| JournalError::Damaged("a batch"))?;
            let sealed = keys.seal(&bytes, place(&id, number).as_bytes())?;
            transaction.execute(
                "insert into batch values (?1, ?2, ?3)",
                params![id, number as i64, sealed],
            )?;
            for person in &known.numbers {
                transaction.execute(
                    "insert or ignore into person values (?1, ?2)",
                    params![id, keys.person_digest(person)],
                )?;
            }
        }
        transaction.commit()?;
        self.run(&id)?.ok_or(JournalError::Damaged("a run"))
    }

    /// The run with this identifier.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn run(&self, id: &str) -> Result<Option<Run>, JournalError> {
        Ok(self.runs()?.into_iter().find(|run| run.id == id))
    }

    /// All runs, the oldest first.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn runs(&self) -> Result<Vec<Run>, JournalError> {
        let sql = "select id, done_id, plan, stage, began_at, by, planned_entry, done_entry, certificate, asked_at
                   from run order by number";
        let mut runs = self.connection.prepare(sql)?;
        let rows = runs.query_map([], |row| {
            let run = Run {
                id: row.get(0)?,
                done_id: row.get(1)?,
                plan: empty_plan(),
                stage: Stage::Begun,
                began_at: row.get(4)?,
                by: row.get(5)?,
                planned_entry: row.get(6)?,
                done_entry: row.get(7)?,
                certificate: row.get(8)?,
                asked_at: row.get(9)?,
            };
            Ok((run, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
        })?;
        let read = rows.map(|row| {
            let (run, plan, stage) = row?;
            Ok(Run {
                plan: serde_json::from_str(&plan).map_err(|_| JournalError::Damaged("a plan"))?,
                stage: Stage::of(&stage).ok_or(JournalError::Damaged("a stage"))?,
                ..run
            })
        });
        read.collect()
    }

    /// Runs that are not over.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn unfinished(&self) -> Result<Vec<Run>, JournalError> {
        Ok(self
            .runs()?
            .into_iter()
            .filter(|run| run.stage != Stage::Done)
            .collect())
    }

    /// Whether a run that is over has erased this person.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn is_erased(&self, digest: &[u8; 16]) -> Result<bool, JournalError> {
        let sql = "select count(*) from person p join run r on r.id = p.run where p.person = ?1 and r.stage = 'done'";
        let count: i64 = self.connection.query_row(sql, [&digest[..]], |row| row.get(0))?;
        Ok(count > 0)
    }

    /// Writes down that something is left, so that the run begins a new round when it goes on.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn incomplete(&self, run: &str) -> Result<(), JournalError> {
        let sql = "update run set stage = 'incomplete', round = round + 1 where id = ?1";
        self.connection.execute(sql, [run])?;
        Ok(())
    }

    /// How often the run came to its end with something left.
    pub(super) fn round(&self, run: &str) -> Result<usize, JournalError> {
        let sql = "select round from run where id = ?1";
        let round: i64 = self.connection.query_row(sql, [run], |row| row.get(0))?;
        Ok(round as usize)
    }

    /// Writes down how far a run is.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn set_stage(&self, run: &str, stage: Stage) -> Result<(), JournalError> {
        self.connection
            .execute("update run set stage = ?2 where id = ?1", params![run, stage.as_str()])?;
        Ok(())
    }

    /// Writes down that the ledger says that the run is planned.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn announced(&self, run: &str, entry: u64) -> Result<(), JournalError> {
        let sql = "update run set planned_entry = ?2, stage = 'announced' where id = ?1 and stage = 'begun'";
        self.connection.execute(sql, params![run, entry as i64])?;
        Ok(())
    }

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

    /// Keeps the certificate, and gives the run another identifier for the entry about the next end, should there be one.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn ended(&self, run: &str, entry: u64, certificate: &str) -> Result<(), JournalError> {
        let next = random_id().map_err(|_| JournalError::Random)?;
        self.connection.execute(
            "update run set done_entry = ?2, certificate = ?3, done_id = ?4 where id = ?1",
            params![run, entry as i64, certificate, next],
        )?;
        Ok(())
    }

    /// Wipes everything by which a run found people.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn wipe(&self, run: &str) -> Result<(), JournalError> {
        self.connection
            .execute("update batch set sealed = null where run = ?1", [run])?;
        self.connection
            .execute("update ask set sealed = null where run = ?1", [run])?;
        self.set_stage(run, Stage::Done)?;
        self.connection
            .query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
        Ok(())
    }

    /// The batches of a run that is not over.
    pub(super) fn batches(&self, run: &str, keys: &Keys) -> Result<Option<Vec<Known>>, JournalError> {
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

    pub(super) fn step(&self, run: &str, batch: usize, store: &str, part: u64) -> Result<Option<Step>, JournalError> {
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

    pub(super) fn put_step(
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

/// When it was first asked for stands with the run, too, for whoever reads only that.
fn put_asked(transaction: &Connection, run: &str, asked: &[Asked]) -> Result<(), JournalError> {
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

fn place(run: &str, batch: usize) -> String {
    format!("erasure/{run}/{batch}")
}

fn empty_plan() -> Plan {
    Plan {
        schema: String::new(),
        made_at: String::new(),
        hash: String::new(),
        people: 0,
        who: String::new(),
        stores: Vec::new(),
    }
}
