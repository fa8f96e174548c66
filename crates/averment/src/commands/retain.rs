//! `averment retain`: what should have gone by now from the databases of the data map, and letting it go.

mod doing;
mod holds;
mod print;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::{Folders, Format};
use crate::duties::DutiesOptions;
use crate::outcome::{Failure, Outcome};

pub(crate) use doing::{Doing, OfMap, failed};

#[derive(Debug, Subcommand)]
pub(crate) enum RetainCommand {
    /// Look what is due, and change nothing
    Plan(PlanArgs),
    /// Let go what is due, in small batches, and look again
    Run(RunArgs),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing is overdue, 1 something is, 2 something could not be read or looked at; 3 internal fault."
)]
pub(crate) struct PlanArgs {
    /// Folder of the register
    register: PathBuf,
    #[command(flatten)]
    duties: DutiesOptions,
    /// Do not record what was seen of each claim
    #[arg(long)]
    no_record: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    folders: Folders,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing is overdue any more, 1 something is, 2 it was refused, or something could not be read or looked at; 3 internal fault."
)]
pub(crate) struct RunArgs {
    /// Folder of the register
    register: PathBuf,
    #[command(flatten)]
    duties: DutiesOptions,
    /// This machine's clock was compared with another and is right: go on although nothing was
    /// recorded for long, or a wrong clock recorded later times
    #[arg(long)]
    clock_checked: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    folders: Folders,
}

pub(crate) fn run(command: &RetainCommand) -> Result<Outcome, Failure> {
    match command {
        RetainCommand::Plan(arguments) => {
            let doing = Doing::open(&arguments.register, &arguments.duties, &arguments.folders)?;
            doing.tell_unknown_stores();
            let report = doing.plan()?;
            if !arguments.no_record {
                doing.measured(&report, false)?;
            }
            print::print(&report, arguments.format);
            Ok(outcome(&report))
        }
        RetainCommand::Run(arguments) => {
            let doing = Doing::open(&arguments.register, &arguments.duties, &arguments.folders)?;
            doing.tell_unknown_stores();
            let report = doing.run(&doing.lock()?, arguments.clock_checked, false, None)?;
            print::print(&report, arguments.format);
            Ok(outcome(&report))
        }
    }
}

/// What is overdue and still there is contrary to what is said, whatever the reason; but a doubted clock says nothing.
fn outcome(report: &averment_duties::retain::Report) -> Outcome {
    if report.refused.is_some() {
        Outcome::CouldNotMeasure
    } else if report.overdue() > 0 {
        Outcome::Contrary
    } else if report.is_whole() {
        Outcome::Holds
    } else {
        Outcome::CouldNotMeasure
    }
}
