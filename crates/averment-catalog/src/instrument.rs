//! Instruments that statements cite (a framework, a set of clauses, a pledge), with the days on which they were valid.
//!
//! Source: `data/instruments.toml`, which names its own.

use serde::Deserialize;

/// One instrument.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// Our identifier.
    pub id: String,
    /// Its name, as it reads inside a sentence.
    pub label: String,
    /// Words by which a sentence cites it, in lower case.
    pub names: Vec<String>,
    /// Words that make the sentence speak of something else.
    #[serde(default)]
    pub unless: Vec<String>,
    /// The same instrument among the safeguards and certificates of the closed vocabularies.
    #[serde(default)]
    pub words: Vec<String>,
    /// Whether transfers to third countries rest on it.
    pub transfer: bool,
    /// First day, `YYYY-MM-DD`.
    pub valid_from: String,
    /// Last day, `YYYY-MM-DD`; none while it is in force.
    pub valid_to: Option<String>,
    /// What says so.
    pub source: String,
    /// The row is not confirmed from a source.
    #[serde(default)]
    pub review: bool,
}

impl Instrument {
    /// Its last day, when that is before `day`, written `YYYY-MM-DD`.
    pub fn lapsed_on(&self, day: &str) -> Option<&str> {
        self.valid_to.as_deref().filter(|last| *last < day)
    }
}
