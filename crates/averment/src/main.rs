//! The binary `averment`: the only room that reads arguments, environment and clock.
//!
//! Start at [`cli`] for what can be asked for; each command has a module of its own under [`commands`].

mod admitting;
mod announce;
mod behind;
mod calendar;
mod cli;
mod clock;
mod commands;
mod decisions;
mod deed_lock;
mod duties;
mod erased_list;
mod example;
mod grading;
mod hand_over;
mod heartbeat;
mod house;
mod lake;
mod live;
mod logs;
mod notify;
mod outcome;
mod program;
mod publication;
mod recording;
mod register;
mod reload;
mod reported;
mod retaining;
mod school;
mod sockets;
mod speaking;
mod text;
mod texts;
mod tiles;
mod under_hold;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command, LedgerCommand, OutsiderArgs};
use outcome::{Failure, INTERNAL_FAULT, Outcome};

/// Every request makes and drops some hundred small things.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    logs::start();
    install_panic_hook();
    match std::panic::catch_unwind(|| run(&cli.command)) {
        Ok(Ok(outcome)) => outcome.into(),
        Ok(Err(failure)) => {
            anstream::eprint!("{}", failure.render());
            Outcome::CouldNotMeasure.into()
        }
        Err(_) => ExitCode::from(INTERNAL_FAULT),
    }
}

fn run(command: &Command) -> Result<Outcome, Failure> {
    match command {
        Command::Up(arguments) => commands::up::run(arguments),
        Command::Gate(arguments) => commands::up::run_gate(arguments),
        Command::Sink(arguments) => commands::sink::run(arguments),
        Command::Import(arguments) => commands::import::run(arguments),
        Command::Check(arguments) => commands::check::run(arguments),
        Command::Diff(arguments) => commands::diff::run(arguments),
        Command::Fmt(arguments) => commands::fmt::run(arguments),
        Command::New(command) => commands::new::run(command),
        Command::Schema(arguments) => commands::schema::run(arguments),
        Command::Publish(arguments) => commands::publish::run(arguments),
        Command::Claims(arguments) => commands::claims::run(arguments),
        Command::Attest(arguments) => commands::attest::run(arguments),
        Command::Measured(arguments) => commands::measured::run(arguments),
        Command::Export(command) => commands::export_person::run(command),
        Command::Retain(command) => commands::retain::run(command),
        Command::Stores(arguments) => commands::stores::run(arguments),
        Command::Scan(command) => commands::scan::run(command),
        Command::Probe(arguments) => commands::probe::run(arguments),
        Command::Drill(arguments) => commands::drill::run(arguments),
        Command::Access(command) => commands::access::run(command),
        Command::Bundle(arguments) => commands::bundle::run(arguments),
        Command::Verify(arguments) => commands::verify::run(arguments),
        Command::Detect(arguments) => commands::detect::run(arguments),
        Command::Explain(arguments) => commands::explain::run(arguments),
        Command::Authority(command) => commands::authority::run(command),
        Command::Env(arguments) => commands::env::run(arguments),
        Command::Run(arguments) => commands::run::run(arguments),
        Command::Enter(arguments) => commands::run::enter(arguments),
        Command::Top(arguments) => commands::top::run(arguments),
        Command::Propose(arguments) => commands::propose::run(arguments),
        Command::People(arguments) => commands::people::run(arguments),
        Command::Consent(command) => commands::consent::run(command),
        Command::Request(command) => commands::request::run(command),
        Command::Erase(command) => commands::erase::run(command),
        Command::Witness(arguments) => commands::witness::run(arguments),
        Command::Ledger(command) => ledger(command),
    }
}

fn ledger(command: &LedgerCommand) -> Result<Outcome, Failure> {
    match command {
        LedgerCommand::Verify {
            verifier: Some(verifier),
            tiles: Some(tiles),
            witnesses,
            ..
        } => {
            let (verifier, witnesses) = (verifier.clone(), witnesses.clone());
            commands::published::check_tiles(tiles, &OutsiderArgs { verifier, witnesses })
        }
        LedgerCommand::Verify {
            repair: true, folders, ..
        } => commands::ledger::repair(folders),
        LedgerCommand::Verify { verifier, folders, .. } => commands::ledger::verify(verifier.as_deref(), folders),
        LedgerCommand::Record(arguments) => commands::record::run(arguments),
        LedgerCommand::Correct(arguments) => commands::correct::run(arguments),
        LedgerCommand::Show(arguments) => commands::show::run(arguments),
        LedgerCommand::Check { file, since, outsider } => commands::published::check(file, since.as_deref(), outsider),
        LedgerCommand::Tiles(arguments) => commands::published::tiles(arguments),
        LedgerCommand::Person(arguments) => commands::person::run(arguments),
        LedgerCommand::Element(arguments) => commands::reached::element(arguments),
        LedgerCommand::School(arguments) => commands::reached::school(arguments),
        LedgerCommand::Recipient(arguments) => commands::recipient::run(arguments),
        LedgerCommand::Breach(arguments) => commands::breach::run(arguments),
        LedgerCommand::Export(arguments) => commands::export::run(arguments),
        LedgerCommand::Sql(arguments) => commands::sql::run(arguments),
        LedgerCommand::Index(arguments) => commands::index::run(arguments),
        LedgerCommand::Prove {
            entry,
            with_entry,
            proof,
        } => commands::proofs::prove(*entry, *with_entry, proof),
        LedgerCommand::Consistency { from, log, proof } => commands::proofs::consistency(*from, *log, proof),
        LedgerCommand::Rotate(arguments) => commands::rotate::run(arguments),
        LedgerCommand::Gaps(arguments) => commands::gaps::run(arguments),
        LedgerCommand::AcceptClock(arguments) => commands::accept_clock::run(arguments),
    }
}

/// A panic says where, never with what: its message may hold a value that somebody's code formatted into it.
fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        anstream::eprintln!("error: internal fault at {place}; please report it with this line");
    }));
}
