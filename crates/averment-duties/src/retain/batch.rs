//! Rows go in batches: few at a time, a rest between, no waiting for locks.
//!
//! Start at [`Batches::run`]. Where an index begins with the time, the oldest rows go first; otherwise the table is walked once by
//! its primary key. Each batch is a transaction of its own, so that a run that is broken off has done what it has done.
//!
//! Invariant: before each attempt it is asked whether somebody has come under hold; then nothing goes until that was read again.

use std::time::Duration;

use jiff::Timestamp;

use super::bound::Bound;
use super::due::Cut;
use super::holds::{self, Held, Holds};
use super::pace::Pace;
use super::settings::Retention;
use crate::connect::{Column, Database, DatabaseError, Dialect};

/// How often rows that others lock are tried.
const TRIES: u32 = 8;
/// The first wait for locked rows; each of the next is twice as long.
const WAIT: Duration = Duration::from_millis(20);
/// How often a table whose rows refer to each other is walked.
const WALKS_MAX: u32 = 16;

/// What became of the rows of a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// Rows that went, or lost columns.
    pub rows: u64,
    /// Why it was broken off.
    pub because: Option<String>,
}

/// The batches of one rule.
pub(super) struct Batches<'a> {
    pub(super) bound: &'a Bound<'a>,
    pub(super) cut: Cut,
    pub(super) held: &'a Held,
    pub(super) holds: &'a dyn Holds,
    pub(super) settings: &'a Retention,
    pub(super) now: &'a dyn Fn() -> Timestamp,
    pub(super) pause: &'a dyn Fn(Duration),
    /// When to stop.
    pub(super) until: Timestamp,
}

/// How far the batches of a rule have come; it is kept while holds are read again.
pub(super) struct Progress {
    pub(super) ended: Ended,
    pace: Pace,
    /// Up to where a walk by the key has come.
    walked: Option<String>,
    /// Whether holds changed during it: of somebody who is not held any more it has passed rows by.
    passed_by: bool,
}

impl Progress {
    pub(super) fn new(settings: &Retention) -> Self {
        Self {
            ended: Ended::default(),
            pace: Pace::new(settings),
            walked: None,
            passed_by: false,
        }
    }
}

/// Why no more batches are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Nothing is left to do, or it was broken off.
    Ended,
    /// Somebody may have come under hold: who is has to be read again.
    HoldsChanged,
}

/// Why a batch is not done.
enum Stop {
    Because(String),
    HoldsChanged,
}

impl From<String> for Stop {
    fn from(because: String) -> Self {
        Self::Because(because)
    }
}

/// How one batch is chosen.
enum Choice {
    /// So many rows that are due, the oldest first where an index has them so.
    Due,
    /// What is due among those with a key in a window.
    Window { lower: Option<String>, upper: String },
}

