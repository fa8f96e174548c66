//! By which values people are known in the stores, read before anything goes.
//!
//! What other tables name people by (an e-mail address) is kept as it is, sealed, until the run is over; what is looked for
//! afterwards is kept as digests only.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::ElementId;
use averment_detect::normalise::{IdentifierKind, identifiers};
use averment_detect::{DirectoryKey, DirectoryRow, IdentifierDigest, PersonNumber};
use serde::{Deserialize, Serialize};

use super::asks::Names;
use super::stores::{Kept, Opened};
use super::{EraseError, sql};
use crate::connect::{Database, DatabaseError, Next};
use crate::graph::{Graph, Reached, Subject};
use crate::vendor::Hidden;

/// How often names lead to more names.
const ROUNDS: usize = 3;
/// Values in one statement.
const VALUES_MAX: usize = 500;
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

/// Which of the values that lead to people stand in rows of somebody whose number is not among `everybody`.
fn of_others(
    database: &mut dyn Database,
    graph: &Graph,
    known: &Known,
    everybody: &BTreeSet<String>,
) -> Result<BTreeSet<(ElementId, String)>, DatabaseError> {
    let (dialect, mut found) = (database.dialect(), BTreeSet::new());
    for reached in &graph.tables {
        let direct = reached.own.iter().filter(|path| path.steps.is_empty());
        let numbers: BTreeSet<&str> = direct
            .filter(|path| path.element == Subject::number())
            .map(|path| path.column.as_str())
            .collect();
        let mut written: Vec<String> = (numbers.iter())
            .filter_map(|name| reached.table.column(name))
            .map(|column| dialect.as_text(&dialect.name(&column.name), column))
            .collect();
        let count = written.len();
        for column in reached.table.columns.iter().filter(|_| count > 0) {
            let Some((element, values)) = named_by(reached, &column.name, known) else {
                continue;
            };
            let name = dialect.name(&column.name);
            written.truncate(count);
            written.push(dialect.as_text(&name, column));
            let select = sql::distinct(dialect, &written);
            for values in values.chunks(VALUES_MAX) {
                let from = dialect.table(&reached.table.name);
                let is_one = dialect.is_one_of(&name, column, 1, values.len());
                database.rows(&format!("{select} from {from} where {is_one}"), values, &mut |row| {
                    let whose: Vec<&String> = row[..count].iter().flatten().collect();
                    if let Some(value) = (row[count].as_ref())
                        .filter(|_| !whose.is_empty() && !whose.iter().any(|number| everybody.contains(*number)))
                    {
                        found.insert((element.clone(), value.clone()));
                    }
                    Ok(Next::Row)
                })?;
            }
        }
    }
    Ok(found)
}

/// The element of a column that says by what the person is known whose the row is, and the values of it that lead to people.
fn named_by<'a>(reached: &'a Reached, name: &str, known: &'a Known) -> Option<(&'a ElementId, Vec<&'a str>)> {
    if (reached.others.iter()).any(|path| path.column.eq_ignore_ascii_case(name)) {
        return None;
    }
    let element = reached.map.column(name)?.element.as_ref()?;
    let values = known.values.get(element)?;
    Some((element, values.iter().map(String::as_str).collect()))
}

