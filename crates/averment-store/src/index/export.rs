//! Every disclosure as a row: what a spreadsheet, a lake or an auditor reads.
//!
//! Start at [`Index::disclosures`]. The rows come from the log, which is checked on the way; the index adds what became of
//! each message and which school is whose. People stand in them as in the ledger, by reference.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Range;

use averment_catalog::ElementId;
use averment_detect::PersonNumber;
use averment_ledger::{Deed, Entry, FindingEntry, ManualDisclosure, Message};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};
use serde::Serialize;

use super::one_person::fate;
use super::reach::Question;
use super::take::entered_finding;
use super::{Index, IndexError};
use crate::person::Fate;
use crate::read::{Entries, Numbered, entries, trusted};
use crate::{DataFolder, Keys, People};

/// One element of one person in one message or entered disclosure; findings that differ only in their place are one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DisclosureRow {
    /// Number of the entry in the ledger.
    pub entry: u64,
    /// When, RFC 3339 UTC; of what somebody entered, when it happened.
    pub at: String,
    /// Identifier of the request.
    pub request: String,
    /// The request that it is a piece of.
    pub part_of: Option<String>,
    /// Where the flow was seen, or `entered`.
    pub plane: String,
    /// Identifier of the recipient; none when no recipient declares the host.
    pub recipient: Option<String>,
    /// Host, or who received what somebody entered.
    pub party: Option<String>,
    /// Digest of the charter in force.
    pub charter: String,
    /// `report` or `enforce`; none for what somebody entered.
    pub mode: Option<String>,
    /// What was done: `forward`, `rewrite`, `refuse`, `disclosed`, `denied`.
    pub action: String,
    /// What enforcement does or would have done.
    pub judged: Option<String>,
    /// `left`, `may_have_left`, `not_sent` or `refused`.
    pub fate: String,
    /// Whether it was made void by a later entry and counts no more.
    pub void: bool,
    /// Reference to the person, as in the entry: a number that never comes again. None for somebody outside the directory.
    pub person: Option<String>,
    /// Kind of data subject.
    pub subject: Option<String>,
    /// The school that the directory named then; where the entry does not say, the one that it names now, or the one whose
    /// variant the entry names.
    pub school: Option<String>,
    /// Data element.
    pub element: String,
    /// How often it was found.
    pub count: u64,
    /// What was done to it.
    pub treated: String,
    /// What the charter asks for.
    pub treatment: String,
    /// Why.
    pub reason: String,
    /// Disclosure or claim that the reason rests on.
    pub rule: Option<String>,
    /// What the disclosure rests on, in the catalog's words.
    pub basis: Vec<String>,
    /// Whether the school's record of disclosures must hold it.
    pub record_required: Option<bool>,
    /// Version of the consent that it left under.
    pub consent_version: Option<u64>,
    /// Service that sent it.
    pub service: Option<String>,
    /// Purpose that the sender declared.
    pub purpose: Option<String>,
}

/// Rows, in the order of the ledger. An error voids what was given out before it.
pub struct Disclosures<'a> {
    connection: &'a Connection,
    entries: Entries,
    schools: HashMap<PersonNumber, String>,
    question: Question,
    /// Numbers of the entries that are asked about; none for all.
    only: Option<Range<u64>>,
    ready: VecDeque<DisclosureRow>,
}

impl<'a> Disclosures<'a> {
    /// Of what `entries` holds, and of that only the entries numbered `only`.
    pub(super) fn new(
        connection: &'a Connection,
        entries: Entries,
        people: &People,
        question: Question,
        only: Option<Range<u64>>,
    ) -> Result<Self, IndexError> {
        Ok(Self {
            connection,
            entries,
            schools: people.schools()?,
            question,
            only,
            ready: VecDeque::new(),
        })
    }
}

impl std::fmt::Debug for Disclosures<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Disclosures({:?})", self.question)
    }
}

