//! The charter: a register compiled. Validated, immutable, with a digest; everything downstream takes it, never files.
//!
//! Start at [`Charter`]. Its digest is the SHA-256 of its canonical form ([`Charter::canonical`]): JSON with sorted keys
//! and no white space. Layout, comments and file names of the register do not change it; a published sentence does.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{ElementId, Plane, PurposeId, SubjectId, ThirdPartyId, Treatment, typed_id};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::host::HostTable;

typed_id!(
    /// A recipient of the register, e.g. `zendesk`.
    RecipientId
);
typed_id!(
    /// A claim, e.g. `amplitude/no-student-records`.
    ClaimId
);
typed_id!(
    /// A rule that lets an element leave: one `[[discloses]]` row, e.g. `twilio/discloses-1`.
    RuleId
);

/// Whether the gate refuses what is not declared or only records that it would have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Forward and record as *would refuse*. The default of a fresh register.
    #[default]
    Report,
    /// Refuse.
    Enforce,
}

impl Mode {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Enforce => "enforce",
        }
    }
}

/// What happens to a body that cannot be read, in enforce mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreadable {
    /// Refuse it.
    #[default]
    Refuse,
    /// Forward it: a declared, published exception that lowers the grade.
    Forward,
}

/// The part a recipient plays, GDPR Art. 4(7), 4(8), 28.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecipientRole {
    /// Works on behalf of the platform or the school.
    Processor,
    /// Engaged by a processor.
    Subprocessor,
    /// Decides on its own purposes.
    Controller,
    /// Carries data without reading it.
    Conduit,
}

/// What the published document says about student records at a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StudentRecords {
    /// "No Student Records."
    None,
    /// Only technical data such as IP addresses.
    Technical,
    /// Content that students made.
    Content,
    /// Not intended, but possible.
    Possible,
    /// Yes.
    Yes,
}

/// When a declared disclosure happens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// In the course of normal operation.
    Always,
    /// The person chooses to use an optional feature.
    SubjectChooses,
    /// The person types it in at the recipient.
    SubjectEnters,
    /// In answering a support request of the person.
    OnSupportRequest,
    /// Not intended; may happen.
    Incidental,
    /// Given a consent of the named kind (`consent:photo`).
    Consent(String),
}

impl Condition {
    /// The spellings that take no parameter.
    pub const WORDS: [&'static str; 5] = [
        "always",
        "subject_chooses",
        "subject_enters",
        "on_support_request",
        "incidental",
    ];
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Always => f.write_str("always"),
            Self::SubjectChooses => f.write_str("subject_chooses"),
            Self::SubjectEnters => f.write_str("subject_enters"),
            Self::OnSupportRequest => f.write_str("on_support_request"),
            Self::Incidental => f.write_str("incidental"),
            Self::Consent(kind) => write!(f, "consent:{kind}"),
        }
    }
}

impl std::str::FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "always" => Ok(Self::Always),
            "subject_chooses" => Ok(Self::SubjectChooses),
            "subject_enters" => Ok(Self::SubjectEnters),
            "on_support_request" => Ok(Self::OnSupportRequest),
            "incidental" => Ok(Self::Incidental),
            _ => match text.strip_prefix("consent:") {
                Some(kind) if averment_catalog::is_id(kind) => Ok(Self::Consent(kind.to_owned())),
                _ => Err(format!(
                    "`{text}` is not a condition: expected {} or `consent:<kind>`",
                    Self::WORDS.join(", ")
                )),
            },
        }
    }
}

impl Serialize for Condition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Where a sentence was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Identifier of the document (its file name).
    pub document: String,
    /// Line in it, from 1.
    pub line: u32,
}

/// One declared disclosure: these elements of these subjects, under this condition, after this treatment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disclosure {
    /// The rule's name in verdicts, entries and refusals.
    pub rule: RuleId,
    /// Elements or categories of elements.
    pub elements: BTreeSet<ElementId>,
    /// Whose.
    pub subjects: BTreeSet<SubjectId>,
    /// When.
    pub when: Condition,
    /// What is done to the elements first.
    pub treatment: Treatment,
}

