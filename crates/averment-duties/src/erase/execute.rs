//! What erasing changes in one store, in one transaction that the caller begins and ends.
//!
//! Columns of others first, then what depends on rows that go, then each table in its turn. Done again it finds nothing left
//! to do, or does the same to the same rows.

use std::collections::BTreeMap;

use averment_register::{OnErase, Store, StoreTable};
use averment_store::Keys;
use serde::{Deserialize, Serialize};

use super::becomes::Becomes;
use super::dependent::{Effect, emptiable};
use super::harvest::Known;
use super::run::{MayGo, Point};
use super::work::{Change, OthersWork, TableWork, Work, going, joint};
use super::{EraseError, sql};
use crate::connect::{Database, DatabaseError, Dialect, Next, Table};
use crate::graph::{Graph, Part, Reached, Subject};
use crate::objects::{Objects, names_of};

/// Keys of rows in one statement.
const KEYS_MAX: usize = 400;

/// What was done in a table or among objects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows or objects that went.
    pub deleted: u64,
    /// Rows that stay, of which columns were changed.
    pub changed: u64,
    /// Rows of others that went.
    pub others_deleted: u64,
    /// Rows of others of which a column was changed.
    pub others_changed: u64,
}

impl Counts {
    /// Adds another.
    pub fn add(&mut self, other: Self) {
        self.deleted += other.deleted;
        self.changed += other.changed;
        self.others_deleted += other.others_deleted;
        self.others_changed += other.others_changed;
    }

    /// Whether nothing was done.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// By table or prefix.
pub(super) type ByTable = BTreeMap<String, Counts>;

/// Everything about `known` in the tables of a store.
pub(super) fn tables(
    database: &mut dyn Database,
    graph: &Graph,
    work: &Work,
    known: &Known,
    keys: &Keys,
    progress: &mut dyn FnMut(Point),
) -> Result<ByTable, DatabaseError> {
    let mut done = ByTable::new();
    let mut hand = Hand {
        progress,
        dialect: database.dialect(),
        database,
        graph,
        known,
        subject: known.subject(),
        keys,
    };
    let mut found = BTreeMap::new();
    for table in work.tables.iter().filter(|table| table.by_keys) {
        found.insert(table.index, hand.keys_of(&graph.tables[table.index])?);
    }
    for other in &work.others {
        let changed = hand.others(other)?;
        done.entry(other.reached.table.name.clone()).or_default().others_changed += changed;
    }
    hand.dependents(work, &mut done)?;
    for table in &work.tables {
        let counts = hand.table(table, found.get(&table.index))?;
        done.entry(graph.tables[table.index].table.name.clone())
            .or_default()
            .add(counts);
    }
    done.retain(|_, counts| !counts.is_nothing());
    Ok(done)
}

struct Hand<'a> {
    progress: &'a mut dyn FnMut(Point),
    database: &'a mut dyn Database,
    dialect: Dialect,
    graph: &'a Graph,
    known: &'a Known,
    subject: Subject,
    keys: &'a Keys,
}

