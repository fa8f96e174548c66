//! People as JSON: one object a line, or an array.
//!
//! Member names are those of the columns. `identifiers` may hold an object of the fields that people are recognised by,
//! and each of those one text or several in an array.

use std::io::{BufRead, BufReader, Read};

use averment_detect::normalise::IdentifierKind;
use serde_json::{Map, Value};

use super::columns::Column;
use super::parts::{BATCH_BYTES, BATCH_ROWS, read_in_parts};
use super::read::{Kept, Reading};
use super::report::LoadError;
use super::row::{At, Field, Row};
use super::table::Wanted;

/// Most bytes of one person.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// Reads JSON Lines into `reading`; empty lines are passed over.
pub(super) fn read_lines(
    reading: &mut Reading<'_>,
    input: impl Read,
    source_name: &str,
    wanted: Wanted,
) -> Result<(), LoadError> {
    let mut input = BufReader::new(input);
    let (mut batch, mut number) = (Vec::new(), 0);
    loop {
        batch.clear();
        let more = read_batch(&mut input, &mut batch, &mut number).map_err(|source| LoadError::Read {
            source_name: source_name.to_owned(),
            source,
        })?;
        read_in_parts(reading, &batch, |part, (number, line)| {
            if line.len() as u64 > LINE_BYTES_MAX {
                part.fault(At::line(*number), format!("expected at most {LINE_BYTES_MAX} bytes"));
            } else {
                read_line(part, *number, line, wanted);
            }
        });
        if !more {
            return Ok(());
        }
    }
}

/// Reads some lines with their numbers; gives whether there may be more. Of one that is too long only the beginning is
/// read, and nothing behind it, because where the next begins is not known.
fn read_batch(input: &mut impl BufRead, batch: &mut Vec<(u64, Vec<u8>)>, number: &mut u64) -> std::io::Result<bool> {
    let mut bytes = 0;
    while batch.len() < BATCH_ROWS && bytes < BATCH_BYTES {
        let mut line = Vec::new();
        let read = (&mut *input).take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(false);
        }
        (bytes, *number) = (bytes + read, *number + 1);
        let long = line.len() as u64 > LINE_BYTES_MAX;
        if long || !line.trim_ascii().is_empty() {
            batch.push((*number, line));
        }
        if long {
            return Ok(false);
        }
    }
    Ok(true)
}

fn read_line(reading: &mut Reading<'_>, number: u64, line: &[u8], wanted: Wanted) {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    if line.trim_ascii().is_empty() {
        return;
    }
    match serde_json::from_slice::<Value>(line) {
        Ok(Value::Object(members)) => read_object(reading, number, &members, wanted),
        Ok(_) => reading.fault(At::line(number), "expected an object in braces"),
        // The parser's own words may repeat what it found.
        Err(error) => {
            let expected = format!("expected one JSON object, character {} does not fit", error.column());
            reading.fault(At::line(number), expected);
        }
    }
}

/// Reads one person; `number` is the line, or the position in an array.
pub(super) fn read_object(reading: &mut Reading<'_>, number: u64, members: &Map<String, Value>, wanted: Wanted) {
    let at = At::line(number);
    let before = reading.total;
    let mut fields = Vec::new();
    for (name, value) in members {
        match (name.as_str(), Column::of_header(name), value) {
            ("identifiers", _, Value::Object(inner)) => {
                for (name, value) in inner {
                    match Column::of_header(name) {
                        Some(column @ (Column::Identifier(_) | Column::FirstName | Column::LastName)) => {
                            push(reading, &mut fields, at, column, value);
                        }
                        _ => reading.rows.ignored_members = true,
                    }
                }
            }
            ("identifiers", ..) => reading.fault(at.column("identifiers"), "expected an object of identifiers"),
            (_, Some(column), value) => push(reading, &mut fields, at, column, value),
            (_, None, _) => reading.rows.ignored_members = true,
        }
    }
    check_once(reading, &fields, at);
    let kept = Kept::Nothing;
    let row = Row { at, fields, kept };
    match wanted {
        _ if reading.total > before => {}
        Wanted::People => reading.read_row(&row),
        Wanted::Ids => reading.read_departure(&row),
    }
}

fn push<'a>(reading: &mut Reading<'_>, fields: &mut Vec<Field<'a>>, at: At, column: Column, value: &'a Value) {
    match value {
        Value::Null => {}
        Value::String(text) => fields.push(Field::new(column, at, text.as_str())),
        Value::Number(number) => fields.push(Field::new(column, at, number.to_string())),
        Value::Bool(word) if column == Column::Removed => fields.push(Field::new(column, at, word.to_string())),
        Value::Array(several) if matches!(column, Column::Identifier(_)) => {
            for one in several {
                match one {
                    Value::Array(_) => reading.fault(at.column(column.name()), "expected texts in the array"),
                    one => push(reading, fields, at, column, one),
                }
            }
        }
        _ => {
            let several = matches!(column, Column::Identifier(_));
            let expected = if several {
                "a text or an array of texts"
            } else {
                "a text"
            };
            reading.fault(at.column(column.name()), format!("expected {expected}"));
        }
    }
}

/// Of two ids or two roles nobody could say which holds.
fn check_once(reading: &mut Reading<'_>, fields: &[Field<'_>], at: At) {
    let mut single: Vec<Column> = fields
        .iter()
        .map(|field| field.column)
        .filter(|column| !matches!(column, Column::Identifier(kind) if *kind != IdentifierKind::FullName))
        .collect();
    single.sort_unstable();
    for pair in single.windows(2).filter(|pair| pair[0] == pair[1]) {
        reading.fault(at.column(pair[0].name()), "expected one member for it, found several");
    }
}