impl Disclosure {
    /// Whether this row declares `element` of a subject of kind `subject`.
    pub fn covers(&self, element: &ElementId, subject: &SubjectId) -> bool {
        self.covers_element(element) && self.subjects.iter().any(|declared| declared.covers(subject))
    }

    /// Whether this row declares `element` of anybody.
    pub fn covers_element(&self, element: &ElementId) -> bool {
        self.elements.iter().any(|declared| declared.covers(element))
    }
}

/// One recipient, compiled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recipient {
    /// Identifier in the register.
    pub id: RecipientId,
    /// Name as published.
    pub name: String,
    /// Third parties of the catalog that it stands for (a brand may have several).
    pub third_parties: BTreeSet<ThirdPartyId>,
    /// The published sentence on why.
    pub purpose: String,
    /// Purposes in the catalog's words.
    pub purposes: BTreeSet<PurposeId>,
    /// The published sentence on what.
    pub information: String,
    /// Where its flows can be seen.
    pub planes: BTreeSet<Plane>,
    /// The part it plays.
    pub role: RecipientRole,
    /// What the document says about student records.
    pub student_records: StudentRecords,
    /// Report or enforce.
    pub mode: Mode,
    /// What happens to bodies that cannot be read.
    pub unreadable: Unreadable,
    /// Host patterns: the catalog's and the register's own.
    pub hosts: BTreeSet<String>,
    /// What it may get.
    pub discloses: Vec<Disclosure>,
    /// Where it was said.
    pub said: Option<Said>,
}

/// What a claim says, with its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ClaimKind {
    /// The recipient gets only what its `[[discloses]]` rows declare. Every recipient has this claim.
    Shares,
    /// The recipient never gets these elements of these subjects.
    NeverShares {
        /// Elements or categories.
        elements: BTreeSet<ElementId>,
        /// Whose.
        subjects: BTreeSet<SubjectId>,
    },
    /// There is no recipient besides those declared.
    ListComplete,
    /// The platform does not store these elements.
    NotStored {
        /// Elements or categories.
        elements: BTreeSet<ElementId>,
    },
    /// These elements are stored only in this form.
    StoredAs {
        /// Elements or categories.
        elements: BTreeSet<ElementId>,
        /// Whose; everybody's when empty.
        #[serde(skip_serializing_if = "BTreeSet::is_empty")]
        subjects: BTreeSet<SubjectId>,
        /// E.g. `one_way_hash`.
        form: String,
    },
    /// What is written to disk is encrypted.
    EncryptedAtRest,
    /// The contract with the recipient says so (`no_training`, `processor_only`).
    ContractSays {
        /// The term.
        term: String,
    },
    /// Only this variant is embedded (a no-cookie host).
    EmbedsOnly {
        /// Host pattern.
        host: String,
    },
    /// A sentence that fits none of the others; kept so that none is lost.
    Statement,
}

impl ClaimKind {
    /// The word used in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Shares => "shares",
            Self::NeverShares { .. } => "never_shares",
            Self::ListComplete => "list_complete",
            Self::NotStored { .. } => "not_stored",
            Self::StoredAs { .. } => "stored_as",
            Self::EncryptedAtRest => "encrypted_at_rest",
            Self::ContractSays { .. } => "contract_says",
            Self::EmbedsOnly { .. } => "embeds_only",
            Self::Statement => "statement",
        }
    }
}

/// The categories that "No Student Records" speaks of when the register does not say otherwise: who a student is and how
/// to reach them, what the school records about them, and who their guardians are. Technical and usage data and content
/// that a student makes are not in it; a `never_shares` claim may name them.
pub const STUDENT_RECORD_CATEGORIES: [&str; 7] = [
    "identity",
    "demographic",
    "contact",
    "account",
    "edu",
    "comms",
    "guardian",
];

