//! Countries, and how Chapter V of the GDPR sees them.
//!
//! Source: `data/countries.toml`, which names its own.

use serde::{Deserialize, Serialize};

/// How transfers to a country are seen, GDPR Art. 44-45.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// In the European Economic Area: no transfer.
    Eea,
    /// A decision of the Commission finds its protection adequate, Art. 45(3).
    Adequate,
    /// Neither: a transfer needs safeguards, Art. 46-49.
    Third,
}

/// One country.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Country {
    /// ISO 3166-1 alpha-2.
    pub code: String,
    /// Its usual English name.
    pub name: String,
    /// How transfers to it are seen.
    pub region: Region,
    /// What the decision is limited to.
    pub note: Option<String>,
    /// The row is not confirmed from a source.
    #[serde(default)]
    pub review: bool,
}
