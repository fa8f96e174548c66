//! The words: data elements, purposes, kinds of data subjects, and the few closed lists every room shares.
//!
//! Source: `data/elements.toml`, `data/purposes.toml`, `data/subjects.toml`, which name theirs.

use serde::{Deserialize, Serialize};

use crate::{ElementId, PurposeId, SubjectId};

/// An answer that a legal test gives about an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegalTest {
    /// The test applies.
    Yes,
    /// It does not.
    No,
    /// It depends; the element's note says on what.
    Conditional,
}

/// One data element and how other vocabularies and laws call it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Element {
    /// Our identifier, `category.element`.
    pub id: ElementId,
    /// What people call it.
    pub label: String,
    /// Row of the National Data Privacy Agreement's schedule of data, `-` for adults only.
    pub ndpa: String,
    /// Nearest key of the fideslang taxonomy.
    pub fideslang: String,
    /// Suggested custom fideslang key.
    pub fideslang_ext: Option<String>,
    /// Term of the W3C Data Privacy Vocabulary.
    pub dpv: String,
    /// Special category, GDPR Art. 9(1).
    pub gdpr_special: LegalTest,
    /// Personal information when collected online from a child under 13, 16 CFR 312.2.
    pub coppa_pi: LegalTest,
    /// Named among the examples of directory information, 34 CFR 99.3.
    pub ferpa_directory: LegalTest,
    /// What to know before relying on the row.
    pub note: Option<String>,
    /// The row rests on memory or on a judgement call and stays marked.
    #[serde(default)]
    pub review: bool,
}

/// A category of data elements.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Our identifier, the part of an element's before a dot.
    pub id: ElementId,
    /// What people call it.
    pub label: String,
}

/// One purpose of processing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Our identifier.
    pub id: PurposeId,
    /// What people call it.
    pub label: String,
    /// Term of the W3C Data Privacy Vocabulary.
    pub dpv: String,
    /// Nearest fideslang data use.
    pub fideslang: String,
    /// Whether student data may be used for it under the union of US state laws.
    pub student_data: LegalTest,
    /// Whether it is a school purpose.
    pub school_purpose: LegalTest,
    /// Whether it is support for internal operations, 16 CFR 312.2.
    pub coppa_internal_operations: LegalTest,
    /// What to know before relying on the row.
    pub note: Option<String>,
    /// The row rests on a judgement call and stays marked.
    #[serde(default)]
    pub review: bool,
}

/// One kind of data subject.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Our identifier.
    pub id: SubjectId,
    /// What people call it.
    pub label: String,
    /// Term of the W3C Data Privacy Vocabulary.
    pub dpv: String,
    /// Nearest fideslang data subject.
    pub fideslang: String,
    /// Whether FERPA and the state laws treat the person as a student.
    pub student: LegalTest,
    /// What to know before relying on the row.
    pub note: Option<String>,
}

/// Where a flow can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plane {
    /// Requests that servers make, through the egress gateway.
    Gateway,
    /// Requests that a visitor's browser makes.
    Browser,
    /// Typed in at the recipient by the person concerned.
    VendorForm,
    /// Typed in or uploaded by staff of the platform.
    StaffTool,
    /// Hosting: the recipient holds what the platform stores.
    Infrastructure,
    /// The recipient logs into a database of the platform.
    Database,
    /// Electronic mail.
    Mail,
}

impl Plane {
    /// All planes, in the order in which pages list them.
    pub const ALL: [Self; 7] = [
        Self::Gateway,
        Self::Browser,
        Self::VendorForm,
        Self::StaffTool,
        Self::Infrastructure,
        Self::Database,
        Self::Mail,
    ];

    /// The word used in files, e.g. `vendor_form`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Browser => "browser",
            Self::VendorForm => "vendor_form",
            Self::StaffTool => "staff_tool",
            Self::Infrastructure => "infrastructure",
            Self::Database => "database",
            Self::Mail => "mail",
        }
    }
}

/// What is done to an element before it may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// It leaves as it is.
    Pass,
    /// It is replaced by a less precise value (an e-mail address by its domain).
    Generalise,
    /// Most of it is replaced by `*`.
    Mask,
    /// It is replaced by a per-recipient pseudonym (same person, same recipient: same value).
    Pseudonym,
    /// It is replaced by a keyed hash. Still personal data.
    Hash,
    /// It is replaced by nothing.
    Drop,
    /// The whole message is refused.
    Block,
}

impl Treatment {
    /// The word used in files, e.g. `pseudonym`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Generalise => "generalise",
            Self::Mask => "mask",
            Self::Pseudonym => "pseudonym",
            Self::Hash => "hash",
            Self::Drop => "drop",
            Self::Block => "block",
        }
    }
}
