//! The charter: a register compiled. Validated, immutable, with a digest; everything downstream takes it, never files.
//!
//! Start at [`Charter`]. Its digest is the SHA-256 of its canonical form ([`Charter::canonical`]): JSON with sorted keys
//! and no white space. Layout, comments and file names of the register do not change it; a published sentence does.

mod claim;
mod controller;
mod data;
mod narrow;
mod period;
mod recipient;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::host::HostTable;
use crate::source::Source;

pub use claim::{Claim, ClaimId, ClaimKind, Elements, EvidenceDuty, STUDENT_RECORD_CATEGORIES, Subjects, Words};
pub use controller::{Agreement, Controller, ControllerId, Hiding, Removal, Shortening};
pub use data::{ColumnHolds, Engine, OnErase, Owner, Sensitivity, Store, StoreColumn, StoreId, StoreTable};
pub use period::{Period, PeriodError};
pub use recipient::{Contract, Disclosure, Onward, Receipt, Recipient, RecipientId, RuleId, Transfer};

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

/// What becomes of this recipient's pseudonyms in its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PseudonymsInAnswers {
    /// They stay.
    #[default]
    Keep,
    /// Each becomes what stood in its place in the request that is answered.
    TurnBack,
}

impl PseudonymsInAnswers {
    /// Whether they stay, as they do when nothing is said.
    pub fn are_kept(&self) -> bool {
        *self == Self::Keep
    }
}

/// The part a recipient plays, GDPR Art. 4(7), 4(8), 28.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecipientRole {
    /// Works on behalf of the platform or the school.
    Processor,
    /// Engaged by a processor.
    Subprocessor,
    /// Decides on its own purposes.
    Controller,
    /// Decides together with the platform, GDPR Art. 26.
    JointController,
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
    /// The person does the named thing (`act:adds-avatar`).
    Act(String),
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
            Self::Act(what) => write!(f, "act:{what}"),
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
            _ => {
                let named = |prefix| text.strip_prefix(prefix).filter(|name| averment_catalog::is_id(name));
                let consent = named("consent:").map(|kind| Self::Consent(kind.to_owned()));
                let act = named("act:").map(|what| Self::Act(what.to_owned()));
                consent.or(act).ok_or_else(|| {
                    format!(
                        "`{text}` is not a condition: expected {}, `consent:<kind>` or `act:<what>`",
                        Self::WORDS.join(", ")
                    )
                })
            }
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

/// A published document that the register declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its file name, as in [`Said::document`].
    pub id: String,
    /// Title.
    pub title: String,
    /// Where it is published.
    pub url: Option<String>,
    /// When it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Date>,
}

/// Who makes the statements, for the forms that schools and authorities ask for, GDPR Art. 13(1), 30.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// The part the organisation plays for schools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RecipientRole>,
    /// How to reach it about privacy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Its data protection officer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_protection_officer: Option<String>,
    /// Its representative in the European Union.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub representative: Option<String>,
    /// Where the register is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Domains of the organisation itself, each with everything below it: what goes there goes to nobody else.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub own_domains: BTreeSet<String>,
    /// Mailboxes of the organisation itself, in lower case, such as the one that news go out from: such an address is nobody's.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub own_mailboxes: BTreeSet<String>,
    /// Language of the published sentences, BCP 47; English when not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Time between the notice of a new recipient and its first use, GDPR Art. 28(2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<Period>,
    /// Date of the statements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<Date>,
}

/// What a charter holds. Public fields: the invariants live in [`Charter::new`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CharterContent {
    /// Who makes the statements.
    pub organisation: String,
    /// More about them.
    #[serde(default)]
    pub about: About,
    /// What happens to requests to hosts that no recipient declares.
    pub unknown_hosts: Mode,
    /// Published documents.
    pub documents: Vec<Document>,
    /// Recipients.
    pub recipients: BTreeMap<RecipientId, Recipient>,
    /// Claims.
    pub claims: BTreeMap<ClaimId, Claim>,
    /// Schools with variants of their own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub controllers: BTreeMap<ControllerId, Controller>,
    /// The data map: what is stored where.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<StoreId, Store>,
    /// The school whose variant this is ([`Charter::for_controller`]); none for the register itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller: Option<ControllerId>,
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

    /// Register files that compile to this charter: the same digest, other comments and layout. Those of a school's
    /// variant compile to what holds for the school, without the mark that it is a variant.
    pub fn to_source(&self) -> Source {
        crate::emit::source(&self.content)
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

/// The canonical form of `content`, typed or as read from a published form.
pub(crate) fn canonical_json(content: &impl Serialize) -> String {
    let value = serde_json::to_value(content).expect("a charter holds only strings, lists and tables");
    let mut text = String::from("{\"schema\":\"averment.charter/2\",\"content\":");
    write_canonical(&value, &mut text);
    text.push('}');
    text
}

/// A value with sorted keys and no white space.
pub(crate) fn canonical_json_of(value: &serde_json::Value) -> String {
    let mut text = String::new();
    write_canonical(value, &mut text);
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
