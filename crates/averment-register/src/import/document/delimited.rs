//! CSV and its kin: one table.

use super::text::{Text, clean};
use super::{Document, Part, Row, Table};

/// The delimiters that are tried.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Takes a file apart; none when it has fewer than two columns.
pub(super) fn read(text: &str, delimiter: u8) -> Option<Document> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.ok()?;
        let line = record.position().map_or(1, csv::Position::line);
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let cells: Vec<Text> = record.iter().map(|cell| cell_text(line, cell)).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            rows.push(Row {
                line,
                cells,
                spanning: false,
            });
        }
    }
    let wide = rows.iter().any(|row| row.cells.len() >= 2);
    if rows.is_empty() || !wide {
        return None;
    }
    let first = rows.remove(0);
    let table = Table {
        line: first.line,
        headings: first.cells,
        rows,
    };
    Some(Document {
        parts: vec![Part::Table(table)],
        ..Document::default()
    })
}

fn cell_text(line: u32, cell: &str) -> Text {
    Text::new(line, &clean(cell))
}

/// The delimiter that parts the first lines into the same number of cells.
pub(super) fn delimiter(text: &str) -> Option<u8> {
    let count = |delimiter: &u8| {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(*delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let widths: Vec<usize> = reader
            .records()
            .take(8)
            .map_while(Result::ok)
            .map(|record| record.len())
            .collect();
        let first = widths.first().copied().unwrap_or(0);
        let even = widths.iter().filter(|width| **width == first).count();
        (first >= 2 && widths.len() >= 2 && even * 4 >= widths.len() * 3).then_some((even * first, *delimiter))
    };
    DELIMITERS
        .iter()
        .filter_map(count)
        .max_by_key(|(score, _)| *score)
        .map(|(_, delimiter)| delimiter)
}

/// A delimiter, when the whole text is plainly a table: every line has as many cells as the first, at least three.
pub(super) fn told_by_shape(text: &str) -> Option<u8> {
    let start = text.trim_start();
    if start.starts_with(['#', '|', '<', '-', '*']) || text.contains("\n\n") || text.contains("|-") {
        return None;
    }
    let delimiter = delimiter(text)?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut widths = reader.records().map(|record| record.map_or(0, |record| record.len()));
    let first = widths.next().unwrap_or(0);
    let header = text.lines().next().unwrap_or_default();
    let short = header.len() < 300 && !header.trim_end().ends_with('.');
    (first >= 3 && short && widths.all(|width| width == first)).then_some(delimiter)
}
