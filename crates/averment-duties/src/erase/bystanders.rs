//! Whose the rows are that go with those of the people of a run, and are not theirs alone: whoever asks for holds asks about them, too.
//!
//! Start at [`Bystanders::of`], asked before a run, and [`Bystanders::in_store`], asked in the transaction in which the rows go: somebody
//! may have written one since. Two kinds of rows: those of others that a foreign key takes along, and those that are somebody else's as
//! well. Rows of others that stay and lose a column are nobody's reason to wait.
//!
//! What is written while a transaction goes on does not go unasked: SQLite lets one write at a time, PostgreSQL gives a transaction up that
//! would take along what it does not see, and in MySQL and MariaDB the rows to which somebody's would refer, and those that may be
//! somebody else's as well, are locked first.

use std::collections::BTreeSet;

use super::EraseError;
use super::dependent::Effect;
use super::harvest::Known;
use super::sql;
use super::stores::{Kept, Opened};
use super::work::{Work, going};
use crate::connect::{Column, Database, DatabaseError, Dialect, Next};
use crate::graph::{Graph, Part, Path, Reached, Subject};

/// Who else has rows that go.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Bystanders {
    /// Their numbers.
    pub(super) numbers: BTreeSet<String>,
    /// Rows of others that go of which no number says whose they are.
    pub(super) untold: u64,
}

impl std::fmt::Debug for Bystanders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bystanders(<{} people>, {})", self.numbers.len(), self.untold)
    }
}

impl Bystanders {
    /// Reads whose else the rows are that go with those of `known`. `everybody`: numbers of all who are erased.
    pub(super) fn of(stores: &mut [Opened], known: &Known, everybody: &BTreeSet<String>) -> Result<Self, EraseError> {
        let (mut found, subject) = (Self::default(), known.subject());
        for opened in stores.iter_mut() {
            if let Kept::Tables { database, graph } = &mut opened.kept {
                let work = Work::of(opened.store.id.as_str(), graph, database.dialect());
                let read = found.read(database.as_mut(), graph, &work, &subject);
                read.map_err(EraseError::database(&opened.store.id))?;
            }
        }
        found.numbers.retain(|number| !everybody.contains(number));
        Ok(found)
    }

    /// The same of one store, as a transaction sees it.
    pub(super) fn in_store(
        database: &mut dyn Database,
        graph: &Graph,
        work: &Work,
        subject: &Subject,
        everybody: &BTreeSet<String>,
    ) -> Result<Self, DatabaseError> {
        let mut found = Self::default();
        found.read(database, graph, work, subject)?;
        found.numbers.retain(|number| !everybody.contains(number));
        Ok(found)
    }

    /// Locks the rows that go where rows of others may refer to them, each table before those that refer to it, so that nobody writes another
    /// one until the transaction ends; and those that may be somebody else's as well, so that they become nobody else's. First in it: what is
    /// read afterwards is of a moment at which they were locked.
    pub(super) fn lock(
        database: &mut dyn Database,
        graph: &Graph,
        work: &Work,
        subject: &Subject,
    ) -> Result<(), DatabaseError> {
        let dialect = database.dialect();
        if dialect != Dialect::Mysql {
            return Ok(());
        }
        // Rows of two owners, too: who the second is may be written anew between the look and the deed.
        let takes = |index: usize| {
            let mut below = work.dependents.iter().filter(|way| way.effect == Effect::Goes);
            graph.tables[index].own.len() > 1 || below.any(|way| way.root == index)
        };
        let roots = work.tables.iter().filter(|table| table.goes);
        let roots = roots.map(|table| table.index).filter(|index| takes(*index));
        let roots = roots.filter_map(|index| {
            let reached = &graph.tables[index];
            let rows = going(reached, subject, dialect, &graph.schema, 1)?;
            Some((reached.table.name.as_str(), rows))
        });
        let below = work.dependents.iter().rev().filter(|way| way.effect == Effect::Goes);
        let below = below.filter_map(|way| Some((way.table(), way.condition(graph, subject, dialect, 1)?)));
        for (table, rows) in roots.chain(below) {
            let sql = format!("select 1 from {} where {} for update", dialect.table(table), rows.sql);
            database.rows(&sql, &rows.parameters(), &mut |_| Ok(Next::Row))?;
        }
        Ok(())
    }

