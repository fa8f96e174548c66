//! Values and objects, looked at with the detection room.
//!
//! Many short values are looked at together, each on lines of its own; where something is found each is looked at alone.

use std::collections::{BTreeMap, BTreeSet};

use averment_detect::{Directory, Finding, Inspection, Limits, Message, Whose, inspect};
use averment_register::{OnErase, StoreTable};

use super::Swept;
use super::bytes::Needles;
use crate::connect::{Column, Database, DatabaseError, Next, Text};
use crate::erase::work::Work;
use crate::graph::{Graph, Reached};
use crate::objects::{ObjectError, Objects, Pattern};
use crate::picture::all_but_pixels_read;

/// Bytes that are looked at together.
const TOGETHER_BYTES: usize = 1 << 17;
/// What stands between two values, so that no name begins in one and ends in the next.
const BETWEEN: &str = "\n.\n";

pub(super) struct Looking<'a> {
    directory: &'a Directory,
    limits: Limits,
    together: String,
    /// Place and end of each value in `together`, and whether it is in a row of somebody else.
    places: Vec<(usize, usize, bool)>,
    names: Vec<String>,
    found: BTreeMap<(usize, String), u64>,
    looked: u64,
    unreadable: u64,
    pictures: u64,
    pictures_of_anybody: u64,
    shared: u64,
    needles: Option<Needles>,
}

impl<'a> Looking<'a> {
    pub(super) fn new(directory: &'a Directory, needles: Option<Needles>) -> Self {
        Self {
            directory,
            limits: Limits::default(),
            together: String::new(),
            places: Vec::new(),
            names: Vec::new(),
            found: BTreeMap::new(),
            looked: 0,
            unreadable: 0,
            pictures: 0,
            pictures_of_anybody: 0,
            shared: 0,
            needles,
        }
    }

    /// Looks at what is left to look at, and gives back what is searched for in files.
    pub(super) fn end(mut self, swept: &mut Swept) -> Option<Needles> {
        self.look();
        swept.looked += self.looked;
        swept.unreadable += self.unreadable;
        swept.pictures += self.pictures;
        swept.pictures_of_anybody += self.pictures_of_anybody;
        for ((place, element), count) in &self.found {
            swept.found(&self.names[*place], Some(element.clone()), *count);
        }
        swept.shared += self.shared;
        self.needles
    }

    fn name(&mut self, name: String) -> usize {
        self.names.push(name);
        self.names.len() - 1
    }

    /// Every personal column of every table that is mapped.
    pub(super) fn tables(
        &mut self,
        database: &mut dyn Database,
        graph: &Graph,
        work: &Work,
    ) -> Result<(), DatabaseError> {
        for table in &work.tables {
            let reached = &graph.tables[table.index];
            let stays = |name: &str| {
                let changes = table.changes.iter().chain(
                    work.others
                        .iter()
                        .filter(|other| other.reached.table.name == reached.table.name)
                        .map(|other| &other.change),
                );
                let mut kept = changes.filter(|change| change.how == OnErase::Keep);
                kept.any(|change| change.column.name == name)
            };
            let columns: Vec<&Column> = reached
                .table
                .columns
                .iter()
                .filter(|column| is_text(reached, column))
                .collect();
            let columns: Vec<&Column> = columns.into_iter().filter(|column| !stays(&column.name)).collect();
            self.table(database, reached, &columns)?;
        }
        Ok(())
    }

    fn table(
        &mut self,
        database: &mut dyn Database,
        reached: &Reached,
        columns: &[&Column],
    ) -> Result<(), DatabaseError> {
        if columns.is_empty() {
            return Ok(());
        }
        let dialect = database.dialect();
        let mut written: Vec<String> = columns
            .iter()
            .map(|column| dialect.as_text(&dialect.name(&column.name), column))
            .collect();
        let person = reached.person_column().and_then(|name| reached.table.column(name));
        written.extend(person.map(|column| dialect.as_text(&dialect.name(&column.name), column)));
        let places: Vec<(usize, bool, bool)> = columns
            .iter()
            .map(|column| {
                let said = reached.map.column(&column.name);
                let is_element = said.is_some_and(|said| said.element.is_some() && said.holds.is_none());
                let place = self.name(format!("{}.{}", reached.table.name, column.name));
                (place, is_element, column.is_bytes())
            })
            .collect();
        let sql = format!(
            "select {} from {}",
            written.join(", "),
            dialect.table(&reached.table.name)
        );
        database.rows(&sql, &[], &mut |row: &[Text]| {
            let of_somebody = person.is_some() && row.last().is_some_and(Option::is_some);
            for ((place, is_element, is_bytes), value) in places.iter().zip(row) {
                if let Some(value) = value {
                    self.value(*place, value, *is_bytes, *is_element && of_somebody);
                }
            }
            Ok(Next::Row)
        })
    }

