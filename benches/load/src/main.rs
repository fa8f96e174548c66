//! `averment-load`: how many requests pass a way, and how long each one takes.
//!
//! A fixed number of kept-alive connections, each with one request under way at a time: the next one is sent when the
//! answer to the last one has been read (a closed loop). TLS is spoken with the third party's name in every case, either
//! straight to an address or through a proxy by CONNECT.
//!
//! Start at [`measure::run`]. Invariants: only loopback addresses are ever connected to, names are never resolved; time
//! and number of requests are bounded; one request that fails makes the whole run fail.

mod arguments;
mod connection;
mod event_body;
mod measure;
mod summary;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::Arguments;

/// Exit code for "could not measure": unusable arguments or certificates.
const UNUSABLE: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let plan = match Arguments::parse().plan() {
        Ok(plan) => plan,
        Err(error) => {
            complain(&error);
            return ExitCode::from(UNUSABLE);
        }
    };
    let outcome = measure::run(plan).await;
    outcome.first_error.iter().for_each(|error| complain(error));
    say(&outcome.summary);
    if outcome.summary.errors == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[expect(clippy::print_stdout, reason = "the one line of result, for a script to read")]
fn say(summary: &summary::Summary) {
    println!(
        "{}",
        serde_json::to_string(summary).expect("numbers under fixed names are always JSON")
    );
}

#[expect(clippy::print_stderr, reason = "a command for people")]
fn complain(error: &dyn std::error::Error) {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    eprintln!(
        "{}",
        causes.fold(format!("error: {error}"), |text, cause| format!("{text}: {cause}"))
    );
}
