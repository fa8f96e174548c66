//! `averment erase certificate`: the certificate of a run, and whether one is signed as it should be.

use std::path::{Path, PathBuf};

use averment_duties::erase::Certificate;
use averment_ledger::VerifierKey;
use averment_store::{DataFolder, Keys};
use clap::{Args, ValueEnum};

use super::{find, journal};
use crate::cli::Folders;
use crate::outcome::{Failure, Outcome};

/// Largest certificate that is read.
const BYTES_MAX: u64 = 1 << 24;

#[derive(Debug, Args)]
pub(crate) struct CertificateArgs {
    /// Identifier of a run, or how it begins; the newest when absent
    run: Option<String>,
    /// Check this file instead
    #[arg(long, value_name = "FILE", conflicts_with = "run")]
    verify: Option<PathBuf>,
    /// With `--verify`: the key of the ledger, as its page or a bundle names it; the key folder's when absent
    #[arg(long, value_name = "KEY", requires = "verify")]
    verifier: Option<VerifierKey>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
    #[command(flatten)]
    folders: Folders,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// In words
    Text,
    /// A page of HTML
    Html,
    /// The JSON document
    Json,
    /// The signed note: what is given out and can be checked
    Note,
}

pub(super) fn run(arguments: &CertificateArgs) -> Result<Outcome, Failure> {
    if let Some(file) = &arguments.verify {
        return verify(file, arguments);
    }
    let folder = DataFolder::open_read(&arguments.folders.data)?;
    let journal = journal(&folder)?;
    let run = match &arguments.run {
        Some(wanted) => find(&journal, wanted)?,
        None => journal
            .runs()?
            .pop()
            .ok_or_else(|| Failure::new("there is no run yet"))?,
    };
    let Some(note) = run.certificate else {
        anstream::println!("Run `{}` has not ended: it is {}.", run.id, run.stage.as_str());
        return Ok(Outcome::Contrary);
    };
    let keys = Keys::read(&arguments.folders.keys)?;
    let Some(text) = keys.open_document(&note) else {
        return Err(Failure::new(
            "the certificate in the journal is not signed with a key of this ledger",
        ));
    };
    show(text, &note, arguments.format)?;
    Ok(Outcome::Holds)
}

fn verify(file: &Path, arguments: &CertificateArgs) -> Result<Outcome, Failure> {
    let failed = |error| Failure::new(format!("cannot read `{}`", file.display())).because(error);
    if std::fs::metadata(file).map_err(failed)?.len() > BYTES_MAX {
        return Err(Failure::new(format!("expected at most {BYTES_MAX} bytes")));
    }
    let note = std::fs::read_to_string(file).map_err(failed)?;
    let text = match &arguments.verifier {
        Some(verifier) => verifier.open(&note).ok(),
        None => Keys::read(&arguments.folders.keys)?.open_document(&note),
    };
    let Some(text) = text else {
        anstream::println!("Not signed with this key, or changed since.");
        return Ok(Outcome::Contrary);
    };
    show(text, &note, arguments.format)?;
    anstream::println!("The signature fits.");
    Ok(Outcome::Holds)
}

fn show(text: &str, note: &str, form: Form) -> Result<(), Failure> {
    let certificate = Certificate::read(text).ok_or_else(|| Failure::new("it is signed, and no certificate"))?;
    match form {
        Form::Text => anstream::println!("{}", certificate.lines().join("\n")),
        Form::Html => anstream::print!("{}", certificate.html()),
        Form::Json => anstream::print!("{text}"),
        Form::Note => anstream::print!("{note}"),
    }
    Ok(())
}
