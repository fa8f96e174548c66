//! The archive put together from the spool: `data.json`, its schema, `index.html`, files.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::objects::{Noted, digest, give, noted};
use super::spool::Spool;
use super::{Summary, Task, Whose, page};

/// The JSON Schema of `data.json`.
pub(super) const SCHEMA: &str = include_str!("../../schema/person-export.schema.json");
/// The version of `data.json`.
const VERSION: &str = "averment.person-export/1";

/// Writes the archive beside its place, has it put on record, and moves it there.
pub(super) fn write(task: &Task<'_>, spool: &Spool, summary: &mut Summary, out: &Path) -> io::Result<()> {
    let draft = "archive.draft";
    count(spool, summary)?;
    let mut zip = ZipWriter::new(BufWriter::new(spool.create(draft)?));
    let options = SimpleFileOptions::default().unix_permissions(0o600).large_file(true);
    zip.start_file("data.json", options)?;
    data(task, spool, summary, &mut zip)?;
    zip.start_file("data.schema.json", options)?;
    zip.write_all(SCHEMA.as_bytes())?;
    zip.start_file("index.html", options)?;
    page::write(task, spool, summary, &mut zip)?;
    for (place, noted) in noted(spool)?.iter().enumerate() {
        zip.start_file(name_of(place, noted), options)?;
        give(spool, noted, &mut zip)?;
    }
    let file = zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    drop(file);
    let (sha256, bytes) = digest(spool, draft)?;
    (task.announce)(sha256, bytes).map_err(io::Error::other)?;
    put(&spool.path(draft), out)?;
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Gives the archive its place, where nothing is: what somebody has put there meanwhile stays.
fn put(draft: &Path, out: &Path) -> io::Result<()> {
    match fs::hard_link(draft, out) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // The draft goes with its folder.
        Ok(()) => Ok(()),
        // A file system without links: the lock keeps other exports away.
        Err(_) => fs::rename(draft, out),
    }
}

/// The name in the archive: numbered, because the store's own may be anything.
pub(super) fn name_of(place: usize, noted: &Noted) -> String {
    let last = noted.name.rsplit('/').next().unwrap_or_default();
    let plain: String = last
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_') {
                letter
            } else {
                '_'
            }
        })
        .collect();
    format!("files/{:05}-{}", place + 1, plain.trim_start_matches('.'))
}

fn count(spool: &Spool, summary: &mut Summary) -> io::Result<()> {
    summary.files = noted(spool)?.len() as u64;
    for name in spool.names(".rows")? {
        let (heading, counts) = spool.read(&name, &mut |_, _| Ok(()))?;
        match heading.whose {
            Whose::Own => summary.own_rows += counts.rows,
            Whose::Named => summary.named_rows += counts.rows,
        }
        summary.somebody_else += counts.somebody_else;
        summary.masked_in_texts += counts.masked;
    }
    Ok(())
}

fn data(task: &Task<'_>, spool: &Spool, summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let content = task.charter.content();
    write!(
        out,
        "{{\n\"schema\": {},\n\"organisation\": {},\n\"exported_at\": {},\n\"charter\": {},\n\"person\": {},\n\"summary\": {},\n\"recipients\": {},\n\"tables\": [",
        json!(VERSION),
        json!(content.organisation),
        json!(task.now.to_string()),
        json!(task.charter.digest().to_string()),
        json!({ "number": task.number }),
        json!(summary),
        json!(task.recipients),
    )?;
    for (place, name) in spool.names(".rows")?.iter().enumerate() {
        let (mut begun, mut before) = (false, if place == 0 { "\n" } else { ",\n" });
        let (heading, _) = spool.read(name, &mut |heading, row| {
            if !begun {
                write!(out, "{before}{}, \"rows\": [", opened(&json!(heading)))?;
                (begun, before) = (true, "\n");
            }
            write!(
                out,
                "{before}{}",
                object(heading.columns.iter().map(|column| &column.name), row)
            )?;
            before = ",\n";
            Ok(())
        })?;
        match begun {
            true => write!(out, "]}}")?,
            false => write!(out, "{before}{}, \"rows\": []}}", opened(&json!(heading)))?,
        }
    }
    write!(out, "],\n\"files\": [")?;
    for (place, noted) in noted(spool)?.iter().enumerate() {
        let before = if place == 0 { "\n" } else { ",\n" };
        let file = json!({
            "store": noted.store, "name": noted.name, "file": name_of(place, noted), "bytes": noted.bytes,
            "sha256": noted.sha256,
        });
        write!(out, "{before}{file}")?;
    }
    out.write_all(b"]\n}\n")
}

/// An object without its last brace.
fn opened(object: &Value) -> String {
    let mut text = object.to_string();
    text.pop();
    text
}

fn object<'a>(names: impl Iterator<Item = &'a String>, row: &[Value]) -> Value {
    names.cloned().zip(row.iter().cloned()).collect()
}
