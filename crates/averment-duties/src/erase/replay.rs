//! A restored backup: whom it brings back.
//!
//! The list of who was erased names nobody, so the other way round: every value by which a store names people is digested and
//! looked up. Rows may have come back under other numbers of their own; what leads to the person is what counts.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::ElementId;
use averment_store::Keys;
use jiff::Timestamp;

use super::harvest::{Known, harvest};
use super::journal::Run;
use super::plan::Plan;
use super::run::{Eraser, Mandate, Point};
use super::stores::{Kept, Opened};
use super::work::Work;
use super::{EraseError, Tombstones, sql};
use crate::connect::{Database, DatabaseError, Next};
use crate::graph::{Graph, Path, Reached, Subject};
use crate::objects::Pattern;

/// Erased people whom stores name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Visible {
    /// Their numbers.
    pub numbers: BTreeSet<String>,
    values: BTreeMap<ElementId, BTreeSet<String>>,
    /// How often, by store and by table or prefix.
    pub places: BTreeMap<(String, String), u64>,
}

impl std::fmt::Debug for Visible {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Visible(<{} people or more>)", self.count())
    }
}

impl Visible {
    /// Whether nobody is visible.
    pub fn is_nobody(&self) -> bool {
        self.count() == 0
    }

    /// How many numbers and other names.
    pub fn count(&self) -> usize {
        self.numbers.len() + self.values.values().map(BTreeSet::len).sum::<usize>()
    }
}

/// Looks through stores for people who were erased.
///
/// # Errors
/// [`EraseError`] when a store cannot be read: then nobody can say.
pub fn people_erased(stores: &mut [Opened], tombstones: &Tombstones, keys: &Keys) -> Result<Visible, EraseError> {
    let mut visible = Visible::default();
    for opened in stores.iter_mut() {
        let store = opened.store.id.clone();
        let mut meet = |place: &str, element: &ElementId, value: &str| {
            if !tombstones.holds(store.as_str(), element, value, keys) {
                return;
            }
            let place = (store.to_string(), place.to_owned());
            *visible.places.entry(place).or_default() += 1;
            if *element == Subject::number() {
                visible.numbers.insert(value.to_owned());
            } else {
                visible
                    .values
                    .entry(element.clone())
                    .or_default()
                    .insert(value.to_owned());
            }
        };
        match &mut opened.kept {
            Kept::Tables { database, graph } => {
                names(store.as_str(), database.as_mut(), graph, &mut meet).map_err(EraseError::database(&store))?;
            }
            Kept::Objects(objects) => {
                for map in opened.store.tables.iter().filter(|map| map.is_personal()) {
                    let Some((key, element)) = map.key.as_ref().zip(crate::objects::element_of(map)) else {
                        continue;
                    };
                    let pattern = Pattern::of(map);
                    let mut kept = objects
                        .versions(pattern.beginning())
                        .map_err(EraseError::objects(&store))?;
                    kept.dedup_by(|one, other| one.name == other.name);
                    kept.iter()
                        .flat_map(|one| pattern.readings(key, &one.name))
                        .for_each(|value| meet(map.name(), &element, value));
                }
            }
        }
    }
    Ok(visible)
}

/// Every value by which the rows of a store name people, but where it is to stay whoever is erased.
fn names(
    store: &str,
    database: &mut dyn Database,
    graph: &Graph,
    meet: &mut dyn FnMut(&str, &ElementId, &str),
) -> Result<(), DatabaseError> {
    let dialect = database.dialect();
    let mut ends: BTreeSet<(String, String, ElementId)> = BTreeSet::new();
    let staying = staying(&Work::of(store, graph, dialect), graph);
    for reached in &graph.tables {
        let stays = |path: &&Path| {
            let column = (reached.table.name.as_str(), path.column.to_ascii_lowercase());
            path.steps.is_empty() && staying.contains(&column)
        };
        let ways = reached.own.iter().chain(&reached.others).filter(|way| !stays(way));
        ends.extend(ways.map(|path| end(reached, path)));
    }
    for (table, name, element) in &ends {
        let column = graph.schema.table(table).and_then(|table| table.column(name));
        let Some(column) = column else { continue };
        let written = dialect.as_text(&dialect.name(&column.name), column);
        let sql = format!("{} from {}", sql::distinct(dialect, &[written]), dialect.table(table));
        database.rows(&sql, &[], &mut |row| {
            if let Some(Some(value)) = row.first() {
                meet(table, element, value);
            }
            Ok(Next::Row)
        })?;
    }
    Ok(())
}

/// Columns that stay as they are in rows that stay: table, and column in lower case.
fn staying<'g>(work: &Work, graph: &'g Graph) -> BTreeSet<(&'g str, String)> {
    let own = work.tables.iter().flat_map(|table| {
        let name = graph.tables[table.index].table.name.as_str();
        table.changes.iter().map(move |change| (name, change))
    });
    let others = work.others.iter().filter_map(|other| {
        let name = &other.reached.table.name;
        let table = graph.tables.iter().find(|reached| reached.table.name == *name)?;
        Some((table.table.name.as_str(), &other.change))
    });
    let all = own.chain(others).filter(|(_, change)| change.becomes.is_none());
    all.map(|(table, change)| (table, change.column.name.to_ascii_lowercase()))
        .collect()
}

/// The column that a way ends with, and what it holds.
pub(super) fn end(reached: &Reached, path: &Path) -> (String, String, ElementId) {
    let (table, column) = match path.steps.last() {
        Some(step) => (step.table.clone(), step.leave.clone()),
        None => (reached.table.name.clone(), path.column.clone()),
    };
    (table, column, path.element.clone())
}

impl Eraser<'_> {
    /// As [`Eraser::begin`], for people whom a restored backup brought back.
    ///
    /// # Errors
    /// As [`Eraser::begin`].
    pub fn begin_again(&mut self, visible: &Visible, plan: &Plan, by: &str, now: Timestamp) -> Result<Run, EraseError> {
        let problems = plan.problems();
        if !problems.is_empty() {
            return Err(EraseError::Problems(problems));
        }
        let mut known: Known = harvest(self.stores, &visible.numbers, &visible.numbers)?;
        for (element, values) in &visible.values {
            known.name(element, values);
        }
        let run = self.journal.begin(plan, &[known], self.keys, &Mandate::of(by), now)?;
        (self.progress)(Point::Begun);
        Ok(run)
    }
}
