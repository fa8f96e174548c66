//! HTML to parts, by the tokens of a parser that follows the standard and accepts everything (`html5gum`).
//!
//! No tree is built: a stack of open lists, items, tables and cells is enough for what a page says, and it is what bounds
//! the nesting. Menus, footers and forms are layout; scripts and styles are nothing at all.

use std::collections::BTreeMap;

use html5gum::emitters::default::{DefaultEmitter, StartTag};
use html5gum::{Span, Token, Tokenizer};

use super::inline::tidy;
use super::text::{Mark, Text};
use super::{Document, Item, Part, Row, Table};

/// Open lists and tables in each other.
const OPEN_MAX: usize = 40;
/// Widest cell in columns.
const COLSPAN_MAX: usize = 20;
/// Longest cell in rows.
const ROWSPAN_MAX: usize = 1_000;
/// Bytes of text that cells carry into the rows below them, over the whole page; what is more stays in its first row.
const CARRIED_BYTES_MAX: usize = 1024 * 1024;
const SILENT: [&str; 6] = ["script", "style", "noscript", "template", "svg", "iframe"];
const LAYOUT: [&str; 7] = ["nav", "footer", "button", "select", "form", "dialog", "menu"];
const BLOCKS: [&str; 24] = [
    "p",
    "div",
    "section",
    "article",
    "main",
    "header",
    "aside",
    "br",
    "hr",
    "blockquote",
    "pre",
    "body",
    "figure",
    "figcaption",
    "address",
    "details",
    "summary",
    "legend",
    "fieldset",
    "center",
    "title",
    "head",
    "html",
    "dl",
];

/// Takes a page apart; its first line is line `first` of the file.
pub(super) fn read(text: &str, first: u32) -> Document {
    let mut emitter: DefaultEmitter<usize> = DefaultEmitter::new_with_span();
    emitter.naively_switch_states(true);
    let mut reader = Reader::new(first);
    let mut lines = Lines {
        text,
        at: 0,
        line: first,
    };
    for token in Tokenizer::new_with_emitter(text, emitter).flatten() {
        match token {
            Token::StartTag(tag) => {
                reader.line = lines.at(&tag.span);
                reader.start(&tag);
            }
            Token::EndTag(tag) => reader.end(&String::from_utf8_lossy(&tag.name)),
            Token::String(found) => {
                let line = lines.at(&found.span);
                reader.text(line, &String::from_utf8_lossy(&found.value));
            }
            Token::Comment(found) => {
                let text = Text::new(reader.line, &String::from_utf8_lossy(&found.value));
                reader.document.layout.extend((!text.is_empty()).then_some(text));
            }
            _ => {}
        }
    }
    reader.finish()
}

/// Counts lines along the text, once.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn at(&mut self, span: &Span<usize>) -> u32 {
        let start = span.start.min(self.text.len());
        if start > self.at {
            let newlines = self.text.as_bytes()[self.at..start]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            self.line = self.line.saturating_add(u32::try_from(newlines).unwrap_or(0));
            self.at = start;
        }
        self.line
    }
}

/// What is open around the text.
enum Open {
    List(Vec<Item>),
    Item(Item),
    Table {
        table: Table,
        header: bool,
        /// Cells that reach into the next rows, by column: how many rows are left, and the text.
        down: BTreeMap<usize, (usize, Text)>,
    },
    Row(Row, bool),
    Cell {
        text: Text,
        head: bool,
        across: usize,
        rows: usize,
    },
}

struct Reader {
    document: Document,
    open: Vec<Open>,
    line: u32,
    /// The text being read, with its marks: raw, tidied when it ends.
    raw: String,
    raw_line: u32,
    marks: Vec<Mark>,
    /// Where open bold texts and links began.
    marking: Vec<(String, usize, Option<String>)>,
    heading: Option<u8>,
    title: bool,
    /// Open badges, which say something about the words before them; empty names for other spans inside.
    badges: Vec<String>,
    /// Open elements whose text is nothing, or layout.
    silent: usize,
    layout: usize,
    /// Bytes that cells may still carry into the rows below them.
    carry: usize,
}

impl Reader {
    fn new(line: u32) -> Self {
        Self {
            document: Document::default(),
            open: Vec::new(),
            line,
            raw: String::new(),
            raw_line: line,
            marks: Vec::new(),
            marking: Vec::new(),
            heading: None,
            title: false,
            badges: Vec::new(),
            silent: 0,
            layout: 0,
            carry: CARRIED_BYTES_MAX,
        }
    }

