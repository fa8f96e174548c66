//! The list of contents of a bundle.
//!
//! It is not signed: whoever packs a bundle writes it. What it says is either held against the signed record by a later
//! check or believed by nobody.

use averment_ledger::TreeHash;
use serde::{Deserialize, Serialize};

use crate::check::Reason;
use crate::container::Zipped;
use crate::verify::Fault;

/// Name of the list in a bundle.
pub const MANIFEST: &str = "manifest.json";
/// Format of the list.
pub const SCHEMA: &str = "averment.bundle/1";
const SCHEMA_START: &str = "averment.bundle/";

/// How much a bundle shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// What was committed to.
    Statement,
    /// And every entry from a point on.
    Whole,
}

/// What a bundle is and holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// When it was made, RFC 3339 UTC.
    pub made_at: String,
    /// By which program and version.
    pub made_by: String,
    /// How much it shows.
    pub level: Level,
    /// The school that it is for; none: for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<String>,
    /// Digest of `charter.json` (`sha256:…`).
    pub charter: String,
    /// The logs of the ledger, oldest first.
    pub logs: Vec<LogRow>,
    /// From an older checkpoint to the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<SinceRow>,
    /// Entries about people of this school and of others, which are missing for that.
    pub left_out: u64,
    /// Every other file.
    pub files: Vec<FileRow>,
}

/// One log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogRow {
    /// Four digits.
    pub name: String,
    /// Number of its first entry in the whole ledger.
    pub first: u64,
    /// Where its entries one after the other begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<RangeRow>,
}

/// Where consecutive entries begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RangeRow {
    /// The first leaf.
    pub from: u64,
    /// Roots of the full subtrees before it, largest first.
    pub edge: Vec<TreeHash>,
}

/// A consistency proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SinceRow {
    /// Of which log.
    pub log: String,
    /// From which size.
    pub size: u64,
    /// RFC 9162 section 2.1.4.
    pub proof: Vec<TreeHash>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRow {
    /// Its name in the bundle.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256, 64 hex digits.
    pub sha256: String,
}

impl Manifest {
    /// Reads the list and checks its form.
    pub(crate) fn read(files: &Zipped) -> Result<Self, Fault> {
        let bytes = files.get(MANIFEST).ok_or_else(|| {
            let says = "this is not a bundle: a ZIP file without a list of contents (`manifest.json`)";
            Fault::new(Reason::ManifestMissing, says.to_owned())
        })?;
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|_| malformed("it is no JSON"))?;
        let schema = value.get("schema").and_then(serde_json::Value::as_str);
        if schema.is_some_and(|schema| schema.starts_with(SCHEMA_START) && schema != SCHEMA) {
            let says = "the bundle is in a newer format than this program reads";
            return Err(Fault::new(Reason::NewerFormat, says.to_owned()));
        }
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|_| malformed("a member of it is missing or wrong"))?;
        manifest.check().map(|()| manifest)
    }

    fn check(&self) -> Result<(), Fault> {
        let four_digits = |row: &LogRow| row.name.len() == 4 && row.name.bytes().all(|byte| byte.is_ascii_digit());
        let begun = self.logs.iter().position(|row| row.range.is_some());
        let later = &self.logs[begun.map_or(0, |begun| begun + 1)..];
        let from_start = |row: &LogRow| row.range.as_ref().is_some_and(|range| range.from == 0);
        let levels_fit = match self.level {
            Level::Whole => begun.is_some() && later.iter().all(from_start),
            Level::Statement => begun.is_none(),
        };
        if self.schema != SCHEMA {
            return Err(malformed("it is of another format"));
        }
        if self.logs.is_empty() || !self.logs.iter().all(four_digits) {
            return Err(malformed("its logs are not numbered"));
        }
        if self.logs.windows(2).any(|pair| pair[0].name == pair[1].name) {
            return Err(malformed("it names a log twice"));
        }
        if !levels_fit {
            return Err(malformed("it does not say for each log where its entries begin"));
        }
        Ok(())
    }

    /// The file of a log.
    pub(crate) fn log_file(log: &str, file: &str) -> String {
        format!("ledger/{log}/{file}")
    }
}

fn malformed(what: &str) -> Fault {
    Fault::new(
        Reason::ManifestMalformed,
        format!("the list of contents is not as it must be: {what}"),
    )
}