/// One falsifiable statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// Identifier.
    pub id: ClaimId,
    /// What it says.
    #[serde(flatten)]
    pub kind: ClaimKind,
    /// The recipient it is about; none for claims about the whole list.
    pub recipient: Option<RecipientId>,
    /// The published sentence.
    pub sentence: String,
    /// Where it was said.
    pub said: Option<Said>,
}

/// A published document that the register declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    /// Its file name, as in [`Said::document`].
    pub id: String,
    /// Title.
    pub title: String,
    /// Where it is published.
    pub url: Option<String>,
}

/// What a charter holds. Public fields: the invariants live in [`Charter::new`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CharterContent {
    /// Who makes the statements.
    pub organisation: String,
    /// What happens to requests to hosts that no recipient declares.
    pub unknown_hosts: Mode,
    /// Published documents.
    pub documents: Vec<Document>,
    /// Recipients.
    pub recipients: BTreeMap<RecipientId, Recipient>,
    /// Claims.
    pub claims: BTreeMap<ClaimId, Claim>,
}

/// The register compiled: immutable, with its digest.
#[derive(Debug, Clone)]
pub struct Charter {
    content: CharterContent,
    digest: Digest,
    hosts: HostTable,
    claims_by_recipient: BTreeMap<Option<RecipientId>, Vec<ClaimId>>,
}

impl Charter {
    /// Seals `content`, which [`crate::compile`] has validated.
    pub(crate) fn new(content: CharterContent) -> Self {
        let digest = Digest::of(canonical_json(&content).as_bytes());
        let hosts = HostTable::new(content.recipients.values());
        let mut claims_by_recipient: BTreeMap<Option<RecipientId>, Vec<ClaimId>> = BTreeMap::new();
        for claim in content.claims.values() {
            let ids = claims_by_recipient.entry(claim.recipient.clone()).or_default();
            ids.push(claim.id.clone());
        }
        Self {
            content,
            digest,
            hosts,
            claims_by_recipient,
        }
    }

    /// SHA-256 of [`Self::canonical`].
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The canonical form: JSON, keys sorted, no white space.
    pub fn canonical(&self) -> String {
        canonical_json(&self.content)
    }

    /// Everything it holds.
    pub fn content(&self) -> &CharterContent {
        &self.content
    }

    /// A recipient by its identifier.
    pub fn recipient(&self, id: &RecipientId) -> Option<&Recipient> {
        self.content.recipients.get(id)
    }

    /// The claims that concern a recipient: those about it, and those about the list as a whole.
    pub fn claims_concerning(&self, recipient: &RecipientId) -> Vec<&Claim> {
        let ids = |key: Option<&RecipientId>| self.claims_by_recipient.get(&key.cloned()).into_iter().flatten();
        let all = ids(Some(recipient)).chain(ids(None));
        all.filter_map(|id| self.content.claims.get(id)).collect()
    }

    /// The recipients that a request to `host` may be for, most specific host pattern first; empty for an unknown host.
    ///
    /// `host`: name without port, any letter case, without trailing dot. Several recipients share a host when their
    /// patterns are equally specific (`www.googleapis.com`); the policy then takes the strictest.
    pub fn recipients_of_host(&self, host: &str) -> Vec<&Recipient> {
        self.hosts
            .look_up(host)
            .iter()
            .filter_map(|id| self.content.recipients.get(id))
            .collect()
    }
}

fn canonical_json(content: &CharterContent) -> String {
    let value = serde_json::to_value(content).expect("a charter holds only strings, lists and tables");
    let mut text = String::from("{\"schema\":\"averment.charter/1\",\"content\":");
    write_canonical(&value, &mut text);
    text.push('}');
    text
}

/// Writes `value` with sorted keys whatever the map type of the JSON library is.
fn write_canonical(value: &serde_json::Value, out: &mut String) {
    match value {
        serde_json::Value::Object(map) => {
            let sorted: BTreeMap<_, _> = map.iter().collect();
            out.push('{');
            for (index, (key, item)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&serde_json::Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(item, out);
            }
            out.push('}');
        }
        serde_json::Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}
