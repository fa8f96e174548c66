//! What left about one person.

use std::collections::HashMap;

use averment_detect::PersonNumber;
use averment_ledger::FindingEntry;
use jiff::Timestamp;
use rusqlite::{CachedStatement, Connection, Row, params};

use super::{Entered, Index, IndexError, Kind};
use crate::People;
use crate::person::{Corrected, Fate, PersonEntry, PersonError};

/// Shapes kept in memory while rows are read.
const SHAPES_MAX: usize = 50_000;

/// The findings about one person, in the order of the ledger.
const ABOUT: &str = "
    select m.entry, m.at, c.text, m.id, r.text, h.text, m.fate, m.part_of, m.entered, m.void, m.kind, f.shape, f.count
    from finding f indexed by finding_person
    join message m on m.entry = f.entry
    join word c on c.id = m.charter
    left join word r on r.id = m.recipient
    left join word h on h.id = m.host
    where f.person = ?1
    order by f.entry, f.slot";

impl Index {
    /// Every message about the person with the platform's `id`, in the order of the ledger, as of the last
    /// [`Index::follow`].
    ///
    /// # Errors
    /// [`PersonError`].
    pub fn person(&self, people: &People, id: &str) -> Result<Vec<PersonEntry>, PersonError> {
        let person = people.find(id)?.ok_or(PersonError::Unknown)?;
        if !people.has_key(person)? {
            return Err(PersonError::Forgotten);
        }
        Ok(self.about(person)?)
    }

    fn about(&self, person: PersonNumber) -> Result<Vec<PersonEntry>, IndexError> {
        let mut shapes = Shapes::new(&self.connection)?;
        let mut about = self.connection.prepare_cached(ABOUT)?;
        let mut rows = about.query([person.0])?;
        let mut found: Vec<PersonEntry> = Vec::new();
        while let Some(row) = rows.next()? {
            let finding = FindingEntry {
                count: row.get(12)?,
                ..shapes.get(row.get(11)?)?.clone()
            };
            let entry: u64 = row.get(0)?;
            match found.last_mut().filter(|last| last.index == entry) {
                Some(last) => last.findings.push(finding),
                None => found.push(entry_of(row, finding)?),
            }
        }
        self.correct(&mut found)?;
        Ok(found)
    }

    fn correct(&self, entries: &mut [PersonEntry]) -> Result<(), IndexError> {
        let sql = "select by_entry, at, because from correction where entry = ?1 order by by_entry";
        let mut corrections = self.connection.prepare_cached(sql)?;
        for entry in entries {
            let rows = corrections.query_map([entry.index], |row| {
                Ok(Corrected {
                    by_entry: row.get(0)?,
                    at: row.get(1)?,
                    because: row.get(2)?,
                })
            })?;
            entry.corrections = rows.collect::<Result<_, _>>()?;
        }
        Ok(())
    }
}

fn entry_of(row: &Row<'_>, finding: FindingEntry) -> Result<PersonEntry, IndexError> {
    let entered: Option<String> = row.get(8)?;
    let entered = entered.map(|json| serde_json::from_str::<Entered>(&json)).transpose();
    let entered = entered.map_err(|_| IndexError::Damaged {
        what: "what was entered is no JSON",
    })?;
    debug_assert_eq!(entered.is_some(), row.get::<_, u8>(10)? == Kind::Entered as u8);
    Ok(PersonEntry {
        index: row.get(0)?,
        at: time(row.get(1)?)?,
        charter: row.get(2)?,
        id: row.get(3)?,
        recipient: row.get(4)?,
        host: row.get(5)?,
        fate: fate(row.get(6)?)?,
        findings: vec![finding],
        part_of: row.get(7)?,
        entered,
        corrections: Vec::new(),
        void: row.get(9)?,
    })
}

/// A time as entries have it.
pub(super) fn time(micros: i64) -> Result<String, IndexError> {
    let time = Timestamp::from_microsecond(micros);
    let time = time.map_err(|_| IndexError::Damaged { what: "a time" })?;
    Ok(format!("{time:.6}"))
}

pub(super) fn fate(number: u8) -> Result<Fate, IndexError> {
    Fate::of_number(number).ok_or(IndexError::Damaged { what: "a fate" })
}

/// Findings without person and count, by number.
pub(super) struct Shapes<'a> {
    find: CachedStatement<'a>,
    known: HashMap<i64, FindingEntry>,
}

impl<'a> Shapes<'a> {
    pub(super) fn new(connection: &'a Connection) -> Result<Self, IndexError> {
        let find = connection.prepare_cached("select json from shape where id = ?1")?;
        let known = HashMap::new();
        Ok(Self { find, known })
    }

    pub(super) fn get(&mut self, number: i64) -> Result<&FindingEntry, IndexError> {
        if self.known.len() >= SHAPES_MAX && !self.known.contains_key(&number) {
            self.known.clear();
        }
        match self.known.entry(number) {
            std::collections::hash_map::Entry::Occupied(known) => Ok(known.into_mut()),
            std::collections::hash_map::Entry::Vacant(vacant) => {
                let json: String = self.find.query_row(params![number], |row| row.get(0))?;
                let shape = serde_json::from_str(&json);
                let shape = shape.map_err(|_| IndexError::Damaged {
                    what: "a finding is no JSON",
                })?;
                Ok(vacant.insert(shape))
            }
        }
    }
}
