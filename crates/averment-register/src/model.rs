//! The register on disk: one struct per TOML file. Field names are the format; unknown ones are errors.
//!
//! Strings that must name something declared elsewhere are [`Spanned`], so that a finding points at them.

use averment_catalog::{Plane, Treatment};
use serde::Deserialize;
use toml::Spanned;

use crate::charter::{Mode, RecipientRole, Said, StudentRecords, Unreadable};

/// What stands in `organisation` until a person fills it in.
pub(crate) const UNKNOWN_ORGANISATION: &str = "(name of the organisation)";

/// `organisation.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganisationFile {
    /// Who makes the statements.
    pub(crate) organisation: Spanned<String>,
    /// Defaults for recipients and hosts.
    #[serde(default)]
    pub(crate) defaults: Defaults,
    /// Published documents that `said` refers to.
    #[serde(default)]
    pub(crate) documents: Vec<DocumentRow>,
}

/// `[defaults]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Defaults {
    /// Mode of recipients that do not say.
    pub(crate) mode: Mode,
    /// What happens to requests to hosts that no recipient declares.
    pub(crate) unknown_hosts: Mode,
}

/// `[[documents]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentRow {
    /// File name of the document.
    pub(crate) id: Spanned<String>,
    /// Title.
    pub(crate) title: String,
    /// Where it is published.
    pub(crate) url: Option<String>,
}

/// `recipients/<id>.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecipientFile {
    /// Identifier; the file has the same name.
    pub(crate) recipient: Spanned<String>,
    /// Name as published; the catalog's product name when absent.
    pub(crate) name: Option<String>,
    /// Third parties of the catalog; the one of the same identifier when absent.
    pub(crate) third_parties: Option<Vec<Spanned<String>>>,
    /// The published sentence on why, verbatim.
    pub(crate) purpose: Spanned<String>,
    /// Purposes in the catalog's words.
    #[serde(default)]
    pub(crate) purposes: Vec<Spanned<String>>,
    /// The published sentence on what, verbatim.
    pub(crate) information: Spanned<String>,
    /// Where its flows can be seen.
    pub(crate) planes: Spanned<Vec<Plane>>,
    /// The part it plays.
    pub(crate) role: RecipientRole,
    /// What the document says about student records.
    pub(crate) student_records: Spanned<StudentRecords>,
    /// Report or enforce; `[defaults]` when absent.
    pub(crate) mode: Option<Mode>,
    /// What happens to bodies that cannot be read.
    #[serde(default)]
    pub(crate) unreadable: Unreadable,
    /// Hosts besides those of the catalog.
    #[serde(default)]
    pub(crate) hosts: Vec<Spanned<String>>,
    /// Where it was said.
    pub(crate) said: Option<Spanned<Said>>,
    /// What it may get.
    #[serde(default)]
    pub(crate) discloses: Vec<Spanned<DisclosesRow>>,
    /// What is claimed about it.
    #[serde(default)]
    pub(crate) claims: Vec<Spanned<ClaimRow>>,
}

/// `[[discloses]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DisclosesRow {
    /// Elements or categories.
    pub(crate) elements: Vec<Spanned<String>>,
    /// Whose.
    pub(crate) subjects: Vec<Spanned<String>>,
    /// When; `always` when absent.
    pub(crate) when: Option<Spanned<String>>,
    /// What is done first; `pass` when absent.
    pub(crate) treatment: Option<Treatment>,
}

/// `[[claims]]`: in a recipient's file about that recipient, in `claims/*.toml` about the whole list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClaimRow {
    /// Kind of claim.
    pub(crate) kind: Spanned<String>,
    /// Identifier within the file; made from the kind when absent.
    pub(crate) id: Option<Spanned<String>>,
    /// The published sentence, verbatim.
    pub(crate) sentence: String,
    /// Elements or categories (`never_shares`, `not_stored`, `stored_as`).
    pub(crate) elements: Option<Vec<Spanned<String>>>,
    /// Subjects (`never_shares`, `stored_as`).
    pub(crate) subjects: Option<Vec<Spanned<String>>>,
    /// Form (`stored_as`).
    pub(crate) form: Option<String>,
    /// Term (`contract_says`).
    pub(crate) term: Option<String>,
    /// Host (`embeds_only`).
    pub(crate) host: Option<Spanned<String>>,
    /// Where it was said.
    pub(crate) said: Option<Spanned<Said>>,
}

/// `claims/*.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClaimsFile {
    /// Claims about the whole list.
    #[serde(default)]
    pub(crate) claims: Vec<Spanned<ClaimRow>>,
}
