//! `averment access …`: who may see what of whom, by the register.
//!
//! Each command is a module of its own; the rules, the table and everything written from them are the access room's.

mod decide;
mod matrix;
mod proving;
mod serving;
mod solving;
mod writing;

use std::path::Path;

use averment_access::Access;
use averment_register::ControllerId;
use clap::Subcommand;

use crate::outcome::{Failure, Outcome};
use crate::register::{self, Register};

#[derive(Debug, Subcommand)]
pub(crate) enum AccessCommand {
    /// Who sees what, as a table that a school can read
    Matrix(matrix::MatrixArgs),
    /// Whether somebody may see something of somebody, and which sentence says so
    Decide(decide::DecideArgs),
    /// Write the rules as Cedar policies with their schema
    Cedar(writing::CedarArgs),
    /// Write the rules for a PostgreSQL database: views and row policies
    Sql(writing::SqlArgs),
    /// Prove every sentence about who sees what for all requests
    Prove(proving::ProveArgs),
    /// Answer questions over HTTP, as OpenID AuthZEN has them asked
    Serve(serving::ServeArgs),
}

pub(crate) fn run(command: &AccessCommand) -> Result<Outcome, Failure> {
    match command {
        AccessCommand::Matrix(arguments) => matrix::run(arguments),
        AccessCommand::Decide(arguments) => decide::run(arguments),
        AccessCommand::Cedar(arguments) => writing::cedar(arguments),
        AccessCommand::Sql(arguments) => writing::sql(arguments),
        AccessCommand::Prove(arguments) => proving::run(arguments),
        AccessCommand::Serve(arguments) => serving::run(arguments),
    }
}

/// The register and its rules.
fn open(folder: &Path) -> Result<(Register, Access), Failure> {
    let register = register::open(Some(folder))?;
    let access = Access::new(&register.charter)?;
    Ok((register, access))
}

/// A school that the register declares.
fn declared(register: &Register, school: &str) -> Result<ControllerId, Failure> {
    let known = &register.charter.content().controllers;
    let id = ControllerId::new(school).ok().filter(|id| known.contains_key(id));
    id.ok_or_else(|| {
        let names: Vec<String> = known.keys().map(|id| format!("`{id}`")).collect();
        let hint = match names.is_empty() {
            true => "a school has a file under `controllers/`; this register has none".to_owned(),
            false => format!("it declares {}", names.join(", ")),
        };
        Failure::new(format!("register `{}` declares no school `{school}`", register.name)).hint(hint)
    })
}
