//! Data of any shape (JSON, YAML) to parts: a list of records is a table, what is above it a heading, the rest prose.

use std::collections::BTreeMap;

use super::text::Text;
use super::{DEPTH_MAX, Document, Item, Part, Row, Table, html, inline};

/// A piece of data with its line.
#[derive(Debug)]
pub(super) enum Node {
    /// A text or number.
    Text(u32, String),
    /// A list.
    List(u32, Vec<Node>),
    /// Named fields in their order.
    Map(u32, Vec<(String, Node)>),
}

impl Node {
    pub(super) fn line(&self) -> u32 {
        match self {
            Self::Text(line, _) | Self::List(line, _) | Self::Map(line, _) => *line,
        }
    }
}

/// Fields whose value names the page or the part of it.
const TITLES: [&str; 4] = ["title", "heading", "headline", "pagetitle"];

/// Turns data into parts.
pub(super) fn parts(node: &Node, document: &mut Document) {
    part(node, 1, document);
}

fn part(node: &Node, depth: usize, document: &mut Document) {
    match node {
        _ if depth > DEPTH_MAX => prose(&flat(node, 0), document),
        Node::Text(line, text) => scalar(*line, text, document),
        Node::List(line, nodes) => list(*line, nodes, depth, document),
        Node::Map(line, fields) if is_records_by_name(fields) => {
            let table = by_name(*line, fields, document);
            document.parts.push(Part::Table(table));
        }
        Node::Map(_, fields) => {
            for (key, value) in fields {
                field(key, value, depth, document);
            }
        }
    }
}

fn field(key: &str, value: &Node, depth: usize, document: &mut Document) {
    let level = u8::try_from(depth.min(6)).unwrap_or(6);
    match value {
        Node::Text(line, text) if TITLES.contains(&squash(key).as_str()) => {
            document.layout.push(Text::new(*line, key));
            let text = inline::read(*line, text, &mut document.layout);
            if depth <= 2 && document.title.is_none() {
                document.title = Some(text.clone());
            }
            document.parts.push(Part::Heading {
                level,
                guessed: false,
                text,
            });
        }
        Node::Text(line, text) => {
            let sentence = text.split_whitespace().count() >= 4 || text.contains('<');
            if sentence {
                document.layout.push(Text::new(*line, key));
                scalar(*line, text, document);
            } else {
                document.layout.push(Text::new(*line, &format!("{key}: {text}")));
            }
        }
        value => {
            let text = Text::new(value.line(), &spaced(key));
            document.parts.push(Part::Heading {
                level,
                guessed: false,
                text,
            });
            part(value, depth + 1, document);
        }
    }
}

fn list(line: u32, nodes: &[Node], depth: usize, document: &mut Document) {
    let is_map = |node: &Node| matches!(node, Node::Map(..));
    let is_text = |node: &Node| matches!(node, Node::Text(..));
    let plain = |node: &Node| match node {
        Node::Map(_, fields) => {
            fields.iter().all(|(_, value)| !holds_records(value)) && !fields.iter().any(|(_, value)| is_page(value))
        }
        _ => false,
    };
    if !nodes.is_empty() && nodes.iter().all(|node| is_map(node) && plain(node)) {
        let table = table(line, nodes, &mut document.layout);
        document.parts.push(Part::Table(table));
    } else if nodes.iter().all(is_text) {
        let items = nodes.iter().map(|node| Item {
            text: flat(node, 0),
            items: Vec::new(),
        });
        let items: Vec<Item> = items.filter(|item| !item.text.is_empty()).collect();
        document.parts.extend((!items.is_empty()).then_some(Part::List(items)));
    } else {
        nodes.iter().for_each(|node| part(node, depth + 1, document));
    }
}

fn holds_records(node: &Node) -> bool {
    matches!(node, Node::List(_, nodes) if nodes.iter().any(|node| matches!(node, Node::Map(..))))
}

/// A value that is a page of its own.
fn is_page(node: &Node) -> bool {
    matches!(node, Node::Text(_, text) if text.contains("</") && text.contains("<p") || matches!(node, Node::Text(_, text) if text.contains("<table")))
}

