//! Rows go in batches: few at a time, a rest between, no waiting for locks.
//!
//! Start at [`Batches::run`]. Where an index begins with the time, the oldest rows go first; otherwise the table is walked once by
//! its primary key. Each batch is a transaction of its own, so that a run that is broken off has done what it has done.

use std::time::Duration;

use jiff::Timestamp;

use super::bound::Bound;
use super::due::Cut;
use super::holds;
use super::settings::Retention;
use crate::connect::{Column, Database, DatabaseError, Dialect};
use crate::graph::Subject;

/// How often rows that others lock are tried.
const TRIES: u32 = 8;
/// Fewest rows in a batch.
const ROWS_MIN: u32 = 50;
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
    pub(super) held: &'a Subject,
    pub(super) settings: &'a Retention,
    pub(super) now: &'a dyn Fn() -> Timestamp,
    pub(super) pause: &'a dyn Fn(Duration),
    /// When to stop.
    pub(super) until: Timestamp,
}

/// How one batch is chosen.
enum Choice {
    /// So many rows that are due, the oldest first where an index has them so.
    Due,
    /// What is due among those with a key in a window.
    Window { lower: Option<String>, upper: String },
}

impl Batches<'_> {
    /// Ends what is due.
    pub(super) fn run(&self, database: &mut dyn Database) -> Ended {
        let mut ended = Ended::default();
        let done = match self.key() {
            Some(key) if !self.bound.has_index() => self.walk(&key, database, &mut ended),
            _ => self.oldest_first(database, &mut ended),
        };
        if let Err(because) = done {
            ended.because = Some(because);
        }
        ended
    }

    fn oldest_first(&self, database: &mut dyn Database, ended: &mut Ended) -> Result<(), String> {
        let mut rows = self.settings.batch_rows.max(ROWS_MIN);
        loop {
            let (sql, parameters) = self.statement(&Choice::Due, rows);
            let (gone, took) = self.change(&sql, &parameters, database)?;
            ended.rows += gone;
            if gone == 0 {
                return Ok(());
            }
            rows = self.next_rows(rows, took);
            self.rest()?;
        }
    }

    fn walk(&self, key: &Column, database: &mut dyn Database, ended: &mut Ended) -> Result<(), String> {
        let of_itself = self
            .bound
            .referring()
            .any(|(from, _)| from.name == self.bound.reached.table.name);
        for _ in 0..WALKS_MAX {
            let before = ended.rows;
            let mut rows = self.settings.batch_rows.max(ROWS_MIN);
            let mut lower: Option<String> = None;
            while let Some(upper) = self.upper(key, lower.as_deref(), rows, database)? {
                self.in_time()?;
                if lower.as_ref() == Some(&upper) {
                    // The key does not compare as its text does: what is left is found without it.
                    return self.oldest_first(database, ended);
                }
                let window = Choice::Window {
                    lower: lower.take(),
                    upper: upper.clone(),
                };
                let (sql, parameters) = self.statement(&window, rows);
                let (gone, took) = self.change(&sql, &parameters, database)?;
                ended.rows += gone;
                rows = self.next_rows(rows, took);
                lower = Some(upper);
                if gone > 0 {
                    self.rest()?;
                }
            }
            if !of_itself || ended.rows == before {
                break;
            }
        }
        Ok(())
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
    ) -> Result<Option<String>, String> {
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

    /// Makes a change, again when rows were locked; how many rows, and how long it took.
    fn change(&self, sql: &str, parameters: &[String], database: &mut dyn Database) -> Result<(u64, Duration), String> {
        let parameters: Vec<&str> = parameters.iter().map(String::as_str).collect();
        let began = (self.now)();
        let changed = self.patiently(|| database.change(sql, &parameters))?;
        let took = (self.now)().duration_since(began);
        Ok((changed, took.try_into().unwrap_or_default()))
    }

    fn patiently<T>(&self, mut attempt: impl FnMut() -> Result<T, DatabaseError>) -> Result<T, String> {
        for tried in 0..TRIES {
            match attempt() {
                Err(DatabaseError::Busy) => {
                    let wait = Duration::from_millis(u64::from(self.settings.pause_ms.max(20))) * (1 << tried);
                    (self.pause)(wait);
                    self.in_time()?;
                }
                done => return done.map_err(|error| error.to_string()),
            }
        }
        Err(format!("rows were locked by others {TRIES} times in a row"))
    }

    fn rest(&self) -> Result<(), String> {
        (self.pause)(Duration::from_millis(self.settings.pause_ms.into()));
        self.in_time()
    }

    fn in_time(&self) -> Result<(), String> {
        match (self.now)() < self.until {
            true => Ok(()),
            false => Err("the time for a run was over; the next run goes on".to_owned()),
        }
    }

    /// Half as many rows when the last ones took too long, more when they took little.
    fn next_rows(&self, rows: u32, took: Duration) -> u32 {
        let may = Duration::from_millis(self.settings.batch_ms.into());
        if took > may {
            (rows / 2).max(ROWS_MIN)
        } else if took * 2 < may {
            (rows + rows / 2).min(self.settings.batch_rows.max(ROWS_MIN))
        } else {
            rows
        }
    }
}
