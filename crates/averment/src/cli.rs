//! The command line: what can be asked for, with its help. Every default that a person sees is here.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::breach::BreachArgs;
use crate::commands::bundle::BundleArgs;
use crate::commands::export::ExportArgs;
use crate::commands::index::IndexArgs;
use crate::commands::person::PersonArgs;
use crate::commands::recipient::RecipientArgs;
use crate::commands::verify::VerifyArgs;
use crate::outcome::Failure;

/// Makes what a school platform says about student data provable.
///
/// A register of text files declares each published sentence as a claim. The gate enforces it, the ledger records what
/// happened, and the page shows the grade that each sentence earned.
#[derive(Debug, Parser)]
#[command(name = "averment", version, max_term_width = 80, disable_help_subcommand = true)]
#[command(after_help = "Exit codes: 0 holds, 1 found contrary, 2 could not measure or bad input,\n3 internal fault.")]
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

/// How the gate reaches third parties.
#[derive(Debug, Clone, Args)]
pub(crate) struct UpstreamArgs {
    /// Trust the certificates in this PEM file besides the system's
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Vec<PathBuf>,
    /// Send every connection to this address, whatever the host; the host's name is still verified
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) connect_to: Option<SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    /// Folder of the register; the bundled example when absent
    pub(crate) register: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) folders: Folders,
    /// File with how this gate is run: services, limits, routes, credentials
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// How the stores of the data map are reached, and when what is due goes; `averment-duties.toml` when it is there
    #[arg(long, value_name = "FILE")]
    pub(crate) duties: Option<PathBuf>,
    /// Take the sockets of the gate that runs on the data folder, and its place when it has finished
    #[arg(long)]
    pub(crate) take_over: bool,
    /// Address of the gate
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4180")]
    pub(crate) gate: SocketAddr,
    /// Address of the public page and the status view
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4181")]
    pub(crate) page: SocketAddr,
    /// Start a sink on this address and send everything there; the default for the bundled example
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:4182")]
    pub(crate) sink: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) decisions: crate::decisions::DecisionArgs,
    #[command(flatten)]
    pub(crate) upstream: UpstreamArgs,
}

#[derive(Debug, Args)]
pub(crate) struct GateArgs {
    /// Folder of the register
    pub(crate) register: PathBuf,
    #[command(flatten)]
    pub(crate) folders: Folders,
    /// File with how this gate is run: services, limits, routes, credentials
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// Take the sockets of the gate that runs on the data folder, and its place when it has finished
    #[arg(long)]
    pub(crate) take_over: bool,
    /// Address of the gate
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4180")]
    pub(crate) gate: SocketAddr,
    #[command(flatten)]
    pub(crate) upstream: UpstreamArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Published pages: text, Markdown, HTML, CSV, JSON, YAML; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Folder to write the register to; must not hold one yet, unless with --again
    #[arg(long, value_name = "DIR")]
    pub(crate) into: PathBuf,
    /// Bring later versions of the pages into the register; what was edited by hand stays
    #[arg(long)]
    pub(crate) again: bool,
    /// Print what was understood in every sentence, and by which rule
    #[arg(long)]
    pub(crate) explain: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Folder of the register; or a file: a published page that no register is made of yet
    pub(crate) register: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t = Report::Text)]
    pub(crate) format: Report,
    /// Show also what the register accepts for a time
    #[arg(long)]
    pub(crate) all: bool,
}

/// How to print findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Report {
    /// For a terminal of 80 columns
    Text,
    /// For programs, with a `schema` field
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing changed, or nothing but what only narrows or is neutral;\n\
                        1 something is wider or promises less; 2 could not compare; 3 internal fault."
)]
pub(crate) struct DiffArgs {
    /// Folder of the register before; with `--school` alone, the register
    pub(crate) old: PathBuf,
    /// Folder of the register after
    #[arg(required_unless_present = "school")]
    pub(crate) new: Option<PathBuf>,
    /// Compare what holds for this school; with one folder, the register with it
    #[arg(long, value_name = "ID")]
    pub(crate) school: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub(crate) format: DiffFormat,
    /// Day on which schools are told, for the notice, where the register has none
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) announced: Option<jiff::civil::Date>,
}

