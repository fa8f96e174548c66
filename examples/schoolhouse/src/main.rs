//! A small education platform: schools, classes, projects, messages, an activity log.
//!
//! Start at [`web::router`] for what it shows, at [`rules`] for who sees what, at `schema/schema.sql` for what it keeps, and at
//! [`mistakes`] for what can be made wrong. Everybody in it is fictional.

mod accounts;
mod activity;
mod backup;
mod cli;
mod elsewhere;
mod guesses;
mod loaded;
mod mistakes;
mod news;
mod oidc;
mod people;
mod profile;
mod purge;
mod register;
mod rules;
mod secrets;
mod seed;
mod serve;
mod sessions;
mod settings;
mod spoil;
mod store;
mod tls;
mod vendor_stub;
mod vendors;
mod web;
mod works;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match cli::run(&cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                let _ = writeln!(std::io::stderr(), "  because: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}
