//! A people file row by row: clear values come in, digests go out.
//!
//! Every fault of the file is found in one run. A clear value lives only while its row is read.

use std::collections::HashMap;
use std::io::Read;

use averment_detect::normalise::IdentifierKind;
use averment_detect::{DirectoryKey, Form, IdentifierDigest};
use jiff::Timestamp;

use super::columns::Column;
use super::report::{FAULTS_MAX, Fault, LoadError, Unsure, UnsureReason};
use super::row::Row;
use super::subject::{Age, Role, year_of};
use crate::keys::keyed_digest;

/// Digest of the platform's id of a person.
pub(crate) type IdDigest = [u8; 16];

/// A whole file, read.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) people: Vec<NewPerson>,
    pub(crate) identifiers: Vec<NewIdentifier>,
    pub(crate) unsure: Vec<Unsure>,
    pub(crate) ignored_columns: Vec<usize>,
}

/// One row of the file.
pub(crate) struct NewPerson {
    pub(crate) line: u64,
    pub(crate) id: IdDigest,
    pub(crate) role: Role,
    pub(crate) age: Age,
    pub(crate) school: Option<String>,
}

/// One identifier of a row.
pub(crate) struct NewIdentifier {
    /// Position in [`Rows::people`].
    pub(crate) person: usize,
    pub(crate) kind: IdentifierKind,
    pub(crate) form: Form,
    pub(crate) digest: IdentifierDigest,
}

/// The digest that the platform's id of a person is kept and found by.
pub(crate) fn id_digest(key: &[u8; 32], id: &str) -> IdDigest {
    *keyed_digest(key, &[id.trim().as_bytes()])
        .first_chunk()
        .expect("a digest has 32 bytes")
}

/// Reads the whole file.
pub(crate) fn read_rows(
    input: impl Read,
    source_name: &str,
    (directory, id_key): (&DirectoryKey, &[u8; 32]),
    now: Timestamp,
) -> Result<Rows, LoadError> {
    let mut reading = Reading::new(directory, id_key, year_of(now));
    let result = reading.read(csv::ReaderBuilder::new().flexible(true).from_reader(input));
    result.map_err(|source| LoadError::Read {
        source_name: source_name.to_owned(),
        source,
    })?;
    if reading.total > 0 {
        return Err(LoadError::Faults {
            source_name: source_name.to_owned(),
            faults: reading.faults,
            total: reading.total,
        });
    }
    reading.find_shared();
    Ok(reading.rows)
}

/// The file while it is read.
pub(super) struct Reading<'a> {
    pub(super) directory: &'a DirectoryKey,
    pub(super) id_key: &'a [u8; 32],
    pub(super) this_year: i16,
    pub(super) columns: Vec<Option<Column>>,
    /// Of the row that is read: where its school is.
    pub(super) country: Option<String>,
    pub(super) lines_of_ids: HashMap<IdDigest, u64>,
    pub(super) rows: Rows,
    pub(super) faults: Vec<Fault>,
    pub(super) total: u64,
}

impl<'a> Reading<'a> {
    fn new(directory: &'a DirectoryKey, id_key: &'a [u8; 32], this_year: i16) -> Self {
        Self {
            directory,
            id_key,
            this_year,
            columns: Vec::new(),
            country: None,
            lines_of_ids: HashMap::new(),
            rows: Rows::default(),
            faults: Vec::new(),
            total: 0,
        }
    }