impl Batches<'_> {
    /// Ends what is due, from where `progress` is.
    pub(super) fn run(&self, progress: &mut Progress, database: &mut dyn Database) -> Over {
        let done = match self.key() {
            Some(key) if !self.bound.has_index() => self.walk(&key, database, progress),
            _ => self.oldest_first(database, progress),
        };
        match done {
            Err(Stop::HoldsChanged) => {
                progress.passed_by = progress.walked.is_some();
                return Over::HoldsChanged;
            }
            Err(Stop::Because(because)) => progress.ended.because = Some(because),
            Ok(()) => {}
        }
        Over::Ended
    }

    fn oldest_first(&self, database: &mut dyn Database, progress: &mut Progress) -> Result<(), Stop> {
        loop {
            let (rest, gone) = self.batch(&Choice::Due, database, progress)?;
            if gone == 0 {
                return Ok(());
            }
            self.rest(rest)?;
        }
    }

    fn walk(&self, key: &Column, database: &mut dyn Database, progress: &mut Progress) -> Result<(), Stop> {
        let of_itself = self
            .bound
            .referring()
            .any(|(from, _)| from.name == self.bound.reached.table.name);
        for _ in 0..WALKS_MAX {
            let before = progress.ended.rows;
            let rows = |progress: &Progress| progress.pace.rows();
            while let Some(upper) = self.upper(key, progress.walked.as_deref(), rows(progress), database)? {
                self.in_time()?;
                if progress.walked.as_ref() == Some(&upper) {
                    // The key does not compare as its text does: what is left is found without it.
                    return self.oldest_first(database, progress);
                }
                let window = Choice::Window {
                    lower: progress.walked.clone(),
                    upper: upper.clone(),
                };
                let (rest, gone) = self.batch(&window, database, progress)?;
                progress.walked = Some(upper);
                if gone > 0 {
                    self.rest(rest)?;
                }
            }
            progress.walked = None;
            let is_whole = !std::mem::take(&mut progress.passed_by);
            if is_whole && (!of_itself || progress.ended.rows == before) {
                break;
            }
        }
        Ok(())
    }

    /// One batch: how long to rest after it, and how many rows went.
    fn batch(
        &self,
        choice: &Choice,
        database: &mut dyn Database,
        progress: &mut Progress,
    ) -> Result<(Duration, u64), Stop> {
        let (sql, parameters) = self.statement(choice, progress.pace.rows());
        let parameters: Vec<&str> = parameters.iter().map(String::as_str).collect();
        let mut attempts = 0;
        let mut began = (self.now)();
        let gone = self.patiently(|| {
            attempts += 1;
            began = (self.now)();
            database.change(&sql, &parameters)
        })?;
        let took = (self.now)().duration_since(began).try_into().unwrap_or_default();
        progress.ended.rows += gone;
        Ok((progress.pace.after(gone, took, attempts > 1, self.settings), gone))
    }

    /// The one column of the primary key, where it can be compared with a text that was read of it: bytes cannot, nor what
    /// has no type in SQLite.
    fn key(&self) -> Option<Column> {
        match &self.bound.reached.table.primary[..] {
            [one] => self.bound.reached.table.column(one).cloned(),
            _ => None,
        }
        .filter(|key| !key.is_bytes() && !key.kind.is_empty())
    }

    /// The last key of the next window.
    fn upper(
        &self,
        key: &Column,
        lower: Option<&str>,
        rows: u32,
        database: &mut dyn Database,
    ) -> Result<Option<String>, Stop> {
        let dialect = self.bound.dialect;
        let name = dialect.name(&key.name);
        let after = match lower {
            Some(_) => format!(" where {name} > {}", dialect.parameter_for(1, key)),
            None => String::new(),
        };
        let table = dialect.table(&self.bound.reached.table.name);
        let sql = format!(
            "select {} from (select {name} from {table}{after} order by {name} limit {rows}) as seen order by {name} desc limit 1",
            dialect.as_text(&name, key)
        );
        let parameters: Vec<&str> = lower.into_iter().collect();
        self.patiently(|| database.one(&sql, &parameters))
    }

    fn statement(&self, choice: &Choice, rows: u32) -> (String, Vec<String>) {
        let (bound, dialect) = (self.bound, self.bound.dialect);
        let (mut conditions, mut parameters) = (Vec::new(), Vec::new());
        if let (Choice::Window { lower, upper }, Some(key)) = (choice, self.key()) {
            let name = dialect.name(&key.name);
            for (sign, value) in [(">", lower.as_ref()), ("<=", Some(upper))] {
                if let Some(value) = value {
                    parameters.push(value.clone());
                    conditions.push(format!(
                        "{name} {sign} {}",
                        dialect.parameter_for(parameters.len(), &key)
                    ));
                }
            }
        }
        conditions.extend(bound.scope.clone());
        conditions.push(bound.is_due(&self.cut));
        if let Some(part) = holds::is_held(
            bound.graph,
            &bound.reached.table,
            self.held,
            dialect,
            parameters.len() + 1,
        ) {
            conditions.push(format!("not {}", part.sql));
            parameters.extend(part.parameters);
        }
        conditions.extend(bound.is_blocked().map(|blocked| format!("not {blocked}")));
        let condition = conditions.join(" and ");
        let sql = match choice {
            Choice::Window { .. } => format!("{} where {condition}", bound.verb()),
            Choice::Due => self.some(&condition, rows),
        };
        (sql, parameters)
    }

    /// Not more than so many of the rows with a condition.
    fn some(&self, condition: &str, rows: u32) -> String {
        let (bound, dialect) = (self.bound, self.bound.dialect);
        let order = match bound.has_index() {
            true => format!(" order by {}", dialect.name(&bound.time.name)),
            false => String::new(),
        };
        let verb = bound.verb();
        if dialect == Dialect::Mysql {
            return format!("{verb} where {condition}{order} limit {rows}");
        }
        let table = dialect.table(&bound.reached.table.name);
        let keys: Vec<String> = match (&bound.reached.table.primary[..], dialect) {
            ([], Dialect::Postgres) => vec!["tableoid".to_owned(), "ctid".to_owned()],
            ([], _) => vec!["rowid".to_owned()],
            (keys, _) => keys.iter().map(|key| dialect.name(key)).collect(),
        };
        let keys = keys.join(", ");
        // Somebody may have used the row since the query began: its own time is looked at again when it is locked.
        let again = bound
            .is_still_due(&self.cut)
            .map_or_else(String::new, |still| format!(" and {still}"));
        format!("{verb} where ({keys}) in (select {keys} from {table} where {condition}{order} limit {rows}){again}")
    }

    /// Attempts something, again when rows were locked, each time only while who is under hold is known.
    fn patiently<T>(&self, mut attempt: impl FnMut() -> Result<T, DatabaseError>) -> Result<T, Stop> {
        for tried in 0..TRIES {
            if !self.held.is_of_now(self.holds)? {
                return Err(Stop::HoldsChanged);
            }
            match attempt() {
                Err(DatabaseError::Busy) => {
                    (self.pause)(WAIT * (1 << tried));
                    self.in_time()?;
                }
                done => return Ok(done.map_err(|error| error.to_string())?),
            }
        }
        Err(format!("rows were locked by others {TRIES} times in a row").into())
    }

    fn rest(&self, rest: Duration) -> Result<(), Stop> {
        (self.pause)(rest);
        self.in_time()
    }

    fn in_time(&self) -> Result<(), Stop> {
        match (self.now)() < self.until {
            true => Ok(()),
            false => Err("the time for a run was over; the next run goes on".to_owned().into()),
        }
    }
}
