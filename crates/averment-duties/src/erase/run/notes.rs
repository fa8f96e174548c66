//! One batch in one store: each transaction is written down before it is made durable, and after.

use super::{Asking, MAIN, MayErase, Point};
use crate::connect::{Database, DatabaseError};
use crate::erase::execute::{ByTable, Counts};
use crate::erase::journal::{Journal, Step};
use crate::erase::work::Work;
use crate::erase::{EraseError, sql, thin};
use crate::graph::{Graph, Part, Subject};

/// Counts, and how many rows are left.
type Done = Result<(ByTable, u64), EraseError>;
/// What is done in a transaction.
type InTransaction<'a> = &'a mut dyn FnMut(&mut dyn Database, &mut dyn FnMut(Point), MayErase<'_>) -> Done;

/// What is written down about one batch in one store.
pub(super) struct Notes<'a> {
    pub(super) journal: &'a Journal,
    pub(super) run: &'a str,
    pub(super) batch: usize,
    pub(super) store: &'a str,
    pub(super) progress: &'a mut dyn FnMut(Point),
    pub(super) may: MayErase<'a>,
}

impl Notes<'_> {
    pub(super) fn step(&self, part: u64) -> Result<Option<Step>, EraseError> {
        Ok(self.journal.step(self.run, self.batch, self.store, part)?)
    }

    fn put(&mut self, part: u64, counts: &ByTable, remaining: u64, done: bool) -> Result<(), EraseError> {
        let step = Step {
            done,
            counts: counts.clone(),
            remaining,
        };
        self.journal.put_step((self.run, self.batch, self.store, part), &step)?;
        Ok(())
    }

    pub(super) fn ready(&mut self, part: u64, counts: &ByTable, remaining: u64) -> Result<(), EraseError> {
        (self.progress)(Point::Worked);
        self.put(part, counts, remaining, false)?;
        (self.progress)(Point::Ready);
        Ok(())
    }

    pub(super) fn done(&mut self, part: u64, counts: &ByTable) -> Result<(), EraseError> {
        (self.progress)(Point::Committed);
        self.put(part, counts, 0, true)?;
        (self.progress)(Point::Noted);
        Ok(())
    }

    /// Takes rows away in parts where a table has very many.
    pub(super) fn thin_out(
        &mut self,
        database: &mut dyn Database,
        graph: &Graph,
        work: &Work,
        subject: &Subject,
    ) -> Result<(), EraseError> {
        let store = self.store.to_owned();
        let failed = move |source| EraseError::Database {
            store: store.clone(),
            source,
        };
        for part in MAIN + 1.. {
            let before = self.step(part)?;
            if before.as_ref().is_some_and(|step| step.done) {
                continue;
            }
            if let Some(step) = before {
                let index = graph
                    .tables
                    .iter()
                    .position(|reached| step.counts.contains_key(&reached.table.name));
                let left = index.map(|index| thin::left(database, graph, index, subject));
                // As many are left as were to be: the transaction became durable, and only the note is missing.
                if left.transpose().map_err(&failed)? == Some(step.remaining) {
                    self.done(part, &step.counts)?;
                    continue;
                }
            }
            let Some((index, statement)) = thin::next(database, graph, work, subject).map_err(&failed)? else {
                return Ok(());
            };
            self.part(database, part, &failed, &mut |database, _, _| {
                take_away(database, graph, index, &statement, subject).map_err(&failed)
            })?;
        }
        Ok(())
    }

    fn part(
        &mut self,
        database: &mut dyn Database,
        part: u64,
        failed: &dyn Fn(DatabaseError) -> EraseError,
        work: InTransaction<'_>,
    ) -> Result<(), EraseError> {
        (self.may)(Asking::Again)?;
        let (counts, remaining) = begun(database, failed, &mut |database| {
            work(database, self.progress, self.may)
        })?;
        // Rows of others may have kept it waiting: asked again before it cannot be undone.
        let ready = self.ready(part, &counts, remaining);
        let ready = ready.and_then(|()| (self.may)(Asking::Again));
        if ready.is_err() {
            database.undo();
            return ready;
        }
        database.commit().map_err(failed)?;
        self.done(part, &counts)
    }

    pub(super) fn transaction(
        &mut self,
        database: &mut dyn Database,
        before: Option<Step>,
        failed: &dyn Fn(DatabaseError) -> EraseError,
        work: InTransaction<'_>,
    ) -> Result<(), EraseError> {
        let before = before.map(|step| step.counts).unwrap_or_default();
        self.part(database, MAIN, failed, &mut |database, progress, may| {
            let (mut counts, remaining) = work(database, progress, may)?;
            // What is done already is not found again: then what was written down before it became durable holds.
            for (table, earlier) in &before {
                let now = counts.entry(table.clone()).or_default();
                *now = greater(*now, *earlier);
            }
            Ok((counts, remaining))
        })
    }
}

fn greater(one: Counts, other: Counts) -> Counts {
    Counts {
        deleted: one.deleted.max(other.deleted),
        changed: one.changed.max(other.changed),
        others_deleted: one.others_deleted.max(other.others_deleted),
        others_changed: one.others_changed.max(other.others_changed),
    }
}

/// Begins a transaction and does its work, again and again while rows are locked by others.
fn begun(
    database: &mut dyn Database,
    failed: &dyn Fn(DatabaseError) -> EraseError,
    work: &mut dyn FnMut(&mut dyn Database) -> Done,
) -> Done {
    let mut refused = None;
    let done = sql::again(|| {
        database.begin()?;
        let done = work(database);
        if done.is_err() {
            database.undo();
        }
        done.map_err(|error| match error {
            EraseError::Database { source, .. } => source,
            other => {
                refused = Some(other);
                DatabaseError::Stopped
            }
        })
    });
    match refused {
        Some(refused) => Err(refused),
        None => done.map_err(failed),
    }
}

fn take_away(
    database: &mut dyn Database,
    graph: &Graph,
    index: usize,
    statement: &Part,
    subject: &Subject,
) -> Result<(ByTable, u64), DatabaseError> {
    let deleted = database.change(&statement.sql, &statement.parameters())?;
    let counts = Counts {
        deleted,
        ..Counts::default()
    };
    let left = thin::left(database, graph, index, subject)?;
    Ok((ByTable::from([(graph.tables[index].table.name.clone(), counts)]), left))
}
