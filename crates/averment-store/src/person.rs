//! What left about one person: the answer that a parent, a school or the person is owed.
//!
//! Start at [`person_entries`]. Entries name people by references that only the person's key can make, one after another;
//! reading the log, the next one is known and looked for. Nothing is indexed, and destroying the key ends it.
//!
//! Source: 34 CFR 99.32 (record of disclosures); GDPR Art. 15(1)(c).

use std::collections::HashMap;

use averment_detect::PersonNumber;
use averment_ledger::{Base64, Deed, FindingEntry, Message, Reference, Trusted};

use crate::folder::DataFolder;
use crate::people::{People, PeopleError};
use crate::read::{Numbered, ReadError, entries, trusted};
use crate::{Keys, PersonKey};

/// Why the question cannot be answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PersonError {
    /// The record cannot be read or believed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The directory cannot be used.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// Nobody by that id was ever loaded. The id is not repeated.
    #[error("nobody in the directory has this id")]
    Unknown,
    /// The person was erased: their key is gone, and with it every link to an entry.
    #[error("this person was forgotten: no entry can be linked to them any more")]
    Forgotten,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It went out and was answered.
    Left,
    /// It was about to go out, and whether it did is not known.
    MayHaveLeft,
    /// It was allowed, and not one byte went out.
    NotSent,
    /// It was not let out.
    Refused,
}

impl Fate {
    /// The words used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::MayHaveLeft => "may have left",
            Self::NotSent => "not sent",
            Self::Refused => "refused",
        }
    }
}

/// One message about the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonEntry {
    /// Number of its entry in the log.
    pub index: u64,
    /// When, RFC 3339 UTC.
    pub at: String,
    /// Digest of the charter in force.
    pub charter: String,
    /// Identifier of the request.
    pub id: String,
    /// Identifier of the recipient; none when no recipient declares the host.
    pub recipient: Option<String>,
    /// Host that it was for.
    pub host: String,
    /// What became of it.
    pub fate: Fate,
    /// What of this person was in it: element, rule, reason and what was done to it. In a message that left, what was
    /// `treated` other than `pass` did not leave as it was.
    pub findings: Vec<FindingEntry>,
}

/// Every message about the person with the platform's `id`, in the order of the log.
///
/// # Errors
/// [`PersonError`].
pub fn person_entries(
    folder: &DataFolder,
    keys: &Keys,
    people: &People,
    id: &str,
) -> Result<Vec<PersonEntry>, PersonError> {
    let number = people.find(id)?.ok_or(PersonError::Unknown)?;
    person_number_entries(folder, trusted(folder, keys)?, people, number)
}

fn person_number_entries(
    folder: &DataFolder,
    trusted: Trusted<'_>,
    people: &People,
    number: PersonNumber,
) -> Result<Vec<PersonEntry>, PersonError> {
    let key = people.person_key(number)?.ok_or(PersonError::Forgotten)?;
    let mut answer = Answer {
        key,
        run: Base64([0; 16]),
        count: 0,
        next: None,
        found: Vec::new(),
        waiting: HashMap::new(),
    };
    for numbered in entries(folder, trusted)? {
        answer.take(numbered?);
    }
    Ok(answer.found)
}

/// The answer while the log is read.
struct Answer {
    key: PersonKey,
    /// The run whose entries are read, how often it named the person, and how it does so next.
    run: Base64<16>,
    count: u64,
    next: Option<Reference>,
    found: Vec<PersonEntry>,
    /// Position in `found` of intents by request.
    waiting: HashMap<String, usize>,
}

impl Answer {
    fn take(&mut self, Numbered { index, entry, .. }: Numbered) {
        let (at, charter) = (entry.at, entry.charter);
        match entry.deed {
            Deed::Run(run) => {
                (self.run, self.count) = (run.run, 0);
                self.next = Some(self.key.reference(&self.run, 0));
            }
            Deed::Consent(change) => self.step_over(change.person),
            Deed::Export(export) => self.step_over(export.person),
            Deed::Manual(manual) => {
                let next = self.next;
                let named = manual.people.iter().any(|named| Some(named.person) == next);
                self.step_over(next.filter(|_| named));
            }
            Deed::Intent(message) => {
                let id = message.id.clone();
                if self.take_message((index, at, charter), message, Fate::MayHaveLeft) {
                    self.waiting.insert(id, self.found.len() - 1);
                }
            }
            Deed::Refusal(message) => {
                self.take_message((index, at, charter), message, Fate::Refused);
            }
            Deed::Outcome(outcome) => {
                if let Some(&position) = self.waiting.get(&outcome.id) {
                    self.found[position].fate = fate_of(&outcome.result);
                }
            }
            _ => {}
        }
    }

    /// A reference to the person that was found comes once; the next has the next count.
    fn step_over(&mut self, found: Option<Reference>) {
        if found.is_some() && found == self.next {
            self.count += 1;
            self.next = Some(self.key.reference(&self.run, self.count));
        }
    }

    /// Whether the message is about the person.
    fn take_message(&mut self, (index, at, charter): (u64, String, String), message: Message, fate: Fate) -> bool {
        let is_theirs = |finding: &FindingEntry| finding.person.is_some() && finding.person == self.next;
        let findings: Vec<_> = message.findings.into_iter().filter(is_theirs).collect();
        if findings.is_empty() {
            return false;
        }
        self.step_over(self.next);
        let Message {
            id, recipient, host, ..
        } = message;
        self.found.push(PersonEntry {
            index,
            at,
            charter,
            id,
            recipient,
            host,
            fate,
            findings,
        });
        true
    }
}

/// A result that this version does not know is no proof that nothing left.
fn fate_of(result: &str) -> Fate {
    match result {
        "answered" | "sent" => Fate::Left,
        "not_sent" => Fate::NotSent,
        _ => Fate::MayHaveLeft,
    }
}
