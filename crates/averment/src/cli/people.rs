//! What can be asked of the directory: people, their consents, and whose data are in a file.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Folders, Format, positive_duration};

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

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing found, 1 something found, 2 not all could be read, or bad input; 3 internal fault."
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

/// How to print findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DetectFormat {
    /// For a terminal of 80 columns
    Table,
    /// For programs, with a `schema` field
    Json,
}
