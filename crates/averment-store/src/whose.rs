//! Whose an entry is, for one group of people such as a school: theirs, somebody else's, or nobody's.
//!
//! Start at [`Group::whose`]. Only references that the group's keys make are recognised; whoever has left the directory or was
//! forgotten counts as somebody else.

use std::collections::HashMap;

use averment_detect::PersonNumber;
use averment_ledger::{Base64, Deed, Entry, FindingEntry, Reference};

use crate::snapshot::Snapshot;

/// Whom an entry names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Nobody.
    Nobodys,
    /// People of the group and nobody else.
    Theirs,
    /// People outside the group, and nobody in it.
    Others,
    /// People of the group and others.
    Both,
}

/// A group of people, recognised while entries are read in their order.
pub struct Group<'a> {
    snapshot: &'a Snapshot,
    people: Vec<PersonNumber>,
    run: Base64<16>,
    /// References of this run that were named, and the next of each person.
    known: HashMap<Reference, (PersonNumber, u64)>,
}

impl<'a> Group<'a> {
    /// The people whose school in the directory `is_theirs`.
    pub fn of_school(snapshot: &'a Snapshot, is_theirs: impl Fn(&str) -> bool) -> Self {
        let people = snapshot.persons.of_school(is_theirs);
        let (run, known) = (Base64([0; 16]), HashMap::new());
        Self {
            snapshot,
            people,
            run,
            known,
        }
    }

    /// How many people there are.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// Takes the next entry of the ledger, unjoined.
    pub fn whose(&mut self, entry: &Entry) -> Whose {
        if let Deed::Run(run) = &entry.deed {
            self.begin(run.run);
        }
        let (mut theirs, mut others) = (false, false);
        for reference in references(&entry.deed) {
            let found = self.recognise(reference);
            theirs |= found;
            others |= !found;
        }
        match (theirs, others) {
            (false, false) => Whose::Nobodys,
            (true, false) => Whose::Theirs,
            (false, true) => Whose::Others,
            (true, true) => Whose::Both,
        }
    }

    fn begin(&mut self, run: Base64<16>) {
        self.run = run;
        self.known.clear();
        for person in &self.people {
            if let Some(key) = self.snapshot.person_keys.get(*person) {
                self.known.insert(key.reference(&run, 0), (*person, 0));
            }
        }
    }

    /// Whether the reference is of the group; the person's next one is then known too. One that was named before is still
    /// known: pieces of one message carry the same.
    fn recognise(&mut self, reference: Reference) -> bool {
        let Some(&(person, count)) = self.known.get(&reference) else {
            return false;
        };
        if let Some(key) = self.snapshot.person_keys.get(person) {
            let next = key.reference(&self.run, count + 1);
            self.known.entry(next).or_insert((person, count + 1));
        }
        true
    }
}

/// Everybody whom a deed names.
fn references(deed: &Deed) -> Vec<Reference> {
    let of_findings = |findings: &[FindingEntry]| findings.iter().filter_map(|finding| finding.person).collect();
    match deed {
        Deed::Intent(message) | Deed::Refusal(message) => of_findings(&message.findings),
        Deed::Findings(part) => of_findings(&part.findings),
        Deed::Consent(change) => change.person.into_iter().collect(),
        Deed::Manual(manual) => manual.people.iter().map(|named| named.person).collect(),
        Deed::Export(export) => export.person.into_iter().collect(),
        Deed::RequestChange(change) => change.person.into_iter().collect(),
        _ => Vec::new(),
    }
}
