//! One file of a bundle, line by line, its fields by the names of the standard.

use std::collections::HashMap;

use super::super::limited::ShortRecords;
use super::super::read::Reading;
use super::super::row::At;
use super::bundle::Bundle;

/// One line.
pub(super) struct Line<'a> {
    file: &'static str,
    number: u64,
    positions: &'a HashMap<String, usize>,
    record: &'a csv::StringRecord,
}

impl Line<'_> {
    /// The field under a heading, without white space around it; none when it is empty or not there.
    pub(super) fn get(&self, heading: &'static str) -> Option<&str> {
        let position = *self.positions.get(heading)?;
        self.record.get(position).map(str::trim).filter(|text| !text.is_empty())
    }

    /// Where a field stands.
    pub(super) fn at(&self, heading: &'static str) -> At {
        let (file, line, column) = (Some(self.file), self.number, Some(heading));
        At { file, line, column }
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The parts of a list, which the standard writes with commas.
    pub(super) fn list(&self, heading: &'static str) -> impl Iterator<Item = &str> {
        let parts = self.get(heading).unwrap_or_default().split(',').map(str::trim);
        parts.filter(|part| !part.is_empty())
    }
}

/// Gives every line of `file` to `each`. A heading that is missing, a line of another length and text that is not UTF-8 are
/// faults. Gives whether the file is there.
pub(super) fn each_line(
    bundle: &mut Bundle,
    reading: &mut Reading<'_>,
    (file, needed): (&'static str, &[&'static str]),
    mut each: impl FnMut(&mut Reading<'_>, &Line<'_>),
) -> std::io::Result<bool> {
    let Some(input) = bundle.file(file)? else {
        return Ok(false);
    };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(ShortRecords::new(input));
    let header = reader.byte_headers().map_err(into_io)?.clone();
    let at = |line, column| At {
        file: Some(file),
        line,
        column,
    };
    let names = header.iter().map(|field| {
        let text = String::from_utf8_lossy(field);
        text.trim_start_matches('\u{feff}').trim().to_owned()
    });
    let positions: HashMap<String, usize> = names.enumerate().map(|(position, name)| (name, position)).collect();
    let missing: Vec<_> = needed.iter().filter(|name| !positions.contains_key(**name)).collect();
    for name in &missing {
        reading.fault(at(1, Some(name)), "expected a heading with this column");
    }
    let mut record = csv::ByteRecord::new();
    while missing.is_empty() && reader.read_byte_record(&mut record).map_err(into_io)? {
        reader.get_mut().ended();
        let number = record.position().map_or(0, csv::Position::line);
        let (wanted, found) = (header.len(), record.len());
        if wanted != found {
            let expected = format!("expected {wanted} fields as in the heading, found {found}");
            reading.fault(at(number, None), expected);
            continue;
        }
        match csv::StringRecord::from_byte_record(std::mem::take(&mut record)) {
            Ok(text) => {
                let line = Line {
                    file,
                    number,
                    positions: &positions,
                    record: &text,
                };
                each(reading, &line);
                record = text.into_byte_record();
            }
            Err(error) => {
                let field = error.utf8_error().field() + 1;
                reading.fault(
                    at(number, None),
                    format!("expected UTF-8, field {field} is something else"),
                );
            }
        }
    }
    Ok(true)
}

fn into_io(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => std::io::Error::from(std::io::ErrorKind::InvalidData),
    }
}
