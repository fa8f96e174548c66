//! A document as lines: fields of a table first, then its tables and rows, each in the order of its shape.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Key, Table};

use super::comments::{Line, behind, lines, raw};
use super::value::{self, key_text};
use crate::compile::shape::{Holds, Shape};

/// The lines of a document of shape `shape`; the last is empty, so that joining them ends in a line end.
pub(super) fn text(document: &DocumentMut, shape: &'static Shape) -> Vec<String> {
    let root = document.as_table();
    let mut page = Page::default();
    let first = first_prefix(root);
    page.head = head(&lines(&first));
    let top = page.head.clone();
    page.comments(&top);
    page.blank();
    page.table(root, Some(shape));
    page.sections(root, "", Some(shape));
    page.comments(&lines(raw(Some(document.trailing()))));
    while page.lines.last().is_some_and(String::is_empty) {
        page.lines.pop();
    }
    if !page.lines.is_empty() {
        page.lines.push(String::new());
    }
    page.lines
}

/// What stands before the first thing of the file.
fn first_prefix(root: &Table) -> String {
    let mut fields = Vec::new();
    collect(root, "", None, &mut fields);
    if let Some(field) = fields.first() {
        return field.prefix.to_owned();
    }
    let tables = root.iter().filter_map(|(_, item)| match item {
        Item::Table(table) => Some(table),
        Item::ArrayOfTables(rows) => rows.get(0),
        _ => None,
    });
    let first = tables.min_by_key(|table| table.position().unwrap_or(isize::MAX));
    first
        .map(|table| raw(table.decor().prefix()).to_owned())
        .unwrap_or_default()
}

/// The comment of the file: everything before the last blank line.
fn head(lines: &[Line]) -> Vec<Line> {
    let end = lines.iter().rposition(|line| *line == Line::Blank).unwrap_or(0);
    lines[..end].to_vec()
}

/// One field with its value.
struct Field<'a> {
    /// With the names of dotted tables before it.
    name: String,
    item: &'a Item,
    prefix: &'a str,
    /// Place among the fields.
    rank: usize,
    shape: Option<&'static Shape>,
}

/// Adds the fields of a table; those of dotted tables (`contract.signed = …`) count as fields of the table around them.
fn collect<'a>(table: &'a Table, path: &str, shape: Option<&'static Shape>, fields: &mut Vec<Field<'a>>) {
    for (name, item) in table.iter() {
        let Some(key) = table.key(name) else { continue };
        let (rank, inner) = place(shape, name);
        let name = joined(path, key);
        match item {
            Item::Value(_) => fields.push(Field {
                name,
                item,
                prefix: raw(key.leaf_decor().prefix()),
                rank,
                shape: inner,
            }),
            Item::Table(inner_table) if inner_table.is_dotted() => {
                let start = fields.len();
                collect(inner_table, &name, inner, fields);
                let own = &mut fields[start..];
                own.sort_by_key(|field| field.rank);
                own.iter_mut().for_each(|field| field.rank = rank);
            }
            _ => {}
        }
    }
}

/// The place of a field among those of its table, and the shape of what it holds. Unknown ones come last.
pub(super) fn place(shape: Option<&'static Shape>, name: &str) -> (usize, Option<&'static Shape>) {
    let fields = shape.map(|shape| shape.fields).unwrap_or_default();
    match fields.iter().enumerate().find(|(_, field)| field.name == name) {
        Some((rank, field)) => match field.holds {
            Holds::Table(inner) | Holds::Rows(inner) => (rank, Some(inner)),
            _ => (rank, None),
        },
        None => (usize::MAX, None),
    }
}

fn joined(path: &str, key: &Key) -> String {
    match path {
        "" => key_text(key),
        path => format!("{path}.{}", key_text(key)),
    }
}

#[derive(Default)]
struct Page {
    lines: Vec<String>,
    /// Lines that were written at the top already, where they stood before the first thing.
    head: Vec<Line>,
}

impl Page {
    /// An empty line, unless one stands there or nothing does.
    fn blank(&mut self) {
        let after_something = self.lines.last().is_some_and(|line| !line.is_empty());
        if after_something {
            self.lines.push(String::new());
        }
    }

    fn comments(&mut self, lines: &[Line]) {
        for line in lines {
            match line {
                Line::Blank => self.blank(),
                Line::Comment(comment) => self.lines.push(comment.clone()),
            }
        }
    }

    /// The lines before something, without those that are written at the top already.
    fn before(&mut self, prefix: &str) -> Vec<Line> {
        let lines = lines(prefix);
        if !self.head.is_empty() && head(&lines) == self.head && lines.len() > self.head.len() {
            let rest = lines[self.head.len() + 1..].to_vec();
            self.head.clear();
            return rest;
        }
        lines
    }

    /// The fields of one table.
    fn table(&mut self, table: &Table, shape: Option<&'static Shape>) {
        let mut fields = Vec::new();
        collect(table, "", shape, &mut fields);
        let mut fields: Vec<(Vec<Line>, Field<'_>)> = fields
            .into_iter()
            .map(|field| (self.before(field.prefix), field))
            .collect();
        fields.sort_by_key(|(_, field)| field.rank);
        for (index, (before, field)) in fields.iter().enumerate() {
            let skip = usize::from(index == 0 && before.first() == Some(&Line::Blank));
            self.comments(&before[skip..]);
            if let Item::Value(found) = field.item {
                self.lines.extend(value::field(&field.name, found, field.shape));
            }
        }
    }

    /// The tables and rows of one table.
    fn sections(&mut self, table: &Table, path: &str, shape: Option<&'static Shape>) {
        let mut sections: Vec<(usize, String, &Item, Option<&'static Shape>)> = Vec::new();
        for (name, item) in table.iter().filter(|(_, item)| !item.is_value()) {
            let Some(key) = table.key(name) else { continue };
            let (rank, inner) = place(shape, name);
            sections.push((rank, joined(path, key), item, inner));
        }
        sections.sort_by_key(|(rank, ..)| *rank);
        for (_, path, item, shape) in sections {
            match item {
                Item::Table(inner) => self.section(inner, &path, shape),
                Item::ArrayOfTables(rows) => self.rows(rows, &path, shape),
                _ => {}
            }
        }
    }

    fn section(&mut self, table: &Table, path: &str, shape: Option<&'static Shape>) {
        // A table that only a deeper header names (`[a.b]`), or that is written with dots, has no header of its own.
        if !table.is_implicit() && !table.is_dotted() {
            self.header(table, &format!("[{path}]"));
            self.table(table, shape);
        }
        self.sections(table, path, shape);
    }

    fn rows(&mut self, rows: &ArrayOfTables, path: &str, shape: Option<&'static Shape>) {
        for row in rows.iter() {
            self.header(row, &format!("[[{path}]]"));
            self.table(row, shape);
            self.sections(row, path, shape);
        }
    }

    fn header(&mut self, table: &Table, header: &str) {
        let before = self.before(raw(table.decor().prefix()));
        let skip = usize::from(before.first() == Some(&Line::Blank));
        self.blank();
        self.comments(&before[skip..]);
        let (comment, _) = behind(raw(table.decor().suffix()));
        self.lines.push(match comment {
            Some(comment) => format!("{header} {comment}"),
            None => header.to_owned(),
        });
    }
}