    /// Adds others.
    pub(super) fn add(&mut self, other: Self) {
        self.numbers.extend(other.numbers);
        self.untold += other.untold;
    }

    fn read(
        &mut self,
        database: &mut dyn Database,
        graph: &Graph,
        work: &Work,
        subject: &Subject,
    ) -> Result<(), DatabaseError> {
        let dialect = database.dialect();
        for way in work.dependents.iter().filter(|way| way.effect == Effect::Goes) {
            // What the data map calls nobody's has no rows of anybody.
            let Some(reached) = graph.table(way.table()) else {
                continue;
            };
            if let Some(rows) = way.condition(graph, subject, dialect, 1) {
                self.owners(database, graph, reached, &rows)?;
                self.untold += untold(database, graph, reached, rows)?;
            }
        }
        for table in work.tables.iter().filter(|table| table.goes) {
            let reached = &graph.tables[table.index];
            let rows = going(reached, subject, dialect, &graph.schema, 1);
            if let Some(rows) = rows.filter(|_| reached.own.len() > 1) {
                self.owners(database, graph, reached, &rows)?;
            }
        }
        Ok(())
    }

    /// Adds the numbers to which rows lead.
    fn owners(
        &mut self,
        database: &mut dyn Database,
        graph: &Graph,
        reached: &Reached,
        rows: &Part,
    ) -> Result<(), DatabaseError> {
        let dialect = database.dialect();
        for path in by_number(reached) {
            let Some(column) = last(graph, reached, path) else {
                continue;
            };
            let sql = led_to(dialect, reached, path, column, &rows.sql);
            database.rows(&sql, &rows.parameters(), &mut |row| {
                self.numbers.extend(row.first().cloned().flatten());
                Ok(Next::Row)
            })?;
        }
        Ok(())
    }
}

fn by_number(reached: &Reached) -> impl Iterator<Item = &Path> {
    reached.own.iter().filter(|path| path.element == Subject::number())
}

/// The column that a way ends with.
fn last<'a>(graph: &'a Graph, reached: &'a Reached, path: &Path) -> Option<&'a Column> {
    match path.steps.last() {
        Some(step) => graph.schema.table(&step.table)?.column(&step.leave),
        None => reached.table.column(&path.column),
    }
}

/// Selects what a way ends with, from the rows for which `rows` is true.
fn led_to(dialect: Dialect, reached: &Reached, path: &Path, column: &Column, rows: &str) -> String {
    let (mut table, mut leave, mut wanted) = (reached.table.name.as_str(), path.column.as_str(), rows.to_owned());
    for step in &path.steps {
        let (from, before) = (dialect.table(table), dialect.name(leave));
        let enter = dialect.name(&step.enter);
        wanted = format!("{enter} in (select {before} from {from} where {wanted})");
        (table, leave) = (&step.table, &step.leave);
    }
    let select = sql::distinct(dialect, &[dialect.as_text(&dialect.name(leave), column)]);
    format!("{select} from {} where {wanted}", dialect.table(table))
}

/// How many of the rows lead to nobody's number.
fn untold(database: &mut dyn Database, graph: &Graph, reached: &Reached, rows: Part) -> Result<u64, DatabaseError> {
    let dialect = database.dialect();
    let ways = by_number(reached).filter(|path| last(graph, reached, path).is_some());
    let ways: Vec<String> = ways.map(|path| leads_somewhere(dialect, path)).collect();
    let part = match ways.is_empty() {
        true => rows,
        false => sql::and(rows, |_| {
            sql::is_not(Part {
                sql: ways.join(" or "),
                parameters: Vec::new(),
            })
        }),
    };
    sql::count(database, &reached.table.name, &part)
}

/// Whether a way from a row ends with any number.
fn leads_somewhere(dialect: Dialect, path: &Path) -> String {
    let leave = path.steps.last().map_or(&path.column, |step| &step.leave);
    let mut sql = format!("{} is not null", dialect.name(leave));
    for (place, step) in path.steps.iter().enumerate().rev() {
        let before = place
            .checked_sub(1)
            .map_or(&path.column, |before| &path.steps[before].leave);
        let (enter, table) = (dialect.name(&step.enter), dialect.table(&step.table));
        sql = format!("{} in (select {enter} from {table} where {sql})", dialect.name(before));
    }
    sql
}
