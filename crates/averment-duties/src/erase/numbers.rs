//! Whether what people are asked for by is what the stores call them by, byte for byte.
//!
//! A database takes ` 7` or `07` for the number 7, and by its collation `ab3` for `aB3`; holds, recipients and the list of who
//! was erased go by digests and do not. A number that nothing knows is no number of a person: erasing it proves nothing.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::ElementId;
use averment_register::StoreTable;

use super::harvest::VALUES_MAX;
use super::plan::PlanProblem;
use super::replay::end;
use super::stores::{Kept, Opened};
use super::{EraseError, sql};
use crate::connect::{Database, DatabaseError, Next};
use crate::graph::{Graph, Subject};
use crate::objects::{Pattern, element_of, names_of};

/// Other readings of names of objects, by what they would be, and how often in which store and prefix.
type Rivals = BTreeMap<(ElementId, String), BTreeMap<(String, String), u64>>;

/// What was met of people who are asked for, by counts.
#[derive(Default)]
pub(super) struct Numbers {
    /// Values that a database takes for theirs and that are written otherwise, by store and table.
    otherwise: BTreeMap<(String, String), u64>,
    /// Objects whose names can be read as those of other people, by store and prefix.
    of_two: BTreeMap<(String, String), u64>,
    /// Numbers that are in no table and in no name of an object.
    nowhere: u64,
}

impl Numbers {
    /// Looks for `subject`, some of `everybody` whose number is asked for.
    pub(super) fn look(
        &mut self,
        stores: &mut [Opened],
        subject: &Subject,
        everybody: &BTreeSet<String>,
    ) -> Result<(), EraseError> {
        let number = Subject::number();
        let mut missing: BTreeSet<String> = subject.values(&number).map(str::to_owned).collect();
        let mut rivals = Rivals::new();
        for opened in stores.iter_mut() {
            let id = opened.store.id.clone();
            match &mut opened.kept {
                Kept::Tables { database, graph } => {
                    let mut meet = |table: &str, element: &ElementId, value: &str| {
                        if *element == number {
                            missing.remove(value);
                        }
                        if !is_known(subject, element, value) {
                            let place = (id.to_string(), table.to_owned());
                            *self.otherwise.entry(place).or_default() += 1;
                        }
                    };
                    taken_for(database.as_mut(), graph, subject, &mut meet).map_err(EraseError::database(&id))?;
                }
                Kept::Objects(objects) => {
                    for map in opened.store.tables.iter().filter(|map| map.is_personal()) {
                        let Some((key, element)) = map.key.as_ref().zip(element_of(map)) else {
                            continue;
                        };
                        let names = names_of(objects.as_mut(), map, subject).map_err(EraseError::objects(&id))?;
                        let pattern = Pattern::of(map);
                        for value in names.iter().flat_map(|name| pattern.readings(key, name)) {
                            let is_own = match element == number {
                                true => missing.remove(value) || everybody.contains(value),
                                false => is_known(subject, &element, value),
                            };
                            if !is_own {
                                let places = rivals.entry((element.clone(), folded(&element, value))).or_default();
                                *places.entry((id.to_string(), map.name().to_owned())).or_default() += 1;
                            }
                        }
                    }
                }
            }
        }
        self.nowhere += missing.len() as u64;
        self.tell_apart(stores, &rivals)
    }

    /// Counts those other readings of names by which people are known.
    fn tell_apart(&mut self, stores: &mut [Opened], rivals: &Rivals) -> Result<(), EraseError> {
        let readings: BTreeSet<(ElementId, String)> = rivals.keys().cloned().collect();
        let mut people = BTreeSet::new();
        for opened in stores.iter_mut() {
            if let Kept::Tables { database, graph } = &mut opened.kept {
                let met = known_among(database.as_mut(), graph, &readings);
                people.extend(met.map_err(EraseError::database(&opened.store.id))?);
            }
        }
        for (place, count) in people.iter().filter_map(|value| rivals.get(value)).flatten() {
            *self.of_two.entry(place.clone()).or_default() += count;
        }
        Ok(())
    }

    /// What keeps people from being erased by what they are asked for by.
    pub(super) fn problems(&self, stores: &[Opened]) -> Vec<PlanProblem> {
        let problem = |(store, table): &(String, String), what: String| PlanProblem {
            store: store.clone(),
            table: table.clone(),
            what,
        };
        let otherwise = self.otherwise.iter().map(|(place, count)| {
            let what =
                format!("{count} values are taken for theirs and written otherwise: expected numbers as they stand");
            problem(place, what)
        });
        let of_two = self.of_two.iter().map(|(place, count)| {
            let what = format!("{count} names of objects can be read as those of somebody else, too");
            problem(place, what)
        });
        let nowhere = place_of_numbers(stores).filter(|_| self.nowhere > 0).map(|place| {
            let what = format!(
                "{} of the numbers are nowhere: expected numbers of people",
                self.nowhere
            );
            problem(&place, what)
        });
        otherwise.chain(of_two).chain(nowhere).collect()
    }
}

