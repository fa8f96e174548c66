//! What is recorded: one [`Entry`] per deed. Entries hold no payload values and name people only by reference.
//!
//! Start at [`Deed`]. What is recorded of messages stands here, what people and programs do otherwise in `deeds`, how a
//! person is named in `reference`.
//!
//! The format is JSON with stable field names and a version; readers skip kinds that they do not know
//! ([`Deed::Unknown`]), so that old readers and new writers meet.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::base64_bytes::Base64;
use crate::chain::{Begun, Ended};
use crate::deeds::{
    Attestation, ClockAccepted, Correction, Erasure, Export, GradeChange, Grades, Heartbeat, ManualDisclosure,
    Measurement, Repair, Retention,
};
use crate::reference::Reference;
use crate::request::RequestChange;

/// Version of the entry format.
pub const ENTRY_VERSION: u32 = 2;

/// One deed, as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// [`ENTRY_VERSION`] of the writer.
    pub v: u32,
    /// When, RFC 3339 UTC with microseconds.
    pub at: String,
    /// Digest of the charter in force (`sha256:…`).
    pub charter: String,
    /// What was done.
    #[serde(flatten)]
    pub deed: Deed,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Deed {
    /// This log goes on from another; its first entry.
    Begun(Begun),
    /// Another log goes on from this one; its last entry.
    Ended(Ended),
    /// A writer was started: which program it is. References to people are counted anew from here.
    Run(Run),
    /// Findings of the message whose entry follows, which holds more of them than fit into one entry.
    Findings(Findings),
    /// A message is about to go out. Durable before its first byte does; without an outcome it *may have left*.
    Intent(Message),
    /// What became of an intent.
    Outcome(Outcome),
    /// A message was not let out.
    Refusal(Message),
    /// The gate could not do its work and let nothing out.
    Fault(Fault),
    /// A charter came into force.
    Charter(CharterLoaded),
    /// The directory was loaded.
    Directory(DirectoryLoaded),
    /// A consent was given or withdrawn, or an opt-out was made or taken back.
    Consent(ConsentChange),
    /// A request of a data subject or a school was received, or went a step further.
    RequestChange(RequestChange),
    /// A gate began or ended its watch.
    Watch(Watch),
    /// Whoever runs the gate cut recipients off, or let them have data again.
    CutOff(CutOffSet),
    /// A gate was watching and had nothing else to record.
    Heartbeat(Heartbeat),
    /// Somebody vouches that the ledger's latest times are wrong and the clock is right.
    ClockAccepted(ClockAccepted),
    /// Data left by another way than through the gate, or was asked for and denied.
    Manual(ManualDisclosure),
    /// An earlier entry is wrong. It stays; whoever reads it reads this too.
    Correction(Correction),
    /// People were erased.
    Erasure(Erasure),
    /// A run that ends what is due.
    Retention(Retention),
    /// Files made from the ledger are made anew.
    Repair(Repair),
    /// Somebody was given what is held about a person or a school.
    Export(Export),
    /// Somebody vouches for a claim.
    Attestation(Attestation),
    /// A program looked whether a claim holds.
    Measurement(Measurement),
    /// A claim earned another grade than before.
    Grade(GradeChange),
    /// All grades as of a moment were published.
    Grades(Grades),
    /// Written by a newer version.
    #[serde(other)]
    Unknown,
}

/// One message and the verdict on it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Random identifier of the request, 32 hex digits.
    pub id: String,
    /// Identifier of the recipient; absent when no recipient declares the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// The contract with it, by the document that the register names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// Host without port; `*` when the name itself holds a finding.
    pub host: String,
    /// Where the flow was seen: `gateway`.
    pub plane: String,
    /// `report` or `enforce`.
    pub mode: String,
    /// What was done: `forward`, `rewrite` or `refuse`.
    pub action: String,
    /// What enforcement does, or would have done.
    pub judged: String,
    /// Why it was refused whatever the charter says, in report mode too: `cut_off`, `canary`, `service_unknown`,
    /// `service_recipient`, `service_condition`. In enforce mode only: `in_clear` and `port`, which say how the recipient would
    /// have been reached; in report mode it was reached so. What the gate could not do: `authority_outside`, `credential_unusable`,
    /// `rewrite_impossible`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// Whether it named somebody who does not exist.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub canary: bool,
    /// Name of the service that sent it, proved by its token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Conditions that the sender declared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<String>,
    /// Purpose that the sender declared, in the catalog's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// What was found, alike findings counted together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingEntry>,
    /// What could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<UnreadableEntry>,
    /// How often a mailbox of the platform's own was met, which is no finding; once in each reading of a place.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub own_mailboxes: u32,
    /// How many [`Findings`] with the same `id` stand before this entry and belong to it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub preceded_by: u32,
    /// The intent that this message is a piece of: a window of a streamed body, a message of a conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<String>,
    /// Body bytes as sent by the caller; 0 for the head of something that is sent in pieces.
    pub body_bytes: u64,
    /// Keyed digest of the request as it goes out (HMAC-SHA-256, 16 bytes). Whoever has the key and the request can
    /// show that this entry is about it. Still personal data.
    pub request: Base64<16>,
}

/// A program writes from here on. Without a gate, and in ledgers of earlier versions, only before the first entry that names
/// somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Random number that references up to the next run are made with.
    pub run: Base64<16>,
    /// Version of the program.
    pub version: String,
    /// SHA-256 of the program's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<Base64<32>>,
}

/// Findings of a message that holds more than fit into one entry. Counts only with the message, which follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// Identifier of the message.
    pub id: String,
    /// Some of what was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingEntry>,
    /// Some of what could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<UnreadableEntry>,
}

