//! Text to model: every grammar mistake and every wrong field of a file is reported, what is right is kept.
//!
//! Start at [`read`]. The text is parsed to a tree with spans; the tree is checked against a [`Shape`] and pruned of what
//! does not fit; a needed field that is missing gets a stand-in, so that the rest of the file is still looked at. A
//! stand-in never reaches a charter, because its absence was an error.

use std::borrow::Cow;
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::shape::{Field, Holds, Shape};
use super::suggest;
use super::{At, Findings};

/// Grammar mistakes reported per file; after that many the file is something else than a register file.
const GRAMMAR_MAX: usize = 20;

/// Reads one file of shape `shape`; reports to `findings` what does not fit.
pub(super) fn read<T: DeserializeOwned>(findings: &mut Findings, at: At<'_>, shape: &Shape) -> Option<T> {
    let (mut tree, mistakes) = DeTable::parse_recoverable(at.text);
    for mistake in mistakes.iter().take(GRAMMAR_MAX) {
        let message = format!("cannot read this: {}", house_words(mistake.message()));
        findings.error(at, mistake.span(), "syntax", message, None);
    }
    Check { findings, at }.table(tree.get_mut(), shape, None);
    match T::deserialize(Deserializer::from(tree)) {
        Ok(model) => Some(model),
        Err(error) => {
            findings.error(at, error.span(), "syntax", error.message().to_owned(), None);
            None
        }
    }
}

/// The parser's message without its names for kinds of text.
fn house_words(message: &str) -> String {
    let message = message.replace("invalid basic string", "a text in quotes does not end");
    message.replace(
        "string values must be quoted, expected literal string",
        "a text stands without quotes",
    )
}

struct Check<'a, 'b> {
    findings: &'a mut Findings,
    at: At<'b>,
}

