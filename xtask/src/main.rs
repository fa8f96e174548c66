//! `cargo xtask`: what the house does to itself.
//!
//! `test` is all that CI runs; `check` is the part of it that needs no running program; `arrows` and `supply` are parts
//! of that; `corpus` looks for planted people, and a small one is a part of `test`; `scan-self` looks at the project's own code; `sdk-all` drives official clients; `seeds DIR` imports the real published documents and holds the figures against them.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command for people")]
#![expect(
    clippy::disallowed_methods,
    reason = "the outermost room of the build: it reads its own arguments"
)]

mod arrows;
mod bound;
mod corpus;
mod prerequisites;
mod run;
mod scan_self;
mod sdk;
mod seeds;
mod supply;
mod verifier_page;

use std::process::ExitCode;

use run::{Step, cargo};

/// The same properties are tried on the same cases in every run here, so that a change is judged and not the dice. A plain
/// `cargo test` throws new ones.
const PROPERTY_SEED: &str = "20261122";

const USAGE: &str = "usage: cargo xtask <command>

  test         install or start what the tests need, then check and run everything
  check        format, lints, docs, arrows, supply chain
  arrows       hold the dependencies between rooms against arrows.toml
  supply       hold licences and banned crates against deny.toml
  corpus       plant fictional people in messages, look for them, print what was missed
               [--seed N] [--count N]
  bound        hold the statements of two real documents against the example platform, print their grades
               [--only MISTAKE…] of what the last run left, [--postgres] only what is tried on PostgreSQL
  scan-self    hold the project's own code against its own register
  sdk-all      install the official clients of tests/sdk/clients.toml and drive them through a gate
               [--only ID…]
  verifier-page
               build the page that checks bundles in a browser, one file
  seeds DIR    import the published documents in DIR and check the figures";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test"] => test(),
        ["check"] => check(),
        ["arrows"] => arrows::check(),
        ["supply"] => supply::check(),
        ["corpus", options @ ..] => corpus(options),
        ["bound", options @ ..] => bound::run(options),
        ["scan-self"] => scan_self::check(),
        ["sdk-all"] => sdk::all(&[]),
        ["sdk-all", "--only", only @ ..] => sdk::all(only),
        ["verifier-page"] => verifier_page::build().map(|page| println!("{}", page.display())),
        ["seeds", folder] => seeds::check(folder.as_ref()),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn test() -> Step {
    prerequisites::install()?;
    sdk::install_bounded()?;
    check()?;
    verifier_page::build()?;
    let seed = [("PROPTEST_RNG_SEED", PROPERTY_SEED)];
    run::cargo_with(
        &[
            "test",
            "--workspace",
            "--exclude",
            "averment-lake",
            "--locked",
            "--no-fail-fast",
        ],
        &seed,
    )?;
    scan_self::look(&run::built("averment"))?;
    bound::look()?;
    optional(&seed)?;
    corpus::check(corpus::SEED, corpus::COUNT)
}

/// The engines that the program has on demand: SQL over the ledger, and proofs by a solver. Apart from the rest, because the
/// engine for SQL brings another inflater for everything that is built with it; together, because what both need is then compiled
/// once.
fn optional(seed: &[(&str, &str)]) -> Step {
    let arguments = "test --locked -p averment-lake -p averment-access -p averment \
        --features averment/lake,averment/symbolic --test it -- lake:: cedar:: proving::";
    run::cargo_with(&Vec::from_iter(arguments.split_whitespace()), seed)
}

fn corpus(options: &[&str]) -> Step {
    let (mut seed, mut count) = (corpus::SEED, corpus::COUNT);
    for option in options.chunks(2) {
        let number = |text: &str| text.parse().map_err(|_| format!("expected a number, found `{text}`"));
        match option {
            ["--seed", text] => seed = number(text)?,
            ["--count", text] => count = number(text)?,
            _ => return Err(USAGE.to_owned()),
        }
    }
    corpus::check(seed, count)
}

fn check() -> Step {
    arrows::check()?;
    supply::check()?;
    cargo(&["fmt", "--all", "--check"])?;
    // The engine for SQL is compiled and tried by the tests; linting it would compile it once more.
    let house = ["--workspace", "--exclude", "averment-lake", "--locked"];
    let clippy = [&["clippy"][..], &house, &["--all-targets", "--", "-D", "warnings"]].concat();
    cargo(&clippy)?;
    let doc = [&["doc"][..], &house, &["--no-deps"]].concat();
    run::cargo_with(&doc, &[("RUSTDOCFLAGS", "-D warnings")])
}
