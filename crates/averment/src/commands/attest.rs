//! `averment attest`: somebody vouches for a claim; and what has to be vouched for next.

mod documents;
mod due;

use std::path::PathBuf;

use averment_claims::{claim_version, counts_until, due_after};
use averment_ledger::{Attestation, Deed};
use averment_register::{Charter, Claim, ClaimId, ClaimKind};
use averment_store::{DataFolder, Parcel, People};
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::cli::Folders;
use crate::outcome::{Failure, Outcome};
use crate::register::{self, Register};
use crate::{clock, recording, texts};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(
    override_usage = "averment attest --claim ID --by ROLE --says TEXT [OPTIONS] [REGISTER]\n       averment attest <COMMAND>"
)]
pub(crate) struct AttestArgs {
    #[command(subcommand)]
    command: Option<AttestCommand>,
    /// Folder of the register; the bundled example when absent
    register: Option<PathBuf>,
    /// Identifier of the claim
    #[arg(long, value_name = "ID", required = true)]
    claim: Option<ClaimId>,
    /// Who vouches: a role, such as `data protection officer`
    #[arg(long, value_name = "ROLE", required = true)]
    by: Option<String>,
    /// What they say, in one line without names
    #[arg(long, value_name = "TEXT", required = true)]
    says: Option<String>,
    /// What they found
    #[arg(long, value_enum, default_value_t = Finds::Holds)]
    finds: Finds,
    /// What it is about, in one line without names: the systems and places that a certificate names
    #[arg(long, value_name = "TEXT")]
    scope: Option<String>,
    /// Day on which it was done or seen; today when absent
    #[arg(long, value_name = "YYYY-MM-DD")]
    on: Option<Date>,
    /// Last day on which it counts, if the claim's evidence duty does not end it before; as that says when absent
    #[arg(long, value_name = "YYYY-MM-DD")]
    until: Option<Date>,
    /// What shows it; kept in the data folder
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    #[command(flatten)]
    folders: Folders,
}

#[derive(Debug, Subcommand)]
enum AttestCommand {
    /// What has to be vouched for, by whom and when; also what never was
    Due(due::DueArgs),
    /// Documents that entries name, each compared with its SHA-256
    Documents(documents::DocumentsArgs),
}

/// What somebody found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Finds {
    /// The claim holds
    #[value(name = "holds")]
    Holds,
    /// It does not
    #[value(name = "does_not_hold")]
    DoesNotHold,
}

pub(crate) fn run(arguments: &AttestArgs) -> Result<Outcome, Failure> {
    match &arguments.command {
        Some(AttestCommand::Due(due)) => due::run(due),
        Some(AttestCommand::Documents(documents)) => documents::run(documents),
        None => attest(arguments),
    }
}

fn attest(arguments: &AttestArgs) -> Result<Outcome, Failure> {
    let register = register::open(arguments.register.as_deref())?;
    let claim = arguments
        .claim
        .as_ref()
        .ok_or_else(|| Failure::new("expected `--claim ID`"))?;
    let claim = claim_of(&register, claim.as_str())?;
    let folders = &arguments.folders;
    let (folder, keys) = DataFolder::open_unlocked(&folders.data, &folders.keys)?;
    let mut people = People::open(&folder, &keys)?;
    let name = arguments.document.as_deref().map(recording::document_name);
    let given = [
        ("--by", arguments.by.as_deref()),
        ("--says", arguments.says.as_deref()),
        ("--scope", arguments.scope.as_deref()),
        ("--document", name.as_deref()),
    ];
    texts::check(&given, &mut people)?;
    let attestation = attestation(arguments, claim, &folder)?;
    let is_certificate = matches!(claim.kind, ClaimKind::HoldsCertificate { .. });
    if is_certificate && attestation.scope.is_none() {
        anstream::eprintln!("note: a certificate is for certain systems and places; `--scope` says for which");
    }
    let until = counts_until(claim, &attestation);
    let parcel = Parcel::new(Deed::Attestation(attestation));
    let numbers = recording::record(folders, &[parcel], register.charter.digest())?;
    for number in numbers {
        anstream::println!("recorded as entry {number}");
    }
    match arguments.finds {
        Finds::Holds => anstream::println!("It counts until {until}; then somebody has to look again."),
        Finds::DoesNotHold => anstream::println!("It counts until somebody vouches for a later day."),
    }
    if let Some(scope) = &arguments.scope {
        anstream::println!("Its scope: {scope}");
    }
    Ok(Outcome::Holds)
}

fn attestation(arguments: &AttestArgs, claim: &Claim, folder: &DataFolder) -> Result<Attestation, Failure> {
    let performed = arguments.on.unwrap_or_else(clock::today);
    if performed > clock::today() {
        return Err(Failure::new("the day after `--on` is still to come"));
    }
    let by_duty = claim
        .evidence
        .as_ref()
        .and_then(|duty| due_after(performed, duty.every));
    let until = arguments.until.or(by_duty);
    if until.is_some_and(|until| until < performed) {
        return Err(Failure::new(
            "the day after `--until` lies before the day on which it was done",
        ));
    }
    let document = arguments.document.as_deref();
    Ok(Attestation {
        id: recording::new_id()?,
        claim: claim.id.to_string(),
        claim_version: Some(claim_version(claim)),
        by: arguments.by.clone().unwrap_or_default(),
        says: arguments.says.clone().unwrap_or_default(),
        finds: match arguments.finds {
            Finds::Holds => "holds",
            Finds::DoesNotHold => "does_not_hold",
        }
        .to_owned(),
        scope: arguments.scope.clone(),
        performed_on: performed.to_string(),
        valid_until: until.map(|day| day.to_string()),
        document: document
            .map(|file| recording::keep_document(folder, file))
            .transpose()?,
    })
}

/// The claim of that name, or what is said when there is none.
pub(crate) fn claim_of<'a>(register: &'a Register, wanted: &str) -> Result<&'a Claim, Failure> {
    find(&register.charter, wanted).ok_or_else(|| {
        Failure::new(format!("no claim `{wanted}` in {}", register.name))
            .hint("`averment claims REGISTER` names every claim")
    })
}

fn find<'a>(charter: &'a Charter, wanted: &str) -> Option<&'a Claim> {
    charter.content().claims.get(&ClaimId::new(wanted).ok()?)
}