impl Hand<'_> {
    fn keys_of(&mut self, reached: &Reached) -> Result<Vec<Vec<String>>, DatabaseError> {
        let Some(part) = going(reached, &self.subject, self.dialect, &self.graph.schema, 1) else {
            return Ok(Vec::new());
        };
        let columns = reached
            .table
            .primary
            .iter()
            .filter_map(|name| reached.table.column(name));
        let columns: Vec<String> = columns
            .map(|column| self.dialect.as_text(&self.dialect.name(&column.name), column))
            .collect();
        let from = self.dialect.table(&reached.table.name);
        let sql = format!("select {} from {from} where {}", columns.join(", "), part.sql);
        let mut keys = Vec::new();
        self.database.rows(&sql, &part.parameters(), &mut |row| {
            keys.push(row.iter().map(|value| value.clone().unwrap_or_default()).collect());
            Ok(Next::Row)
        })?;
        Ok(keys)
    }

    fn delete(&mut self, table: &str, part: &Part) -> Result<u64, DatabaseError> {
        let sql = format!("delete from {} where {}", self.dialect.table(table), part.sql);
        self.run(&sql, &part.parameters())
    }

    fn run(&mut self, sql: &str, parameters: &[&str]) -> Result<u64, DatabaseError> {
        let changed = self.database.change(sql, parameters)?;
        (self.progress)(Point::Changed);
        Ok(changed)
    }

    fn dependents(&mut self, work: &Work, done: &mut ByTable) -> Result<(), DatabaseError> {
        for way in &work.dependents {
            let Some(part) = way.condition(self.graph, &self.subject, self.dialect, 1) else {
                continue;
            };
            let counts = done.entry(way.table().to_owned()).or_default();
            match way.effect {
                Effect::Goes => counts.others_deleted += self.delete(way.table(), &part)?,
                Effect::Emptied => {
                    let columns = emptiable(self.graph, way.table(), way.key());
                    let null: Vec<String> = columns
                        .iter()
                        .map(|column| format!("{} = null", self.dialect.name(column)))
                        .collect();
                    let table = self.dialect.table(way.table());
                    let sql = format!("update {table} set {} where {}", null.join(", "), part.sql);
                    counts.others_changed += self.run(&sql, &part.parameters())?;
                }
            }
        }
        Ok(())
    }

    fn others(&mut self, other: &OthersWork) -> Result<u64, DatabaseError> {
        if other.change.becomes.is_none() {
            return Ok(0);
        }
        let changes = std::slice::from_ref(&other.change);
        let names =
            |subject: &Subject, hand: &Self, first: usize| other.names_from(subject, hand.dialect, hand.graph, first);
        self.change(&other.reached.table, changes, &names)
    }

    fn table(&mut self, work: &TableWork, found: Option<&Vec<Vec<String>>>) -> Result<Counts, DatabaseError> {
        let reached = &self.graph.tables[work.index];
        let mut counts = Counts::default();
        let table = &reached.table;
        if let Some(found) = found {
            for keys in found.chunks(KEYS_MAX) {
                match work.goes {
                    true => {
                        counts.deleted += self.delete(&table.name, &sql::with_keys(self.dialect, table, keys, 1))?
                    }
                    false => {
                        let with_keys = |_: &Subject, hand: &Self, first: usize| {
                            Some(sql::with_keys(hand.dialect, table, keys, first))
                        };
                        counts.changed += self.change_together(table, &work.changes, &with_keys)?;
                    }
                }
            }
            return Ok(counts);
        }
        if !work.goes {
            let own = |subject: &Subject, hand: &Self, first: usize| {
                reached.is_of(subject, hand.dialect, &hand.graph.schema, first)
            };
            counts.changed += self.change(table, &work.changes, &own)?;
            return Ok(counts);
        }
        if let Some(part) = going(reached, &self.subject, self.dialect, &self.graph.schema, 1) {
            counts.deleted += self.delete(&table.name, &part)?;
        }
        let columns = joint(reached);
        for (column, alone) in columns
            .iter()
            .filter(|(column, _)| columns.len() > 1 && column.nullable)
        {
            if let Some(part) = alone.is_of(&self.subject, self.dialect, &self.graph.schema, 1) {
                let (table, name) = (self.dialect.table(&table.name), self.dialect.name(&column.name));
                let sql = format!("update {table} set {name} = null where {}", part.sql);
                counts.changed += self.run(&sql, &part.parameters())?;
            }
        }
        Ok(counts)
    }

    /// Changes columns of the rows of everybody; where they become pseudonyms, of one person after the other.
    fn change(
        &mut self,
        table: &Table,
        changes: &[Change],
        rows: &dyn Fn(&Subject, &Self, usize) -> Option<Part>,
    ) -> Result<u64, DatabaseError> {
        let mut changed = 0;
        if changes
            .iter()
            .any(|change| matches!(change.becomes, Some(Becomes::Pseudonym(_))))
        {
            let known = self.known;
            for (number, subject) in known.each() {
                changed += self.set(table, changes, number, &|hand, first| rows(&subject, hand, first))?;
            }
        }
        Ok(changed + self.change_together(table, changes, rows)?)
    }

    /// The same where nothing tells one person from another: by what else than their number they are named.
    fn change_together(
        &mut self,
        table: &Table,
        changes: &[Change],
        rows: &dyn Fn(&Subject, &Self, usize) -> Option<Part>,
    ) -> Result<u64, DatabaseError> {
        // What would be done twice to a row must be the same each time.
        let subject = self.subject.clone();
        self.set(table, changes, "", &|hand, first| rows(&subject, hand, first))
    }

    fn set(
        &mut self,
        table: &Table,
        changes: &[Change],
        number: &str,
        rows: &dyn Fn(&Self, usize) -> Option<Part>,
    ) -> Result<u64, DatabaseError> {
        let (mut set, mut parameters) = (Vec::new(), Vec::new());
        for change in changes {
            let name = self.dialect.name(&change.column.name);
            match &change.becomes {
                None => {}
                Some(Becomes::Sql(sql)) => set.push(format!("{name} = {sql}")),
                Some(Becomes::Pseudonym(shape)) => {
                    let bytes = self.keys.in_place_of(&[
                        number.as_bytes(),
                        change.column.name.as_bytes(),
                        table.name.as_bytes(),
                    ]);
                    parameters.push(shape.of(&bytes));
                    let parameter = self.dialect.parameter_for(parameters.len(), &change.column);
                    set.push(format!("{name} = {parameter}"));
                }
            }
        }
        let part = rows(self, parameters.len() + 1).filter(|_| !set.is_empty());
        let Some(part) = part else { return Ok(0) };
        let sql = format!(
            "update {} set {} where {}",
            self.dialect.table(&table.name),
            set.join(", "),
            part.sql
        );
        parameters.extend(part.parameters);
        let parameters: Vec<&str> = parameters.iter().map(String::as_str).collect();
        self.run(&sql, &parameters)
    }
}

