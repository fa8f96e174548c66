//! The register as one wide table for spreadsheets, and back.
//!
//! Start at [`csv`] and [`read`]. One line per table of the register: `table` says which, `of` whose. The other columns are
//! the fields of the register files; a column that no line fills is left out. The first line under the heading states the
//! form and the digest of the charter, the second the digest of the cells.
//!
//! Invariant: a table is read only when [`csv`] of its charter has the same cells. The hosts of the catalog are among
//! them: compiling adds them again, so that the digest of the charter alone would let them be edited away.
//!
//! Source: RFC 4180.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{InterchangeError, Published, SCHEMA, SCHEMA_FAMILY, cell, compiled, edited};
use crate::charter::{Charter, RecipientId, canonical_json};
use crate::compile::shape::{self, Field, Holds, Shape};
use crate::digest::Digest;
use crate::emit::{self, FileTable};

/// The two columns that every line has.
const KEYS: [&str; 2] = ["table", "of"];

/// What the line with the digest of the cells begins with.
const CELLS: &str = "cells";

/// The register as CSV: UTF-8, comma, CRLF.
pub fn csv(charter: &Charter) -> String {
    let lines = lines(charter);
    let used = |column: &String| lines.iter().any(|line| line.cells.contains_key(column));
    let columns: Vec<String> = columns().into_iter().filter(used).collect();
    let mut out = String::new();
    let heading = KEYS.into_iter().map(str::to_owned).chain(columns.iter().cloned());
    record(heading, &mut out);
    let stated = [
        (SCHEMA, charter.digest()),
        (CELLS, digest(lines.iter().map(Line::named))),
    ];
    for (what, digest) in stated {
        let empty = columns.iter().map(|_| String::new());
        record([what.to_owned(), digest.to_string()].into_iter().chain(empty), &mut out);
    }
    for line in &lines {
        let cells = columns
            .iter()
            .map(|column| line.cells.get(column).cloned().unwrap_or_default());
        record(
            [line.table.to_owned(), line.of.clone()].into_iter().chain(cells),
            &mut out,
        );
    }
    out
}

fn record(cells: impl Iterator<Item = String>, out: &mut String) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            out.push(',');
        }
        let spaced = cell.starts_with(' ') || cell.ends_with(' ');
        if spaced || cell.contains([',', '"', '\r', '\n', ';']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&cell);
        }
    }
    out.push_str("\r\n");
}

/// One line: a table of the register.
struct Line {
    table: &'static str,
    of: String,
    cells: BTreeMap<String, String>,
}

impl Line {
    /// Its cells by their column, `table` and `of` included.
    fn named(&self) -> Cells<'_> {
        let keys = KEYS.into_iter().zip([self.table, &self.of]);
        let cells = self.cells.iter().map(|(column, cell)| (column.as_str(), cell.as_str()));
        keys.chain(cells).filter(|(_, cell)| !cell.is_empty()).collect()
    }
}

/// The cells of one line that hold something, by their column.
type Cells<'a> = BTreeMap<&'a str, &'a str>;

/// The digest of lines, whatever parts their cells, and without the marks that keep a spreadsheet from running them: a
/// spreadsheet that opens and saves a table may change those.
fn digest<'a>(lines: impl Iterator<Item = Cells<'a>>) -> Digest {
    let plain = |cells: Cells<'a>| -> Map<String, Value> {
        let cells = cells.into_iter();
        cells
            .map(|(column, cell)| (column.to_owned(), cell::unguarded(cell).into()))
            .collect()
    };
    let lines: Vec<Value> = lines.map(|cells| Value::Object(plain(cells))).collect();
    Digest::of(canonical_json(&Value::Array(lines)).as_bytes())
}

/// A sort of line: a table of a register file.
#[derive(Clone, Copy)]
struct Sort {
    /// What it is called in the column `table`.
    word: &'static str,
    /// The file it stands in.
    file: &'static Shape,
    /// Its field in the file; none for the file's own fields.
    field: Option<&'static Field>,
    shape: &'static Shape,
}

/// Every sort of line, in the order of the shapes. Suppressions are not in a charter and so not in a published form.
fn sorts() -> Vec<Sort> {
    let files: [(&'static str, &'static Shape); 4] = [
        ("organisation", &shape::ORGANISATION),
        ("recipient", &shape::RECIPIENT),
        ("controller", &shape::CONTROLLER),
        ("store", &shape::DATA),
    ];
    let mut sorts = Vec::new();
    for (word, file) in files {
        let shape = file;
        sorts.push(Sort {
            word,
            file,
            field: None,
            shape,
        });
        for field in file.fields.iter().filter(|field| field.name != "suppressions") {
            if let Some(shape) = own_lines(field) {
                let (word, field) = (singular(field.name), Some(field));
                sorts.push(Sort {
                    word,
                    file,
                    field,
                    shape,
                });
            }
        }
    }
    sorts
}

