//! `averment scan …`: what code, browsers, schemas and staff tools show, held against the register.
//!
//! Each look is a module of its own and ends in [`finish`], which compares, prints, records, and says how it ended: 1 with
//! drift, 2 when nothing could be seen.

mod accepting;
mod code;
mod consents;
mod csp;
mod export;
mod finishing;
mod har;
mod options;
mod people;
mod recording;
mod schema;
mod seen;
mod site;

use clap::Subcommand;

use crate::outcome::{Failure, Outcome};

pub(crate) use finishing::finish;
pub(crate) use options::{ScanFormat, ScanOptions, own_domain};
pub(crate) use seen::read;

#[derive(Debug, Subcommand)]
pub(crate) enum ScanCommand {
    /// A repository: manifests, code, templates, policies, settings, infrastructure; nothing in it is run
    Code(code::CodeArgs),
    /// Recorded browser traffic (HAR): whom pages contact, with what
    Har(har::HarArgs),
    /// Content security policies, and what browsers reported about them
    Csp(csp::CspArgs),
    /// A site, visited by an installed Chromium along a scripted journey
    Site(site::SiteArgs),
    /// Tables and columns of a database, a dump or models, held against the data map
    Schema(schema::SchemaArgs),
    /// Exports of staff tools: which tickets, messages and rows hold data of students
    Export(export::ExportArgs),
    /// What another program saw, as `--format seen` writes it
    Seen(seen::SeenArgs),
}

impl ScanCommand {
    /// What the look is held against something with; none where it is held against nothing.
    fn compared(&self) -> Option<&ScanOptions> {
        let options = match self {
            Self::Code(arguments) => &arguments.options,
            Self::Har(arguments) => &arguments.options,
            Self::Csp(arguments) => &arguments.options,
            Self::Site(arguments) => &arguments.options,
            Self::Schema(arguments) if arguments.proposes() => return None,
            Self::Schema(arguments) => &arguments.options,
            Self::Export(arguments) => &arguments.options,
            Self::Seen(arguments) => &arguments.options,
        };
        (options.format != ScanFormat::Seen).then_some(options)
    }
}

pub(crate) fn run(command: &ScanCommand) -> Result<Outcome, Failure> {
    // Before a look that may take long, and not behind it.
    if let Some(options) = command.compared() {
        options.folder()?;
    }
    match command {
        ScanCommand::Code(arguments) => code::run(arguments),
        ScanCommand::Har(arguments) => har::run(arguments),
        ScanCommand::Csp(arguments) => csp::run(arguments),
        ScanCommand::Site(arguments) => site::run(arguments),
        ScanCommand::Schema(arguments) => schema::run(arguments),
        ScanCommand::Export(arguments) => export::run(arguments),
        ScanCommand::Seen(arguments) => seen::run(arguments),
    }
}