/// `{ "Stripe": { "purpose": … }, "Zendesk": { … } }`: the names are the keys.
fn is_records_by_name(fields: &[(String, Node)]) -> bool {
    let is_record = |node: &Node| match node {
        Node::Map(_, fields) => !fields.is_empty() && fields.iter().all(|(_, value)| matches!(value, Node::Text(..))),
        _ => false,
    };
    fields.len() >= 2 && fields.iter().all(|(_, value)| is_record(value))
}

fn by_name(line: u32, fields: &[(String, Node)], document: &mut Document) -> Table {
    let rows: Vec<Node> = fields
        .iter()
        .filter_map(|(key, value)| match value {
            Node::Map(line, inner) => {
                let name = ("name".to_owned(), Node::Text(*line, key.clone()));
                let named = inner.iter().any(|(field, _)| field == "name");
                let fields = inner.iter().map(|(key, value)| (key.clone(), copy(value)));
                let fields: Vec<(String, Node)> = (!named).then_some(name).into_iter().chain(fields).collect();
                Some(Node::Map(*line, fields))
            }
            _ => None,
        })
        .collect();
    document
        .layout
        .extend(fields.iter().map(|(key, value)| Text::new(value.line(), key)));
    table(line, &rows, &mut document.layout)
}

fn copy(node: &Node) -> Node {
    match node {
        Node::Text(line, text) => Node::Text(*line, text.clone()),
        other => Node::Text(other.line(), flat(other, 0).plain),
    }
}

/// Records to rows; the headings are the names of their fields in the order in which they first stand.
fn table(line: u32, nodes: &[Node], layout: &mut Vec<Text>) -> Table {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut headings: Vec<Text> = Vec::new();
    let mut rows = Vec::new();
    for node in nodes {
        let Node::Map(line, fields) = node else { continue };
        let mut cells: Vec<Text> = Vec::new();
        for (key, value) in fields {
            let place = *places.entry(key.clone()).or_insert_with(|| {
                headings.push(Text::new(value.line(), &spaced(key)));
                headings.len() - 1
            });
            cells.resize(cells.len().max(place + 1), Text::default());
            let text = flat(value, 0);
            layout.push(Text::new(text.line, key));
            cells[place] = inline::read(text.line, &text.plain, layout);
        }
        rows.push(Row {
            line: *line,
            cells,
            spanning: false,
        });
    }
    Table { line, headings, rows }
}

/// A value as one text: `a, b` for lists, `key: value` for fields.
fn flat(node: &Node, depth: usize) -> Text {
    let text = match node {
        _ if depth > DEPTH_MAX => String::new(),
        Node::Text(_, text) => text.clone(),
        Node::List(_, nodes) => {
            let texts: Vec<String> = nodes.iter().map(|node| flat(node, depth + 1).plain).collect();
            texts.join(", ")
        }
        Node::Map(_, fields) => {
            let texts: Vec<String> = fields
                .iter()
                .map(|(key, node)| format!("{}: {}", spaced(key), flat(node, depth + 1).plain))
                .collect();
            texts.join("; ")
        }
    };
    Text::new(node.line(), &text)
}

fn scalar(line: u32, text: &str, document: &mut Document) {
    if text.contains("</") || text.contains("<p>") {
        let inner = html::read(text, line);
        document.parts.extend(inner.parts);
        document.layout.extend(inner.layout);
        return;
    }
    for (at, paragraph) in text.split("\n\n").enumerate() {
        let line = line.saturating_add(u32::try_from(at).unwrap_or(0));
        let text = inline::read(line, paragraph, &mut document.layout);
        prose(&text, document);
    }
}

fn prose(text: &Text, document: &mut Document) {
    if !text.is_empty() {
        document.parts.push(Part::Paragraph(text.clone()));
    }
}

/// `dataCategories` and `data_categories` as words.
fn spaced(key: &str) -> String {
    let mut out = String::new();
    let mut low = false;
    for letter in key.chars() {
        match letter {
            '_' | '-' | '.' => out.push(' '),
            letter if letter.is_uppercase() && low => {
                out.push(' ');
                out.extend(letter.to_lowercase());
            }
            letter => out.push(letter),
        }
        low = letter.is_lowercase();
    }
    out
}

fn squash(key: &str) -> String {
    key.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