#[derive(Debug, Args)]
pub(crate) struct FmtArgs {
    /// Folder of the register
    pub(crate) register: PathBuf,
    /// Write nothing; name the files that would change and exit with 1 when there are some
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NewCommand {
    /// A folder with an empty register
    Register {
        /// Folder to write to; must not exist yet or hold nothing
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// A recipient: hosts, purposes and fields from the catalog, sentences left to you
    Recipient {
        /// Identifier of the third party in the catalog
        id: String,
        /// Folder of the register
        #[arg(long, value_name = "DIR", default_value = ".")]
        register: PathBuf,
    },
    /// A store of the data map: a database, a bucket, a folder
    Data {
        /// Identifier of the store, such as `app`
        id: String,
        /// What keeps the data
        #[arg(long, value_enum)]
        engine: EngineArg,
        /// Folder of the register
        #[arg(long, value_name = "DIR", default_value = ".")]
        register: PathBuf,
    },
    /// A school or district with what it asks for
    School {
        /// Identifier of the school, such as `westfield`
        id: String,
        /// Folder of the register
        #[arg(long, value_name = "DIR", default_value = ".")]
        register: PathBuf,
    },
}

/// What keeps data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineArg {
    /// PostgreSQL
    Postgresql,
    /// MySQL
    Mysql,
    /// MariaDB
    Mariadb,
    /// A SQLite file
    Sqlite,
    /// Objects of a store that speaks S3
    S3,
    /// Files in folders
    Files,
}

impl EngineArg {
    /// The register's word for it.
    pub(crate) fn engine(self) -> averment_register::Engine {
        use averment_register::Engine;
        match self {
            Self::Postgresql => Engine::Postgresql,
            Self::Mysql => Engine::Mysql,
            Self::Mariadb => Engine::Mariadb,
            Self::Sqlite => Engine::Sqlite,
            Self::S3 => Engine::S3,
            Self::Files => Engine::Files,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Which files; all when absent
    #[arg(value_enum, value_name = "FILE-KIND")]
    pub(crate) kind: Option<SchemaKind>,
    /// Write `<FILE-KIND>.schema.json` into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// A kind of register file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaKind {
    /// organisation.toml
    Organisation,
    /// recipients/*.toml
    Recipient,
    /// claims/*.toml
    Claims,
    /// controllers/*.toml
    Controller,
    /// data/*.toml
    Data,
}

#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    /// Folder of the register; the bundled example when absent
    pub(crate) register: Option<PathBuf>,
    /// Folder to write the site to; what is not of the site stays in it
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Tell changes from this published site, `register.json` or register; `none` begins the history again; from what stands in the folder when absent
    #[arg(long, value_name = "PATH")]
    pub(crate) previous: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) folders: Folders,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PeopleCommand {
    /// Replace the directory by the people of a file
    Load {
        /// CSV or JSON Lines (id, role, birth_year, school, email, full_name …), or a OneRoster bundle
        file: PathBuf,
        #[command(flatten)]
        how: LoadArgs,
        /// Keep whoever is not in the file, as `people add` does
        #[arg(long)]
        merge: bool,
        /// Load also when more people than `--max-shrink` would leave
        #[arg(long)]
        allow_shrink: bool,
        /// How many of a hundred people may leave by one load
        #[arg(long, value_name = "PERCENT", default_value_t = 20, value_parser = clap::value_parser!(u8).range(0..=100))]
        max_shrink: u8,
        /// What settles a value that several people have; stays until declared anew
        #[arg(long, value_enum, value_name = "RULE")]
        ambiguous: Option<AmbiguousRule>,
    },
    /// Add the people of a file, or change them; everybody else stays
    Add {
        /// As for `people load`
        file: PathBuf,
        #[command(flatten)]
        how: LoadArgs,
    },
    /// Take the people of a file out; only the column `id` is read
    Remove {
        /// CSV or JSON Lines with an id for each person
        file: PathBuf,
        #[command(flatten)]
        how: LoadArgs,
    },
    /// Destroy people's keys, so that no entry can be linked to them any more
    Forget(crate::commands::people::forget::ForgetArgs),
    /// Fill the directory from a database or an API, once or again and again
    Sync(SyncArgs),
    /// Show the directory in numbers: roles, ages, how complete it is and how old
    Status {
        /// How to print
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        #[command(flatten)]
        folders: Folders,
    },
}

/// Where people are read from, and how often.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("source").required(true), override_usage = "averment people sync SOURCE [OPTIONS]")]
pub(crate) struct SyncArgs {
    /// SQLite file to read
    #[arg(long, value_name = "FILE", group = "source", requires = "query")]
    pub(crate) sqlite: Option<PathBuf>,
    /// Environment variable with the connection string of a PostgreSQL server
    #[arg(long, value_name = "VARIABLE", group = "source", requires = "query")]
    pub(crate) postgres_env: Option<String>,
    /// File with the connection string of a PostgreSQL server
    #[arg(long, value_name = "FILE", group = "source", requires = "query")]
    pub(crate) postgres_file: Option<PathBuf>,
    /// HTTP API that answers with JSON, page by page
    #[arg(long, value_name = "URL", group = "source", conflicts_with_all = ["query", "since_column"])]
    pub(crate) url: Option<String>,
    /// File with one `select` whose columns are named as those of a people file
    #[arg(long, value_name = "FILE")]
    pub(crate) query: Option<PathBuf>,
    /// Environment variable with the token of the API
    #[arg(long, value_name = "VARIABLE", requires = "url")]
    pub(crate) token_env: Option<String>,
    /// Trust the certificates in this PEM file besides the system's
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Vec<PathBuf>,
    /// After the first time read only what is not older than the greatest value seen in this column
    #[arg(long, value_name = "NAME")]
    pub(crate) since_column: Option<String>,
    /// Load also when more people than `--max-shrink` would leave
    #[arg(long)]
    pub(crate) allow_shrink: bool,
    /// How many of a hundred people may leave by one sync
    #[arg(long, value_name = "PERCENT", default_value_t = 20, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) max_shrink: u8,
    /// What settles a value that several people have; stays until declared anew
    #[arg(long, value_enum, value_name = "RULE")]
    pub(crate) ambiguous: Option<AmbiguousRule>,
    /// Again and again until stopped, so long after each other
    #[arg(long, value_name = "DURATION", value_parser = positive_duration)]
    pub(crate) every: Option<jiff::SignedDuration>,
    /// Tell which own mailboxes of this register are somebody's in the directory
    #[arg(long, value_name = "FOLDER")]
    pub(crate) register: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) folders: Folders,
}

/// How people are read from a file.
#[derive(Debug, Args)]
pub(crate) struct LoadArgs {
    /// How the file is written; by its ending when absent
    #[arg(long, value_enum)]
    pub(crate) format: Option<LoadFormat>,
    #[command(flatten)]
    pub(crate) folders: Folders,
}

/// What settles a value that several people have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AmbiguousRule {
    /// It counts as the strictest person's
    Strictest,
    /// Also, nothing is loaded where two people have one address, user name or number
    Refuse,
}

