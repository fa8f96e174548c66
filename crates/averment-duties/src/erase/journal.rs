//! What is written down about runs, so that one that was cut off goes on and nothing is done or counted twice.
//!
//! Start at [`Journal::open`]. One SQLite file, `erasures.db` in the data folder. People stand in it by the directory's keyed
//! digest; what tables name them by is sealed, and wiped when the run is over.
//!
//! Lost: a run that was cut off cannot go on by itself; plan and run again. Forged: a run can be made to look done; the
//! sweep and the ledger tell.

mod recipients;
mod steps;

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use averment_store::{Keys, random_id};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::harvest::Known;
use super::plan::Plan;
use super::run::Mandate;
use recipients::put_asked;
pub(super) use steps::Step;

const TABLES: &str = "
create table if not exists run (
    number integer primary key, id text not null unique, done_id text not null, plan text not null, stage text not null,
    began_at text not null, by text not null, asked_at text,
    round integer not null default 0, planned_entry integer, done_entry integer, certificate text, holds text, ending text
) strict;
create table if not exists person (
    run text not null, person blob not null, primary key (run, person)
) strict, without rowid;
create index if not exists run_of_person on person (person);
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
    /// Everything was looked at, and what is to be said of the end is written down.
    Ending,
    /// Something is left or not confirmed.
    Incomplete,
    /// It is over.
    Done,
}

impl Stage {
    const WORDS: [&'static str; 6] = ["begun", "announced", "erased", "ending", "incomplete", "done"];

    /// The word in answers.
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    fn of(word: &str) -> Option<Self> {
        let all = [
            Self::Begun,
            Self::Announced,
            Self::Erased,
            Self::Ending,
            Self::Incomplete,
            Self::Done,
        ];
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
    /// When erasure was first asked for, as a certificate writes it, where that is known.
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
        add_column(&connection, "run", "holds")?;
        add_column(&connection, "run", "ending")?;
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
            "insert into run (id, done_id, plan, stage, began_at, by, holds) values (?1, ?2, ?3, 'begun', ?4, ?5, ?6)",
            params![id, done_id, json, now.to_string(), mandate.by, mandate.holds],
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

    /// The people of a run, by the directory's keyed digest.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn people(&self, run: &str) -> Result<HashSet<Vec<u8>>, JournalError> {
        let mut people = self.connection.prepare("select person from person where run = ?1")?;
        let rows = people.query_map([run], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The files in which more holds stand: each that was named for the run, one a line.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn holds(&self, run: &str) -> Result<BTreeSet<String>, JournalError> {
        let sql = "select holds from run where id = ?1";
        let files: Option<String> = self.connection.query_row(sql, [run], |row| row.get(0))?;
        Ok(files
            .iter()
            .flat_map(|files| files.lines().map(str::to_owned))
            .collect())
    }

    /// Names the files in which more holds stand. One with the end of a line in its name cannot be found again, and keeps everybody.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn set_holds(&self, run: &str, files: &BTreeSet<String>) -> Result<(), JournalError> {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let sql = "update run set holds = ?2 where id = ?1";
        self.connection.execute(sql, [run, &files.join("\n")])?;
        Ok(())
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

    /// Whether this person is one of any run, over or not.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn has_person(&self, digest: &[u8; 16]) -> Result<bool, JournalError> {
        let sql = "select count(*) from person where person = ?1";
        let count: i64 = self.connection.query_row(sql, [&digest[..]], |row| row.get(0))?;
        Ok(count > 0)
    }

    /// Writes down that something is left, so that the run begins a new round when it goes on.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn incomplete(&self, run: &str) -> Result<(), JournalError> {
        let sql = "update run set stage = 'incomplete', round = round + 1, ending = null where id = ?1";
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

    /// Writes down what is to be said of the end, so that it is said once whoever is cut off.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn set_ending(&self, run: &str, ending: &str) -> Result<(), JournalError> {
        let sql = "update run set ending = ?2, stage = 'ending' where id = ?1";
        self.connection.execute(sql, [run, ending])?;
        Ok(())
    }

    /// What is to be said of the end, as it was written down.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn ending(&self, run: &str) -> Result<Option<String>, JournalError> {
        let sql = "select ending from run where id = ?1";
        Ok(self.connection.query_row(sql, [run], |row| row.get(0))?)
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
}

/// Adds a column of texts that an older version did not make.
fn add_column(connection: &Connection, table: &str, column: &str) -> Result<(), JournalError> {
    let sql = "select count(*) from pragma_table_info(?1) where name = ?2";
    let count: i64 = connection.query_row(sql, [table, column], |row| row.get(0))?;
    if count == 0 {
        connection.execute_batch(&format!("alter table {table} add column {column} text"))?;
    }
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
        values_of_others: 0,
        left_out: Vec::new(),
        stores: Vec::new(),
    }
}
