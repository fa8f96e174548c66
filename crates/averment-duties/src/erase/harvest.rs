//! By which values people are known in the stores, read before anything goes.
//!
//! What other tables name people by (an e-mail address) is kept as it is, sealed, until the run is over; what is looked for
//! afterwards is kept as digests only.

mod bearers;
mod known;

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::ElementId;
use averment_detect::normalise::IdentifierKind;
use serde::{Deserialize, Serialize};

use super::stores::{Kept, Opened};
use super::{EraseError, sql};
use crate::connect::{Database, DatabaseError, Next};
use crate::graph::{Graph, Reached, Subject};
pub(super) use bearers::bearers;
use bearers::of_others;

/// How often names lead to more names.
const ROUNDS: usize = 3;
/// Values in one statement.
pub(super) const VALUES_MAX: usize = 500;
/// Longest value that is taken for a name of somebody.
const VALUE_BYTES_MAX: usize = 400;

/// Elements that together are a full name.
const FIRST_NAME: &str = "identity.name.first";
const LAST_NAME: &str = "identity.name.last";

/// What people are known by.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    /// Their numbers at the platform.
    pub(super) numbers: BTreeSet<String>,
    /// Values that tables name them by, besides.
    pub(super) values: BTreeMap<ElementId, BTreeSet<String>>,
    /// Values of theirs that others have as well, so that a row that holds one may be somebody else's: they lead nowhere.
    #[serde(default)]
    shared: BTreeMap<ElementId, BTreeSet<String>>,
    /// Values that are looked for afterwards.
    looked_for: BTreeMap<ElementId, BTreeSet<String>>,
    /// Numbers of others who have one of the values: whoever asks for holds asks about them, too.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) concerned: BTreeSet<String>,
    /// How many of the values stand beside nobody's number.
    #[serde(default)]
    pub(super) untied: u64,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Known(<{} people>)", self.numbers.len())
    }
}

/// Reads what the people with these numbers are known by, some of `everybody` who is erased.
pub(crate) fn harvest(
    stores: &mut [Opened],
    numbers: &BTreeSet<String>,
    everybody: &BTreeSet<String>,
) -> Result<Known, EraseError> {
    let linking = linking(stores);
    let mut known = Known {
        numbers: numbers.clone(),
        ..Known::default()
    };
    for _ in 0..ROUNDS {
        let (before, subject) = (known.clone(), known.subject());
        for opened in stores.iter_mut() {
            if let Kept::Tables { database, graph } = &mut opened.kept {
                read(database.as_mut(), graph, &subject, &linking, &mut known)
                    .map_err(EraseError::database(&opened.store.id))?;
            }
        }
        for opened in stores.iter_mut() {
            if let Kept::Tables { database, graph } = &mut opened.kept {
                let others = of_others(database.as_mut(), graph, &known, everybody)
                    .map_err(EraseError::database(&opened.store.id))?;
                others.iter().for_each(|(element, value)| known.share(element, value));
            }
        }
        if known.values == before.values {
            break;
        }
    }
    Ok(known)
}

/// Elements of people that tables tell which are found by their numbers: who has none of such an element has none.
pub(crate) fn told(stores: &[Opened]) -> BTreeSet<ElementId> {
    let linking = linking(stores);
    let mut told = BTreeSet::new();
    for opened in stores {
        if let Kept::Tables { graph, .. } = &opened.kept {
            let tables = graph.tables.iter().filter(|reached| reached.is_of_numbers());
            told.extend(
                tables
                    .flat_map(|reached| columns(reached, &linking))
                    .map(|(_, element)| element),
            );
        }
    }
    told
}

/// Elements by which tables or objects name people, besides their numbers.
fn linking(stores: &[Opened]) -> BTreeSet<ElementId> {
    let mut found = BTreeSet::new();
    for opened in stores {
        match &opened.kept {
            Kept::Tables { graph, .. } => {
                let paths = graph
                    .tables
                    .iter()
                    .flat_map(|table| table.own.iter().chain(&table.others));
                found.extend(paths.map(|path| path.element.clone()));
            }
            Kept::Objects(_) => found.extend(opened.store.tables.iter().filter_map(crate::objects::element_of)),
        }
    }
    found.remove(&Subject::number());
    found
}

fn read(
    database: &mut dyn Database,
    graph: &Graph,
    subject: &Subject,
    linking: &BTreeSet<ElementId>,
    known: &mut Known,
) -> Result<(), DatabaseError> {
    let dialect = database.dialect();
    for reached in &graph.tables {
        let columns = columns(reached, linking);
        let Some(part) = reached
            .is_of(subject, dialect, &graph.schema, 1)
            .filter(|_| !columns.is_empty())
        else {
            continue;
        };
        let written: Vec<String> = columns
            .iter()
            .filter_map(|(name, _)| reached.table.column(name))
            .map(|column| dialect.as_text(&dialect.name(&column.name), column))
            .collect();
        let from = dialect.table(&reached.table.name);
        let sql = format!("{} from {from} where {}", sql::distinct(dialect, &written), part.sql);
        database.rows(&sql, &part.parameters(), &mut |row| {
            for ((_, element), value) in columns.iter().zip(row) {
                let value = value.as_deref().map(str::trim).unwrap_or_default();
                if !value.is_empty() && value.len() <= VALUE_BYTES_MAX {
                    known.add(element, value, linking);
                }
            }
            let part = |name: &str| {
                let place = columns.iter().position(|(_, element)| element.as_str() == name);
                place.and_then(|place| row.get(place)?.as_deref())
            };
            if let (Some(first), Some(last)) = (part(FIRST_NAME), part(LAST_NAME)) {
                known.full_name(&format!("{} {}", first.trim(), last.trim()));
            }
            Ok(Next::Row)
        })?;
    }
    Ok(())
}

/// Columns that tell by what people are known: of the tables that name them by their number, so that nobody else's values are
/// among them.
pub(super) fn columns(reached: &Reached, linking: &BTreeSet<ElementId>) -> Vec<(String, ElementId)> {
    if reached.map.key.is_none() {
        return Vec::new();
    }
    let named = |name: &str| reached.others.iter().any(|path| path.column.eq_ignore_ascii_case(name));
    let mut found = Vec::new();
    for column in reached.table.columns.iter().filter(|column| !named(&column.name)) {
        let element = reached.map.column(&column.name).and_then(|said| said.element.clone());
        let wanted = |element: &ElementId| {
            let half = [FIRST_NAME, LAST_NAME].contains(&element.as_str());
            linking.contains(element) || half || !kinds(element).is_empty()
        };
        if let Some(element) = element.filter(|element| wanted(element)) {
            found.push((column.name.clone(), element));
        }
    }
    found
}

/// The kinds of identifiers that a value of an element is looked for as.
fn kinds(element: &ElementId) -> Vec<IdentifierKind> {
    IdentifierKind::ALL
        .into_iter()
        .filter(|kind| kind.element() == *element)
        .collect()
}
