//! The archive put together from the spool: `data.json`, its schema, `index.html`, files.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Seek as _, Write};
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::files::Noted;
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
        io::copy(&mut File::open(&noted.path)?, &mut zip)?;
    }
    let file = zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    drop(file);
    let path = spool.path(draft);
    let (sha256, bytes) = digest(&path)?;
    (task.announce)(sha256, bytes).map_err(io::Error::other)?;
    fs::rename(path, out)?;
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn digest(path: &Path) -> io::Result<([u8; 32], u64)> {
    let (mut file, mut hasher) = (File::open(path)?, Sha256::new());
    let mut chunk = vec![0; 1 << 16];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok((hasher.finalize().into(), file.stream_position()?)),
            read => hasher.update(&chunk[..read]),
        }
    }
}

/// Every file of every store.
pub(super) fn noted(spool: &Spool) -> io::Result<Vec<Noted>> {
    let mut all = Vec::new();
    for name in spool.names(".files")? {
        let some: Vec<Noted> = serde_json::from_reader(File::open(spool.path(&name))?)?;
        all.extend(some);
    }
    Ok(all)
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
        let file = json!({ "store": noted.store, "name": noted.name, "file": name_of(place, noted) });
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