    /// Objects of a row of the data map, every version of each.
    pub(super) fn objects(&mut self, objects: &mut dyn Objects, map: &StoreTable) -> Result<(), ObjectError> {
        let place = self.name(map.name().to_owned());
        let pattern = Pattern::of(map);
        let versions = objects.versions(pattern.beginning())?;
        for (at, one) in versions.iter().enumerate() {
            if at == 0 || versions[at - 1].name != one.name {
                self.value(place, &one.name, false, false);
            }
            if one.is_removal {
                continue;
            }
            let says_whose = map
                .key
                .as_ref()
                .is_some_and(|key| !pattern.readings(key, &one.name).is_empty());
            match objects.get_version(one) {
                Ok(Some(bytes)) => self.object(place, &bytes, says_whose),
                Ok(None) => {}
                Err(_) => self.unreadable += 1,
            }
        }
        Ok(())
    }

    fn value(&mut self, place: usize, value: &str, is_bytes: bool, of_somebody: bool) {
        if is_bytes {
            let bytes = bytes_of(value);
            return self.alone(place, &bytes, "", of_somebody);
        }
        if value.starts_with(['{', '[']) {
            return self.alone(place, value.as_bytes(), "application/json", of_somebody);
        }
        if value.len() > TOGETHER_BYTES {
            return self.alone(place, value.as_bytes(), "text/plain", of_somebody);
        }
        if self.together.len() + value.len() > TOGETHER_BYTES {
            self.look();
        }
        self.together.push_str(value);
        self.places.push((place, self.together.len(), of_somebody));
        self.together.push_str(BETWEEN);
    }

    fn look(&mut self) {
        let together = std::mem::take(&mut self.together);
        let places = std::mem::take(&mut self.places);
        self.looked += places.len() as u64;
        if let Some(needles) = &mut self.needles {
            needles.see(together.as_bytes());
        }
        if places.is_empty() {
            return;
        }
        let whole = self.inspect(together.as_bytes(), "text/plain");
        if whole.unreadable.is_empty() && !whole.findings.iter().any(is_theirs) {
            return;
        }
        let mut start = 0;
        for (place, end, of_somebody) in places {
            let one = self.inspect(&together.as_bytes()[start..end], "text/plain");
            self.unreadable += u64::from(!one.unreadable.is_empty());
            self.note(place, &one.findings, of_somebody);
            start = end + BETWEEN.len();
        }
    }

    fn alone(&mut self, place: usize, bytes: &[u8], kind: &str, of_somebody: bool) {
        let inspection = self.inspect(bytes, kind);
        self.unreadable += u64::from(!inspection.unreadable.is_empty());
        self.seen(place, bytes, &inspection.findings, of_somebody);
    }

    fn seen(&mut self, place: usize, bytes: &[u8], found: &[Finding], of_somebody: bool) {
        self.looked += 1;
        if let Some(needles) = &mut self.needles {
            needles.see(bytes);
        }
        self.note(place, found, of_somebody);
    }

    /// What a picture shows nobody can compare with a name: it is counted apart. `says_whose`: the data map stands for the pixels, they
    /// are of whom the object's name says.
    fn object(&mut self, place: usize, bytes: &[u8], says_whose: bool) {
        let inspection = self.inspect(bytes, "");
        match all_but_pixels_read(&inspection, bytes) {
            true => {
                self.pictures += 1;
                self.pictures_of_anybody += u64::from(!says_whose);
            }
            false => self.unreadable += u64::from(!inspection.unreadable.is_empty()),
        }
        self.seen(place, bytes, &inspection.findings, false);
    }

    fn inspect(&self, body: &[u8], kind: &str) -> Inspection {
        let headers: &[(&str, &[u8])] = &[("content-type", kind.as_bytes())];
        let message = Message {
            authority: "",
            target: "/",
            headers: if kind.is_empty() { &[] } else { headers },
            body,
        };
        inspect(&message, self.directory, &self.limits)
    }

    /// Counts a place once for each element. What says in a row that is somebody else's by what they are known is theirs, too:
    /// two people have one name, a household one telephone.
    fn note(&mut self, place: usize, found: &[Finding], of_somebody: bool) {
        let theirs = found.iter().filter(|finding| is_theirs(finding));
        let elements: BTreeSet<String> = theirs.map(|finding| finding.element.to_string()).collect();
        if of_somebody {
            self.shared += u64::from(!elements.is_empty());
            return;
        }
        for element in elements {
            *self.found.entry((place, element)).or_default() += 1;
        }
    }
}

fn is_theirs(finding: &Finding) -> bool {
    matches!(finding.whose, Whose::Person { .. })
}

/// Whether a column is personal and holds texts or bytes.
fn is_text(reached: &Reached, column: &Column) -> bool {
    let kind = column.kind.to_ascii_lowercase();
    let moment = ["date", "time", "bool", "interval", "year"]
        .iter()
        .any(|word| kind.starts_with(word));
    reached.map.column(&column.name).is_some_and(|said| said.is_personal()) && !column.is_number() && !moment
}

fn bytes_of(digits: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or_default() as u8;
    digits
        .as_bytes()
        .chunks_exact(2)
        .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
        .collect()
}

#[cfg(test)]
mod tests;