/// The shape of a field that has lines of its own.
fn own_lines(field: &Field) -> Option<&'static Shape> {
    match field.holds {
        Holds::Table(shape) if !emit::is_inline(field) => Some(shape),
        Holds::Rows(shape) => Some(shape),
        _ => None,
    }
}

fn singular(field: &'static str) -> &'static str {
    match field {
        "documents" => "document",
        "transfers" => "transfer",
        "claims" => "claim",
        "tables" => "stored",
        other => other,
    }
}

/// The columns of a shape: field names, and `said.line` for fields of small tables.
fn columns_of(shape: &'static Shape) -> Vec<(String, &'static Field, Option<&'static Field>)> {
    let mut columns = Vec::new();
    for field in shape
        .fields
        .iter()
        .filter(|field| !is_key(shape, field) && own_lines(field).is_none())
    {
        match field.holds {
            Holds::Table(inner) => {
                let column = |inner: &'static Field| (format!("{}.{}", field.name, inner.name), field, Some(inner));
                columns.extend(inner.fields.iter().map(column));
            }
            // The first column has that name already.
            _ if KEYS.contains(&field.name) => columns.push((format!("{}.name", field.name), field, None)),
            _ => columns.push((field.name.to_owned(), field, None)),
        }
    }
    columns
}

/// Whether the column `of` says it already.
fn is_key(shape: &Shape, field: &Field) -> bool {
    let of = |other: &Shape, name| std::ptr::eq(shape, other) && field.name == name;
    of(&shape::RECIPIENT, "recipient") || of(&shape::CONTROLLER, "controller") || of(&shape::DATA, "store")
}

fn columns() -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for (column, ..) in sorts().into_iter().flat_map(|sort| columns_of(sort.shape)) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    columns
}

fn lines(charter: &Charter) -> Vec<Line> {
    let mut lines = Vec::new();
    let sorts = sorts();
    for file in emit::tables(charter.content()) {
        // Claims about the list are lines without `of`; their file has no fields of its own.
        let of_list = std::ptr::eq(file.shape, &shape::CLAIMS);
        let shape: &Shape = if of_list { &shape::RECIPIENT } else { file.shape };
        let of = file
            .name
            .rsplit_once('/')
            .filter(|_| !of_list)
            .map(|(_, name)| name.trim_end_matches(".toml"));
        let mut value = file.value;
        all_hosts(charter, &mut value);
        for sort in sorts.iter().filter(|sort| std::ptr::eq(sort.file, shape)) {
            let rows = match (sort.field, of_list) {
                (None, true) => Vec::new(),
                (None, false) => vec![&value],
                (Some(field), _) => rows(value.get(field.name)),
            };
            let of = of.unwrap_or_default();
            lines.extend(rows.into_iter().map(|row| line(sort, of, row)));
        }
    }
    lines
}

/// The hosts of a recipient with those of the catalog, so that the table says where data may go.
fn all_hosts(charter: &Charter, file: &mut Value) {
    let own = file.get("recipient").and_then(Value::as_str);
    let recipient = own
        .and_then(|id| RecipientId::new(id).ok())
        .and_then(|id| charter.recipient(&id));
    if let Some(recipient) = recipient {
        file["hosts"] = json!(recipient.hosts);
    }
}

fn rows(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(rows)) => rows.iter().collect(),
        Some(row @ Value::Object(_)) => vec![row],
        _ => Vec::new(),
    }
}

fn line(sort: &Sort, of: &str, row: &Value) -> Line {
    let mut cells = BTreeMap::new();
    for (column, field, inner) in columns_of(sort.shape) {
        let found = row.get(field.name);
        let found = match inner {
            None => found,
            Some(inner) => found.and_then(|table| table.get(inner.name)),
        };
        let text = found.map(cell::text).unwrap_or_default();
        if !text.is_empty() {
            cells.insert(column, text);
        }
    }
    Line {
        table: sort.word,
        of: of.to_owned(),
        cells,
    }
}

