//! Who is meant by a reference: for everybody with a key the next reference is known, and looked up.
//!
//! One HMAC when a person was named, one per person when a run begins. Of people whose key is gone nothing is known.

use std::collections::{HashMap, HashSet};

use averment_detect::PersonNumber;
use averment_ledger::{Base64, Reference};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::IndexError;
use crate::people::KeySeal;
use crate::{People, PersonKey};

/// Everybody who can be named.
pub(super) struct Names {
    run: Option<Base64<16>>,
    /// Counts the runs, so that counts of an earlier one need not be set back.
    run_number: i64,
    known: HashMap<PersonNumber, Known>,
    next: HashMap<Reference, PersonNumber>,
    changed: HashSet<PersonNumber>,
    /// Version of the directory that `known` is of.
    version: u64,
    /// References that are nobody's since this was made.
    pub(super) unresolved: u64,
}

struct Known {
    key: PersonKey,
    seal: KeySeal,
    count: u64,
}

impl Names {
    /// Where the index stands.
    pub(super) fn load(connection: &Connection, people: &People) -> Result<Self, IndexError> {
        let sql = "select run, run_number from state";
        let (run, run_number) = connection.query_row(sql, [], |row| {
            Ok((row.get::<_, Option<[u8; 16]>>(0)?.map(Base64), row.get(1)?))
        })?;
        let mut names = Self {
            run,
            run_number,
            known: HashMap::new(),
            next: HashMap::new(),
            changed: HashSet::new(),
            version: 0,
            unresolved: 0,
        };
        names.refresh(connection, people)?;
        Ok(names)
    }

    /// Takes in who was loaded since. To be called after entries were read and before they are taken: whoever is named in
    /// them was in the directory before.
    pub(super) fn refresh(&mut self, connection: &Connection, people: &People) -> Result<(), IndexError> {
        let version = people.version()?;
        if version == self.version && !self.known.is_empty() {
            return Ok(());
        }
        let mut new = Vec::new();
        people.each_key(|person, seal, key| {
            if self.known.get(&person).is_none_or(|known| known.seal != seal) {
                new.push((person, Known { key, seal, count: 0 }));
            }
        })?;
        let mut counts =
            connection.prepare("select count from named where person = ?1 and run_number = ?2 and seal = ?3")?;
        for (person, mut known) in new {
            let count = counts.query_row(params![person.0, self.run_number, known.seal], |row| row.get(0));
            known.count = count.optional()?.unwrap_or(0);
            let next = self.run.map(|run| (run, known.key.reference(&run, known.count)));
            let before = self.known.insert(person, known);
            if let Some((run, next)) = next {
                // Who was forgotten and is back has another key; nothing of the one before is theirs any more.
                if let Some(before) = before {
                    self.next.remove(&before.key.reference(&run, before.count));
                }
                self.next.insert(next, person);
            }
        }
        self.version = version;
        Ok(())
    }

    /// All references are counted anew.
    pub(super) fn begin(&mut self, run: Base64<16>) {
        self.run_number += 1;
        self.changed.clear();
        self.next.clear();
        for (person, known) in &mut self.known {
            known.count = 0;
            self.next.insert(known.key.reference(&run, 0), *person);
        }
        self.run = Some(run);
    }

    /// Whose the reference is; theirs is then the next.
    pub(super) fn step(&mut self, reference: &Reference) -> Option<PersonNumber> {
        let found = self.run.zip(self.next.remove(reference));
        let Some((run, person)) = found else {
            self.unresolved += 1;
            return None;
        };
        if let Some(known) = self.known.get_mut(&person) {
            known.count += 1;
            self.next.insert(known.key.reference(&run, known.count), person);
        }
        self.changed.insert(person);
        Some(person)
    }

    /// The school that stands sealed beside the reference to this person.
    pub(super) fn school(&self, person: PersonNumber, reference: &Reference, sealed: &str) -> Option<String> {
        self.known.get(&person)?.key.open_school(reference, sealed)
    }

    /// Keeps where everybody's count stands.
    pub(super) fn save(&mut self, transaction: &Transaction<'_>) -> Result<(), IndexError> {
        let mut put = transaction.prepare_cached(
            "insert into named values (?1, ?2, ?3, ?4)
             on conflict (person) do update set seal = ?2, run_number = ?3, count = ?4",
        )?;
        for person in self.changed.drain() {
            if let Some(known) = self.known.get(&person) {
                put.execute(params![person.0, known.seal, self.run_number, known.count])?;
            }
        }
        let run = self.run.map(|run| run.0);
        let sql = "update state set run = ?1, run_number = ?2, unresolved = unresolved + ?3";
        transaction.execute(sql, params![run, self.run_number, self.unresolved])?;
        self.unresolved = 0;
        Ok(())
    }
}

/// Unlinks everybody whose key is gone or another one from everything about them, and from their schools. Gives how many.
pub(super) fn forget(connection: &mut Connection, people: &People) -> Result<u64, IndexError> {
    let seals = people.seals()?;
    let gone: Vec<u32> = {
        let mut named = connection.prepare("select person, seal from named")?;
        let rows = named.query_map([], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, KeySeal>(1)?)))?;
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let is_gone = |(person, seal): &(u32, KeySeal)| seals.get(&PersonNumber(*person)) != Some(seal);
        rows.into_iter().filter(is_gone).map(|(person, _)| person).collect()
    };
    if gone.is_empty() {
        return Ok(0);
    }
    let transaction = connection.transaction()?;
    {
        let mut schools = transaction.prepare(
            "select distinct f.school, m.at, f.entry from finding f join message m on m.entry = f.entry
             where f.person = ?1 and f.school is not null",
        )?;
        let mut unlink = transaction.prepare("update finding set person = null, school = null where person = ?1")?;
        let mut remove = transaction.prepare("delete from named where person = ?1")?;
        let mut leave = transaction.prepare(
            "delete from school_at where school = ?1 and at = ?2 and entry = ?3 and clear = 0
             and not exists (select 1 from finding where entry = ?3 and school = ?1)",
        )?;
        for person in &gone {
            let rows = schools.query_map([person], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let left: Vec<(i64, i64, u64)> = rows.collect::<Result<_, _>>()?;
            unlink.execute([person])?;
            remove.execute([person])?;
            for (school, at, entry) in left {
                leave.execute(params![school, at, entry])?;
            }
        }
    }
    transaction.commit()?;
    // What was overwritten stands in the write-ahead log until that is emptied.
    connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
    Ok(gone.len() as u64)
}
