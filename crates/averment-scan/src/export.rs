//! Exports of staff tools, one ticket, message or row after the other: which hold somebody's data, and of which kind.
//!
//! Start at [`sweep`]. A file is read as a stream: what is kept at a time is one item of at most 64 MiB. The detection room looks at
//! each item; what is kept of it are elements, kinds of people and counts. An item is named by its number or its identifier, and by
//! the latter only if that is nobody's.

mod archive;
mod items;
mod json;
mod mail;
mod table;
mod tally;
mod xml;

use std::io::{BufRead, BufReader, Cursor, ErrorKind, Read, Seek};

use averment_detect::{Directory, content_type_of};
use flate2::read::MultiGzDecoder;

pub use tally::{Holding, Tally, What};

/// Largest item that is looked at, bytes.
const ITEM_MAX: usize = 64 << 20;
/// What an archive may unpack to, over its own size, once that is above [`SMALL`].
const RATIO_MAX: u64 = 200;
/// Unpacked size that no ratio is asked about.
const SMALL: u64 = 1 << 20;

/// Why an export could not be read to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The file could not be read.
    #[error("cannot read it")]
    Read(#[from] std::io::Error),
    /// It is not the archive that its name says.
    #[error("it is no zip archive that can be read")]
    Archive(#[from] zip::result::ZipError),
}

/// Looks at every item of one exported file. `name`: its file name, which tells the format; `length`: bytes of the file.
/// JSON (a list, an object of lists, a line each), XML, tables (CSV, TSV), mailboxes (`.mbox`), archives of these (`.zip`), any of
/// them in gzip; anything else is one item, and said to be one where it is no document that people write.
///
/// # Errors
/// [`ExportError`] when the file itself cannot be read. What cannot be read within it is counted in the tally.
pub fn sweep(
    name: &str,
    length: u64,
    file: impl Read + Seek,
    directory: &Directory,
    tally: &mut Tally,
) -> Result<(), ExportError> {
    let mut looking = tally.begin(name, directory);
    let read = if is_named(name, &[".zip"]) {
        archive::split(file, &mut looking)
    } else {
        stream(name, length, BufReader::with_capacity(1 << 16, file), &mut looking)
    };
    match read {
        Err(error) if let Some(because) = of_content(&error) => {
            looking.unread("", &because);
            Ok(())
        }
        read => read,
    }
}

/// What is wrong with the file itself, where the disk is not to blame: the others are looked at all the same.
fn of_content(error: &ExportError) -> Option<String> {
    match error {
        ExportError::Read(error) => {
            let kinds = [
                ErrorKind::Other,
                ErrorKind::InvalidData,
                ErrorKind::InvalidInput,
                ErrorKind::UnexpectedEof,
            ];
            kinds
                .contains(&error.kind())
                .then(|| format!("not read to its end: {error}"))
        }
        ExportError::Archive(_) => Some(error.to_string()),
    }
}

/// One file that is no archive. What cannot be read to its end is told.
fn stream(name: &str, length: u64, file: impl BufRead, sink: &mut tally::Looking<'_>) -> Result<(), ExportError> {
    match name.strip_suffix(".gz").or_else(|| name.strip_suffix(".GZ")) {
        Some(inner) => {
            let most = length.saturating_mul(RATIO_MAX).max(SMALL);
            let unpacked = items::Capped::new(MultiGzDecoder::new(file), most);
            if is_named(inner, &[".zip"]) {
                let mut bytes = Vec::new();
                unpacked.take(ITEM_MAX as u64 + 1).read_to_end(&mut bytes)?;
                if bytes.len() > ITEM_MAX {
                    sink.unread("", "an archive in gzip, larger than 64 MiB: unpack it first");
                    return Ok(());
                }
                return archive::split(Cursor::new(bytes), sink);
            }
            split(inner, BufReader::with_capacity(1 << 16, unpacked), sink)
        }
        None => split(name, file, sink),
    }
}

fn split(name: &str, mut file: impl BufRead, sink: &mut tally::Looking<'_>) -> Result<(), ExportError> {
    let marks: [(&[u8], items::Unit); 2] = [(b"\xff\xfe", u16::from_le_bytes), (b"\xfe\xff", u16::from_be_bytes)];
    let start = file.fill_buf()?;
    match marks.into_iter().find(|(mark, _)| start.starts_with(mark)) {
        Some((_, unit)) if is_named(name, &LINED) => {
            let text = items::Utf16::new(file, unit);
            of_kind(name, BufReader::with_capacity(1 << 16, text), sink)
        }
        _ => of_kind(name, file, sink),
    }
}

/// Formats of text that is taken apart, and so has to be in one encoding.
const LINED: [&str; 6] = [".json", ".ndjson", ".jsonl", ".csv", ".tsv", ".xml"];

fn of_kind(name: &str, file: impl BufRead, sink: &mut tally::Looking<'_>) -> Result<(), ExportError> {
    if is_named(name, &[".json", ".ndjson", ".jsonl"]) {
        json::split(file, sink)?;
    } else if is_named(name, &[".csv", ".tsv"]) {
        table::split(file, sink)?;
    } else if is_named(name, &[".mbox", ".mbx", "/mbox"]) || name == "mbox" {
        mail::split(file, sink)?;
    } else if is_named(name, &[".xml"]) {
        xml::split(file, name, sink)?;
    } else {
        whole(name, file, sink)?;
    }
    Ok(())
}

/// Formats that hold many things each, and are not taken apart.
const MANY: [&str; 7] = [".zip", ".xlsx", ".xls", ".ods", ".tar", ".sql", ".db"];

/// A file that is one item.
fn whole(name: &str, file: impl Read, sink: &mut tally::Looking<'_>) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    file.take(ITEM_MAX as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > ITEM_MAX {
        sink.unread("", "larger than 64 MiB");
    } else if bytes.is_empty() {
        sink.unread("", "empty");
    } else if is_named(name, &MANY) {
        sink.unsplit(content_type_of(name).0, name, &bytes);
    } else {
        sink.item("", content_type_of(name).0, &bytes);
    }
    Ok(())
}

fn is_named(name: &str, endings: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    endings.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests;
