//! What the console shows, as the binary supplies it.

use averment_claims::Activity;
use jiff::Timestamp;
use serde::Serialize;

/// Supplies what is shown. Called off the threads that serve the gate; a page may take its time.
pub trait View: Send + Sync + 'static {
    /// A file of the public site by its path without a slash at the front, e.g. `index.html`: made anew or remembered for
    /// as long as it is right. None when the site has no such file.
    fn file(&self, path: &str) -> Option<Vec<u8>>;

    /// A file of a published log by its path, the log's name first: `<origin>/checkpoint`, `<origin>/tile/0/000`. None when
    /// there is no such file, or when it holds entries.
    fn log_file(&self, path: &str) -> Option<LogFile>;

    /// What has to be vouched for and when, as a calendar (RFC 5545). Roles and days only.
    fn calendar(&self) -> String;

    /// How the gate is doing.
    fn status(&self) -> Status;

    /// Takes what a browser reports about the content security policy, of either media type, at most
    /// [`REPORT_MAX_BYTES`](crate::REPORT_MAX_BYTES). Called for strangers: whatever `body` holds, little is kept of it.
    fn policy_reports(&self, body: &[u8]) -> Taken;
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is counted.
    Counted,
    /// It is no report.
    NoReport,
    /// It cannot be kept now.
    NotNow,
}

/// A file of a published log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogFile {
    /// The newest signed checkpoint; replaced by newer ones.
    Checkpoint(String),
    /// A tile of hashes; never changes.
    Tile(Vec<u8>),
}

/// How the gate is doing.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The time of this status.
    pub now: Timestamp,
    /// When the program started.
    pub started_at: Timestamp,
    /// Version of the program.
    pub version: String,
    /// Where the gate listens.
    pub gate: String,
    /// Where the certificate of the gate's own authority is, when it has one.
    pub authority: Option<String>,
    /// Who makes the statements.
    pub organisation: String,
    /// Where the register was read from.
    pub register: String,
    /// Digest of the charter in force.
    pub charter: String,
    /// Recipients in enforce mode.
    pub enforcing: usize,
    /// Recipients in report mode.
    pub reporting: usize,
    /// What happens to hosts that nobody declares: `report` or `enforce`.
    pub unknown_hosts: String,
    /// People in the directory.
    pub people: u64,
    /// Their identifiers.
    pub identifiers: u64,
    /// When they were loaded.
    pub people_loaded_at: Option<Timestamp>,
    /// The ledger.
    pub ledger: LedgerStatus,
    /// What the gate has been doing.
    pub activity: Activity,
}

/// How large the ledger is and what was last signed.
#[derive(Debug, Clone, Serialize)]
pub struct LedgerStatus {
    /// The folder that it is in.
    pub folder: String,
    /// Entries.
    pub entries: u64,
    /// The last signed checkpoint.
    pub checkpoint: Option<Checkpoint>,
}

/// A signed checkpoint.
#[derive(Debug, Clone, Serialize)]
pub struct Checkpoint {
    /// Entries that it covers.
    pub size: u64,
    /// Root of the tree, as in the checkpoint.
    pub root: String,
    /// When it was signed, when that is known.
    pub signed_at: Option<Timestamp>,
}
