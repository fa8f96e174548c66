//! A document as HTML, Markdown and CSV. All three say the same.

use std::fmt::Write as _;
use std::sync::LazyLock;

use jiff::Timestamp;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior, context};

use super::{Form, NOT_DECLARED};
use crate::page::{style, style_source};
use crate::{markdown, table, words};

/// A document with what is said about every document.
pub(super) struct Page<'a> {
    pub(super) form: &'a Form,
    pub(super) organisation: &'a str,
    pub(super) language: &'a str,
    pub(super) charter: &'a str,
    pub(super) generated_at: Timestamp,
}

impl Page<'_> {
    /// The HTML page: complete, with its style inside, loading nothing and running nothing.
    pub(super) fn html(&self) -> String {
        static FORMS: LazyLock<Environment<'static>> = LazyLock::new(environment);
        let template = FORMS
            .get_template("form.html")
            .expect("the template is part of the program");
        let sheet = format!("{}{}", style(), include_str!("../../templates/form.css"));
        let context = context! {
            form => Value::from(Serde(self.form)),
            missing => self.form.missing(),
            not_declared => NOT_DECLARED,
            organisation => self.organisation,
            language => self.language,
            charter => self.charter,
            generated_at => self.generated_at.to_string(),
            long_time => words::long_time(&self.generated_at.to_string()),
            style => Value::from_safe_string(sheet.clone()),
            style_source => Value::from_safe_string(style_source(&sheet)),
        };
        template
            .render(context)
            .expect("the template uses only what a form has; a test renders all of them")
    }

    /// The same in Markdown.
    pub(super) fn markdown(&self) -> String {
        let escape = markdown::escape;
        let mut out = format!("# {}\n\n{}\n\n", escape(&self.form.title), escape(&self.form.about));
        _ = writeln!(out, "- Published by: {}", escape(self.organisation));
        _ = writeln!(out, "- Asked for by: {}", escape(self.form.rests_on));
        _ = writeln!(out, "- Made: {}", words::long_time(&self.generated_at.to_string()));
        _ = writeln!(out, "- Charter: `{}`\n", self.charter);
        for fact in &self.form.facts {
            _ = writeln!(out, "## {}\n", escape(format!("{} {}", fact.place, fact.label).trim()));
            if fact.lines.is_empty() {
                _ = writeln!(out, "{NOT_DECLARED}");
            }
            fact.lines
                .iter()
                .for_each(|line| _ = writeln!(out, "- {}", escape(line)));
            out.push('\n');
        }
        for table in &self.form.tables {
            _ = writeln!(out, "## {}\n", escape(&table.title));
            if table.rows.is_empty() {
                _ = writeln!(out, "Nothing is declared.\n");
                continue;
            }
            _ = writeln!(out, "| {} |", table.headings.join(" | "));
            _ = writeln!(out, "|{}", " --- |".repeat(table.headings.len()));
            for row in &table.rows {
                let cells: Vec<String> = row.iter().map(|cell| escape(cell)).collect();
                _ = writeln!(out, "| {} |", cells.join(" | "));
            }
            out.push('\n');
        }
        self.form
            .notes
            .iter()
            .for_each(|note| _ = writeln!(out, "> {}\n", escape(note)));
        out
    }

    /// The same as CSV (RFC 4180): one line per fact and per row of a table, the part it belongs to first.
    pub(super) fn csv(&self) -> String {
        let mut records: Vec<Vec<String>> = Vec::new();
        let width = 2 + self
            .form
            .tables
            .iter()
            .map(|table| table.headings.len())
            .max()
            .unwrap_or(1);
        let mut push = |mut record: Vec<String>| {
            record.resize(width, String::new());
            records.push(record);
        };
        let of = |parts: &[&str]| parts.iter().map(|&part| part.to_owned()).collect::<Vec<_>>();
        push(of(&["part", "place", "value"]));
        push(of(&["document", "", &self.form.title]));
        push(of(&["charter", "", self.charter]));
        push(of(&["made", "", &self.generated_at.to_string()]));
        for fact in &self.form.facts {
            if fact.lines.is_empty() {
                push(of(&[fact.label, fact.place, NOT_DECLARED]));
            }
            fact.lines
                .iter()
                .for_each(|line| push(of(&[fact.label, fact.place, line])));
        }
        for table in &self.form.tables {
            let start = |place: &str| of(&[&table.title, place]);
            let headings = table.headings.iter().map(|&heading| heading.to_owned());
            push(start("headings").into_iter().chain(headings).collect());
            for (index, row) in table.rows.iter().enumerate() {
                push(
                    start(&(index + 1).to_string())
                        .into_iter()
                        .chain(row.iter().cloned())
                        .collect(),
                );
            }
        }
        table::records(records)
    }
}

fn environment() -> Environment<'static> {
    let mut pages = Environment::new();
    pages.set_undefined_behavior(UndefinedBehavior::Strict);
    pages
        .add_template("form.html", include_str!("../../templates/form.html"))
        .expect("the template is part of the program");
    pages
}
