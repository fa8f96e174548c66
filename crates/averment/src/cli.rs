//! The command line: what can be asked for, with its help. Every default that a person sees is here, and in the files below by what
//! is asked.

mod behind;
mod gate;
mod ledger;
mod people;
mod register;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::bundle::BundleArgs;
use crate::commands::verify::VerifyArgs;
use crate::outcome::Failure;
pub(crate) use behind::{BehindArgs, EnterArgs, EnvArgs, RunArgs, Shell};
pub(crate) use gate::{ExplainArgs, GateArgs, SinkArgs, TopArgs, UpArgs, UpstreamArgs};
pub(crate) use ledger::{LedgerCommand, OutsiderArgs, ProofArgs, TilesArgs, WitnessArgs};
pub(crate) use people::{
    AmbiguousRule, ConsentAbout, ConsentChangeArgs, ConsentCommand, DetectArgs, DetectFormat, LoadArgs, LoadFormat,
    PeopleCommand, SyncArgs,
};
pub(crate) use register::{
    CheckArgs, DiffArgs, DiffFormat, FmtArgs, ImportArgs, NewCommand, ProposeArgs, PublishArgs, Report, SchemaArgs,
    SchemaKind,
};

/// Makes what a school platform says about student data provable.
///
/// A register of text files declares each published sentence as a claim. The gate enforces it, the ledger records what
/// happened, and the page shows the grade that each sentence earned.
#[derive(Debug, Parser)]
#[command(name = "averment", version, max_term_width = 80, disable_help_subcommand = true)]
#[command(after_help = "Exit codes: 0 holds, 1 found contrary, 2 could not measure or bad input, 3 internal fault.")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start gate, public page and status view; the quickest way to see everything
    Up(UpArgs),
    /// Turn a published page into a register
    Import(ImportArgs),
    /// Parse and lint a register, or a published page; all findings in one run
    Check(CheckArgs),
    /// Say what changed between two registers, and what that obliges to
    Diff(DiffArgs),
    /// Lay out the files of a register: order, spacing, long lists; comments are kept
    Fmt(FmtArgs),
    /// Write a register file to fill in, from what the catalog knows
    #[command(subcommand)]
    New(NewCommand),
    /// Print JSON Schemas of register files, for editors
    Schema(SchemaArgs),
    /// Write the public site: HTML, JSON, Markdown, CSV, Atom
    Publish(PublishArgs),
    /// Show every claim with the grade it earned and why
    Claims(crate::commands::claims::ClaimsArgs),
    /// Vouch for a claim, and ask what has to be vouched for next
    Attest(crate::commands::attest::AttestArgs),
    /// Record what another program saw of a claim: a scan, a probe, a test in CI
    Measured(crate::commands::measured::MeasuredArgs),
    /// Say whether every store of the data map can be reached, and is as the map says
    Stores(crate::commands::stores::StoresArgs),
    /// Say what should have gone by now, and let it go
    #[command(subcommand)]
    Retain(crate::commands::retain::RetainCommand),
    /// Give somebody what is held about them
    #[command(subcommand)]
    Export(crate::commands::export_person::ExportCommand),
    /// Find what the page does not say: in code, browser traffic, schemas, staff tools
    #[command(subcommand)]
    Scan(crate::commands::scan::ScanCommand),
    /// Look whether running systems are as claims say: stores, connections, pages
    Probe(crate::commands::probe::ProbeArgs),
    /// Look at backups and restore one into a scratch database; run other programs that show something
    Drill(crate::commands::drill::DrillArgs),
    /// Who may see what of whom: the table, decisions, policies, proofs
    #[command(subcommand)]
    Access(crate::commands::access::AccessCommand),
    /// Fill the directory of people
    #[command(subcommand)]
    People(PeopleCommand),
    /// Enter consents, opt-outs and objections, and ask what is in force
    #[command(subcommand)]
    Consent(ConsentCommand),
    /// Requests of data subjects and schools: clocks, holds, what became of them
    #[command(subcommand)]
    Request(crate::commands::request::RequestCommand),
    /// Erase people from the stores of the data map, look whether they are gone, and say so
    #[command(subcommand)]
    Erase(crate::commands::erase::EraseCommand),
    /// Ask the ledger: does it hold, what left about a person
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Pack what a school can check for itself into one file
    Bundle(BundleArgs),
    /// Check such a file, without a network and without trusting who made it
    Verify(VerifyArgs),
    /// Start the gate alone
    Gate(GateArgs),
    /// Vouch for other people's ledgers: sign their checkpoints, each only when it continues the one before
    Witness(WitnessArgs),
    /// Say what the gate would do with a request, or why it decided as it did
    Explain(ExplainArgs),
    /// Which hosts the gate's authority may speak for; make it another certificate
    #[command(subcommand)]
    Authority(crate::commands::authority::AuthorityCommand),
    /// Print the variables that send a program's requests through the gate
    Env(EnvArgs),
    /// Run a program behind the gate and say which connections went around it
    Run(RunArgs),
    /// Inside of `run --isolate`
    #[command(hide = true)]
    Enter(EnterArgs),
    /// Watch what goes through a gate, as a table
    Top(TopArgs),
    /// Turn what was seen and is not declared into register rows to review
    Propose(ProposeArgs),
    /// Say whose data are in a file, where, and in which encodings
    Detect(DetectArgs),
    /// Start a loopback server that stands in for every third party
    Sink(SinkArgs),
}