/// How a people file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LoadFormat {
    /// A table with a heading
    Csv,
    /// One JSON object a line
    Jsonl,
    /// A OneRoster 1.2 bundle, zip archive or folder
    Oneroster,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConsentCommand {
    /// Enter that a consent was given, or that an opt-out or objection is taken back
    Give(ConsentChangeArgs),
    /// Enter that a consent was withdrawn, or an opt-out or objection made
    Withdraw(ConsentChangeArgs),
    /// What is in force: of one person or school, or counted
    List {
        #[command(flatten)]
        about: ConsentAbout,
        /// How to print
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        #[command(flatten)]
        folders: Folders,
    },
    /// Every change about one person or school, with who said so and how
    History {
        #[command(flatten)]
        about: ConsentAbout,
        /// How to print
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        #[command(flatten)]
        folders: Folders,
    },
}

/// Whom a consent is about.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct ConsentAbout {
    /// Identifier of the person, as in the `id` column of the people file
    #[arg(long, value_name = "ID")]
    pub(crate) person: Option<String>,
    /// Everybody of this school, by identifier or name as in the people file or the register
    #[arg(long, value_name = "ID")]
    pub(crate) school: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ConsentChangeArgs {
    #[command(flatten)]
    pub(crate) about: ConsentAbout,
    /// The `<kind>` of `consent:<kind>` in the register, `directory_information`, or `recipient:<id>`
    #[arg(long, value_name = "KIND", required_unless_present = "recipient")]
    pub(crate) kind: Option<averment_store::ConsentKind>,
    /// The same as `--kind recipient:<id>`
    #[arg(long, value_name = "ID", conflicts_with = "kind")]
    pub(crate) recipient: Option<averment_register::RecipientId>,
    /// Whose word it is: parent, eligible_student, person, school
    #[arg(long, value_name = "WHO")]
    pub(crate) by: averment_store::GivenBy,
    /// How it was given, in one sentence without names
    #[arg(long, value_name = "TEXT", required_unless_present = "document")]
    pub(crate) how: Option<String>,
    /// The document that it was given with; only its SHA-256 is kept
    #[arg(long, value_name = "FILE", conflicts_with = "how")]
    pub(crate) document: Option<PathBuf>,
    /// Folder of the register: looks whether it has such a recipient, or asks for such a consent, and what else it calls the school
    #[arg(long, value_name = "DIR")]
    pub(crate) register: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) folders: Folders,
}

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

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Folder of the register; or the identifier of a request that is on record, from its `averment-request` header
    #[arg(value_name = "REGISTER|ID")]
    pub(crate) subject: PathBuf,
    /// File with one HTTP/1.1 request as text; `-` for standard input
    pub(crate) request: Option<PathBuf>,
    /// File with how the gate is run: services, cut-offs, canaries, conditions
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// Name of the service that sends it; its token is not needed
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) folders: Folders,
}

