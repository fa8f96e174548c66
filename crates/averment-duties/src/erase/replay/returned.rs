//! Who has come back since: somebody known by a value on the list whose own record was made after the erasure, by the time that
//! the data map names for it.
//!
//! Only a record says so, a row whose primary key names the person: anybody's late row may name somebody who was erased, the record
//! of a person is made when they join.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::ElementId;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::Hit;
use crate::connect::{Column, Database, DatabaseError, Next};
use crate::erase::harvest::{VALUES_MAX, columns};
use crate::erase::stores::{Kept, Opened};
use crate::erase::{EraseError, folded};
use crate::graph::{Graph, Reached, Subject};
use crate::retain::{Cut, TimeColumn};

/// What the database answers of a record.
const BEFORE: &str = "before";
const AFTER: &str = "after";

/// What records say of a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// One was made before the value was put on the list, or soon after.
    pub(super) before: bool,
    /// One does not say when it was made.
    pub(super) undated: bool,
    /// One was made two days after, or later.
    pub(super) after: bool,
}

/// A value by which people are known.
pub(super) type Value = (ElementId, String);

/// Looks for records that hold values that were met.
pub(super) fn seen(stores: &mut [Opened], hits: &BTreeMap<Value, Hit>) -> Result<BTreeMap<Value, Seen>, EraseError> {
    let mut all = BTreeMap::new();
    // A moment without a zone may be fourteen hours off, and one with any zone as much again.
    let times: BTreeSet<Timestamp> = hits.values().map(|hit| hit.at).collect();
    for opened in stores.iter_mut() {
        let Kept::Tables { database, graph } = &mut opened.kept else {
            continue;
        };
        for at in &times {
            let of_time = hits.iter().filter(|(_, hit)| hit.at == *at).map(|(value, _)| value);
            let read = in_store(database.as_mut(), graph, &of_time.collect::<Vec<_>>(), *at, &mut all);
            read.map_err(EraseError::database(&opened.store.id))?;
        }
    }
    Ok(all)
}

fn in_store(
    database: &mut dyn Database,
    graph: &Graph,
    hits: &[&Value],
    at: Timestamp,
    all: &mut BTreeMap<Value, Seen>,
) -> Result<(), DatabaseError> {
    let (dialect, cut) = (database.dialect(), two_days_after(at));
    let elements: BTreeSet<ElementId> = hits.iter().map(|(element, _)| element.clone()).collect();
    for reached in &graph.tables {
        let Some((key, time)) = record(reached) else { continue };
        let Some(time) = TimeColumn::of(dialect, time) else {
            continue;
        };
        let made = format!(
            "case when {} then case when {} then '{BEFORE}' else '{AFTER}' end else '' end",
            time.is_read(),
            time.is_before(&cut)
        );
        let named = columns(reached, &elements).into_iter();
        let named = named.filter(|(column, _)| !column.eq_ignore_ascii_case(&key.0.name));
        for (name, element) in named.chain([(key.0.name.clone(), key.1.clone())]) {
            let of_element = hits.iter().filter(|(one, _)| *one == element);
            let of_element: Vec<&str> = of_element.map(|(_, value)| value.as_str()).collect();
            if let Some(column) = reached.table.column(&name) {
                let place = Place {
                    table: &reached.table.name,
                    column,
                    element: &element,
                    made: &made,
                };
                place.read(database, &of_element, all)?;
            }
        }
    }
    Ok(())
}

/// A column of records that says by what people are known.
struct Place<'a> {
    table: &'a str,
    column: &'a Column,
    element: &'a ElementId,
    /// When the record was made, as the database is asked.
    made: &'a str,
}

impl Place<'_> {
    fn read(
        &self,
        database: &mut dyn Database,
        hits: &[&str],
        all: &mut BTreeMap<Value, Seen>,
    ) -> Result<(), DatabaseError> {
        let dialect = database.dialect();
        let (written, from) = (dialect.name(&self.column.name), dialect.table(self.table));
        let select = format!("select {}, {}", dialect.as_text(&written, self.column), self.made);
        for hits in hits.chunks(VALUES_MAX) {
            let is_one = dialect.is_one_of(&written, self.column, 1, hits.len());
            database.rows(&format!("{select} from {from} where {is_one}"), hits, &mut |row| {
                if let [Some(value), Some(made)] = row {
                    let same = |hit: &&&str| folded(self.element, hit) == folded(self.element, value);
                    for hit in hits.iter().filter(same) {
                        let seen = all.entry((self.element.clone(), (*hit).to_owned()));
                        seen.or_default().take(made);
                    }
                }
                Ok(Next::Row)
            })?;
        }
        Ok(())
    }
}

impl Seen {
    fn take(&mut self, made: &str) {
        match made {
            AFTER => self.after = true,
            BEFORE => self.before = true,
            _ => self.undated = true,
        }
    }
}

/// Of a table whose primary key names the person: that column with its element, and the one that says when the row was made.
fn record(reached: &Reached) -> Option<((&Column, &ElementId), &Column)> {
    let key = reached.map.key.as_deref()?;
    let [primary] = &reached.table.primary[..] else {
        return None;
    };
    let mut own = reached.own.iter().filter(|path| path.steps.is_empty());
    let path = own.find(|path| path.column.eq_ignore_ascii_case(key))?;
    if !primary.eq_ignore_ascii_case(key) {
        return None;
    }
    let mut times = reached.map.times.iter();
    let (_, time) = times.find(|(trigger, _)| trigger.as_str() == "collection")?;
    let time = match time.rsplit_once('.') {
        Some((table, column)) if table.eq_ignore_ascii_case(&reached.table.name) => column,
        Some(_) => return None,
        None => time,
    };
    Some(((reached.table.column(key)?, &path.element), reached.table.column(time)?))
}

fn two_days_after(at: Timestamp) -> Cut {
    let instant = at.saturating_add(48.hours()).unwrap_or(at);
    Cut {
        instant,
        local: TimeZone::UTC.to_datetime(instant),
    }
}

/// The person with this number, by all that the stores know them by, what others have as well too.
pub(super) fn person(stores: &mut [Opened], number: &str) -> Result<Subject, EraseError> {
    let numbers = BTreeSet::from([number.to_owned()]);
    let known = crate::erase::harvest(stores, &numbers, &numbers)?;
    Ok(known.or_others().unwrap_or_else(|| known.subject()))
}
