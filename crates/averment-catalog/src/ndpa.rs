//! The schedule of data that a school and a provider tick in a National Data Privacy Agreement (Exhibit B).
//!
//! Source: `data/ndpa.toml`, which names its own.

use serde::{Deserialize, Serialize};

/// How sure it is that the form has the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// Read in a completed schedule.
    Confirmed,
    /// Stated or implied by somebody else's description.
    Secondary,
    /// From memory.
    Unverified,
}

/// One row of the schedule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleRow {
    /// Its identifier, as in [`crate::Element::ndpa`].
    pub id: String,
    /// The group it stands in.
    pub category: String,
    /// What it is about.
    pub label: String,
    /// The form asks for a text beside the tick.
    #[serde(default)]
    pub specify: bool,
    /// How sure it is that the form has the row.
    pub status: Confirmation,
}