impl<'b> Check<'_, 'b> {
    /// Prunes `table` of what `shape` does not allow and fills in stand-ins for what it needs.
    fn table(&mut self, table: &mut DeTable<'b>, shape: &Shape, span: Option<Range<usize>>) {
        self.unknown_fields(table, shape);
        for field in shape.fields {
            let fits = table.get_mut(field.name).map(|value| self.value(value, field));
            match fits {
                Some(false) => _ = table.remove(field.name),
                None if field.needed => self.missing(shape, field, span.clone()),
                _ => {}
            }
            if field.needed && !table.contains_key(field.name) {
                let key = Spanned::new(0..0, Cow::Borrowed(field.name));
                table.insert(key, Spanned::new(0..0, stand_in(field, self.at)));
            }
        }
    }

    fn unknown_fields(&mut self, table: &mut DeTable<'b>, shape: &Shape) {
        let known = |name: &str| shape.fields.iter().any(|field| field.name == name);
        for key in table.keys().filter(|key| !known(key.get_ref())) {
            let names = shape.fields.iter().map(|field| field.name);
            let message = format!("`{}` is not a field of {}", key.get_ref(), shape.of);
            self.findings.error(
                self.at,
                Some(key.span()),
                "unknown-field",
                message,
                suggest::hint(key.get_ref(), names),
            );
        }
        let all = std::mem::replace(table, DeTable::new());
        for (key, value) in all.into_iter().filter(|(key, _)| known(key.get_ref())) {
            table.insert(key, value);
        }
    }

    fn missing(&mut self, shape: &Shape, field: &Field, span: Option<Range<usize>>) {
        let message = format!("{} needs the field `{}`", shape.of, field.name);
        let hint = match field.holds {
            Holds::Word(words) => format!("expected one of `{}`", words.join("`, `")),
            Holds::Words(words) => format!("expected some of `{}`", words.join("`, `")),
            holds => format!("expected {}", holds.expected()),
        };
        self.findings.error(self.at, span, "missing-field", message, Some(hint));
    }

    /// Whether `value` fits; a list or table that fits in parts is pruned to them.
    fn value(&mut self, value: &mut Spanned<DeValue<'b>>, field: &Field) -> bool {
        let span = value.span();
        match (field.holds, value.get_mut()) {
            (Holds::Text, DeValue::String(text)) => self.text(text, field, span),
            (Holds::Word(words), DeValue::String(text)) => self.word(text, words, field, span),
            (Holds::Words(_) | Holds::Names | Holds::List, DeValue::Array(_)) => self.list(value, field),
            (Holds::Count, DeValue::Integer(number)) => {
                let fits = u32::from_str_radix(number.as_str(), number.radix()).is_ok_and(|number| number > 0);
                if !fits {
                    let message = format!("`{}` is `{number}`: expected {}", field.name, field.holds.expected());
                    self.findings.error(self.at, Some(span), "wrong-type", message, None);
                }
                fits
            }
            (Holds::Date, DeValue::Datetime(_) | DeValue::String(_)) => self.date(value, field),
            (Holds::Period, DeValue::String(text)) => self.period(text, field, span),
            (Holds::Table(shape), DeValue::Table(table)) => {
                self.table(table, shape, Some(span));
                true
            }
            (Holds::Rows(_), DeValue::Array(_)) => self.rows(value, field),
            (Holds::Texts | Holds::Named(_), DeValue::Table(table)) => {
                self.named(table, field);
                true
            }
            (_, found) => {
                let found = type_word(found);
                let message = format!("`{}` is {found}: expected {}", field.name, field.holds.expected());
                self.findings.error(self.at, Some(span), "wrong-type", message, None);
                false
            }
        }
    }

    fn text(&mut self, text: &str, field: &Field, span: Range<usize>) -> bool {
        let empty = text.trim().is_empty();
        if empty {
            let message = format!("`{}` is empty: expected {}", field.name, field.holds.expected());
            self.findings.error(self.at, Some(span), "empty-text", message, None);
        }
        !empty
    }

    /// Whether `value` is a date; TOML's own is put in quotes, as the model reads it.
    fn date(&mut self, value: &mut Spanned<DeValue<'b>>, field: &Field) -> bool {
        let text = match value.get_ref() {
            DeValue::Datetime(date) => date.to_string(),
            DeValue::String(text) => text.clone().into_owned(),
            _ => String::new(),
        };
        // Ten characters: a date with a time of day would be read, and its time lost.
        let fits = text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
        if fits {
            *value.get_mut() = DeValue::String(Cow::Owned(text));
        } else {
            let message = format!("`{}` is `{text}`: expected {}", field.name, field.holds.expected());
            self.findings
                .error(self.at, Some(value.span()), "wrong-type", message, None);
        }
        fits
    }

    fn period(&mut self, text: &str, field: &Field, span: Range<usize>) -> bool {
        let error = text.parse::<crate::charter::Period>().err();
        if let Some(error) = &error {
            let message = format!("`{}`: {error}", field.name);
            self.findings.error(self.at, Some(span), "wrong-type", message, None);
        }
        error.is_none()
    }

    fn word(&mut self, word: &str, words: &'static [&'static str], field: &Field, span: Range<usize>) -> bool {
        let known = words.contains(&word);
        if !known {
            let message = format!("`{word}` is not a word for `{}`", field.name);
            self.findings.error(
                self.at,
                Some(span),
                "unknown-word",
                message,
                suggest::hint(word, words.iter().copied()),
            );
        }
        known
    }

    fn list(&mut self, value: &mut Spanned<DeValue<'b>>, field: &Field) -> bool {
        let span = value.span();
        let DeValue::Array(items) = std::mem::replace(value.get_mut(), DeValue::Boolean(false)) else {
            return false;
        };
        let may_be_empty = matches!(field.holds, Holds::List);
        if items.is_empty() && !may_be_empty {
            let message = format!("`{}` is an empty list: expected at least one", field.name);
            self.findings.error(self.at, Some(span), "empty-list", message, None);
        }
        let kept: Vec<_> = items.into_iter().filter(|item| self.list_item(item, field)).collect();
        let fits = !kept.is_empty() || may_be_empty;
        *value.get_mut() = DeValue::Array(kept.into_iter().collect());
        fits
    }

    fn list_item(&mut self, item: &Spanned<DeValue<'b>>, field: &Field) -> bool {
        match (field.holds, item.get_ref()) {
            (Holds::Words(words), DeValue::String(word)) => self.word(word, words, field, item.span()),
            (_, DeValue::String(_)) => true,
            (_, found) => {
                let message = format!("`{}` holds {}: expected a text in quotes", field.name, type_word(found));
                self.findings
                    .error(self.at, Some(item.span()), "wrong-type", message, None);
                false
            }
        }
    }

    fn rows(&mut self, value: &mut Spanned<DeValue<'b>>, field: &Field) -> bool {
        let Holds::Rows(shape) = field.holds else { return false };
        let DeValue::Array(items) = std::mem::replace(value.get_mut(), DeValue::Boolean(false)) else {
            return false;
        };
        let mut kept = Vec::new();
        for mut item in items {
            let span = item.span();
            match item.get_mut() {
                DeValue::Table(table) => {
                    self.table(table, shape, Some(span));
                    kept.push(item);
                }
                found => {
                    let message = format!("`{}` holds {}: expected {}", field.name, type_word(found), shape.of);
                    self.findings.error(self.at, Some(span), "wrong-type", message, None);
                }
            }
        }
        *value.get_mut() = DeValue::Array(kept.into_iter().collect());
        true
    }
}

