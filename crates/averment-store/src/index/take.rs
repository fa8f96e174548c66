//! From entries to rows: some entries of the log at a time, in one transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use averment_detect::PersonNumber;
use averment_ledger::{
    Correction, Deed, Entry, FindingEntry, ManualDisclosure, Message, NamedPerson, Outcome, Reference,
};
use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::names::Names;
use super::words::Texts;
use super::{Entered, IndexError, Kind};
use crate::person::{Fate, fate_of};

/// Whom the references of one entry name, and of which school they were then.
type Named = HashMap<Reference, (Option<PersonNumber>, Option<i64>)>;

/// What outlives a transaction.
pub(super) struct Taker {
    pub(super) names: Names,
    words: Texts,
    schools: Texts,
    shapes: Texts,
}

/// What one transaction is about to put.
#[derive(Default)]
struct Rows {
    messages: Vec<MessageRow>,
    /// Position in `messages` of intents without outcome.
    pending: HashMap<String, usize>,
}

struct MessageRow {
    entry: u64,
    at: i64,
    kind: Kind,
    id: String,
    recipient: Option<i64>,
    host: Option<i64>,
    charter: i64,
    action: i64,
    fate: Fate,
    part_of: Option<String>,
    entered: Option<String>,
    void: bool,
    findings: Vec<FindingRow>,
}

struct FindingRow {
    person: Option<PersonNumber>,
    /// Theirs when the message was decided.
    school: Option<i64>,
    /// The one whose variant the entry names.
    clear_school: Option<i64>,
    element: i64,
    shape: i64,
    count: u32,
}

impl Taker {
    pub(super) fn new(names: Names) -> Self {
        Self {
            names,
            words: Texts::words(),
            schools: Texts::schools(),
            shapes: Texts::shapes(),
        }
    }

    /// Puts what `entries` say.
    pub(super) fn take(&mut self, transaction: &Transaction<'_>, entries: Vec<(u64, Entry)>) -> Result<(), IndexError> {
        let mut rows = Rows::default();
        for (index, entry) in entries {
            self.take_one(transaction, &mut rows, index, entry)?;
        }
        rows.put(transaction)?;
        self.names.save(transaction)
    }

    fn take_one(
        &mut self,
        transaction: &Transaction<'_>,
        rows: &mut Rows,
        index: u64,
        entry: Entry,
    ) -> Result<(), IndexError> {
        let Entry { at, charter, deed, .. } = entry;
        match deed {
            Deed::Run(run) => self.names.begin(run.run),
            Deed::Intent(message) => {
                let id = message.id.clone();
                let row = self.message(transaction, (index, &at, &charter), message, Fate::MayHaveLeft)?;
                rows.pending.insert(id, rows.messages.len());
                rows.messages.push(row);
            }
            Deed::Refusal(message) => {
                let row = self.message(transaction, (index, &at, &charter), message, Fate::Refused)?;
                rows.messages.push(row);
            }
            Deed::Manual(manual) => {
                let row = self.manual(transaction, (index, &at, &charter), manual)?;
                rows.messages.push(row);
            }
            Deed::Outcome(outcome) => rows.settle(transaction, &outcome)?,
            Deed::Correction(correction) => rows.correct(transaction, index, &at, &correction)?,
            Deed::Consent(change) => self.pass_over(change.person.as_ref()),
            Deed::Export(export) => self.pass_over(export.person.as_ref()),
            Deed::RequestChange(change) => self.pass_over(change.person.as_ref()),
            _ => {}
        }
        Ok(())
    }

    /// A reference in an entry that is no disclosure counts all the same.
    fn pass_over(&mut self, reference: Option<&Reference>) {
        if let Some(reference) = reference {
            self.names.step(reference);
        }
    }

    fn message(
        &mut self,
        transaction: &Transaction<'_>,
        (entry, at, charter): (u64, &str, &str),
        message: Message,
        fate: Fate,
    ) -> Result<MessageRow, IndexError> {
        let mut named = Named::new();
        let mut findings = Vec::with_capacity(message.findings.len());
        for finding in message.findings {
            let person = match finding.person {
                Some(reference) => self.named(transaction, &mut named, reference, finding.of_school.as_deref())?,
                None => (None, None),
            };
            findings.push(self.finding(transaction, person, finding)?);
        }
        let kind = if fate == Fate::Refused {
            Kind::Refusal
        } else {
            Kind::Intent
        };
        Ok(MessageRow {
            entry,
            at: micros(at),
            kind,
            id: message.id,
            recipient: self.word(transaction, message.recipient.as_deref())?,
            host: self.word(transaction, Some(&message.host))?,
            charter: self.words.number(transaction, charter)?,
            action: self.words.number(transaction, &message.action)?,
            fate,
            part_of: message.part_of,
            entered: None,
            void: false,
            findings,
        })
    }

