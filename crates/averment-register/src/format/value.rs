//! One value as text: lists in one line where they fit, else in lines of 120 columns, one item a line when they hold
//! comments.

use toml_edit::{Array, InlineTable, Key, Value};

use super::comments::{Line, behind, raw};
use super::layout::place;
use crate::compile::shape::Shape;

/// Columns of a line.
const WIDTH: usize = 120;

/// The lines of `name = value`, with the comments that stand inside small tables before it.
pub(super) fn field(name: &str, value: &Value, shape: Option<&'static Shape>) -> Vec<String> {
    let (mut out, text) = match value {
        Value::Array(list) => array(name, list, shape),
        other => inline(other, shape),
    };
    let (comment, _) = behind(raw(value.decor().suffix()));
    let comment = comment.map(|comment| format!(" {comment}")).unwrap_or_default();
    out.push(format!("{name} = {text}{comment}"));
    out
}

/// A key as it has to be written.
pub(super) fn key_text(key: &Key) -> String {
    key.default_repr()
        .as_raw()
        .as_str()
        .map_or_else(|| key.display_repr().into_owned(), str::to_owned)
}

/// Comments to write before, and the value in one line.
fn inline(value: &Value, shape: Option<&'static Shape>) -> (Vec<String>, String) {
    let mut comments = Vec::new();
    let text = one_line(value, shape, &mut comments);
    (comments, text)
}

fn one_line(value: &Value, shape: Option<&'static Shape>, comments: &mut Vec<String>) -> String {
    match value {
        Value::String(text) => text.display_repr().into_owned(),
        Value::Integer(number) => number.display_repr().into_owned(),
        Value::Float(number) => number.display_repr().into_owned(),
        Value::Boolean(truth) => truth.display_repr().into_owned(),
        Value::Datetime(date) => date.display_repr().into_owned(),
        Value::Array(list) => {
            let mut items = Vec::new();
            for item in list {
                keep(raw(item.decor().prefix()), comments);
                items.push(one_line(item, shape, comments));
                keep(raw(item.decor().suffix()), comments);
            }
            keep(raw(Some(list.trailing())), comments);
            format!("[{}]", items.join(", "))
        }
        Value::InlineTable(table) => {
            let mut fields = Vec::new();
            inline_fields(table, "", shape, comments, &mut fields);
            fields.sort_by_key(|(rank, _)| *rank);
            let fields: Vec<String> = fields.into_iter().map(|(_, field)| field).collect();
            match fields.is_empty() {
                true => "{}".to_owned(),
                false => format!("{{ {} }}", fields.join(", ")),
            }
        }
    }
}

fn inline_fields(
    table: &InlineTable,
    path: &str,
    shape: Option<&'static Shape>,
    comments: &mut Vec<String>,
    fields: &mut Vec<(usize, String)>,
) {
    keep(raw(Some(table.trailing())), comments);
    for (name, value) in table {
        let (rank, inner) = place(shape, name);
        let Some(key) = table.key(name) else { continue };
        let name = format!("{path}{}", key_text(key));
        keep(raw(key.leaf_decor().prefix()), comments);
        keep(raw(key.leaf_decor().suffix()), comments);
        match value {
            Value::InlineTable(dotted) if dotted.is_dotted() => {
                inline_fields(dotted, &format!("{name}."), inner, comments, fields);
            }
            value => {
                keep(raw(value.decor().prefix()), comments);
                let text = one_line(value, inner, comments);
                keep(raw(value.decor().suffix()), comments);
                fields.push((rank, format!("{name} = {text}")));
            }
        }
    }
}

/// Adds the comments between two things.
fn keep(raw: &str, comments: &mut Vec<String>) {
    let (first, rest) = behind(raw);
    comments.extend(first);
    comments.extend(own_lines(rest));
}

fn own_lines(lines: Vec<Line>) -> impl Iterator<Item = String> {
    lines.into_iter().filter_map(|line| match line {
        Line::Comment(comment) => Some(comment),
        Line::Blank => None,
    })
}

/// One item of a list with its comments.
#[derive(Default)]
struct Entry {
    before: Vec<String>,
    text: String,
    behind: Option<String>,
}

/// A list, over several lines where it has to be.
fn array(name: &str, list: &Array, shape: Option<&'static Shape>) -> (Vec<String>, String) {
    // What stands on the line of the bracket or of a comma belongs to what is before it.
    let mut opening = None;
    let mut entries: Vec<Entry> = Vec::new();
    for item in list {
        let (first, own) = behind(raw(item.decor().prefix()));
        put_behind(&mut opening, &mut entries, first);
        let mut entry = Entry {
            before: own_lines(own).collect(),
            ..Entry::default()
        };
        entry.text = one_line(item, shape, &mut entry.before);
        let (first, own) = behind(raw(item.decor().suffix()));
        entry.before.extend(own_lines(own));
        entry.behind = first;
        entries.push(entry);
    }
    let (first, own) = behind(raw(Some(list.trailing())));
    put_behind(&mut opening, &mut entries, first);
    let closing: Vec<String> = own_lines(own).collect();
    let plain = entries
        .iter()
        .all(|entry| entry.before.is_empty() && entry.behind.is_none());
    let texts: Vec<&str> = entries.iter().map(|entry| entry.text.as_str()).collect();
    let text = if !plain || opening.is_some() || !closing.is_empty() {
        with_comments(opening, &entries, closing)
    } else {
        filled(name, &texts)
    };
    (Vec::new(), text)
}

/// Puts a comment behind the last item, or behind the bracket; a second one goes before the item.
fn put_behind(opening: &mut Option<String>, entries: &mut [Entry], comment: Option<String>) {
    match (entries.last_mut(), comment) {
        (None, comment) => *opening = comment,
        (Some(last), Some(comment)) if last.behind.is_some() => last.before.push(comment),
        (Some(last), Some(comment)) => last.behind = Some(comment),
        (Some(_), None) => {}
    }
}

fn with_comments(opening: Option<String>, entries: &[Entry], closing: Vec<String>) -> String {
    let mut out = String::from("[");
    if let Some(comment) = opening {
        out.push(' ');
        out.push_str(&comment);
    }
    for entry in entries {
        for comment in &entry.before {
            out.push_str("\n  ");
            out.push_str(comment);
        }
        let behind = entry
            .behind
            .as_ref()
            .map(|comment| format!(" {comment}"))
            .unwrap_or_default();
        out.push_str(&format!("\n  {},{behind}", entry.text));
    }
    for comment in closing {
        out.push_str("\n  ");
        out.push_str(&comment);
    }
    out + "\n]"
}

fn filled(name: &str, items: &[&str]) -> String {
    let one = format!("[{}]", items.join(", "));
    let width = |text: &str| text.chars().count();
    if width(name) + " = ".len() + width(&one) <= WIDTH {
        return one;
    }
    let mut out = String::from("[");
    let mut column = WIDTH;
    for item in items {
        let wide = width(item) + ", ".len();
        if column + wide > WIDTH {
            out.push_str("\n  ");
            column = 2;
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(item);
        out.push(',');
        column += wide - 1;
    }
    out + "\n]"
}
