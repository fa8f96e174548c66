//! `averment-duties.toml`: how stores, third parties and pages are reached, and when what is done. Nothing in it is published,
//! and no secret stands in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
    /// Buckets, by the store of the data map.
    pub buckets: BTreeMap<StoreId, crate::probe::BucketAccess>,
    /// Regions of clouds in which stores are, where nothing else says it.
    pub regions: BTreeMap<StoreId, String>,
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
        toml::from_str(text).map_err(|error| told(text, &error))
    }

    /// The same with every path as from `folder` on, where it is relative.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        for path in self.paths() {
            *path = folder.join(&*path);
        }
        self
    }

    fn paths(&mut self) -> Vec<&mut PathBuf> {
        let mut all: Vec<&mut PathBuf> = Vec::new();
        for store in self.stores.values_mut() {
            all.extend(store.url_file.iter_mut().chain(&mut store.path).chain(&mut store.trust));
        }
        for vendor in self.vendors.values_mut() {
            all.extend(vendor.token_file.iter_mut().chain(&mut vendor.trust));
            all.extend(vendor.secrets.values_mut().flat_map(|secret| &mut secret.file));
        }
        all.extend(self.endpoints.iter_mut().flat_map(|endpoint| &mut endpoint.trust));
        all.extend(self.pages.trust.iter_mut().chain(&mut self.views.trust));
        for account in self.views.accounts.values_mut() {
            all.extend(account.secrets().flat_map(|secret| &mut secret.file));
        }
        for bucket in self.buckets.values_mut() {
            let secrets = [&mut bucket.key_id, &mut bucket.secret]
                .into_iter()
                .chain(&mut bucket.token);
            all.extend(secrets.flat_map(|secret| &mut secret.file).chain(&mut bucket.trust));
        }
        for drill in &mut self.drills {
            all.extend(drill.file.iter_mut().chain(&mut drill.scratch.file));
        }
        all
    }
}

/// The line and what was expected there: a secret that stands in the file by mistake is not repeated.
fn told(text: &str, error: &toml::de::Error) -> SettingsError {
    let start = error.span().map_or(0, |span| span.start);
    let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
    let message = error.message().lines().next().unwrap_or_default();
    let names_keys = ["unknown field", "missing field"];
    let words = match message.rsplit_once(", expected ") {
        _ if names_keys.iter().any(|words| message.starts_with(words)) => message,
        Some((_, expected)) if expected.starts_with("struct ") => "expected a table",
        Some((found, expected)) if found.starts_with("invalid") || found.starts_with("unknown") => {
            return SettingsError(format!("line {line}: expected {}", in_words(expected)));
        }
        _ if message.contains(['"', '`']) => {
            return SettingsError(match only_expected(message) {
                Some(expected) => format!("line {line}: expected {}", in_words(expected)),
                None => format!("line {line}: not as expected; `docs/duties.md` says what stands there"),
            });
        }
        _ => message,
    };
    SettingsError(format!("line {line}: {words}"))
}

/// The part of a message that says what was expected; none where a part of what was found may be in it.
fn only_expected(message: &str) -> Option<&str> {
    let (found, expected) = message.rsplit_once(": expected ")?;
    let expected = expected.split(", found ").next().unwrap_or_default();
    let is_whole = |part: &str| ['"', '`'].iter().all(|quote| part.matches(*quote).count() % 2 == 0);
    (is_whole(found) && is_whole(expected)).then_some(expected)
}

/// Names of types as people say them.
fn in_words(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list",
        "a map" => "a table",
        other => other,
    }
}

#[cfg(test)]
mod tests;