/// Columns that tell by what people are known: of the tables that name them by their number, so that nobody else's values are
/// among them.
fn columns(reached: &Reached, linking: &BTreeSet<ElementId>) -> Vec<(String, ElementId)> {
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

impl Known {
    fn add(&mut self, element: &ElementId, value: &str, linking: &BTreeSet<ElementId>) {
        let is_shared = (self.shared.get(element)).is_some_and(|shared| shared.contains(value));
        if linking.contains(element) && !is_shared {
            self.values.entry(element.clone()).or_default().insert(value.to_owned());
        }
        if !kinds(element).is_empty() {
            self.looked_for
                .entry(element.clone())
                .or_default()
                .insert(value.to_owned());
        }
    }

    /// Takes a value, whatever its case, from those that lead to people.
    fn share(&mut self, element: &ElementId, value: &str) {
        let alike = |known: &str| known.trim().to_lowercase() == value.trim().to_lowercase();
        let Some(values) = self.values.get_mut(element) else {
            return;
        };
        let taken: Vec<String> = values.iter().filter(|known| alike(known)).cloned().collect();
        values.retain(|known| !alike(known));
        self.shared.entry(element.clone()).or_default().extend(taken);
    }

    fn full_name(&mut self, name: &str) {
        let element = IdentifierKind::FullName.element();
        self.looked_for.entry(element).or_default().insert(name.to_owned());
    }

    /// Adds values by which tables name them.
    pub(super) fn name(&mut self, element: &ElementId, values: &BTreeSet<String>) {
        self.values
            .entry(element.clone())
            .or_default()
            .extend(values.iter().cloned());
        if !kinds(element).is_empty() {
            self.looked_for
                .entry(element.clone())
                .or_default()
                .extend(values.iter().cloned());
        }
    }

    /// The people, by everything that tables name them by.
    pub(crate) fn subject(&self) -> Subject {
        let mut subject = Subject::of(self.numbers.iter().cloned());
        for (element, values) in &self.values {
            for value in values {
                subject.add(element.clone(), value.clone());
            }
        }
        subject
    }

    /// What they are called in the stores, and their numbers.
    pub(super) fn names(&self) -> Names {
        let numbers = std::iter::once((Subject::number(), self.numbers.clone()));
        let all = self.looked_for.clone().into_iter().chain(numbers);
        let mut names = Names::new();
        for (element, values) in all {
            names
                .entry(element)
                .or_default()
                .extend(values.into_iter().map(Hidden::new));
        }
        names
    }

    /// The same with what others have as well; none where there is no such value.
    pub(crate) fn or_others(&self) -> Option<Subject> {
        let mut subject = self.subject();
        for (element, values) in &self.shared {
            values
                .iter()
                .for_each(|value| subject.add(element.clone(), value.clone()));
        }
        (!self.shared.is_empty()).then_some(subject)
    }

    /// Each person alone, by number.
    pub(super) fn each(&self) -> impl Iterator<Item = (&str, Subject)> {
        self.numbers
            .iter()
            .map(|number| (number.as_str(), Subject::of([number.clone()])))
    }

    /// Values that can be searched for byte by byte: no names, which others have too, and none of the elements `kept`.
    pub(super) fn needles(&self, kept: &[ElementId]) -> Vec<Vec<u8>> {
        let named = |element: &ElementId| {
            let kinds = kinds(element);
            let of_many = [
                IdentifierKind::AccountId,
                IdentifierKind::FullName,
                IdentifierKind::GuardianName,
            ];
            !kinds.iter().any(|kind| of_many.contains(kind)) && !kept.contains(element)
        };
        let values = self.looked_for.iter().filter(|(element, _)| named(element));
        let values = values.flat_map(|(_, values)| values);
        values
            .filter(|value| value.len() > 5)
            .map(|value| value.clone().into_bytes())
            .collect()
    }

    /// Digests of what is looked for, under the directory's key.
    pub(super) fn rows(&self, key: &DirectoryKey) -> Vec<DirectoryRow> {
        let numbers = (Subject::number(), self.numbers.clone());
        let all = self
            .looked_for
            .iter()
            .map(|(element, values)| (element.clone(), values.clone()));
        let mut rows = Vec::new();
        for (element, values) in all.chain([numbers]) {
            for value in &values {
                for kind in kinds(&element) {
                    let kinds = std::iter::once(kind).chain(kind.derived());
                    let forms = kinds.flat_map(|kind| identifiers(kind, value).unwrap_or_default());
                    rows.extend(forms.map(|(form, normal)| row(key.digest(form, &normal), &element)));
                }
            }
        }
        rows
    }
}

fn row(digest: IdentifierDigest, element: &ElementId) -> DirectoryRow {
    DirectoryRow {
        digest,
        element: element.clone(),
        // Whose exactly does not matter: nothing of any of them is to be found.
        person: PersonNumber(1),
    }
}