/// How programs are led to a gate.
#[derive(Debug, Clone, Args)]
pub(crate) struct BehindArgs {
    /// Address of the gate
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4180")]
    pub(crate) gate: SocketAddr,
    /// Data folder of the gate: its authority is there, and the bundles are written there
    #[arg(long, value_name = "DIR", default_value = "averment-data")]
    pub(crate) data: PathBuf,
    /// Name of the calling service, as in the settings
    #[arg(long, value_name = "NAME", requires = "token_file")]
    pub(crate) service: Option<String>,
    /// File with the service's token
    #[arg(long, value_name = "FILE", requires = "service")]
    pub(crate) token_file: Option<PathBuf>,
    /// Name in the gate's own certificate, when its address is served over TLS
    #[arg(long, value_name = "NAME")]
    pub(crate) tls_name: Option<String>,
    /// Who signed that certificate (PEM), when it is nobody that the system trusts
    #[arg(long, value_name = "FILE", requires = "tls_name")]
    pub(crate) tls_authority: Option<PathBuf>,
    /// Hosts that are reached without the gate, besides this machine
    #[arg(long, value_name = "HOST")]
    pub(crate) direct: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct EnvArgs {
    #[command(flatten)]
    pub(crate) behind: BehindArgs,
    /// For which shell
    #[arg(long, value_enum, default_value_t = Shell::Sh)]
    pub(crate) shell: Shell,
}

/// Who reads the variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// `eval "$(averment env)"`
    Sh,
    /// `averment env --shell fish | source`
    Fish,
    /// `averment env --shell powershell | Invoke-Expression`
    Powershell,
    /// One object
    Json,
    /// A file for `docker run --env-file`
    Docker,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: that of the program; with --strict 1 when something went around the\ngate; 2 when \
                        the program could not be started."
)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) behind: BehindArgs,
    /// Exit with 1 when a connection went around the gate
    #[arg(long)]
    pub(crate) strict: bool,
    /// Give the program a network of its own, from which only the gate can be reached
    #[arg(long, conflicts_with = "tls_name")]
    pub(crate) isolate: bool,
    /// The program and its arguments
    #[arg(required = true, last = true, value_name = "CMD")]
    pub(crate) program: Vec<std::ffi::OsString>,
}

