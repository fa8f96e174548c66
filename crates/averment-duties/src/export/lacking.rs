//! What an archive that was written before lacks, by its own words.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use serde::Deserialize;
use zip::ZipArchive;

/// Of `data.json` only what is asked for: the rows are passed over.
#[derive(Deserialize)]
struct Document {
    summary: Summary,
}

#[derive(Deserialize)]
struct Summary {
    not_reached: Vec<(String, String)>,
}

/// Stores that could not be read when the archive was written, with the reason.
///
/// # Errors
/// It is no archive of a person.
pub fn lacking(archive: &Path) -> io::Result<Vec<(String, String)>> {
    let mut zip = ZipArchive::new(BufReader::new(File::open(archive)?))?;
    let data = zip.by_name("data.json")?;
    let document: Document = serde_json::from_reader(BufReader::new(data))?;
    Ok(document.summary.not_reached)
}
