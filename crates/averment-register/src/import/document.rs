//! A published page in the form that every reader yields: a title, and parts in order, each text with its line.
//!
//! Start at [`read`]. The form is told by the content first and by the file's ending second, because pages are saved under
//! all sorts of names. Markdown and plain text share one reader; HTML, CSV, JSON and YAML have one each.
//!
//! Invariant: every word of the file is in a part or in [`Document::layout`]; readers never panic, are linear in the size
//! of the file, and nest at most [`DEPTH_MAX`] deep.

mod blocks;
mod delimited;
pub(super) mod encoding;
mod grid;
mod html;
mod inline;
mod json;
mod lines;
mod list;
mod matter;
mod pipe;
mod records;
mod text;
mod yaml;

pub(super) use text::Text;

/// Lists in lists, records in records: what is deeper is read as part of the last level.
pub(super) const DEPTH_MAX: usize = 24;

/// A page taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Document {
    /// What the page calls itself.
    pub(super) title: Option<Text>,
    /// Its parts in order.
    pub(super) parts: Vec<Part>,
    /// What is layout and says nothing: menus, targets of links, settings of the page.
    pub(super) layout: Vec<Text>,
    /// What a person should know about the reading.
    pub(super) problems: Vec<(u32, String)>,
}

/// One part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// A heading; 1 is the highest level.
    Heading {
        /// 1 to 7.
        level: u8,
        /// Only its shape says that it is one: a bold or a short line.
        guessed: bool,
        /// The heading.
        text: Text,
    },
    /// A paragraph.
    Paragraph(Text),
    /// A list, bulleted or numbered.
    List(Vec<Item>),
    /// A table, or records with the names of their fields as headings.
    Table(Table),
}

/// One item of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Item {
    /// Its own text.
    pub(super) text: Text,
    /// The items below it.
    pub(super) items: Vec<Item>,
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Table {
    /// Line of the headings, or of the first row.
    pub(super) line: u32,
    /// The headings; empty when the table has none.
    pub(super) headings: Vec<Text>,
    /// The rows.
    pub(super) rows: Vec<Row>,
}

/// One row of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// Its line.
    pub(super) line: u32,
    /// Its cells; fewer or more than there are headings.
    pub(super) cells: Vec<Text>,
    /// It is one cell across the table.
    pub(super) spanning: bool,
}

/// The form of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Html,
    Json,
    Yaml,
    Delimited(u8),
    Text,
}

/// Takes a page apart. `name`: its file name.
pub(super) fn read(name: &str, text: &str) -> Document {
    let text = encoding::unify_lines(text.strip_prefix('\u{feff}').unwrap_or(text));
    let text = text.as_str();
    let form = form(name, text);
    let parsed = match form {
        Form::Html => Some(html::read(text, 1)),
        Form::Json => json::read(text),
        Form::Yaml => yaml::read(text),
        Form::Delimited(delimiter) => delimited::read(text, delimiter),
        Form::Text => None,
    };
    let mut document = parsed.unwrap_or_else(|| blocks::read(text));
    // In data the headings are names of fields.
    if document.title.is_none() && !matches!(form, Form::Json | Form::Yaml) {
        document.title = document.parts.iter().find_map(|part| match part {
            Part::Heading { level, text, .. } if *level <= 2 => Some(text.clone()),
            _ => None,
        });
    }
    document
}

/// What the content says, then what the ending says. A reader that cannot use the text gives none, and it is read as text.
fn form(name: &str, text: &str) -> Form {
    let start = text.trim_start();
    let ending = name
        .rsplit_once('.')
        .map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase());
    let head: String = start.chars().take(400).collect::<String>().to_ascii_lowercase();
    let tags = [
        "<!doctype html",
        "<html",
        "<body",
        "<main",
        "<article",
        "<div",
        "<head",
        "<table",
        "<section",
    ];
    let markdown = ["md", "mdx", "markdown"].contains(&ending.as_str());
    match ending.as_str() {
        _ if tags.iter().any(|tag| head.starts_with(tag)) && !markdown => Form::Html,
        _ if head.starts_with("<!--") && head.contains("<html") => Form::Html,
        "html" | "htm" | "xhtml" if start.contains('<') => Form::Html,
        _ if start.starts_with(['{', '[']) && json::is_json(text) => Form::Json,
        "yml" | "yaml" => Form::Yaml,
        "tsv" | "tab" => Form::Delimited(b'\t'),
        "csv" => Form::Delimited(delimited::delimiter(text).unwrap_or(b',')),
        _ if markdown => Form::Text,
        _ if yaml::looks_like_records(text) => Form::Yaml,
        _ => delimited::told_by_shape(text).map_or(Form::Text, Form::Delimited),
    }
}

#[cfg(test)]
mod tests;