impl<'b> Check<'_, 'b> {
    /// Prunes a table with names that people choose of what its fields may not be.
    fn named(&mut self, table: &mut DeTable<'b>, field: &Field) {
        let all = std::mem::replace(table, DeTable::new());
        for (key, mut value) in all {
            let span = value.span();
            let fits = match (field.holds, value.get_mut()) {
                (Holds::Texts, DeValue::String(text)) => self.text(text, field, span),
                (Holds::Named(shape), DeValue::Table(inner)) => {
                    self.table(inner, shape, Some(span));
                    true
                }
                (holds, found) => {
                    let expected = if matches!(holds, Holds::Texts) {
                        "a text in quotes"
                    } else {
                        "a table"
                    };
                    let found = type_word(found);
                    let message = format!(
                        "`{}` in `{}` is {found}: expected {expected}",
                        key.get_ref(),
                        field.name
                    );
                    self.findings.error(self.at, Some(span), "wrong-type", message, None);
                    false
                }
            };
            if fits {
                table.insert(key, value);
            }
        }
    }
}

/// What takes the place of a needed field that is missing: of the right kind, and nothing that a later check reports.
fn stand_in<'b>(field: &Field, at: At<'b>) -> DeValue<'b> {
    let text = |text: &'b str| DeValue::String(Cow::Borrowed(text));
    match field.holds {
        Holds::Text => match field.name {
            "recipient" | "controller" | "store" => text(at.stem()),
            "kind" => text("statement"),
            _ => text("?"),
        },
        Holds::Word(words) => text(words[0]),
        Holds::Date => text("2000-01-01"),
        Holds::Period => text("P1D"),
        Holds::Words(words) => DeValue::Array(std::iter::once(Spanned::new(0..0, text(words[0]))).collect()),
        Holds::Count => toml_one(),
        Holds::Table(_) | Holds::Texts | Holds::Named(_) => DeValue::Table(DeTable::new()),
        Holds::Names | Holds::List | Holds::Rows(_) => DeValue::Array(std::iter::empty().collect()),
    }
}

fn toml_one<'b>() -> DeValue<'b> {
    DeValue::parse("1").map_or(DeValue::Boolean(false), Spanned::into_inner)
}

fn type_word(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