    fn manual(
        &mut self,
        transaction: &Transaction<'_>,
        (entry, at, charter): (u64, &str, &str),
        manual: ManualDisclosure,
    ) -> Result<MessageRow, IndexError> {
        let is_disclosed = manual.result != "denied";
        let mut findings = Vec::with_capacity(manual.people.len() * manual.elements.len());
        let mut named = Named::new();
        for person in &manual.people {
            let number = self.named(transaction, &mut named, person.person, None)?;
            for element in &manual.elements {
                let finding = entered_finding(&manual, person, element, is_disclosed);
                findings.push(self.finding(transaction, number, finding)?);
            }
        }
        let (fate, action) = if is_disclosed {
            (Fate::Left, "disclosed")
        } else {
            (Fate::Refused, "denied")
        };
        let happened = micros(&manual.happened_at);
        let entered = Entered {
            recorded_at: at.to_owned(),
            means: manual.means,
            party: manual.party,
            interest: manual.interest,
            instrument: manual.authority.instrument,
            document: manual.document,
        };
        Ok(MessageRow {
            entry,
            at: if happened == 0 { micros(at) } else { happened },
            kind: Kind::Entered,
            id: manual.id,
            recipient: self.word(transaction, manual.recipient.as_deref())?,
            host: None,
            charter: self.words.number(transaction, charter)?,
            action: self.words.number(transaction, action)?,
            fate,
            part_of: None,
            entered: Some(serde_json::to_string(&entered).expect("texts and numbers are JSON")),
            void: false,
            findings,
        })
    }

    /// Whom a reference names; an entry names each person with one, however often, and says their school with the first.
    fn named(
        &mut self,
        transaction: &Transaction<'_>,
        named: &mut Named,
        reference: Reference,
        sealed: Option<&str>,
    ) -> Result<(Option<PersonNumber>, Option<i64>), IndexError> {
        if let Some(known) = named.get(&reference) {
            return Ok(*known);
        }
        let person = self.names.step(&reference);
        let school = person
            .zip(sealed)
            .and_then(|(person, sealed)| self.names.school(person, &reference, sealed));
        let found = (person, self.school(transaction, school.as_deref())?);
        named.insert(reference, found);
        Ok(found)
    }

    fn finding(
        &mut self,
        transaction: &Transaction<'_>,
        (person, school): (Option<PersonNumber>, Option<i64>),
        finding: FindingEntry,
    ) -> Result<FindingRow, IndexError> {
        let count = finding.count;
        let element = self.words.number(transaction, &finding.element)?;
        let clear_school = self.school(transaction, finding.school.as_deref())?;
        // Whether somebody of the directory is meant stays known by `subject`.
        let shape = FindingEntry {
            person: None,
            of_school: None,
            count: 0,
            ..finding
        };
        let json = serde_json::to_string(&shape).expect("texts and numbers are JSON");
        let shape = self.shapes.number(transaction, &json)?;
        Ok(FindingRow {
            person,
            school,
            clear_school,
            element,
            shape,
            count,
        })
    }

    fn school(&mut self, transaction: &Transaction<'_>, name: Option<&str>) -> Result<Option<i64>, IndexError> {
        name.map(|name| self.schools.number(transaction, name)).transpose()
    }

    fn word(&mut self, transaction: &Transaction<'_>, text: Option<&str>) -> Result<Option<i64>, IndexError> {
        text.map(|text| self.words.number(transaction, text)).transpose()
    }
}

/// An element of a person in a disclosure that somebody entered, as a finding.
pub(super) fn entered_finding(
    manual: &ManualDisclosure,
    person: &NamedPerson,
    element: &str,
    is_disclosed: bool,
) -> FindingEntry {
    let treated = if is_disclosed { "pass" } else { "block" };
    FindingEntry {
        element: element.to_owned(),
        subject: Some(person.subject.clone()),
        known_by: "exact".to_owned(),
        part: "entered".to_owned(),
        count: 1,
        treated: treated.to_owned(),
        treatment: treated.to_owned(),
        reason: "entered".to_owned(),
        consent_version: manual.authority.consent.as_ref().map(|(_, version)| *version),
        basis: vec![manual.authority.basis.clone()],
        record_required: Some(manual.authority.record_required),
        ..FindingEntry::default()
    }
}

