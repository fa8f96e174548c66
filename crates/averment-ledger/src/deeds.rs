//! What is recorded besides messages: what people and programs do, and what claims earned.
//!
//! Texts in these entries are written by people who answer for them, and name nobody; whoever takes such a text in checks
//! that.

use serde::{Deserialize, Serialize};

use crate::base64_bytes::Base64;
use crate::reference::Reference;

/// A gate was watching and had nothing else to record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Seconds since the gate began its watch.
    pub up_s: u64,
}

/// Somebody vouches that the clock is right now, and that the ledger's newest times are not: it ran ahead.
///
/// What is recorded afterwards is held against the time of this entry, and no more against the times before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockAccepted {
    /// Random identifier, 32 hex digits.
    pub id: String,
    /// Who: a role, `operator on duty`.
    pub by: String,
    /// Why the times before are wrong, in one sentence.
    pub because: String,
    /// The latest second before, RFC 3339 UTC.
    pub latest: String,
}

/// A person in an entry that is not about a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedPerson {
    /// Reference to the person.
    pub person: Reference,
    /// Kind of data subject.
    pub subject: String,
}

/// A document that is kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// SHA-256 of its bytes.
    pub sha256: Base64<32>,
    /// Its size in bytes.
    pub bytes: u64,
    /// File name, without folders.
    pub name: String,
}

/// What a disclosure rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// In the catalog's words: `ferpa.school_official`, `gdpr.consent`.
    pub basis: String,
    /// The consent that it rests on: kind and version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<(String, u64)>,
    /// The contract, order or subpoena by its reference, without names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// Whether the school's record of disclosures must hold it, 34 CFR 99.32(a) and (d).
    pub record_required: bool,
}

/// Data left by another way than through the gate, or was asked for and denied, 34 CFR 99.32(a)(1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualDisclosure {
    /// Random identifier, 32 hex digits.
    pub id: String,
    /// Identifier of the recipient in the register; absent for somebody who is not in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// Who asked or received, in a few words, for whoever is not in the register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// How: `telephone`, `letter`, `mail`, `meeting`, `file`, `subpoena`, `other`.
    pub means: String,
    /// `disclosed` or `denied`.
    pub result: String,
    /// When it happened, RFC 3339 UTC.
    pub happened_at: String,
    /// Data elements.
    pub elements: Vec<String>,
    /// Whose.
    pub people: Vec<NamedPerson>,
    /// How many more, who were forgotten before it was recorded.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub forgotten: u64,
    /// What it rests on.
    pub authority: Authority,
    /// The legitimate interest or purpose, in a few words, 34 CFR 99.32(a)(3)(ii).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interest: Option<String>,
    /// What shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}

/// An earlier entry is wrong. It stays; whoever reads it reads this too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Random identifier, 32 hex digits.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Number of the entry.
    pub entry: u64,
    /// Its leaf hash.
    pub leaf: Base64<32>,
    /// What is wrong with it, in one sentence.
    pub because: String,
    /// Whether it counts no more. Only for what people enter; what a gate saw always counts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub void: bool,
}

/// People were erased.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Random identifier, 32 hex digits.
    pub id: String,
    /// How many people.
    pub people: u64,
    /// `forgotten` (their keys are destroyed), `planned`, `done`, `incomplete`, `vouched` (somebody vouches
    /// for a recipient; older entries say `confirmed`), `released` (somebody has come back), or `left_out` (a
    /// backup brought people back, and holds keep all of them).
    pub state: String,
    /// Rows or objects that went, by store.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stores: Vec<(String, u64)>,
    /// Stores and recipients that have not confirmed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unconfirmed: Vec<String>,
    /// The certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// Who vouches that a recipient has erased them, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Confirmed>,
    /// The list of who was erased, as it was then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<Listed>,
    /// Who says that somebody who was erased has come back, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<Released>,
    /// Who was erased, was brought back by a backup, and stays because of holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftByHold>,
}

/// People whom a restored backup brought back and whom the same holds keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftByHold {
    /// Each a ground with its request (`legal, request 4fa7a0369a`) or a line of a file; nobody is named.
    pub holds: Vec<String>,
    /// How many people.
    pub people: u64,
    /// How many numbers and other names of theirs are there, or of nobody's number where `people` is 0.
    pub names: u64,
}

impl LeftByHold {
    /// How many, and which holds keep them, in a few words.
    pub fn in_words(&self) -> String {
        let holds = self.holds.join("; ");
        match self.people {
            0 => format!("{} names of nobody's number ({holds})", self.names),
            people => format!("{people} people with {} names ({holds})", self.names),
        }
    }
}

/// Somebody who was erased has come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    /// Who says so: a role.
    pub by: String,
    /// Why, in one line without names.
    pub because: String,
}