/// Where things are kept.
#[derive(Debug, Clone, Args)]
pub(crate) struct Folders {
    /// Folder of ledger and directory
    #[arg(long, value_name = "DIR", default_value = "averment-data")]
    pub(crate) data: PathBuf,
    /// Folder of keys; keep it out of the backups of the data folder
    #[arg(long, value_name = "DIR", default_value = "averment-keys")]
    pub(crate) keys: PathBuf,
}

/// Where the gates of one house keep things: each has a folder of data and one of keys.
#[derive(Debug, Clone, Args)]
pub(crate) struct HouseFolders {
    /// Folder of ledger and directory; several gates: one each, answered together
    #[arg(long, value_name = "DIR", default_value = "averment-data")]
    pub(crate) data: Vec<PathBuf>,
    /// Folder of keys, one for each `--data`, in the same order
    #[arg(long, value_name = "DIR", default_value = "averment-keys")]
    pub(crate) keys: Vec<PathBuf>,
}

impl HouseFolders {
    /// Each gate's.
    ///
    /// # Errors
    /// Where they are not as many of one as of the other.
    pub(crate) fn each(&self) -> Result<Vec<Folders>, Failure> {
        if self.data.len() != self.keys.len() {
            let message = format!(
                "{} folders of data (`--data`) and {} of keys (`--keys`): expected one of keys for each of data, in the same order",
                self.data.len(),
                self.keys.len()
            );
            return Err(Failure::new(message));
        }
        let pairs = self.data.iter().zip(&self.keys);
        Ok(pairs
            .map(|(data, keys)| Folders {
                data: data.clone(),
                keys: keys.clone(),
            })
            .collect())
    }
}

/// The number of an entry of the ledger.
pub(crate) fn entry_number(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| "expected the number of an entry of the ledger, such as `1234`".to_owned())
}

/// A duration of ISO 8601, a day as 24 hours.
pub(crate) fn positive_duration(text: &str) -> Result<jiff::SignedDuration, String> {
    let expected = || "expected a duration such as `P30D` or `PT15M`".to_owned();
    let span: jiff::Span = text.parse().map_err(|_| expected())?;
    let days = jiff::SpanRelativeTo::days_are_24_hours();
    let duration = span.to_duration(days).map_err(|_| expected())?;
    duration.is_positive().then_some(duration).ok_or_else(expected)
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal of 80 columns
    Text,
    /// For programs, with a `schema` field
    Json,
}