impl Rows {
    fn settle(&mut self, transaction: &Transaction<'_>, outcome: &Outcome) -> Result<(), IndexError> {
        let fate = fate_of(&outcome.result);
        if let Some(place) = self.pending.remove(&outcome.id) {
            self.messages[place].fate = fate;
            return Ok(());
        }
        let sql = "update message set fate = ?2 where entry = (select entry from pending where id = ?1)";
        transaction
            .prepare_cached(sql)?
            .execute(params![outcome.id, fate.number()])?;
        transaction
            .prepare_cached("delete from pending where id = ?1")?
            .execute([&outcome.id])?;
        Ok(())
    }

    /// What people entered can be made void by people; what a gate saw cannot.
    fn correct(
        &mut self,
        transaction: &Transaction<'_>,
        by_entry: u64,
        at: &str,
        correction: &Correction,
    ) -> Result<(), IndexError> {
        let sql = "insert or replace into correction values (?1, ?2, ?3, ?4, ?5)";
        let Correction {
            entry, because, void, ..
        } = correction;
        transaction
            .prepare_cached(sql)?
            .execute(params![entry, by_entry, at, because, void])?;
        if !void {
            return Ok(());
        }
        if let Ok(place) = self.messages.binary_search_by_key(entry, |row| row.entry) {
            let row = &mut self.messages[place];
            row.void = row.kind == Kind::Entered;
        }
        let sql = "update message set void = 1 where entry = ?1 and kind = ?2";
        transaction
            .prepare_cached(sql)?
            .execute(params![entry, Kind::Entered as u8])?;
        Ok(())
    }

    fn put(self, transaction: &Transaction<'_>) -> Result<(), IndexError> {
        // What was entered and recorded twice, because the program was killed in between, is one disclosure.
        let sql = "insert into message values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                   on conflict (id) where kind = 2 do nothing";
        let mut put_message = transaction.prepare_cached(sql)?;
        let mut put_finding = transaction.prepare_cached("insert into finding values (?1, ?2, ?3, ?4, ?5, ?6)")?;
        let mut put_pending = transaction.prepare_cached("insert or replace into pending values (?1, ?2)")?;
        for row in &self.messages {
            let is_put = put_message.execute(params![
                row.entry,
                row.at,
                row.kind as u8,
                row.id,
                row.recipient,
                row.host,
                row.charter,
                row.action,
                row.fate.number(),
                row.part_of,
                row.entered,
                row.void
            ])?;
            if is_put == 0 {
                continue;
            }
            row.put_elements_and_schools(transaction)?;
            for (slot, finding) in row.findings.iter().enumerate() {
                let person = finding.person.map(|person| person.0);
                let FindingRow {
                    school, shape, count, ..
                } = finding;
                put_finding.execute(params![row.entry, slot as u64, person, school, shape, count])?;
            }
        }
        for (id, place) in self.pending {
            put_pending.execute(params![id, self.messages[place].entry])?;
        }
        Ok(())
    }
}

impl MessageRow {
    /// Where questions by element and by school look.
    fn put_elements_and_schools(&self, transaction: &Transaction<'_>) -> Result<(), IndexError> {
        let mut put_element = transaction.prepare_cached("insert into element_at values (?1, ?2, ?3)")?;
        let mut put_school = transaction.prepare_cached("insert into school_at values (?1, ?2, ?3, ?4)")?;
        let elements: BTreeSet<i64> = self.findings.iter().map(|finding| finding.element).collect();
        for element in elements {
            put_element.execute(params![element, self.at, self.entry])?;
        }
        let schools = self
            .findings
            .iter()
            .filter_map(|finding| Some((finding.school?, false)));
        let clear = self
            .findings
            .iter()
            .filter_map(|finding| Some((finding.clear_school?, true)));
        let schools: BTreeMap<i64, bool> = schools.chain(clear).collect();
        for (school, is_clear) in schools {
            put_school.execute(params![school, self.at, self.entry, is_clear])?;
        }
        Ok(())
    }
}

/// Microseconds since 1970; 0 for what is no time.
fn micros(at: &str) -> i64 {
    at.parse::<Timestamp>().map_or(0, Timestamp::as_microsecond)
}
