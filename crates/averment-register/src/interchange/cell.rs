//! One value as the text of a cell, and back.
//!
//! Start at [`text`] and [`value`]. A cell is one line; lists are joined with `; `. What a spreadsheet would take for a
//! formula gets a `'` in front, which reading takes away again.
//!
//! Invariant: `value(text(v)) == v` for every value that a register holds.

use std::fmt::Write as _;

use serde_json::Value;

use crate::compile::shape::Holds;

/// Whether a spreadsheet may run a cell that begins like `text`: with `=`, `+`, `-` or `@`, their wide forms, which count
/// in some languages, or a tab or carriage return, which some take away. A `'` in front makes it text.
///
/// # Source
/// OWASP, CSV injection.
pub fn may_be_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'])
}

/// `value` as a cell; empty when there is none.
pub(super) fn text(value: &Value) -> String {
    let plain = match value {
        Value::Null => String::new(),
        Value::String(text) => escaped(text, false),
        Value::Array(items) => {
            let items: Vec<String> = items
                .iter()
                .filter_map(Value::as_str)
                .map(|item| escaped(item, true))
                .collect();
            items.join("; ")
        }
        // Names that people choose have no column of their own.
        Value::Object(_) => escaped(&crate::charter::canonical_json_of(value), false),
        other => other.to_string(),
    };
    // A text that begins with the mark gets one too, so that reading takes away the right one.
    match may_be_formula(&plain) || plain.starts_with('\'') {
        true => format!("'{plain}"),
        false => plain,
    }
}

/// A cell without the mark that keeps a spreadsheet from running it.
pub(super) fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').unwrap_or(cell)
}

/// The value of a cell that holds something.
///
/// # Errors
/// What was expected, when the cell is none.
pub(super) fn value(cell: &str, holds: Holds) -> Result<Value, String> {
    let plain = unguarded(cell);
    let expected = |found: &str| format!("`{found}` found, expected {}", holds.expected());
    match holds {
        Holds::Words(_) | Holds::Names | Holds::List => {
            let items = items(plain);
            Ok(items.into_iter().map(Value::from).collect())
        }
        Holds::Count => plain.parse::<u32>().map(Value::from).map_err(|_| expected(plain)),
        Holds::Date => {
            let text = unescaped(plain);
            // Written without quotes, so nothing but a date may pass.
            let is_date = text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
            is_date.then(|| text.as_str().into()).ok_or_else(|| expected(&text))
        }
        Holds::Texts | Holds::Named(_) => {
            let text = unescaped(plain);
            let found: Option<Value> = serde_json::from_str(&text).ok();
            found
                .filter(|found| is_named(found, holds))
                .ok_or_else(|| expected(&text))
        }
        _ => Ok(unescaped(plain).into()),
    }
}

/// Whether every value is a text, or a table of texts.
fn is_named(value: &Value, holds: Holds) -> bool {
    let texts = |value: &Value| {
        value
            .as_object()
            .is_some_and(|table| table.values().all(Value::is_string))
    };
    match holds {
        Holds::Texts => texts(value),
        _ => value.as_object().is_some_and(|table| table.values().all(texts)),
    }
}

fn escaped(text: &str, in_list: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            ';' if in_list => out.push_str("\\;"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{FEFF}') => {
                _ = write!(out, "\\u{:04X}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match rest.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('u') => {
                let digits: String = rest.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                out.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            other => out.extend(other),
        }
    }
    out
}

/// The items of a list: parted at every `;` that no `\` stands before.
fn items(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let item = items.last_mut().expect("it begins with one and only grows");
        match letter {
            ';' => items.push(String::new()),
            '\\' => {
                item.push('\\');
                item.extend(letters.next());
            }
            letter => item.push(letter),
        }
    }
    let named = items.iter().map(|item| unescaped(item.trim()));
    named.filter(|item| !item.is_empty()).collect()
}
