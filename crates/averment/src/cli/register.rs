//! What can be asked of a register: made, checked, compared, published.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Folders, Format};

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
