//! What can be asked of the ledger, and of those who vouch for it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Folders, entry_number};
use crate::commands::breach::BreachArgs;
use crate::commands::export::ExportArgs;
use crate::commands::index::IndexArgs;
use crate::commands::person::PersonArgs;
use crate::commands::recipient::RecipientArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Recompute everything and say whether the ledger holds, or where it does not
    Verify {
        /// Public key of the ledger, or a file that holds it; from the key folder when absent
        #[arg(long, value_name = "KEY")]
        verifier: Option<String>,
        /// Check this folder of published tiles instead, as an outsider
        #[arg(long, value_name = "DIR", requires = "verifier")]
        tiles: Option<PathBuf>,
        /// Where the ledger holds: put aside tiles that are not what it says, make them anew and record that
        #[arg(long, conflicts_with_all = ["tiles", "verifier"])]
        repair: bool,
        /// Public key of a witness that must have signed the published checkpoint; again for each
        #[arg(long = "witness", value_name = "KEY", requires = "tiles")]
        witnesses: Vec<String>,
        #[command(flatten)]
        folders: Folders,
    },
    /// Record what left by another way than the gate, or was asked for and denied
    Record(Box<crate::commands::record::RecordArgs>),
    /// Say that an entry is wrong; it stays and is read with this
    Correct(crate::commands::correct::CorrectArgs),
    /// Show one entry, with its corrections
    Show(crate::commands::show::ShowArgs),
    /// What left about this person, to whom, when and by which rule
    Person(PersonArgs),
    /// What reached this recipient: people, elements, schools
    Recipient(RecipientArgs),
    /// To whom this element went: people, recipients, schools
    Element(crate::commands::reached::ElementArgs),
    /// To whom data of this school's people went
    School(crate::commands::reached::SchoolArgs),
    /// Who is affected when this recipient is breached, until when whom to tell, and drafts of the notices
    Breach(BreachArgs),
    /// Write every disclosure as a row of a file
    Export(ExportArgs),
    /// Answer an SQL query over every disclosure; needs a program built with the feature `lake`
    Sql(crate::commands::sql::SqlArgs),
    /// Bring the index of the ledger up to date, or make it anew
    Index(IndexArgs),
    /// End the newest log of the ledger and begin another; the gate must be stopped
    Rotate(crate::commands::rotate::RotateArgs),
    /// The times in which no gate was watching
    Gaps(crate::commands::gaps::GapsArgs),
    /// Say that the clock is right and the ledger's newest times are not; the gate must be stopped
    AcceptClock(crate::commands::accept_clock::AcceptClockArgs),
    /// Check a printed proof, as an outsider: signatures, and that it leads to the checkpoint
    Check {
        /// What `ledger prove` or `ledger consistency` printed
        file: PathBuf,
        /// File with the older checkpoint that a consistency proof must begin at
        #[arg(long, value_name = "FILE")]
        since: Option<PathBuf>,
        #[command(flatten)]
        outsider: OutsiderArgs,
    },
    /// Write the ledger as files to publish: hashes that anybody can check, and the signed checkpoint
    Tiles(TilesArgs),
    /// Prove that an entry is in the ledger: checkpoint and inclusion proof, as JSON
    Prove {
        /// Number of the entry in the ledger, from 0; with `--tiles` its number in the log that they are of
        #[arg(long, value_name = "N", value_parser = entry_number)]
        entry: u64,
        /// Add the entry itself
        #[arg(long)]
        with_entry: bool,
        #[command(flatten)]
        proof: ProofArgs,
    },
    /// Prove that a log of so many entries is the beginning of that log now, as JSON
    Consistency {
        /// Entries that it had then
        #[arg(long, value_name = "SIZE")]
        from: u64,
        /// Number of the log, such as 0002; the newest when absent
        #[arg(long, value_name = "NNNN", conflicts_with = "tiles")]
        log: Option<u32>,
        #[command(flatten)]
        proof: ProofArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TilesArgs {
    /// Folder to write to; each log goes to a folder of its name in it
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Write the entries too, which are personal data while the keys of people exist
    #[arg(long)]
    pub(crate) entries: bool,
    #[command(flatten)]
    pub(crate) folders: Folders,
}

/// What an outsider knows of a ledger.
#[derive(Debug, Clone, Args)]
pub(crate) struct OutsiderArgs {
    /// Public key of the log, under whatever name, or a file that holds it
    #[arg(long, value_name = "KEY")]
    pub(crate) verifier: String,
    /// Public key of a witness that must have signed too; again for each
    #[arg(long = "witness", value_name = "KEY")]
    pub(crate) witnesses: Vec<String>,
}

/// What a proof is made from.
#[derive(Debug, Args)]
pub(crate) struct ProofArgs {
    /// Folder of published tiles of one log, instead of a data folder
    #[arg(long, value_name = "DIR", requires = "verifier")]
    pub(crate) tiles: Option<PathBuf>,
    /// Public key of a log of the ledger, or a file that holds it; from the key folder when absent
    #[arg(long, value_name = "KEY")]
    pub(crate) verifier: Option<String>,
    #[command(flatten)]
    pub(crate) folders: Folders,
}

#[derive(Debug, Args)]
pub(crate) struct WitnessArgs {
    /// Folder of what was signed; never put back an older copy of it
    #[arg(long, value_name = "DIR", default_value = "witness-data")]
    pub(crate) data: PathBuf,
    /// Folder of the key, which is made at the first start
    #[arg(long, value_name = "DIR", default_value = "witness-keys")]
    pub(crate) keys: PathBuf,
    /// Address to listen on; plain HTTP, so put TLS before it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4184")]
    pub(crate) listen: SocketAddr,
    /// Name in its signatures, such as `witness.school.example`; one that follows from the key when absent
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Public key of a ledger to vouch for, or a file that holds it; again for each
    #[arg(long = "log", value_name = "KEY")]
    pub(crate) logs: Vec<String>,
}
