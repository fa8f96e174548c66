//! `averment request`: requests of data subjects and schools, by when they have to be answered, and what is held.

mod ask;
mod clocks;
mod due;
mod print;
mod take;

use std::path::PathBuf;

use averment_ledger::RequestKind;
use averment_store::requests::{Channel, Requester};
use clap::{Args, Subcommand};
use jiff::civil::Date;

use crate::cli::{ConsentAbout, Folders, Format};
use crate::outcome::{Failure, Outcome};

#[derive(Debug, Subcommand)]
pub(crate) enum RequestCommand {
    /// Enter a request that was received; its clocks run from that day
    New(NewArgs),
    /// Every request, or those about one person or school
    List(ListArgs),
    /// One request with its history and its clocks
    Show(ShowArgs),
    /// Enter that whoever asks was told that it was received
    Confirm(StepArgs),
    /// Enter that whoever asks was told to show who they are
    Identity(StepArgs),
    /// Enter that identity and right of whoever asks were checked
    Verify(VerifyArgs),
    /// Enter that more time is taken, and whoever asks was told
    Extend(ExtendArgs),
    /// Put a request on hold, or place a legal hold on a person or a school
    Hold(HoldArgs),
    /// Lift a hold, a legal hold, or a restriction in effect
    Lift(ReasonArgs),
    /// Enter that what was asked for was done
    Done(StepArgs),
    /// Enter that it was refused, with reason and provision
    Refuse(RefuseArgs),
    /// What has to be answered, the most urgent first
    Due(due::DueArgs),
    /// Everything that is held of a person or a school
    Holds(HoldsArgs),
}

/// Where requests are, and the register that says which laws apply.
#[derive(Debug, Args)]
struct Place {
    /// Folder of the register: countries, agreements with schools, laws that are said to be met; without it every law that
    /// may apply counts
    #[arg(long, value_name = "DIR")]
    register: Option<PathBuf>,
    #[command(flatten)]
    folders: Folders,
}

/// What shows something.
#[derive(Debug, Args)]
#[group(id = "shown", multiple = false)]
struct Shown {
    /// How it is shown, in one sentence without names
    #[arg(long, value_name = "TEXT")]
    how: Option<String>,
    /// The document that shows it; only its SHA-256 is kept
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// access, rectification, erasure, restriction, objection, portability, amendment; of a school: school_export,
    /// school_deletion
    #[arg(long, value_name = "KIND", value_parser = ask::kind)]
    kind: RequestKind,
    #[command(flatten)]
    about: ConsentAbout,
    /// Who asks: parent, eligible_student, person, school
    #[arg(long, value_name = "WHO", value_parser = ask::who)]
    by: Requester,
    /// The school that asks for this person
    #[arg(long, value_name = "ID", requires = "person")]
    for_school: Option<String>,
    /// How it came: letter, email, telephone, form, in_person, other
    #[arg(long, value_name = "CHANNEL")]
    channel: Channel,
    /// Day on which it was received; today when absent
    #[arg(long, value_name = "YYYY-MM-DD")]
    received: Option<Date>,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    about: ConsentAbout,
    /// Only what is still to be done
    #[arg(long)]
    open: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Identifier of the request
    request: String,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct StepArgs {
    /// Identifier of the request
    request: String,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    step: StepArgs,
    /// Court order that limits the guardian's rights and was read: it does not bar this request, 34 CFR 99.4. Only its
    /// SHA-256 is kept. A guardian whom it bars is refused
    #[arg(long, value_name = "FILE")]
    order: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExtendArgs {
    /// Identifier of the request
    request: String,
    /// Why, in one line without names
    #[arg(long, value_name = "TEXT")]
    because: String,
    /// Day on which whoever asks was told; today when absent
    #[arg(long, value_name = "YYYY-MM-DD")]
    told: Option<Date>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct HoldArgs {
    /// Identifier of a request that is put on hold
    #[arg(required_unless_present_any = ["person", "school"], conflicts_with_all = ["person", "school"])]
    request: Option<String>,
    #[command(flatten)]
    about: ConsentAbout,
    /// Why, in one line without names
    #[arg(long, value_name = "TEXT")]
    because: String,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct ReasonArgs {
    /// Identifier of the request, or of the legal hold
    request: String,
    /// Why, in one line without names
    #[arg(long, value_name = "TEXT")]
    because: String,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct RefuseArgs {
    /// Identifier of the request
    request: String,
    /// Why, in one line without names
    #[arg(long, value_name = "TEXT")]
    because: String,
    /// The provision that it rests on, such as `GDPR Art. 12(5)(b)`
    #[arg(long, value_name = "TEXT")]
    cite: String,
    /// Whoever asked for an amendment was told of the right to a hearing, 34 CFR 99.20(c)
    #[arg(long)]
    hearing_told: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 nothing is held, 1 something is, 2 could not look.")]
pub(crate) struct HoldsArgs {
    #[command(flatten)]
    about: ConsentAbout,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    place: Place,
}

pub(crate) fn run(command: &RequestCommand) -> Result<Outcome, Failure> {
    match command {
        RequestCommand::New(arguments) => ask::run(arguments),
        RequestCommand::List(arguments) => print::list(arguments),
        RequestCommand::Show(arguments) => print::show(arguments),
        RequestCommand::Confirm(arguments) => take::confirm(arguments),
        RequestCommand::Identity(arguments) => take::identity(arguments),
        RequestCommand::Verify(arguments) => take::verify(arguments),
        RequestCommand::Extend(arguments) => take::extend(arguments),
        RequestCommand::Hold(arguments) => take::hold(arguments),
        RequestCommand::Lift(arguments) => take::lift(arguments),
        RequestCommand::Done(arguments) => take::done(arguments),
        RequestCommand::Refuse(arguments) => take::refuse(arguments),
        RequestCommand::Due(arguments) => due::run(arguments),
        RequestCommand::Holds(arguments) => print::holds(arguments),
    }
}
