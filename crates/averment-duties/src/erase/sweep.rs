//! The look afterwards: whether anything of erased people is found again.
//!
//! By keys, in every table; by what they are called, in every column that is mapped as personal and in every object, with the
//! detection room; and byte by byte in the files of SQLite. What is found is open, not done.

mod bytes;
mod text;

use averment_detect::Directory;
use averment_register::OnErase;
use averment_store::Keys;
use serde::{Deserialize, Serialize};

use super::EraseError;
use super::harvest::Known;
use super::sql;
use super::stores::{Kept, Opened};
use super::work::Work;
use crate::connect::{Database, DatabaseError};
use crate::graph::Graph;
use bytes::Needles;
use text::Looking;

/// What was found of erased people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Found {
    /// Table, `table.column`, prefix or kind of file; no value.
    pub place: String,
    /// Data element, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
    /// How many rows, objects or places.
    pub count: u64,
}

/// What a look at one store gave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swept {
    /// Which.
    pub store: String,
    /// Values and objects that were looked at.
    pub looked: u64,
    /// What is left.
    pub found: Vec<Found>,
    /// Values and objects that could not be read.
    pub unreadable: u64,
    /// Pictures of others, of which all but the pixels was read.
    #[serde(default)]
    pub pictures: u64,
    /// Of these, pictures of which the data map does not say whose they are: no part of the object's name does, as of a class photo.
    #[serde(default)]
    pub pictures_of_anybody: u64,
    /// Values in rows that are somebody else's, in columns that say what that person is known by: a name, or an address of a
    /// household, that both have.
    #[serde(default)]
    pub shared: u64,
}

pub(super) fn sweep(opened: &mut Opened, batches: &[Known], keys: &Keys) -> Result<Swept, EraseError> {
    let mut swept = Swept {
        store: opened.store.id.to_string(),
        ..Swept::default()
    };
    let rows = batches
        .iter()
        .flat_map(|known| known.rows(&keys.directory_key()))
        .collect();
    let directory = Directory::new(keys.directory_key(), rows, []);
    let store = opened.store.clone();
    match &mut opened.kept {
        Kept::Tables { database, graph } => {
            let failed = EraseError::database(&store.id);
            let work = Work::of(store.id.as_str(), graph, database.dialect());
            for known in batches {
                by_keys(database.as_mut(), graph, &work, known, &mut swept).map_err(&failed)?;
            }
            let path = opened.path.as_ref();
            let needles = path.map(|_| Needles::of(batches, &kept_elements(&work, graph)));
            let mut looking = Looking::new(&directory, needles);
            looking.tables(database.as_mut(), graph, &work).map_err(&failed)?;
            let needles = looking.end(&mut swept);
            if let Some((path, needles)) = path.zip(needles) {
                needles.search(path, &mut swept);
            }
        }
        Kept::Objects(objects) => {
            let mut looking = Looking::new(&directory, None);
            for map in store.tables.iter().filter(|map| map.is_personal()) {
                for known in batches {
                    let left = crate::objects::names_of(objects.as_mut(), map, &known.subject());
                    let left = left.map_err(EraseError::objects(&store.id))?.len() as u64;
                    swept.found(map.name(), None, if map.on_erase() == OnErase::Keep { 0 } else { left });
                }
                if map.on_erase() != OnErase::Keep {
                    looking
                        .objects(objects.as_mut(), map)
                        .map_err(EraseError::objects(&store.id))?;
                }
            }
            looking.end(&mut swept);
        }
    }
    swept.found.sort();
    Ok(swept)
}

impl Swept {
    fn found(&mut self, place: &str, element: Option<String>, count: u64) {
        if count == 0 {
            return;
        }
        let place = place.to_owned();
        let mut found = self.found.iter_mut();
        match found.find(|found| found.place == place && found.element == element) {
            Some(found) => found.count += count,
            None => self.found.push(Found { place, element, count }),
        }
    }
}

/// Rows that are still theirs, or name them.
fn by_keys(
    database: &mut dyn Database,
    graph: &Graph,
    work: &Work,
    known: &Known,
    swept: &mut Swept,
) -> Result<(), DatabaseError> {
    let (subject, dialect) = (known.subject(), database.dialect());
    for table in &work.tables {
        let reached = &graph.tables[table.index];
        // Where what leads to the person is to stay it is found, and that is what was planned.
        let stays = |change: &super::work::Change| {
            change.becomes.is_none()
                && reached
                    .own
                    .iter()
                    .any(|path| path.column.eq_ignore_ascii_case(&change.column.name))
        };
        let part = match table.goes {
            // Also rows that were to stay without the person.
            true => reached.is_of(&subject, dialect, &graph.schema, 1),
            false if table.changes.iter().any(stays) => None,
            // A column without a person's element that leads to them stays as it is.
            false => direct(reached).is_of(&subject, dialect, &graph.schema, 1),
        };
        if let Some(part) = part {
            let left = sql::count(database, &reached.table.name, &part)?;
            swept.looked += 1;
            swept.found(&reached.table.name, None, left);
        }
    }
    for other in work.others.iter().filter(|other| other.change.becomes.is_some()) {
        if let Some(part) = other.names(&subject, dialect, graph) {
            let left = sql::count(database, &other.reached.table.name, &part)?;
            let place = format!("{}.{}", other.reached.table.name, other.change.column.name);
            swept.looked += 1;
            swept.found(&place, None, left);
        }
    }
    Ok(())
}

/// The table with only those ways that its own columns are.
fn direct(reached: &crate::graph::Reached) -> crate::graph::Reached {
    let mut direct = reached.clone();
    direct.own.retain(|path| path.steps.is_empty());
    direct
}

/// Elements of columns that stay as they are: their values are found in files, and are to be.
fn kept_elements(work: &Work, graph: &Graph) -> Vec<averment_catalog::ElementId> {
    let mut kept = Vec::new();
    for table in &work.tables {
        let map = &graph.tables[table.index].map;
        for change in table.changes.iter().filter(|change| change.how == OnErase::Keep) {
            kept.extend(map.column(&change.column.name).and_then(|said| said.element.clone()));
        }
    }
    kept
}
