//! Tables: one row after the other, each with the names of its columns.

use std::io::{BufRead, Error, ErrorKind};

use csv::{ByteRecord, ReaderBuilder, Writer};

use super::items::{Lined, is_plain_id};
use super::tally::Looking;

/// Names of columns that identify a row, in small letters.
const IDS: [&str; 10] = [
    "issue key",
    "key",
    "ticket id",
    "ticket",
    "card id",
    "record id",
    "issue id",
    "request id",
    "id",
    "number",
];

pub(super) fn split(mut file: impl BufRead, sink: &mut Looking<'_>) -> std::io::Result<()> {
    // Excel's own first line says the sign, and is no row.
    let said = said_delimiter(file.fill_buf()?);
    if let Some((length, _)) = said {
        file.consume(length);
    }
    let delimiter = match said {
        Some((_, delimiter)) => delimiter,
        None => delimiter(file.fill_buf()?),
    };
    let mut builder = ReaderBuilder::new();
    let mut reader = builder
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(Lined::new(file));
    let mut names = ByteRecord::new();
    if !reader.read_byte_record(&mut names).map_err(error)? {
        return Ok(());
    }
    // A table without names of columns begins with data; names alone are no item.
    sink.aside("row 1", Some("text/csv"), &line(&[&names])?);
    let column = names.iter().position(is_id);
    let mut row = ByteRecord::new();
    for number in 2_u64.. {
        if !reader.read_byte_record(&mut row).map_err(error)? {
            break;
        }
        let id = column.and_then(|at| std::str::from_utf8(row.get(at)?).ok());
        let id = id.filter(|id| is_plain_id(id) && sink.is_nobodys(id));
        let place = id.map_or_else(|| format!("row {number}"), |id| format!("row {number} {id}"));
        sink.item(&place, Some("text/csv"), &line(&[&names, &row])?);
    }
    Ok(())
}

fn is_id(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name)
        .trim_start_matches('\u{feff}')
        .trim()
        .to_lowercase();
    IDS.contains(&name.as_str())
}

/// `sep=;`: how long the line is, and its sign.
fn said_delimiter(start: &[u8]) -> Option<(usize, u8)> {
    let line = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let mark = start.len() - line.len();
    let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', sign, rest @ ..] = line else {
        return None;
    };
    let end = [&b"\r\n"[..], b"\n"].into_iter().find(|end| rest.starts_with(end))?;
    Some((mark + 5 + end.len(), *sign))
}

/// The sign that the first line holds most of.
fn delimiter(start: &[u8]) -> u8 {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |sign: &u8| line.iter().filter(|byte| *byte == sign).count();
    let signs = [b',', b';', b'\t', b'|'];
    // The first of equals: a comma where nothing speaks for another.
    signs.into_iter().rev().max_by_key(count).unwrap_or(b',')
}

fn line(rows: &[&ByteRecord]) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        write(&mut writer, row)?;
    }
    writer.into_inner().map_err(|error| Error::other(error.into_error()))
}

fn write(writer: &mut Writer<Vec<u8>>, row: &ByteRecord) -> std::io::Result<()> {
    writer.write_byte_record(row).map_err(error)
}

/// Its own text might hold a field.
fn error(error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => Error::new(ErrorKind::InvalidData, "it is no table that can be read"),
    }
}