    fn text(&mut self, line: u32, text: &str) {
        if self.silent > 0 {
            return;
        }
        if self.raw.trim().is_empty() {
            let blank = text.len() - text.trim_start().len();
            let newlines = text[..blank].matches('\n').count();
            self.raw_line = line.saturating_add(u32::try_from(newlines).unwrap_or(0));
        }
        self.raw.push_str(text);
    }

    fn start(&mut self, tag: &StartTag<usize>) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        let value = |wanted: &str| {
            let found = tag
                .attributes
                .iter()
                .find(|(name, _)| name.as_slice() == wanted.as_bytes());
            found.map(|(_, value)| String::from_utf8_lossy(&value.value).into_owned())
        };
        if SILENT.contains(&name.as_str()) {
            self.silent += usize::from(!tag.self_closing);
            return;
        }
        if LAYOUT.contains(&name.as_str()) || value("role").is_some_and(|role| role == "navigation") && name != "div" {
            self.flush();
            self.layout += 1;
            return;
        }
        if self.layout > 0 {
            // Words of a menu must not run together.
            return self.raw.push(' ');
        }
        match name.as_str() {
            "a" | "b" | "strong" => {
                self.marking.push((
                    name.clone(),
                    self.raw.len(),
                    (name == "a").then(|| value("href").unwrap_or_default()),
                ));
            }
            "title" => {
                self.flush();
                self.title = true;
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.flush();
                self.heading = Some(name.as_bytes()[1] - b'0');
            }
            "summary" | "caption" => {
                self.flush();
                self.heading = Some(6);
            }
            "ul" | "ol" | "dl" => self.open(Open::List(Vec::new())),
            "li" | "dt" => {
                self.close_to(
                    |open| matches!(open, Open::List(_)),
                    |open| matches!(open, Open::Item(_)),
                );
                if !self.inside(|open| matches!(open, Open::List(_))) {
                    self.open(Open::List(Vec::new()));
                }
                self.open(Open::Item(Item::default()));
                if name == "dt" {
                    // A term is what a bold name is elsewhere; the mark ends with its text.
                    self.marking.push((name, self.raw.len(), None));
                }
            }
            "dd" => {
                self.flush();
                self.open(Open::List(Vec::new()));
                self.open(Open::Item(Item::default()));
            }
            "table" => self.open(Open::Table {
                table: Table {
                    line: self.line,
                    ..Table::default()
                },
                header: false,
                down: BTreeMap::new(),
            }),
            "tr" => {
                self.close_to(
                    |open| matches!(open, Open::Table { .. }),
                    |open| matches!(open, Open::Row(..)),
                );
                self.open(Open::Row(
                    Row {
                        line: self.line,
                        ..Row::default()
                    },
                    false,
                ));
            }
            "td" | "th" => {
                self.close_to(
                    |open| matches!(open, Open::Row(..)),
                    |open| matches!(open, Open::Cell { .. }),
                );
                let span = |name: &str, most: usize| {
                    let number = value(name).and_then(|n| n.trim().parse().ok()).unwrap_or(1);
                    number.clamp(1, most)
                };
                self.carried_cells();
                self.open(Open::Cell {
                    text: Text::default(),
                    head: name == "th",
                    across: span("colspan", COLSPAN_MAX),
                    rows: span("rowspan", ROWSPAN_MAX),
                });
            }
            "span" | "small" | "sup" | "em" | "i" => {
                let badge = value("class").is_some_and(|class| {
                    ["badge", "pill", "chip", "tag"]
                        .iter()
                        .any(|word| class.to_lowercase().contains(word))
                });
                if badge && !self.raw.trim().is_empty() {
                    self.raw.push_str(" (");
                    self.badges.push(name);
                } else if !self.badges.is_empty() {
                    self.badges.push(String::new());
                }
            }
            "img" => {
                let alt = Text::new(self.line, &value("alt").unwrap_or_default());
                self.document.layout.extend((!alt.is_empty()).then_some(alt));
            }
            name if BLOCKS.contains(&name) || name == "thead" || name == "tbody" => self.flush(),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if SILENT.contains(&name) {
            self.silent = self.silent.saturating_sub(1);
            return;
        }
        if LAYOUT.contains(&name) {
            self.flush();
            self.layout = self.layout.saturating_sub(1);
            return;
        }
        if self.layout > 0 {
            return self.raw.push(' ');
        }
        match name {
            "a" | "b" | "strong" => self.marked(name),
            "span" | "small" | "sup" | "em" | "i" => {
                let badge = self.badges.pop().is_some_and(|badge| !badge.is_empty());
                self.raw.extend(badge.then_some(')'));
            }
            "title" => {
                self.flush();
                self.title = false;
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "summary" | "caption" => {
                self.flush();
                self.heading = None;
            }
            "ul" | "ol" | "dl" => self.close_through(
                |open| matches!(open, Open::List(_)),
                |open| matches!(open, Open::Table { .. }),
            ),
            "li" => self.close_through(
                |open| matches!(open, Open::Item(_)),
                |open| matches!(open, Open::List(_) | Open::Table { .. }),
            ),
            "dd" => {
                // The list that `dd` opened, not the one in which it stands.
                self.close_through(
                    |open| matches!(open, Open::List(_)),
                    |open| matches!(open, Open::Table { .. }),
                );
            }
            "table" => self.close_through(|open| matches!(open, Open::Table { .. }), |_| false),
            "tr" => self.close_through(
                |open| matches!(open, Open::Row(..)),
                |open| matches!(open, Open::Table { .. }),
            ),
            "td" | "th" => self.close_through(
                |open| matches!(open, Open::Cell { .. }),
                |open| matches!(open, Open::Row(..) | Open::Table { .. }),
            ),
            name if BLOCKS.contains(&name) => self.flush(),
            _ => {}
        }
    }

    fn marked(&mut self, name: &str) {
        let Some(at) = self.marking.iter().rposition(|(open, ..)| open == name) else {
            return;
        };
        let (_, start, link) = self.marking.remove(at);
        if let Some(target) = link.as_ref().filter(|target| !target.is_empty()) {
            self.document.layout.push(Text::new(self.line, target));
        }
        if start < self.raw.len() {
            self.marks.push(Mark {
                at: start..self.raw.len(),
                link,
            });
        }
    }

    /// What was read since the last block, to where it belongs.
    fn flush(&mut self) {
        if self.badges.drain(..).any(|badge| !badge.is_empty()) {
            self.raw.push(')');
        }
        for (_, start, link) in std::mem::take(&mut self.marking) {
            if start < self.raw.len() {
                self.marks.push(Mark {
                    at: start..self.raw.len(),
                    link,
                });
            }
        }
        let marks = std::mem::take(&mut self.marks);
        let text = tidy(self.raw_line, &std::mem::take(&mut self.raw), marks);
        if text.is_empty() {
            return;
        }
        if self.layout > 0 {
            return self.document.layout.push(text);
        }
        if self.title {
            self.document.layout.push(text.clone());
            self.document.title.get_or_insert(text);
            return;
        }
        match self.open.last_mut() {
            Some(Open::Cell { text: cell, .. }) => cell.join(text),
            Some(Open::Item(item)) if item.items.is_empty() => item.text.join(text),
            // Behind a nested list: an item of its own, so that nothing is put before it.
            Some(Open::Item(item)) => item.items.push(Item {
                text,
                items: Vec::new(),
            }),
            _ => self.document.parts.push(match self.heading {
                Some(level) => Part::Heading {
                    level,
                    guessed: false,
                    text,
                },
                None if text.is_marked()
                    && text.marks[0].link.is_none()
                    && !text.plain.ends_with('.')
                    && text.plain.split_whitespace().count() <= 12 =>
                {
                    Part::Heading {
                        level: 7,
                        guessed: true,
                        text,
                    }
                }
                None => Part::Paragraph(text),
            }),
        }
    }

    fn open(&mut self, open: Open) {
        self.flush();
        if self.open.len() < OPEN_MAX {
            self.open.push(open);
        }
    }

    fn inside(&self, wanted: impl Fn(&Open) -> bool) -> bool {
        self.open.last().is_some_and(wanted)
    }

    /// Closes what `inner` names, up to the nearest `outer`.
    fn close_to(&mut self, outer: impl Fn(&Open) -> bool, inner: impl Fn(&Open) -> bool) {
        self.flush();
        let from = self.open.iter().rposition(&outer).map_or(0, |at| at + 1);
        if self.open[from..].iter().any(&inner) {
            while self.open.len() > from {
                self.close();
            }
        }
    }

    /// Closes up to and with the nearest `wanted`, unless a `barrier` lies between.
    fn close_through(&mut self, wanted: impl Fn(&Open) -> bool, barrier: impl Fn(&Open) -> bool) {
        self.flush();
        let found = self.open.iter().rposition(|open| wanted(open) || barrier(open));
        if let Some(at) = found.filter(|at| wanted(&self.open[*at])) {
            while self.open.len() > at {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        match self.open.pop() {
            Some(Open::List(items)) => self.close_list(items),
            Some(Open::Item(item)) => self.close_item(item),
            Some(Open::Table { table, .. }) => self.close_table(table),
            Some(Open::Row(row, head)) => {
                self.open.push(Open::Row(row, head));
                self.carried_cells();
                if let Some(Open::Row(row, head)) = self.open.pop() {
                    self.close_row(row, head);
                }
            }
            Some(Open::Cell {
                text,
                head,
                across,
                rows,
            }) => {
                self.reach_down(&text, rows);
                self.close_cell(text, head, across);
            }
            None => {}
        }
    }

    fn close_list(&mut self, items: Vec<Item>) {
        if items.is_empty() {
            return;
        }
        match self.open.last_mut() {
            Some(Open::Item(item)) => item.items.extend(items),
            Some(Open::List(list)) => match list.last_mut() {
                Some(item) => item.items.extend(items),
                None => list.extend(items),
            },
            Some(Open::Cell { text, .. }) => items.iter().for_each(|item| join(text, item, 0)),
            _ => self.document.parts.push(Part::List(items)),
        }
    }

    fn close_item(&mut self, item: Item) {
        if item.text.is_empty() && item.items.is_empty() {
            return;
        }
        match self.open.last_mut() {
            Some(Open::List(items)) => items.push(item),
            Some(Open::Cell { text, .. }) => join(text, &item, 0),
            _ => self.document.parts.push(Part::List(vec![item])),
        }
    }

    fn close_table(&mut self, table: Table) {
        if table.rows.is_empty() && table.headings.is_empty() {
            return;
        }
        match self.open.last_mut() {
            Some(Open::Cell { text, .. }) => {
                let cells = table.rows.into_iter().flat_map(|row| row.cells);
                table.headings.into_iter().chain(cells).for_each(|cell| text.join(cell));
            }
            _ => self.document.parts.push(Part::Table(table)),
        }
    }

    fn close_row(&mut self, row: Row, head: bool) {
        if row.cells.iter().all(Text::is_empty) {
            return;
        }
        match self.open.last_mut() {
            Some(Open::Table { table, header, .. }) => {
                if head && !*header && table.rows.is_empty() {
                    table.headings = row.cells;
                    *header = true;
                } else {
                    table.rows.push(row);
                }
            }
            _ => self.document.parts.push(Part::Table(Table {
                line: row.line,
                headings: Vec::new(),
                rows: vec![row],
            })),
        }
    }

    /// Puts cells from the rows above where the next cell of the open row would stand.
    fn carried_cells(&mut self) {
        let [.., Open::Table { down, .. }, Open::Row(row, _)] = self.open.as_mut_slice() else {
            return;
        };
        while let Some((left, text)) = down.get_mut(&row.cells.len()) {
            let at = row.cells.len();
            if text.plain.len() <= self.carry {
                self.carry -= text.plain.len();
                row.cells.push(text.clone());
            } else {
                row.cells.push(Text::default());
            }
            *left -= 1;
            if *left == 0 {
                down.remove(&at);
            }
        }
    }

    /// Notes that the cell which ends reaches over `rows` rows.
    fn reach_down(&mut self, text: &Text, rows: usize) {
        if let [.., Open::Table { down, .. }, Open::Row(row, _)] = self.open.as_mut_slice()
            && rows > 1
        {
            down.insert(row.cells.len(), (rows - 1, text.clone()));
        }
    }

    fn close_cell(&mut self, text: Text, head: bool, across: usize) {
        let Some(Open::Row(row, heads)) = self.open.last_mut() else {
            self.document
                .parts
                .extend((!text.is_empty()).then_some(Part::Paragraph(text)));
            return;
        };
        // A row whose first cell alone is a heading is a row of data.
        *heads = if row.cells.is_empty() { head } else { *heads && head };
        row.spanning = row.cells.is_empty() && across > 1;
        row.cells.push(text);
        row.cells.extend((1..across).map(|_| Text::default()));
    }

    fn finish(mut self) -> Document {
        self.flush();
        while !self.open.is_empty() {
            self.close();
        }
        self.document
    }
}

/// An item inside a cell: its texts, one after another.
fn join(text: &mut Text, item: &Item, depth: usize) {
    if !text.is_empty() && !item.text.is_empty() && !text.plain.ends_with(['.', ';', ':', ',']) {
        text.plain.push(';');
    }
    text.join(item.text.clone());
    if depth < OPEN_MAX {
        item.items.iter().for_each(|item| join(text, item, depth + 1));
    }
}