/// Findings of one message that differ in nothing but their byte range.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingEntry {
    /// Data element.
    pub element: String,
    /// Kind of data subject; absent for somebody outside the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Reference to the person; one per person and message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Reference>,
    /// `exact` or `pattern`.
    pub known_by: String,
    /// Part of the message: `path`, `query`, `header`, `cookie`, `body`, `authority`.
    pub part: String,
    /// Pointer into the part, without values.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pointer: String,
    /// Encodings undone on the way, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<String>,
    /// How many.
    pub count: u32,
    /// What was done to it: in report mode `pass`, whatever enforcement would have done.
    pub treated: String,
    /// What the charter asks for.
    pub treatment: String,
    /// `declared`, `undeclared`, `barred`, `consent_missing`, `entered_elsewhere`, `territory_unknown`, `opted_out`,
    /// `objected`, `restricted`, `condition_not_declared`, `unknown_host`.
    pub reason: String,
    /// Disclosure or claim that the reason rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The school by whose variant of the charter it was judged; `rule` is then one of that variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<String>,
    /// The agreement with that school, by the document that the register names, where a disclosure lets it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<String>,
    /// The person's school as the directory named it when this was decided, as [`crate::seal_school`] makes it; in the first
    /// finding of each person in a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_school: Option<String>,
    /// Version of the consent that it left under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_version: Option<u64>,
    /// Whether the school gave that consent, in the place of the parents.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub consent_of_school: bool,
    /// What the disclosure rests on, in the catalog's words: `ferpa.school_official`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub basis: Vec<String>,
    /// Whether the school's record of disclosures must hold it, 34 CFR 99.32(a) and (d); absent where it is about no
    /// student.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_required: Option<bool>,
}

/// A place that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableEntry {
    /// Part of the message.
    pub part: String,
    /// Why: `too_large`, `too_deep`, `too_many`, `malformed`, `unknown_format`, `pass_through`.
    pub because: String,
}

/// What became of an intent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The intent's request identifier.
    pub id: String,
    /// `answered`, `sent` (it went out whole; nothing answers it), `partial` (broken off when some of it had left),
    /// `not_sent` (no byte went out) or `may_have_left`.
    pub result: String,
    /// Status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Bytes that went out, of what is sent in pieces or passed on unread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_out: Option<u64>,
    /// Bytes that came back, of what is passed on unread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_in: Option<u64>,
}

/// Why the gate let nothing out although nothing was wrong with the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// E.g. `directory_empty`.
    pub fault: String,
}

/// A charter came into force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CharterLoaded {
    /// Number of recipients.
    pub recipients: u64,
    /// Number of claims.
    pub claims: u64,
}

/// The directory was loaded. Counts only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryLoaded {
    /// Number of people.
    pub people: u64,
    /// Number of identifiers.
    pub identifiers: u64,
}

/// A consent was given or withdrawn, or an opt-out was made (`withdrawn`) or taken back (`given`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentChange {
    /// Kind of the consent, `directory_information`, or `recipient:<id>`.
    pub consent: String,
    /// `given` or `withdrawn`.
    pub state: String,
    /// Counts the changes of this kind for this person or school, from 1. An entry may be repeated after a crash; the
    /// version is then the same.
    pub version: u64,
    /// `parent`, `eligible_student`, `person` or `school`.
    pub by: String,
    /// Reference to the person; absent for a school, and for somebody who has left the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Reference>,
    /// The school, for an objection of a school.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<String>,
}

/// A gate began or ended its watch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// `begun` or `ended`.
    pub watch: String,
    /// Version of the program.
    pub version: String,
    /// SHA-256 of the program's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<Base64<32>>,
}

/// Who gets nothing from now on, whatever the register says: the whole state, not the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutOffSet {
    /// Nobody gets anything.
    pub all: bool,
    /// These recipients get nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
}

impl FindingEntry {
    /// Whether the school's record of disclosures must hold it, 34 CFR 99.32(a) and (d): yes where an entry about a student does
    /// not say; none where it is about no student.
    pub fn must_be_recorded(&self) -> Option<bool> {
        let subject = self.subject.as_deref().unwrap_or_default();
        let of_student = subject
            .strip_prefix("student")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        of_student.then(|| self.record_required.unwrap_or(true))
    }
}

impl Entry {
    /// The entry as one line of JSON: what the tree hashes.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("an entry holds only strings, numbers and lists")
    }

    /// Appends [`Self::to_json`] to `buffer`.
    pub(crate) fn write_json(&self, buffer: &mut Vec<u8>) {
        serde_json::to_writer(buffer, self).expect("an entry holds only strings, numbers and lists");
    }

    /// Reads [`Self::to_json`]. The kinds that nearly all entries are of are read without keeping in between what stands
    /// before the kind.
    ///
    /// # Errors
    /// What is not an entry, and where.
    pub fn from_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        Self::of_frequent_kind(json).map_or_else(|| serde_json::from_slice(json), Ok)
    }

    /// `None`: of another kind, or no entry.
    fn of_frequent_kind(json: &[u8]) -> Option<Self> {
        let head: Head<'_> = serde_json::from_slice(json).ok()?;
        let deed = match head.kind.as_ref() {
            "intent" => Deed::Intent(serde_json::from_slice(json).ok()?),
            "outcome" => Deed::Outcome(serde_json::from_slice(json).ok()?),
            "refusal" => Deed::Refusal(serde_json::from_slice(json).ok()?),
            _ => return None,
        };
        Some(Self {
            v: head.v,
            at: head.at,
            charter: head.charter,
            deed,
        })
    }
}

/// What every entry begins with.
#[derive(Deserialize)]
struct Head<'a> {
    v: u32,
    at: String,
    charter: String,
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}