/// How long the list of who was erased was, so that a shorter one, or another, can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Lines, without the first.
    pub lines: u64,
    /// The check of the last, hexadecimal.
    pub head: String,
}

/// Somebody vouches that a recipient has erased the people of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// Identifier of the entry that says that the run is planned.
    pub run: String,
    /// The recipient, or the host that no recipient declares.
    pub recipient: String,
    /// Who: a role.
    pub by: String,
    /// What they say, in one line without names.
    pub says: String,
}

/// A run that ends what is due.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Random identifier, 32 hex digits.
    pub id: String,
    /// `begun` (rows are about to go), `done` (nothing is overdue any more), `incomplete` (some is), `failed` (some is, and nothing went; without
    /// rules: it could not be done), `refused` (nothing was to go, because of the clock or of holds that cannot be known).
    pub state: String,
    /// How many rules it looked at.
    pub rules: u64,
    /// Rows that were due before it, and that nobody held.
    pub overdue_before: u64,
    /// The same after it.
    pub overdue_after: u64,
    /// Rows that went or lost columns, by store and table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<(String, u64)>,
    /// Rows that are due and held.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub held: u64,
    /// Rows whose time cannot be read.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unreadable: u64,
    /// Tables and stores that could not be looked at.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unseen: u64,
    /// Why it was refused or broken off, without values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The whole report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}

/// Files made from the ledger were not what it says, and are made anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// Random identifier, 32 hex digits.
    pub id: String,
    /// `tiles`.
    pub what: String,
    /// Number of the log that they are of.
    pub log: u32,
    /// How many files.
    pub files: u64,
    /// The first hundred by name, and the SHA-256 of what stood there and is put aside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub put_aside: Vec<(String, Base64<32>)>,
}

/// Somebody was given what is held about a person or a school.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Random identifier, 32 hex digits.
    pub id: String,
    /// What: `person`, `school`, `ledger`, `bundle`.
    pub what: String,
    /// The person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Reference>,
    /// The school, as in the register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<String>,
    /// To whom: `parent`, `eligible_student`, `person`, `school`, `auditor`.
    pub to: String,
    /// What was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}

/// Somebody vouches for a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    /// Random identifier, 32 hex digits.
    pub id: String,
    /// The claim.
    pub claim: String,
    /// Digest of what the claim said then; absent in older entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_version: Option<String>,
    /// Who: a role, `data protection officer`.
    pub by: String,
    /// What they say, in a sentence or two.
    pub says: String,
    /// `holds` or `does_not_hold`.
    pub finds: String,
    /// What it is about and what it leaves out: the systems and places that a certificate names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The day on which what is vouched for was done or seen, `2026-11-01`.
    pub performed_on: String,
    /// The last day on which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// What shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}

/// A program looked whether a claim holds. Counts are of whatever it looks at: files, rows, requests, endpoints.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measurement {
    /// Random identifier, 32 hex digits.
    pub id: String,
    /// The claim.
    pub claim: String,
    /// Digest of what the claim said then; absent in older entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_version: Option<String>,
    /// Which program: `scan.code`, `probe.retention`.
    pub by: String,
    /// Where it looked, as a plane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plane: Option<String>,
    /// What time it is about, RFC 3339 UTC; a look at one moment has `from` = `until`.
    pub from: String,
    /// Its end.
    pub until: String,
    /// How many were looked at.
    pub observed: u64,
    /// Of those, how many go against the claim.
    pub contrary: u64,
    /// How many could not be read.
    #[serde(default)]
    pub unreadable: u64,
    /// How many should have been looked at and were not.
    #[serde(default)]
    pub unseen: u64,
    /// Whether what goes against the claim is kept from happening (a rule of a database, a policy), not only looked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub enforcing: bool,
    /// What goes against it, in a few words without values: a file and line, a table and column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// The whole report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}

impl Measurement {
    /// What a place ends with that nothing looked into, and of which somebody says that it is done.
    pub const VOUCHED_FOR: &str = "somebody vouches for it";
}

/// A claim earned another grade than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradeChange {
    /// The claim.
    pub claim: String,
    /// The grade before; absent for a claim that is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The grade now.
    pub to: String,
    /// Why, in one sentence.
    pub reason: String,
    /// Numbers of entries that it rests on: of those against the claim, the newest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<u64>,
}

/// All grades as of a moment were published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grades {
    /// As of when, RFC 3339 UTC.
    pub as_of: String,
    /// SHA-256 of the document with them (`averment claims --format json`).
    pub sha256: Base64<32>,
    /// How many entries of the ledger they rest on, from the first one; 0 where that is not said.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub entries: u64,
    /// How many earned each grade.
    pub counts: std::collections::BTreeMap<String, u64>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}