    pub(super) fn fault(&mut self, line: u64, column: Option<Column>, expected: impl Into<String>) {
        self.total += 1;
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(Fault {
                line,
                column: column.map(Column::name),
                expected: expected.into(),
            });
        }
    }

    fn read(&mut self, mut reader: csv::Reader<impl Read>) -> std::io::Result<()> {
        let header = reader.byte_headers().map_err(read_error)?.clone();
        self.read_header(&header);
        if self.total > 0 {
            return Ok(());
        }
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(read_error)? {
            let line = record.position().map_or(0, csv::Position::line);
            self.read_record(line, &record);
        }
        if self.rows.people.is_empty() && self.total == 0 {
            self.fault(1, None, "expected at least one person below the header");
        }
        Ok(())
    }

    fn read_header(&mut self, header: &csv::ByteRecord) {
        let name = |field: &[u8]| {
            std::str::from_utf8(field)
                .ok()
                .and_then(|text| Column::of_header(text.trim_start_matches('\u{feff}')))
        };
        self.columns = header.iter().map(name).collect();
        self.rows.ignored_columns = (1..)
            .zip(&self.columns)
            .filter(|(_, column)| column.is_none())
            .map(|(number, _)| number)
            .collect();
        let mut known: Vec<Column> = self.columns.iter().flatten().copied().collect();
        known.sort_unstable();
        for pair in known.windows(2).filter(|pair| pair[0] == pair[1]) {
            self.fault(1, Some(pair[0]), "expected one column for it, found several");
        }
        for column in [Column::Id, Column::Role]
            .into_iter()
            .filter(|column| !known.contains(column))
        {
            let expected = format!("expected a header with this column; known are {}", Column::names());
            self.fault(1, Some(column), expected);
        }
        let names = known.contains(&Column::FirstName) && known.contains(&Column::LastName);
        if !names && !known.iter().any(|column| matches!(column, Column::Identifier(_))) {
            self.fault(
                1,
                None,
                format!(
                    "expected a column that people are recognised by; known are {}",
                    Column::names()
                ),
            );
        }
    }

    fn read_record(&mut self, line: u64, record: &csv::ByteRecord) {
        if record.len() != self.columns.len() {
            let expected = format!(
                "expected {} fields as in the header, found {}",
                self.columns.len(),
                record.len()
            );
            return self.fault(line, None, expected);
        }
        let mut row = Row {
            line,
            fields: Vec::with_capacity(record.len()),
        };
        let before = self.total;
        // The reader takes everything up to the next quote for one field, so a quote that nobody closed would swallow
        // the people below it.
        if record
            .iter()
            .any(|field| field.iter().any(|byte| matches!(byte, b'\n' | b'\r')))
        {
            return self.fault(
                line,
                None,
                "expected one person a line, found a line break between quotes: is a quote not closed?",
            );
        }
        for (column, field) in self.columns.clone().into_iter().zip(record) {
            let Some(column) = column else { continue };
            match std::str::from_utf8(field) {
                Ok(text) => row.fields.push((column, text)),
                Err(error) => {
                    let at = error.valid_up_to() + 1;
                    self.fault(
                        line,
                        Some(column),
                        format!("expected UTF-8, byte {at} of the field is something else"),
                    );
                }
            }
        }
        if self.total == before {
            self.read_row(&row);
        }
    }

    /// Finds identifiers that two people have. Those of guardians are left out: brothers and sisters share them.
    fn find_shared(&mut self) {
        let of_guardian = |kind| {
            use IdentifierKind::{GuardianAddress, GuardianEmail, GuardianEmailDigest, GuardianName, GuardianPhone};
            // A household shares its address, and digests say nothing that the address does not.
            matches!(
                kind,
                GuardianEmail | GuardianName | GuardianPhone | GuardianAddress | GuardianEmailDigest
            )
        };
        let is_own = |kind: IdentifierKind| kind.field() == kind && kind != IdentifierKind::Address;
        let mut own: Vec<&NewIdentifier> = self
            .rows
            .identifiers
            .iter()
            .filter(|found| !of_guardian(found.kind) && is_own(found.kind))
            .collect();
        own.sort_by_key(|found| (found.digest.strong, found.person));
        for pair in own.windows(2) {
            let [first, second] = pair else { continue };
            if first.digest == second.digest && first.person != second.person {
                let line = |found: &NewIdentifier| self.rows.people[found.person].line;
                let column = Column::Identifier(second.kind).name();
                let reason = UnsureReason::Shared { line: line(first) };
                self.rows.unsure.push(Unsure {
                    line: line(second),
                    column,
                    reason,
                });
            }
        }
        self.rows.unsure.sort_by_key(|unsure| (unsure.line, unsure.column));
        self.rows.unsure.dedup();
    }
}

/// With flexible rows and bytes instead of text nothing but reading can fail.
fn read_error(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => std::io::Error::from(std::io::ErrorKind::InvalidData),
    }
}
