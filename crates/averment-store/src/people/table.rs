//! People as a table with a heading: CSV files, and what databases answer.

use std::io::Read;

use super::columns::Column;
use super::limited::ShortRecords;
use super::parts::{BATCH_BYTES, BATCH_ROWS, read_in_parts};
use super::read::{Kept, Reading};
use super::report::LoadError;
use super::row::{At, Field, Row};

/// What a table is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Whole people: needs `id`, `role` and something to recognise them by.
    People,
    /// Who leaves: needs `id`.
    Ids,
}

/// Whether a field may hold a line break. In a file somebody typed it is a quote that nobody closed, which would swallow
/// the people below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineBreaks {
    Refused,
    Taken,
}

/// Reads a CSV table into `reading`.
pub(super) fn read_csv(
    reading: &mut Reading<'_>,
    input: impl Read,
    source_name: &str,
    wanted: Wanted,
    line_breaks: LineBreaks,
) -> Result<(), LoadError> {
    let reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(ShortRecords::new(input));
    let read = read_all(reading, reader, wanted, line_breaks);
    read.map_err(|source| LoadError::Read {
        source_name: source_name.to_owned(),
        source,
    })
}

fn read_all(
    reading: &mut Reading<'_>,
    mut reader: csv::Reader<ShortRecords<impl Read>>,
    wanted: Wanted,
    line_breaks: LineBreaks,
) -> std::io::Result<()> {
    let header = reader.byte_headers().map_err(read_error)?.clone();
    let Some(table) = Table::new(reading, header.iter(), wanted) else {
        return Ok(());
    };
    let mut batch: Vec<csv::ByteRecord> = Vec::new();
    loop {
        let count = read_batch(&mut reader, &mut batch)?;
        if count == 0 {
            return Ok(());
        }
        read_in_parts(reading, &batch[..count], |part, record| {
            read_record(part, &table, record, line_breaks);
        });
    }
}

/// Reads some records into `batch`, whose own are used again; gives how many.
fn read_batch(
    reader: &mut csv::Reader<ShortRecords<impl Read>>,
    batch: &mut Vec<csv::ByteRecord>,
) -> std::io::Result<usize> {
    let (mut count, mut bytes) = (0, 0);
    while count < BATCH_ROWS && bytes < BATCH_BYTES {
        if count == batch.len() {
            batch.push(csv::ByteRecord::new());
        }
        let record = &mut batch[count];
        if !reader.read_byte_record(record).map_err(read_error)? {
            break;
        }
        let length = record.as_slice().len();
        reader.get_mut().ended();
        (count, bytes) = (count + 1, bytes + length);
    }
    Ok(count)
}

fn read_record(reading: &mut Reading<'_>, table: &Table, record: &csv::ByteRecord, line_breaks: LineBreaks) {
    let line = record.position().map_or(0, csv::Position::line);
    let broken = |field: &[u8]| field.iter().any(|byte| matches!(byte, b'\n' | b'\r'));
    if line_breaks == LineBreaks::Refused && record.len() == table.columns.len() && record.iter().any(broken) {
        let expected = "expected one person a line, found a line break between quotes: is a quote not closed?";
        reading.fault(At::line(line), expected);
    } else {
        table.read(reading, line, record.iter(), record.len());
    }
}

/// A table whose heading was read.
pub(super) struct Table {
    columns: Vec<Option<Column>>,
    wanted: Wanted,
}

impl Table {
    /// None when the heading has faults.
    pub(super) fn new<'a>(
        reading: &mut Reading<'_>,
        header: impl Iterator<Item = &'a [u8]>,
        wanted: Wanted,
    ) -> Option<Self> {
        let name = |field: &[u8]| {
            let text = std::str::from_utf8(field).ok()?;
            Column::of_header(text.trim_start_matches('\u{feff}'))
        };
        let columns: Vec<Option<Column>> = header.map(name).collect();
        let known = columns.iter().copied().enumerate();
        let unknown = known.filter(|(_, column)| column.is_none());
        reading.rows.ignored_columns = unknown.map(|(position, _)| position + 1).collect();
        let before = reading.total;
        check_header(reading, &columns, wanted);
        (reading.total == before).then_some(Self { columns, wanted })
    }

    /// Reads one record of `found` fields.
    pub(super) fn read<'a>(
        &self,
        reading: &mut Reading<'_>,
        line: u64,
        record: impl Iterator<Item = &'a [u8]>,
        found: usize,
    ) {
        let (at, wanted) = (At::line(line), self.columns.len());
        if found != wanted {
            return reading.fault(at, format!("expected {wanted} fields as in the header, found {found}"));
        }
        let mut fields = Vec::with_capacity(found);
        let before = reading.total;
        for (column, field) in self.columns.iter().zip(record) {
            let Some(column) = column else { continue };
            match std::str::from_utf8(field) {
                Ok(text) => fields.push(Field::new(*column, at, text)),
                Err(error) => {
                    let byte = error.valid_up_to() + 1;
                    let expected = format!("expected UTF-8, byte {byte} of the field is something else");
                    reading.fault(at.column(column.name()), expected);
                }
            }
        }
        let kept = Kept::Nothing;
        let row = Row { at, fields, kept };
        match self.wanted {
            _ if reading.total > before => {}
            Wanted::People => reading.read_row(&row),
            Wanted::Ids => reading.read_departure(&row),
        }
    }
}

fn check_header(reading: &mut Reading<'_>, columns: &[Option<Column>], wanted: Wanted) {
    let at = At::line(1);
    let mut known: Vec<Column> = columns.iter().flatten().copied().collect();
    known.sort_unstable();
    for pair in known.windows(2).filter(|pair| pair[0] == pair[1]) {
        reading.fault(at.column(pair[0].name()), "expected one column for it, found several");
    }
    let needed: &[Column] = match wanted {
        Wanted::People => &[Column::Id, Column::Role],
        Wanted::Ids => &[Column::Id],
    };
    for column in needed.iter().filter(|column| !known.contains(column)) {
        let expected = format!("expected a header with this column; known are {}", Column::names());
        reading.fault(at.column(column.name()), expected);
    }
    let names = known.contains(&Column::FirstName) && known.contains(&Column::LastName);
    let recognised = names || known.iter().any(|column| matches!(column, Column::Identifier(_)));
    if wanted == Wanted::People && !recognised {
        let names = Column::names();
        reading.fault(
            at,
            format!("expected a column that people are recognised by; known are {names}"),
        );
    }
}

/// With flexible rows and bytes instead of text nothing but reading can fail.
fn read_error(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => std::io::Error::from(std::io::ErrorKind::InvalidData),
    }
}
