//! A document as Markdown and CSV; the page says the same from its template.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::{Form, NOT_DECLARED};
use crate::{markdown, table, words};

/// A document with what is said about every document.
pub(crate) struct Page<'a> {
    pub(crate) form: &'a Form,
    pub(crate) organisation: &'a str,
    pub(crate) notice: Option<&'a str>,
    pub(crate) charter: &'a str,
    pub(crate) generated_at: Timestamp,
}

impl Page<'_> {
    /// The document in Markdown.
    pub(crate) fn markdown(&self) -> String {
        let escape = markdown::escape;
        let mut out = format!("# {}\n\n{}\n\n", escape(&self.form.title), escape(&self.form.about));
        if let Some(notice) = self.notice {
            _ = writeln!(out, "> **Please note:** {}\n", escape(notice));
        }
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
    pub(crate) fn csv(&self) -> String {
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
        if let Some(notice) = self.notice {
            push(of(&["please note", "", notice]));
        }
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
