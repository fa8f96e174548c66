//! `averment verify`: whether a bundle holds, in words, for somebody who does not trust whoever made it.

use std::path::{Path, PathBuf};

use averment_verify::{Answer, Outcome as Found, Question, State, verify};
use clap::Args;

use crate::cli::Format;
use crate::clock;
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

/// No bundle is larger.
const BUNDLE_BYTES_MAX: u64 = 512 << 20;

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 it holds, 1 it does not, 2 nobody said whose record it has to be (`--key`), or it could not be read; 3 internal fault."
)]
pub(crate) struct VerifyArgs {
    /// The bundle
    pub(crate) bundle: PathBuf,
    /// Key that the ledger must be of, as text or in a file; from another channel than the bundle
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Vec<String>,
    /// Exit with 0 although no key is named, when the bundle agrees with itself: anybody may have made it
    #[arg(long, conflicts_with = "key")]
    pub(crate) whoever_made_it: bool,
    /// File with an older checkpoint that it must continue
    #[arg(long, value_name = "FILE")]
    pub(crate) since: Option<PathBuf>,
    /// Key of a witness that must have signed, as text or in a file
    #[arg(long, value_name = "KEY")]
    pub(crate) witness: Vec<String>,
    /// School that it must be for
    #[arg(long, value_name = "SCHOOL")]
    pub(crate) school: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

pub(crate) fn run(arguments: &VerifyArgs) -> Result<Outcome, Failure> {
    let mut question = Question::new(clock::now());
    for key in &arguments.key {
        question = question.key(&text_or_file(key))?;
    }
    for key in &arguments.witness {
        question = question.witness(&text_or_file(key))?;
    }
    if let Some(path) = &arguments.since {
        question = question.since(read_text(path)?);
    }
    if let Some(school) = &arguments.school {
        question = question.school(school.clone());
    }
    let answer = verify(&read_bundle(&arguments.bundle)?, &question);
    match arguments.format {
        Format::Text => print_text(&answer),
        Format::Json => anstream::println!("{}", answer.json()),
    }
    Ok(match answer.outcome {
        Found::Holds => Outcome::Holds,
        Found::Unidentified if arguments.whoever_made_it => Outcome::Holds,
        Found::Fails => Outcome::Contrary,
        Found::Unidentified | Found::NoBundle => Outcome::CouldNotMeasure,
    })
}

/// A key has no white space, so a file of its name is not meant by accident.
fn text_or_file(named: &str) -> String {
    std::fs::read_to_string(named).unwrap_or_else(|_| named.to_owned())
}

/// A small text file.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let failed = |error| Failure::new(format!("cannot read `{}`", path.display())).because(error);
    std::fs::read_to_string(path).map_err(failed)
}

fn read_bundle(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error| Failure::new(format!("cannot read `{}`", path.display())).because(error);
    let bytes = std::fs::metadata(path).map_err(failed)?.len();
    if bytes > BUNDLE_BYTES_MAX {
        let message = format!(
            "`{}` has {bytes} bytes, expected at most {BUNDLE_BYTES_MAX}",
            path.display()
        );
        return Err(Failure::new(message));
    }
    std::fs::read(path).map_err(failed)
}

/// As wide as the longest word before it, and two spaces.
const INDENT: &str = "               ";

fn print_text(answer: &Answer) {
    anstream::println!("{}\n", wrap(&answer.headline, 80, ""));
    for step in &answer.checks {
        let word = match step.state {
            State::Holds => "holds",
            State::Fails(_) => "does not hold",
            State::NotChecked(averment_verify::Reason::Stopped) => continue,
            State::NotChecked(_) => "not checked",
        };
        let line = format!("{}: {}", step.check.as_str(), step.says);
        anstream::println!("{word:<15}{}", wrap(&line, 79, INDENT));
    }
    let stopped = |step: &&averment_verify::Step| step.state == State::NotChecked(averment_verify::Reason::Stopped);
    let count = answer.checks.iter().filter(stopped).count();
    if count > 0 {
        let line = format!("the {count} checks after it: nothing of a bundle with one lie in it is believed");
        anstream::println!("{:<15}{}", "not checked", wrap(&line, 79, INDENT));
    }
    for sentence in &answer.shows {
        anstream::println!("\n{}", wrap(sentence, 80, ""));
    }
}
