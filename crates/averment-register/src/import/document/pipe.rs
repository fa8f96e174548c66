//! Lines with cells parted by `|` to a table; `\|` is a bar inside a cell.

use super::lines::is_table_rule;
use super::text::Text;
use super::{Row, Table, inline};

/// Reads the lines of one table, the first of which is line `first`.
pub(super) fn read(lines: &[&str], first: u32, layout: &mut Vec<Text>) -> Table {
    let mut table = Table {
        line: first,
        ..Table::default()
    };
    let ruled = lines.get(1).is_some_and(|line| is_table_rule(line));
    for (at, text) in lines.iter().enumerate().filter(|(_, text)| !is_table_rule(text)) {
        let line = first.saturating_add(u32::try_from(at).unwrap_or(0));
        let cells: Vec<Text> = cells(text)
            .iter()
            .map(|cell| inline::read(line, cell, layout))
            .collect();
        if at == 0 && ruled {
            table.headings = cells;
        } else {
            table.rows.push(Row {
                line,
                cells,
                spanning: false,
            });
        }
    }
    table
}

/// The cells of a line.
pub(super) fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let last = cells.len() - 1;
        match letter {
            '\\' if letters.peek() == Some(&'|') => cells[last].extend(letters.next()),
            '|' => cells.push(String::new()),
            letter => cells[last].push(letter),
        }
    }
    if cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    cells
}