impl Index {
    /// Every disclosure that the question asks about, as of the last [`Index::follow`].
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn disclosures(
        &self,
        folder: &DataFolder,
        keys: &Keys,
        people: &People,
        question: Question,
    ) -> Result<Disclosures<'_>, IndexError> {
        let entries = entries(folder, trusted(folder, keys)?)?;
        Disclosures::new(&self.connection, entries, people, question, None)
    }
}

impl Iterator for Disclosures<'_> {
    type Item = Result<DisclosureRow, IndexError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.ready.pop_front() {
                return Some(Ok(row));
            }
            let numbered = match self.entries.next()? {
                Ok(numbered) => numbered,
                Err(error) => return Some(Err(error.into())),
            };
            if self.only.as_ref().is_some_and(|only| only.end <= numbered.index) {
                return None;
            }
            if let Err(error) = self.take(numbered) {
                return Some(Err(error));
            }
        }
    }
}

/// What the index knows of a message.
struct Known {
    fate: Fate,
    void: bool,
    /// Whose each finding is, and the school that they were of.
    people: BTreeMap<u64, (PersonNumber, Option<String>)>,
}

impl Disclosures<'_> {
    fn take(&mut self, Numbered { index, entry, .. }: Numbered) -> Result<(), IndexError> {
        if self.only.as_ref().is_some_and(|only| !only.contains(&index)) {
            return Ok(());
        }
        let Entry { at, charter, deed, .. } = entry;
        match deed {
            Deed::Intent(message) | Deed::Refusal(message) if self.only.is_some() && message.preceded_by > 0 => {
                let what = "findings of a message stand in an earlier log";
                Err(IndexError::Damaged { what })
            }
            Deed::Intent(message) | Deed::Refusal(message) => self.take_message((index, at, charter), message),
            Deed::Manual(manual) => self.take_manual((index, charter), manual),
            _ => Ok(()),
        }
    }

    fn take_message(
        &mut self,
        (entry, at, charter): (u64, String, String),
        message: Message,
    ) -> Result<(), IndexError> {
        if message.findings.is_empty() || !self.is_asked(message.recipient.as_deref(), &at) {
            return Ok(());
        }
        let Some(known) = self.known(entry)? else { return Ok(()) };
        let blank = DisclosureRow {
            entry,
            at,
            request: message.id,
            part_of: message.part_of,
            plane: message.plane,
            recipient: message.recipient,
            party: Some(message.host),
            charter,
            mode: Some(message.mode),
            action: message.action,
            judged: Some(message.judged),
            service: message.service,
            purpose: message.purpose,
            ..blank(&known)
        };
        self.put(&blank, &known, message.findings);
        Ok(())
    }

    fn take_manual(&mut self, (entry, charter): (u64, String), manual: ManualDisclosure) -> Result<(), IndexError> {
        if !self.is_asked(manual.recipient.as_deref(), &manual.happened_at) {
            return Ok(());
        }
        let Some(known) = self.known(entry)? else { return Ok(()) };
        let is_disclosed = manual.result != "denied";
        let findings = manual.people.iter().flat_map(|person| {
            let finding = |element: &String| FindingEntry {
                person: Some(person.person),
                ..entered_finding(&manual, person, element, is_disclosed)
            };
            manual.elements.iter().map(finding).collect::<Vec<_>>()
        });
        let findings = findings.collect();
        let blank = DisclosureRow {
            entry,
            at: manual.happened_at,
            request: manual.id,
            plane: "entered".to_owned(),
            recipient: manual.recipient,
            party: manual.party,
            charter,
            action: if is_disclosed { "disclosed" } else { "denied" }.to_owned(),
            purpose: manual.interest,
            ..blank(&known)
        };
        self.put(&blank, &known, findings);
        Ok(())
    }

    fn is_asked(&self, recipient: Option<&str>, at: &str) -> bool {
        let wanted = self.question.recipient.as_deref();
        let Ok(at) = at.parse::<Timestamp>() else {
            return self.question.from.is_none() && self.question.until.is_none();
        };
        (wanted.is_none() || wanted == recipient)
            && self.question.from.is_none_or(|from| from <= at)
            && self.question.until.is_none_or(|until| at < until)
    }

    fn is_asked_element(&self, finding: &FindingEntry) -> bool {
        let covers = |wanted: &ElementId| finding.element.parse().is_ok_and(|found| wanted.covers(&found));
        self.question.element.as_ref().is_none_or(covers)
    }

    /// None for an entry that came after the index was brought up to date.
    fn known(&self, entry: u64) -> Result<Option<Known>, IndexError> {
        let mut message = self
            .connection
            .prepare_cached("select fate, void from message where entry = ?1")?;
        let found = message.query_row([entry], |row| Ok((row.get::<_, u8>(0)?, row.get(1)?)));
        let Some((number, void)) = found.optional()? else {
            return Ok(None);
        };
        let sql = "select f.slot, f.person, s.text from finding f left join school s on s.id = f.school
                   where f.entry = ?1 and f.person is not null";
        let mut findings = self.connection.prepare_cached(sql)?;
        let people = findings.query_map([entry], |row| {
            Ok((row.get(0)?, (PersonNumber(row.get(1)?), row.get(2)?)))
        })?;
        Ok(Some(Known {
            fate: fate(number)?,
            void,
            people: people.collect::<Result<_, _>>()?,
        }))
    }

    /// One row per person and element, in the order in which they were found.
    fn put(&mut self, blank: &DisclosureRow, known: &Known, findings: Vec<FindingEntry>) {
        let mut places: HashMap<DisclosureKey, usize> = HashMap::new();
        let mut rows: Vec<DisclosureRow> = Vec::new();
        for (slot, finding) in (0..).zip(findings) {
            let named = known.people.get(&slot);
            let school = named.and_then(|(person, then)| then.as_ref().or_else(|| self.schools.get(person)));
            let school = school.cloned().or_else(|| finding.school.clone());
            if self.question.school.is_some() && self.question.school != school || !self.is_asked_element(&finding) {
                continue;
            }
            let row = row_of(blank, finding, school);
            match places.entry(key_of(&row)) {
                std::collections::hash_map::Entry::Occupied(place) => rows[*place.get()].count += row.count,
                std::collections::hash_map::Entry::Vacant(vacant) => {
                    vacant.insert(rows.len());
                    rows.push(row);
                }
            }
        }
        self.ready.extend(rows);
    }
}

