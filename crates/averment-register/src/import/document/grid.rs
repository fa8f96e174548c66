//! The two tables of reStructuredText: with borders (`+---+`) and with columns under `====`.

use super::text::{Text, clean};
use super::{Row, Table, inline};

/// How many lines the table at the front of `lines` takes; none when there is none.
pub(super) fn starts(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?.trim();
    if is_border(first) {
        let taken = lines
            .iter()
            .take_while(|line| line.trim().starts_with(['+', '|']))
            .count();
        return (taken >= 3).then_some(taken);
    }
    if !is_columns(first) {
        return None;
    }
    let blank = lines.iter().take_while(|line| !line.trim().is_empty()).count();
    let rules = lines[..blank].iter().filter(|line| is_columns(line.trim())).count();
    let last = lines[..blank].iter().rposition(|line| is_columns(line.trim()))?;
    (rules >= 2).then_some(last + 1)
}

fn is_border(line: &str) -> bool {
    line.starts_with('+') && line.len() > 4 && line.chars().all(|c| matches!(c, '+' | '-' | '='))
}

fn is_columns(line: &str) -> bool {
    line.contains("= ") && line.starts_with('=') && line.chars().all(|c| matches!(c, '=' | ' '))
}

/// Reads the lines of one table, the first of which is line `first`.
pub(super) fn read(lines: &[&str], first: u32, layout: &mut Vec<Text>) -> Table {
    let bordered = lines.first().is_some_and(|line| is_border(line.trim()));
    let rows = if bordered {
        bordered_rows(lines)
    } else {
        column_rows(lines)
    };
    let mut table = Table {
        line: first,
        ..Table::default()
    };
    for (index, (at, cells)) in rows.into_iter().enumerate() {
        let line = first.saturating_add(u32::try_from(at).unwrap_or(0));
        let cells: Vec<Text> = cells.iter().map(|cell| inline::read(line, cell, layout)).collect();
        if index == 0 {
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

/// Rows between borders; the lines of one row belong together.
fn bordered_rows(lines: &[&str]) -> Vec<(usize, Vec<String>)> {
    let mut rows: Vec<(usize, Vec<String>)> = Vec::new();
    let mut new = true;
    for (at, line) in lines.iter().enumerate() {
        let line = line.trim();
        if is_border(line) {
            new = true;
            continue;
        }
        let cells: Vec<String> = line.trim_matches('|').split('|').map(clean).collect();
        match rows.last_mut().filter(|_| !new) {
            Some((_, row)) => add(row, &cells),
            None => rows.push((at, cells)),
        }
        new = false;
    }
    rows
}

/// Rows under `====` columns; a line without a first cell goes on with the row before it.
fn column_rows(lines: &[&str]) -> Vec<(usize, Vec<String>)> {
    let rule = lines.first().copied().unwrap_or_default();
    let mut starts: Vec<usize> = Vec::new();
    let mut before = ' ';
    for (at, letter) in rule.chars().enumerate() {
        if letter == '=' && before == ' ' {
            starts.push(at);
        }
        before = letter;
    }
    let mut rows: Vec<(usize, Vec<String>)> = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| !is_columns(line.trim())) {
        let letters: Vec<char> = line.chars().collect();
        let cell = |index: usize| {
            let end = starts
                .get(index + 1)
                .copied()
                .unwrap_or(letters.len())
                .min(letters.len());
            let text: String = letters
                .get(starts[index].min(end)..end)
                .unwrap_or_default()
                .iter()
                .collect();
            clean(&text)
        };
        let cells: Vec<String> = (0..starts.len()).map(cell).collect();
        match rows.last_mut().filter(|_| cells.first().is_some_and(String::is_empty)) {
            Some((_, row)) => add(row, &cells),
            None => rows.push((at, cells)),
        }
    }
    rows
}

fn add(row: &mut Vec<String>, cells: &[String]) {
    row.resize(row.len().max(cells.len()), String::new());
    for (cell, more) in row.iter_mut().zip(cells) {
        cell.push(' ');
        cell.push_str(more);
    }
}
