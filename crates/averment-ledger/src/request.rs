//! Requests of data subjects and schools, as recorded: one [`RequestChange`] for each step of a request.
//!
//! Texts are written by people who answer for them and name nobody; whoever takes such a text in checks that.
//!
//! Source: 34 CFR 99.10, 99.20; GDPR Art. 12(3), 15-18, 20, 21.

use serde::{Deserialize, Serialize};

use crate::reference::Reference;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestKind {
    /// To see what is held, 34 CFR 99.10, GDPR Art. 15.
    Access,
    /// To have something wrong put right, GDPR Art. 16.
    Rectification,
    /// To have it deleted, GDPR Art. 17.
    Erasure,
    /// To have it stored and nothing else, GDPR Art. 18.
    Restriction,
    /// That it is not processed on this ground, GDPR Art. 21.
    Objection,
    /// To get it in a form for machines, GDPR Art. 20.
    Portability,
    /// A school asks for everything about its people.
    SchoolExport,
    /// A school asks for everything about its people to be deleted, at the end of the contract for instance.
    SchoolDeletion,
    /// To amend an education record, 34 CFR 99.20.
    Amendment,
    /// Nobody asked: records are kept because a lawsuit or an order needs them.
    LegalHold,
}

impl RequestKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Access,
        Self::Rectification,
        Self::Erasure,
        Self::Restriction,
        Self::Objection,
        Self::Portability,
        Self::SchoolExport,
        Self::SchoolDeletion,
        Self::Amendment,
        Self::LegalHold,
    ];

    /// The word in entries, in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Rectification => "rectification",
            Self::Erasure => "erasure",
            Self::Restriction => "restriction",
            Self::Objection => "objection",
            Self::Portability => "portability",
            Self::SchoolExport => "school_export",
            Self::SchoolDeletion => "school_deletion",
            Self::Amendment => "amendment",
            Self::LegalHold => "legal_hold",
        }
    }

    /// Whether it is about a whole school; the others are about a person.
    pub fn is_of_a_school(self) -> bool {
        matches!(self, Self::SchoolExport | Self::SchoolDeletion)
    }

    /// Whether doing it destroys data.
    pub fn destroys(self) -> bool {
        matches!(self, Self::Erasure | Self::SchoolDeletion)
    }
}

impl std::fmt::Display for RequestKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for RequestKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| {
            let words = Self::ALL.map(Self::as_str).join(", ");
            format!("expected one of {words}, found `{text}`")
        })
    }
}

/// One step of a request: it was received, verified, extended, put on hold, done, refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestChange {
    /// Random identifier of the step, 32 hex digits. An entry may be repeated after a crash; the identifier is then the same.
    pub id: String,
    /// Identifier of the request.
    pub request: String,
    /// What is asked for: a word of [`RequestKind`].
    pub asks: String,
    /// `received`, `confirmed`, `identity_wanted`, `verified`, `extended`, `on_hold`, `lifted`, `done` or `refused`.
    pub state: String,
    /// Who asks: `parent`, `eligible_student`, `person`, `school`; `office` for a legal hold.
    pub by: String,
    /// The day on which it was received, `2026-11-01`.
    pub received_on: String,
    /// Rules and agreements that set, or may set, a time for it: `GDPR-12-a`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub laws: Vec<String>,
    /// The earliest last day, `2026-12-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// How it is shown: a sentence, or `sha256:` and the digest of a document that is kept elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
    /// Why, of what needs a reason: an extension, a hold and its end, a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The provision that a refusal rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cite: Option<String>,
    /// Reference to the person; absent for a school, and for somebody who was forgotten since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Reference>,
    /// The school that it is about, or that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<String>,
}
