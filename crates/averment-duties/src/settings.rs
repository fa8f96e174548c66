//! `averment-duties.toml`: how stores, third parties and pages are reached, and when what is done. Nothing in it is published,
//! and no secret stands in it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use averment_register::{RecipientId, StoreId};
use serde::Deserialize;

use crate::retain::Retention;

/// The whole file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Stores of the data map.
    pub stores: BTreeMap<StoreId, StoreAccess>,
    /// How much probes look at.
    pub probes: crate::probe::ProbeSettings,
    /// Third parties that are asked to erase people.
    pub vendors: BTreeMap<RecipientId, crate::vendor::VendorAccess>,
    /// Servers of the platform.
    pub endpoints: Vec<crate::probe::Endpoint>,
    /// Pages on which something is offered.
    pub pages: crate::probe::PageSettings,
    /// What is done once in a while.
    pub drills: Vec<crate::drill::Drill>,
    /// Pages that are opened to see who sees what.
    pub views: crate::probe::ViewSettings,
    /// Pages that offer something.
    pub offers: Vec<crate::probe::Offer>,
    /// How data that are due go.
    pub retention: Retention,
}

/// How a store is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreAccess {
    /// Environment variable with the address of a server.
    pub url_env: Option<String>,
    /// File with the address of a server.
    pub url_file: Option<PathBuf>,
    /// A SQLite file, or the folder of files.
    pub path: Option<PathBuf>,
    /// PEM files with certificates to trust besides the system's.
    pub trust: Vec<PathBuf>,
}

/// Why the file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(String);

impl Settings {
    /// Reads the text of the file.
    ///
    /// # Errors
    /// [`SettingsError`] with the line.
    pub fn read(text: &str) -> Result<Self, SettingsError> {
        toml::from_str(text).map_err(|error| SettingsError(error.to_string()))
    }
}
