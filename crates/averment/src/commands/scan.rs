//! `averment scan …`: what code, browsers, schemas and staff tools show, held against the register.
//!
//! Each look is a module of its own and ends in [`finish`], which compares, prints, records, and says how it ended: 1 with
//! drift, 2 when nothing could be seen.

mod accepting;
mod finishing;
mod options;
mod recording;
mod seen;

use clap::Subcommand;

use crate::outcome::{Failure, Outcome};

pub(crate) use finishing::finish;
pub(crate) use options::{ScanFormat, ScanOptions};
pub(crate) use seen::read;

#[derive(Debug, Subcommand)]
pub(crate) enum ScanCommand {
    /// What another program saw, as `--format seen` writes it
    Seen(seen::SeenArgs),
}

pub(crate) fn run(command: &ScanCommand) -> Result<Outcome, Failure> {
    match command {
        ScanCommand::Seen(arguments) => seen::run(arguments),
    }
}
