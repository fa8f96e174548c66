//! How much probes look at: the section `[probes]`.

use serde::Deserialize;

/// How much probes look at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProbeSettings {
    /// Values of a column of text that are searched for what must not be in it; of more, every so-manieth is.
    pub values: u64,
    /// Tables of figures, `store.table`, besides those that the data map shows to be such.
    pub figures: std::collections::BTreeSet<String>,
    /// Values of people that unkeyed digests are tried with.
    pub candidates: usize,
}

impl Default for ProbeSettings {
    fn default() -> Self {
        Self {
            values: 20_000,
            figures: std::collections::BTreeSet::new(),
            candidates: 500_000,
        }
    }
}