impl OthersWork {
    /// Rows of others that name `subject` by this column.
    pub(super) fn names(&self, subject: &Subject, dialect: Dialect, graph: &Graph) -> Option<Part> {
        self.names_from(subject, dialect, graph, 1)
    }

    fn names_from(&self, subject: &Subject, dialect: Dialect, graph: &Graph, first: usize) -> Option<Part> {
        let part = self.reached.names(subject, dialect, &graph.schema, first)?;
        if self.reached.map.on_erase() != OnErase::Delete {
            return Some(part);
        }
        // Their own rows go.
        let own = self
            .reached
            .is_of(subject, dialect, &graph.schema, first + part.parameters.len());
        Some(match own {
            Some(own) => sql::and(part, |_| sql::is_not(own)),
            None => part,
        })
    }
}

/// Removes the objects of `known`, where they are to go, with every version.
pub(super) fn objects(
    objects: &mut dyn Objects,
    store: &Store,
    known: &Known,
    progress: &mut dyn FnMut(Point),
    may: MayGo<'_>,
) -> Result<ByTable, EraseError> {
    let (mut done, subject) = (ByTable::new(), known.subject());
    let failed = EraseError::objects(&store.id);
    let goes = |map: &&StoreTable| map.is_personal() && map.on_erase() == OnErase::Delete;
    for map in store.tables.iter().filter(goes) {
        for name in names_of(objects, map, &subject).map_err(&failed)? {
            may()?;
            if objects.delete(&name).map_err(&failed)? {
                done.entry(map.name().to_owned()).or_default().deleted += 1;
            }
            progress(Point::Changed);
        }
    }
    Ok(done)
}