/// Person, subject, school and element; what was done to it, asked for and why; rule; authority.
type DisclosureKey = ([Option<String>; 4], [String; 4], Vec<String>, Option<bool>, Option<u64>);

fn key_of(row: &DisclosureRow) -> DisclosureKey {
    let strings = [&row.element, &row.treated, &row.treatment, &row.reason].map(String::clone);
    let options = [&row.person, &row.subject, &row.school, &row.rule].map(Option::clone);
    (
        options,
        strings,
        row.basis.clone(),
        row.record_required,
        row.consent_version,
    )
}

fn row_of(blank: &DisclosureRow, finding: FindingEntry, school: Option<String>) -> DisclosureRow {
    let record_required = finding.must_be_recorded();
    DisclosureRow {
        person: finding.person.map(|person| person.to_string()),
        subject: finding.subject,
        school,
        element: finding.element,
        count: u64::from(finding.count),
        treated: finding.treated,
        treatment: finding.treatment,
        reason: finding.reason,
        rule: finding.rule,
        basis: finding.basis,
        record_required,
        consent_version: finding.consent_version,
        ..blank.clone()
    }
}

/// A row that says nothing but what became of it.
fn blank(known: &Known) -> DisclosureRow {
    DisclosureRow {
        entry: 0,
        at: String::new(),
        request: String::new(),
        part_of: None,
        plane: String::new(),
        recipient: None,
        party: None,
        charter: String::new(),
        mode: None,
        action: String::new(),
        judged: None,
        fate: known.fate.word().to_owned(),
        void: known.void,
        person: None,
        subject: None,
        school: None,
        element: String::new(),
        count: 0,
        treated: String::new(),
        treatment: String::new(),
        reason: String::new(),
        rule: None,
        basis: Vec::new(),
        record_required: None,
        consent_version: None,
        service: None,
        purpose: None,
    }
}
