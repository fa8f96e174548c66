//! What somebody's word rests on: the documents of the attestations in a bundle, out of the data folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use averment_ledger::Document;
use averment_store::{Documents, Kept};

use crate::outcome::Failure;

/// The documents that entries name and `more`. One that is not there whole is left out, and it is said which: the bundle
/// says so too.
pub(crate) fn read(
    kept: &Documents,
    named: &BTreeMap<[u8; 32], Document>,
    more: &[PathBuf],
) -> Result<Vec<Vec<u8>>, Failure> {
    let mut documents = Vec::new();
    for document in named.values() {
        let file = kept.file(document);
        let found = kept.look(document).map_err(|error| unreadable(&file, error))?;
        match found {
            Kept::Whole => documents.push(read_file(&file)?),
            Kept::Missing | Kept::Changed => anstream::eprintln!("{}", left_out(&file, found)),
        }
    }
    for file in more {
        documents.push(read_file(file)?);
    }
    Ok(documents)
}

fn left_out(file: &Path, found: Kept) -> String {
    let what = match found {
        Kept::Changed => "is not the document that an attestation names",
        _ => "is missing, and an attestation names it",
    };
    format!(
        "warning: `{}` {what}: not enclosed; give it with `--document FILE`",
        file.display()
    )
}

fn read_file(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| unreadable(file, error))
}

fn unreadable(file: &Path, error: std::io::Error) -> Failure {
    Failure::new(format!("cannot read `{}`", file.display())).because(error)
}
