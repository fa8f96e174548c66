//! What every look can be asked for.

use std::collections::BTreeSet;
use std::path::PathBuf;

use averment_register::Severity;
use averment_scan::identify::Address;
use clap::{Args, ValueEnum};

use crate::cli::Folders;
use crate::outcome::Failure;
use crate::register::{self, Register};

/// Where a register lies that nobody names.
const USUAL: &str = "register";

#[derive(Debug, Args)]
pub(crate) struct ScanOptions {
    /// Folder of the register; `register` where there is one
    #[arg(long, value_name = "DIR")]
    pub(crate) register: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = ScanFormat::Text)]
    pub(crate) format: ScanFormat,
    /// Write it into this file; except for `text` and `seen` the terminal gets the text
    /// besides
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write it in this format too, such as `sarif=drift.sarif`; may be given more
    /// than once
    #[arg(long, value_name = "FORMAT=FILE", value_parser = also)]
    pub(crate) also: Vec<(ScanFormat, PathBuf)>,
    /// A domain of your own, which is nobody else's; may be given more than once
    #[arg(long, value_name = "DOMAIN", value_parser = own_domain)]
    pub(crate) own: Vec<String>,
    /// Drift that is accepted for a time
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Add what drifts now to the baseline, to be given reasons by hand
    #[arg(long)]
    pub(crate) write_baseline: bool,
    /// What ends with 1
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    pub(crate) fail_on: FailOn,
    /// End with 2 also when only a part could not be read
    #[arg(long)]
    pub(crate) strict: bool,
    /// Places named for each drift
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) places: usize,
    /// Folder of what was read, from the root of the sources, for SARIF
    #[arg(long, value_name = "DIR", default_value = "")]
    pub(crate) root: String,
    /// Record in the ledger what the look says about each claim
    #[arg(long)]
    pub(crate) record: bool,
    /// Tells looks of one kind apart in the ledger: `web`, `student`
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) folders: Folders,
}

/// How to print what a look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScanFormat {
    /// For a terminal of 80 columns
    Text,
    /// `averment.drift/1`, for programs
    Json,
    /// SARIF 2.1.0, for code-scanning services
    Sarif,
    /// For a pull request
    Markdown,
    /// What was seen, for `averment scan seen` and `averment propose`
    Seen,
}

/// What ends with 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Warnings and errors
    Warning,
    /// Errors
    Error,
}

impl FailOn {
    pub(crate) fn least(self) -> Severity {
        match self {
            Self::Warning => Severity::Warning,
            Self::Error => Severity::Error,
        }
    }
}

impl ScanOptions {
    /// Folder of the register that a look is held against: the one that is named, or the one that lies here.
    pub(super) fn register(&self) -> Option<PathBuf> {
        let here = || PathBuf::from(USUAL);
        let usual = || Some(here()).filter(|folder| folder.join("organisation.toml").is_file());
        self.register.clone().or_else(usual)
    }

    /// The same, where there has to be one. The bundled example is nobody's own: what is held against it says nothing.
    pub(super) fn folder(&self) -> Result<PathBuf, Failure> {
        self.register().ok_or_else(|| {
            Failure::new(
                "there is no register to hold it against: expected `--register DIR`, or a folder `register` here",
            )
            .hint("`--format seen` writes what a look saw without a register; `averment import` begins one")
        })
    }

    /// That folder, and the register in it.
    pub(super) fn opened(&self) -> Result<(PathBuf, Register), Failure> {
        let folder = self.folder()?;
        let register = register::open(Some(&folder))?;
        Ok((folder, register))
    }

    /// Whether what is printed is read by people, so that a look may say more than the report.
    pub(crate) fn is_for_people(&self) -> bool {
        self.format == ScanFormat::Text
    }

    /// Domains of the organisation.
    pub(crate) fn own_domains(&self) -> BTreeSet<String> {
        self.own.iter().cloned().collect()
    }
}

/// A domain below a public suffix: everybody's would be one's own with `com` or `github.io`.
pub(crate) fn own_domain(text: &str) -> Result<String, String> {
    match Address::parse(text) {
        Ok(address) if address.host == text.to_ascii_lowercase() => Ok(address.host),
        _ => Err("expected a domain of your own such as `example.org`, without scheme and path".to_owned()),
    }
}

/// `sarif=drift.sarif`.
fn also(text: &str) -> Result<(ScanFormat, PathBuf), String> {
    let (format, file) = text.split_once('=').filter(|(_, file)| !file.is_empty()).unzip();
    let format = format.and_then(|format| ScanFormat::from_str(format, false).ok());
    format
        .zip(file.map(PathBuf::from))
        .ok_or_else(|| "expected a format and a file, such as `sarif=drift.sarif`".to_owned())
}

fn name(text: &str) -> Result<String, String> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    if (1..=40).contains(&text.len()) && text.bytes().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("expected up to 40 lower-case letters, digits, `-` and `_`".to_owned())
    }
}