/// Which of these numbers no store knows as they are written: in no table and in no name of an object.
///
/// # Errors
/// [`EraseError`] when a store does not answer: then nobody can say.
pub fn unknown(stores: &mut [Opened], numbers: &BTreeSet<String>) -> Result<BTreeSet<String>, EraseError> {
    let mut missing = numbers.clone();
    for opened in stores.iter_mut() {
        let asked: Vec<String> = missing.iter().cloned().collect();
        for numbers in asked.chunks(VALUES_MAX) {
            met(opened, &Subject::of(numbers.iter().cloned()), &mut |number| {
                missing.remove(number);
            })?;
        }
    }
    Ok(missing)
}

/// The numbers that a store has where it is asked for those of `subject`.
fn met(opened: &mut Opened, subject: &Subject, meet: &mut dyn FnMut(&str)) -> Result<(), EraseError> {
    let id = opened.store.id.clone();
    match &mut opened.kept {
        Kept::Tables { database, graph } => {
            taken_for(database.as_mut(), graph, subject, &mut |_, _, value| meet(value))
                .map_err(EraseError::database(&id))
        }
        Kept::Objects(objects) => {
            let of_numbers = |map: &&StoreTable| element_of(map) == Some(Subject::number());
            for map in opened
                .store
                .tables
                .iter()
                .filter(|map| map.is_personal())
                .filter(of_numbers)
            {
                let names = names_of(objects.as_mut(), map, subject).map_err(EraseError::objects(&id))?;
                let (pattern, key) = (Pattern::of(map), map.key.as_deref().unwrap_or_default());
                let readings = names.iter().flat_map(|name| pattern.readings(key, name));
                readings.for_each(&mut *meet);
            }
            Ok(())
        }
    }
}

/// A value as it is compared: a number byte for byte, anything else whatever its case.
pub(crate) fn folded(element: &ElementId, value: &str) -> String {
    match *element == Subject::number() {
        true => value.to_owned(),
        false => value.trim().to_lowercase(),
    }
}

/// Which of these readings, [`folded`], are values by which a store knows people.
pub(crate) fn known_among(
    database: &mut dyn Database,
    graph: &Graph,
    readings: &BTreeSet<(ElementId, String)>,
) -> Result<BTreeSet<(ElementId, String)>, DatabaseError> {
    let mut found = BTreeSet::new();
    let elements: BTreeSet<&ElementId> = readings.iter().map(|(element, _)| element).collect();
    for element in elements {
        let mut meet = |value: &str| found.extend(readings.get(&(element.clone(), folded(element, value))).cloned());
        match *element == Subject::number() {
            true => graph.numbers(database, &mut meet)?,
            false => graph.values(database, element, &mut meet)?,
        }
    }
    Ok(found)
}

/// Whether a value is one of those that are asked for: a number byte for byte, anything else whatever its case.
pub(crate) fn is_known(subject: &Subject, element: &ElementId, value: &str) -> bool {
    let value = folded(element, value);
    subject.values(element).any(|known| folded(element, known) == value)
}

/// The values that the database finds where it is asked for those of `subject`.
fn taken_for(
    database: &mut dyn Database,
    graph: &Graph,
    subject: &Subject,
    meet: &mut dyn FnMut(&str, &ElementId, &str),
) -> Result<(), DatabaseError> {
    let dialect = database.dialect();
    let mut ends = BTreeSet::new();
    for reached in &graph.tables {
        ends.extend(reached.own.iter().chain(&reached.others).map(|path| end(reached, path)));
    }
    for (table, name, element) in &ends {
        let values: Vec<&str> = subject.values(element).collect();
        let column = graph.schema.table(table).and_then(|table| table.column(name));
        let Some(column) = column.filter(|_| !values.is_empty()) else {
            continue;
        };
        let name = dialect.name(&column.name);
        let select = sql::distinct(dialect, &[dialect.as_text(&name, column)]);
        let is_one = dialect.is_one_of(&name, column, 1, values.len());
        let statement = format!("{select} from {} where {is_one}", dialect.table(table));
        database.rows(&statement, &values, &mut |row| {
            if let Some(Some(value)) = row.first() {
                meet(table, element, value);
            }
            Ok(Next::Row)
        })?;
    }
    Ok(())
}

/// Where numbers of people are expected first of all.
fn place_of_numbers(stores: &[Opened]) -> Option<(String, String)> {
    let table = stores.iter().find_map(|opened| match &opened.kept {
        Kept::Tables { graph, .. } => {
            let reached = graph.tables.iter().find(|reached| reached.is_of_numbers())?;
            Some((opened.store.id.to_string(), reached.table.name.clone()))
        }
        Kept::Objects(_) => None,
    });
    table.or_else(|| {
        stores
            .first()
            .map(|opened| (opened.store.id.to_string(), "*".to_owned()))
    })
}