/// The register in a table; `None` when `text` is no such table.
pub(super) fn read(name: &str, text: &str) -> Option<Result<Published, InterchangeError>> {
    let delimiter = delimiter(text)?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut records = reader.records().map_while(Result::ok);
    let heading = records.next()?;
    let stated = records.next()?;
    let schema = stated.get(0).filter(|schema| schema.starts_with(SCHEMA_FAMILY))?;
    if schema != SCHEMA {
        let (document, found) = (name.to_owned(), schema.to_owned());
        return Some(Err(InterchangeError::Schema { document, found }));
    }
    Some(read_lines(name, [heading, stated], records))
}

/// What parts the cells: a spreadsheet may have saved the table with another sign.
fn delimiter(text: &str) -> Option<u8> {
    let rest = text.strip_prefix("table").or_else(|| text.strip_prefix("\"table\""))?;
    let sign = *rest.as_bytes().first()?;
    matches!(sign, b',' | b';' | b'\t').then_some(sign)
}

fn read_lines(
    name: &str,
    [heading, stated]: [csv::StringRecord; 2],
    mut records: impl Iterator<Item = csv::StringRecord>,
) -> Result<Published, InterchangeError> {
    let broken = |record: &csv::StringRecord, reason: String| InterchangeError::Broken {
        document: name.to_owned(),
        line: record
            .position()
            .map_or(1, |at| usize::try_from(at.line()).unwrap_or(usize::MAX)),
        reason,
    };
    columns_once(&heading).map_err(|reason| broken(&heading, reason))?;
    let charter = stated_digest(&stated, SCHEMA).map_err(|reason| broken(&stated, reason))?;
    let cells = records.next().unwrap_or_default();
    let cells = stated_digest(&cells, CELLS).map_err(|reason| broken(&cells, reason))?;
    let mut files = Files::default();
    let sorts = sorts();
    let records: Vec<csv::StringRecord> = records
        .filter(|record| record.iter().any(|cell| !cell.is_empty()))
        .collect();
    for record in &records {
        let word = record.get(0).unwrap_or_default();
        let of = record.get(1).unwrap_or_default();
        let sort = sorts.iter().find(|sort| sort.word == word);
        let sort = sort.ok_or_else(|| broken(record, format!("`{word}` is not a table of a register")))?;
        let row = row(sort, &heading, record).map_err(|reason| broken(record, reason))?;
        files.add(sort, of, row).map_err(|reason| broken(record, reason))?;
    }
    let found = digest(records.iter().map(|record| named(&heading, record)));
    let stated = Stated { charter, cells };
    stated.by(name, compiled(name, &emit::source_of(&files.tables()))?, found)
}

/// Every column has a name, and no name stands there twice: one of the two cells would be shown and the other be read.
fn columns_once(heading: &csv::StringRecord) -> Result<(), String> {
    if !heading.iter().take(KEYS.len()).eq(KEYS) {
        return Err(format!("expected the columns `{}` first", KEYS.join("`, `")));
    }
    let mut seen = BTreeSet::new();
    match heading
        .iter()
        .find(|column| !column.is_empty() && !seen.insert(*column))
    {
        Some(column) => Err(format!("the column `{column}` stands there twice")),
        None => Ok(()),
    }
}

/// The digest in a line that holds `what`, a digest and nothing else.
fn stated_digest(record: &csv::StringRecord, what: &str) -> Result<Digest, String> {
    if record.get(0) != Some(what) || record.iter().skip(KEYS.len()).any(|cell| !cell.is_empty()) {
        return Err(format!("expected a line with `{what}` and a digest"));
    }
    record.get(1).unwrap_or_default().parse()
}

/// The cells of a line by their column.
fn named<'a>(heading: &'a csv::StringRecord, record: &'a csv::StringRecord) -> Cells<'a> {
    heading
        .iter()
        .zip(record)
        .filter(|(_, cell)| !cell.is_empty())
        .collect()
}

/// The digests that a table states.
struct Stated {
    charter: Digest,
    cells: Digest,
}

impl Stated {
    /// `charter`, when it and the digest `found` of the cells are the stated ones.
    fn by(&self, name: &str, charter: Charter, found: Digest) -> Result<Published, InterchangeError> {
        let cells = |stated: Digest| InterchangeError::Cells {
            document: name.to_owned(),
            stated,
            found,
        };
        match (charter.digest(), found == self.cells) {
            (other, false) if other != self.charter => Err(edited(name, self.charter, other)),
            (other, true) if other != self.charter => Err(InterchangeError::OtherCatalog {
                document: name.to_owned(),
                stated: self.charter,
                found: other,
            }),
            (_, false) => Err(cells(self.cells)),
            // Whoever edits a table can state the digest of what they made of it.
            (_, true) => match digest(lines(&charter).iter().map(Line::named)) {
                same if same == found => Ok(Published { charter, line: 1 }),
                other => Err(cells(other)),
            },
        }
    }
}

