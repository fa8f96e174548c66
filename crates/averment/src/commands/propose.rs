//! `averment propose`: what the gate saw and no row declares, as rows to review.
//!
//! Start at [`run`]. Nothing is decided here: a row says what happens today, and whether it should is for people to say. What
//! a published sentence rules out is told and not proposed. What stands in a register stays as it is: rows are added at the
//! end of files, and new files are never written over others.

mod observed;
mod rows;
mod seen;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use averment_register::{Severity, Source, compile, draft};
use averment_scan::Seen;
use averment_store::{DataFolder, Keys, entries, trusted};

use crate::cli::ProposeArgs;
use crate::commands::scan::read;
use crate::outcome::{Failure, Outcome};
use crate::register;
use rows::Proposal;
use seen::Traffic;

pub(crate) fn run(arguments: &ProposeArgs) -> Result<Outcome, Failure> {
    let folder = arguments.into.as_deref().unwrap_or(&arguments.register);
    let source = Source::read(folder)?;
    let finished = finished(&source);
    let charter = match compile(&finished).charter {
        Some(charter) => Arc::new(charter),
        None => register::open(Some(folder))?.charter,
    };
    let proposals = match looks(&arguments.from)? {
        Some(looks) => {
            let own = arguments.own.iter().map(|domain| domain.to_ascii_lowercase()).collect();
            tell_own(&looks);
            observed::of(&looks, &charter, &source, &own)
        }
        None => rows::of(&traffic(arguments)?, &charter, &source),
    };
    match &arguments.into {
        None => print(&proposals),
        Some(into) => merge(&proposals, &finished, into)?,
    }
    Ok(if proposals.is_empty() {
        Outcome::Holds
    } else {
        Outcome::Contrary
    })
}

/// The register without files of recipients that were begun and are not finished: they say nothing yet, and what they are about
/// is still undeclared.
fn finished(source: &Source) -> Source {
    let found = compile(source).diagnostics;
    let wrong = found.iter().filter(|finding| finding.severity == Severity::Error);
    let wrong: BTreeSet<&str> = wrong.map(|finding| finding.file.as_str()).collect();
    let is_begun = |name: &str, text: &str| {
        name.starts_with("recipients/") && text.contains("\n# Yours: ") && wrong.contains(name)
    };
    let mut finished = Source::default();
    for (name, text) in source.files() {
        if is_begun(name, text) {
            anstream::eprintln!("{name}  begun and not finished: taken as not there");
        } else {
            finished.insert(name, text);
        }
    }
    finished
}

/// What looks saw; none for what the gate recorded.
fn looks(from: &[PathBuf]) -> Result<Option<Vec<Seen>>, Failure> {
    let (ledger, files): (Vec<&PathBuf>, Vec<&PathBuf>) = from.iter().partition(|one| one.as_os_str() == "ledger");
    match (ledger.is_empty(), files.is_empty()) {
        (_, true) => Ok(None),
        (true, false) => files
            .into_iter()
            .map(|file| read(file))
            .collect::<Result<_, _>>()
            .map(Some),
        (false, false) => Err(Failure::new(
            "`--from ledger` stands alone: propose from files in a run of their own",
        )),
    }
}

/// Names what no row is proposed for, because what was read says that it is one's own.
fn tell_own(looks: &[Seen]) {
    for own in looks.iter().flat_map(|seen| &seen.own) {
        let (domain, spot, because) = (&own.domain, &own.spot, &own.because);
        anstream::eprintln!("not proposed: `{domain}`, which looks like your own ({spot}, {because})");
    }
}

fn traffic(arguments: &ProposeArgs) -> Result<Traffic, Failure> {
    let data = DataFolder::open_read(&arguments.folders.data)?;
    let keys = Keys::read(&arguments.folders.keys)?;
    let mut traffic = Traffic::default();
    for numbered in entries(&data, trusted(&data, &keys)?)? {
        traffic.take(numbered?.entry);
    }
    Ok(traffic)
}

fn print(proposals: &[Proposal]) {
    if proposals.is_empty() {
        anstream::println!("Everything that was seen is declared.");
    }
    for proposal in proposals {
        let new = if proposal.is_new { " (new file)" } else { "" };
        anstream::println!("# ==> {}{new}\n{}", proposal.file, proposal.text);
    }
}

/// Adds the rows to the files of the register in `into`.
fn merge(proposals: &[Proposal], source: &Source, into: &Path) -> Result<(), Failure> {
    check(proposals, source)?;
    for proposal in proposals {
        if proposal.is_new {
            let new = draft::Draft {
                file: proposal.file.clone(),
                text: proposal.text.clone(),
            };
            anstream::println!("{}  new, to be filled in", draft::write(&new, into)?.display());
        } else if proposal.rows > 0 {
            let path = into.join(&proposal.file);
            append(&path, &proposal.text)
                .map_err(|error| Failure::new(format!("cannot write `{}`", path.display())).because(error))?;
            anstream::println!("{}  {} rows added", path.display(), proposal.rows);
        } else {
            anstream::println!("{}  nothing added:\n{}", proposal.file, proposal.text);
        }
    }
    anstream::println!("Review them; `averment check {}` says what is missing", into.display());
    Ok(())
}

/// Refuses rows that the register would not compile with. New files are unfinished on purpose and not looked at.
fn check(proposals: &[Proposal], source: &Source) -> Result<(), Failure> {
    let mut merged = source.clone();
    let added = |proposal: &&Proposal| !proposal.is_new && proposal.rows > 0;
    for proposal in proposals.iter().filter(added) {
        let text = format!("{}\n{}", source.get(&proposal.file).unwrap_or_default(), proposal.text);
        merged.insert(proposal.file.clone(), text);
    }
    if compile(&merged).charter.is_none() {
        let hint = "without `--into` the rows are printed, to be put in by hand";
        return Err(Failure::new("the register does not compile with the rows; nothing was written").hint(hint));
    }
    Ok(())
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::File::options().append(true).open(path)?;
    file.write_all(format!("\n{text}").as_bytes())?;
    file.sync_all()
}
