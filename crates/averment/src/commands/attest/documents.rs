//! The documents that entries name: whether each is there, and is still the one that was given.

use averment_ledger::{Deed, Document};
use averment_store::{DataFolder, Documents, Kept, Keys, entries, trusted};
use clap::Args;
use serde_json::json;

use crate::cli::{Folders, Format};
use crate::outcome::{Failure, Outcome};

#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 every document is whole, 1 one is missing or was changed, 2 could not look.")]
pub(super) struct DocumentsArgs {
    /// Name only what is missing or was changed
    #[arg(long)]
    verify: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    folders: Folders,
}

/// A document, the entry that names it, and how it is found.
struct Row {
    entry: u64,
    document: Document,
    kept: Kept,
}

pub(super) fn run(arguments: &DocumentsArgs) -> Result<Outcome, Failure> {
    let folder = DataFolder::open_read(&arguments.folders.data)?;
    let keys = Keys::read(&arguments.folders.keys)?;
    let documents = Documents::new(&folder);
    let mut rows = Vec::new();
    for numbered in entries(&folder, trusted(&folder, &keys)?)? {
        let numbered = numbered?;
        if let Some(document) = document_of(numbered.entry.deed) {
            let failed = |error| Failure::new("cannot read a document").because(error);
            let kept = documents.look(&document).map_err(failed)?;
            let entry = numbered.index;
            rows.push(Row { entry, document, kept });
        }
    }
    let (all, bad) = (rows.len(), rows.iter().filter(|row| row.kept != Kept::Whole).count());
    rows.retain(|row| !arguments.verify || row.kept != Kept::Whole);
    match arguments.format {
        Format::Text => print_text(&rows, all, bad),
        Format::Json => print_json(&documents, &rows),
    }
    Ok(if bad > 0 { Outcome::Contrary } else { Outcome::Holds })
}

/// The document of a deed whose documents are kept here.
fn document_of(deed: Deed) -> Option<Document> {
    match deed {
        Deed::Attestation(attestation) => attestation.document,
        Deed::Measurement(measurement) => measurement.document,
        Deed::Manual(manual) => manual.document,
        _ => None,
    }
}

fn print_text(rows: &[Row], all: usize, bad: usize) {
    for row in rows {
        let Document { sha256, bytes, name } = &row.document;
        anstream::println!(
            "{:<8} entry {}: {name}, {bytes} bytes\n         {sha256}",
            row.kept.as_str(),
            row.entry
        );
    }
    anstream::println!("{all} documents, {bad} missing or changed");
}

fn print_json(documents: &Documents, rows: &[Row]) {
    let row = |row: &Row| {
        json!({
            "entry": row.entry, "document": row.document, "found": row.kept.as_str(),
            "file": documents.file(&row.document).display().to_string(),
        })
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    anstream::println!("{:#}", json!({ "schema": "averment.documents/1", "documents": rows }));
}