/// What the inside of `run --isolate` is told.
#[derive(Debug, Args)]
pub(crate) struct EnterArgs {
    /// Where the socket is handed out
    pub(crate) meeting: PathBuf,
    /// The gate's port
    pub(crate) port: u16,
    /// The program and its arguments
    #[arg(required = true, last = true)]
    pub(crate) program: Vec<std::ffi::OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct TopArgs {
    /// Admin address of the gate
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4183")]
    pub(crate) admin: SocketAddr,
    /// Count what is in the ledger of this data folder instead; without times
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Print the table once and end, for scripts
    #[arg(long)]
    pub(crate) once: bool,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) every: u64,
}

#[derive(Debug, Args)]
pub(crate) struct ProposeArgs {
    /// Folder of the register that the rows are for
    pub(crate) register: PathBuf,
    /// What the gate recorded (`ledger`), or what a look saw (`averment scan …
    /// --format seen`); files may be given more than once
    #[arg(long, value_name = "ledger|FILE", default_value = "ledger")]
    pub(crate) from: Vec<PathBuf>,
    /// A domain of your own, which is nobody else's; may be given more than once
    #[arg(long, value_name = "DOMAIN", value_parser = crate::commands::scan::own_domain)]
    pub(crate) own: Vec<String>,
    /// Add them to the register in this folder; what stands there stays as it is
    #[arg(long, value_name = "DIR")]
    pub(crate) into: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) folders: Folders,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing found, 1 something found, 2 not all could be read, or bad\ninput; 3 internal fault."
)]
pub(crate) struct DetectArgs {
    /// File to look at, as the body of a message; `-` for standard input
    pub(crate) file: PathBuf,
    /// Content type, such as `application/json`; by the file's ending when absent
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) kind: Option<String>,
    /// Data folder with the directory of people; without it only what has the look of an identifier is found
    #[arg(long, value_name = "DIR")]
    pub(crate) people: Option<PathBuf>,
    /// Folder of keys
    #[arg(long, value_name = "DIR", default_value = "averment-keys")]
    pub(crate) keys: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t = DetectFormat::Table)]
    pub(crate) format: DetectFormat,
    /// Print the values too; needs the keys of the data folder
    #[arg(long, requires = "people")]
    pub(crate) reveal: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SinkArgs {
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4182")]
    pub(crate) listen: SocketAddr,
    /// Write the certificate to trust here
    #[arg(long, value_name = "FILE", default_value = "averment-sink.pem")]
    pub(crate) certificate: PathBuf,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal of 80 columns
    Text,
    /// For programs, with a `schema` field
    Json,
}

/// How to print a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For a terminal of 80 columns
    Text,
    /// For programs, with a `schema` field
    Json,
    /// The notice to schools, of what they have to be told
    Notice,
}

/// How to print findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DetectFormat {
    /// For a terminal of 80 columns
    Table,
    /// For programs, with a `schema` field
    Json,
}
