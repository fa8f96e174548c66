//! What the commands of `averment erase` take.

use std::path::PathBuf;

use clap::Args;

use super::people;
use crate::cli::{Folders, Format};
use crate::duties::DutiesOptions;

/// Register, settings and folders.
#[derive(Debug, Args)]
pub(crate) struct Where {
    /// Register
    pub(super) register: PathBuf,
    #[command(flatten)]
    pub(super) duties: DutiesOptions,
    /// Folder of the list of who was erased; keep it out of all backups, beside the keys
    #[arg(long, value_name = "DIR", default_value = "averment-tombstones")]
    pub(super) tombstones: PathBuf,
    #[command(flatten)]
    pub(super) folders: Folders,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(super) place: Where,
    #[command(flatten)]
    pub(super) who: people::Who,
    /// File to write the plan to, for `averment erase run --plan`
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("agreed").required(true))]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(super) place: Where,
    #[command(flatten)]
    pub(super) who: people::Who,
    /// The plan that was agreed to
    #[arg(long, value_name = "FILE", group = "agreed")]
    pub(super) plan: Option<PathBuf>,
    /// Hash of the plan that was agreed to
    #[arg(long, value_name = "HASH", group = "agreed")]
    pub(super) hash: Option<String>,
    /// Go on with the runs that were cut off or are incomplete
    #[arg(long, group = "agreed", conflicts_with_all = ["person", "people", "school"])]
    pub(super) resume: bool,
    /// Who runs it: a role, such as `operations`
    #[arg(long, value_name = "ROLE", required_unless_present = "resume")]
    pub(super) by: Option<String>,
    /// When erasure was asked for, such as `2026-01-01T00:00:00Z`; when absent as the requests say
    #[arg(long, value_name = "TIME")]
    pub(super) asked_at: Option<jiff::Timestamp>,
    /// Let rows of others go that depend on rows that go
    #[arg(long)]
    pub(super) accept_others: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Identifier of a run, or how it begins; all when absent
    pub(super) run: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    #[command(flatten)]
    pub(super) folders: Folders,
}

#[derive(Debug, Args)]
pub(crate) struct ConfirmArgs {
    /// Identifier of the run, or how it begins
    pub(super) run: String,
    /// The recipient
    #[arg(long, value_name = "ID")]
    pub(super) recipient: String,
    /// Who vouches for it: a role
    #[arg(long, value_name = "ROLE")]
    pub(super) by: String,
    /// What they say, in one line without names
    #[arg(long, value_name = "TEXT")]
    pub(super) says: String,
    #[command(flatten)]
    pub(super) folders: Folders,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    #[command(flatten)]
    pub(super) place: Where,
    /// Only this store
    #[arg(long, value_name = "ID")]
    pub(super) store: Option<String>,
    /// Who runs it: a role
    #[arg(long, value_name = "ROLE")]
    pub(super) by: String,
    /// Let rows of others go that depend on rows that go, or that a name leads to which others have now
    #[arg(long)]
    pub(super) accept_others: bool,
    #[command(flatten)]
    pub(super) holds: people::HoldsFile,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyErasedArgs {
    #[command(flatten)]
    pub(super) place: Where,
    #[command(flatten)]
    pub(super) holds: people::HoldsFile,
}