/// The fields of one line.
fn row(sort: &Sort, heading: &csv::StringRecord, record: &csv::StringRecord) -> Result<Map<String, Value>, String> {
    let columns = columns_of(sort.shape);
    let mut row = Map::new();
    for (index, cell) in record
        .iter()
        .enumerate()
        .skip(KEYS.len())
        .filter(|(_, cell)| !cell.is_empty())
    {
        let column = heading.get(index).unwrap_or_default();
        let known = columns.iter().find(|(known, ..)| known == column);
        let (_, field, inner) = known.ok_or_else(|| format!("`{column}` is not a column of `{}`", sort.word))?;
        let holds = inner.map_or(field.holds, |inner| inner.holds);
        let value = cell::value(cell, holds).map_err(|reason| format!("`{column}`: {reason}"))?;
        match inner {
            None => _ = row.insert(field.name.to_owned(), value),
            Some(inner) => {
                let table = row.entry(field.name).or_insert_with(|| Value::Object(Map::new()));
                table[inner.name] = value;
            }
        }
    }
    Ok(row)
}

/// Register files while the lines are read.
#[derive(Default)]
struct Files(BTreeMap<String, (Option<&'static Shape>, Map<String, Value>)>);

impl Files {
    fn add(&mut self, sort: &Sort, of: &str, mut row: Map<String, Value>) -> Result<(), String> {
        let (name, shape) = file_of(sort, of)?;
        let (known, file) = self.0.entry(name).or_default();
        *known = Some(shape);
        match sort.field {
            None => {
                own_fields(sort, of, &mut row);
                if row.keys().any(|field| file.contains_key(field)) {
                    return Err(format!("`{}` stands there twice", sort.word));
                }
                file.append(&mut row);
            }
            Some(field) if matches!(field.holds, Holds::Rows(_)) => {
                let rows = file.entry(field.name).or_insert_with(|| Value::Array(Vec::new()));
                rows.as_array_mut()
                    .into_iter()
                    .for_each(|rows| rows.push(Value::Object(row.clone())));
            }
            Some(field) => {
                if file.insert(field.name.to_owned(), Value::Object(row)).is_some() {
                    return Err(format!("`{}` stands there twice", sort.word));
                }
            }
        }
        Ok(())
    }

    fn tables(self) -> Vec<FileTable> {
        let tables = self.0.into_iter();
        let tables = tables.filter_map(|(name, (shape, file))| Some((name, shape?, Value::Object(file))));
        tables
            .map(|(name, shape, value)| FileTable { name, shape, value })
            .collect()
    }
}

/// The file that a line belongs to.
fn file_of(sort: &Sort, of: &str) -> Result<(String, &'static Shape), String> {
    let is = |shape| std::ptr::eq(sort.file, shape);
    match of {
        "" if is(&shape::ORGANISATION) => Ok((emit::ORGANISATION_FILE.to_owned(), &shape::ORGANISATION)),
        "" if sort.word == "claim" => Ok((emit::LIST_FILE.to_owned(), &shape::CLAIMS)),
        "" => Err(format!(
            "`of` is empty: expected the identifier that the `{}` belongs to",
            sort.word
        )),
        _ if !averment_catalog::is_id(of) => Err(format!("`{of}` is not an identifier")),
        of if is(&shape::RECIPIENT) => Ok((emit::recipient_file(of), &shape::RECIPIENT)),
        of if is(&shape::DATA) => Ok((emit::data_file(of), &shape::DATA)),
        of if is(&shape::CONTROLLER) => Ok((emit::controller_file(of), &shape::CONTROLLER)),
        _ => Err(format!("`of` is `{of}`: expected none for `{}`", sort.word)),
    }
}

/// What the line of a file says without a cell: its identifier, and that an empty list of third parties is meant.
fn own_fields(sort: &Sort, of: &str, row: &mut Map<String, Value>) {
    if let Some(key) = sort.shape.fields.iter().find(|field| is_key(sort.shape, field)) {
        row.insert(key.name.to_owned(), of.into());
    }
    if std::ptr::eq(sort.shape, &shape::RECIPIENT) {
        row.entry("third_parties").or_insert_with(|| Value::Array(Vec::new()));
    }
}
