//! A restored backup: whom it brings back.
//!
//! The list of who was erased names nobody, so the other way round: every value by which a store names people is digested and
//! looked up. Rows may have come back under other numbers of their own; what leads to the person is what counts.

mod again;
mod left_out;
mod released;
mod returned;

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::ElementId;
use averment_store::Keys;
use jiff::Timestamp;

use super::stores::{Kept, Opened};
use super::work::Work;
use super::{EraseError, Tombstones, sql};
use crate::connect::{Database, DatabaseError, Next};
use crate::graph::{Graph, Path, Reached, Subject};
use crate::objects::Pattern;
use returned::{Seen, Value};

pub use again::Replay;
pub use left_out::LeftOut;
pub use released::Released;

/// Erased people whom stores name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Visible {
    /// Their numbers.
    pub numbers: BTreeSet<String>,
    values: BTreeMap<ElementId, BTreeSet<String>>,
    /// How often, by store and by table or prefix.
    pub places: BTreeMap<(String, String), u64>,
    /// Numbers and values of which one record was made before the erasure and another after: nothing says whose the other rows are,
    /// so nothing is erased by them.
    pub contested: u64,
    /// Numbers and values that are on the list and are those of somebody who has come back since.
    pub returned: u64,
}

/// Where a value on the list was met.
struct Hit {
    /// When it was put on the list last, in any of the stores.
    at: Timestamp,
    /// Whether somebody has said that the person has come back.
    released: bool,
    places: BTreeMap<(String, String), u64>,
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
        self.numbers.len() + self.values.values().map(BTreeSet::len).sum::<usize>() + self.contested as usize
    }

    fn take(&mut self, (element, value): Value, hit: Hit, seen: Seen) {
        let has_returned = hit.released || seen.after && !seen.undated;
        if has_returned && !seen.before {
            self.returned += 1;
            return;
        }
        for (place, count) in hit.places {
            *self.places.entry(place).or_default() += count;
        }
        if seen.after {
            self.contested += 1;
        } else if element == Subject::number() {
            self.numbers.insert(value);
        } else {
            self.values.entry(element).or_default().insert(value);
        }
    }
}

/// Looks through stores for people who were erased. Who has come back since is none of them: whose own record was made later, or
/// of whom somebody has said so.
///
/// # Errors
/// [`EraseError`] when a store cannot be read: then nobody can say.
pub fn people_erased(stores: &mut [Opened], tombstones: &Tombstones, keys: &Keys) -> Result<Visible, EraseError> {
    let mut hits: BTreeMap<Value, Hit> = BTreeMap::new();
    for opened in stores.iter_mut() {
        met(opened, tombstones, keys, &mut hits)?;
    }
    let seen = returned::seen(stores, &hits)?;
    let mut visible = Visible::default();
    for (value, hit) in hits {
        let seen = seen.get(&value).copied().unwrap_or_default();
        visible.take(value, hit, seen);
    }
    Ok(visible)
}

/// Adds the values of a store that are on the list.
fn met(
    opened: &mut Opened,
    tombstones: &Tombstones,
    keys: &Keys,
    hits: &mut BTreeMap<Value, Hit>,
) -> Result<(), EraseError> {
    let (store, digests) = (opened.store.id.clone(), keys.tombstones());
    let mut meet = |place: &str, element: &ElementId, value: &str| {
        let Some(told) = tombstones.told(store.as_str(), element, value, &digests) else {
            return;
        };
        let hit = hits.entry((element.clone(), value.to_owned())).or_insert_with(|| Hit {
            at: told.at,
            released: true,
            places: BTreeMap::new(),
        });
        hit.at = hit.at.max(told.at);
        hit.released &= told.released;
        *hit.places.entry((store.to_string(), place.to_owned())).or_default() += 1;
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
    Ok(())
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
