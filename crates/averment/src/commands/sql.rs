//! `averment ledger sql`: one query over every disclosure, answered by an engine in the program. It only reads.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use super::export::record;
use super::index::Asked;
use crate::cli::Folders;
use crate::lake::{self, Answer};
use crate::outcome::{Failure, Outcome};

#[derive(Debug, Args)]
#[command(
    after_help = "The table is `disclosures`: a row per person and element of each message. Columns: docs/questions.md,\n\
                        or `averment ledger sql \"describe disclosures\"`."
)]
pub(crate) struct SqlArgs {
    /// The query: `select recipient, count(*) from disclosures group by 1`
    query: String,
    /// How to print
    #[arg(long, value_enum, default_value_t = SqlFormat::Table)]
    format: SqlFormat,
    /// Most rows of the answer; there is an error when it has more
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    rows: usize,
    #[command(flatten)]
    folders: Folders,
}

/// A form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SqlFormat {
    /// For a terminal
    Table,
    /// RFC 4180, with a heading
    Csv,
    /// One JSON object a line, every value a text
    Jsonl,
}

pub(crate) fn run(arguments: &SqlArgs) -> Result<Outcome, Failure> {
    let asked = Asked::open(&arguments.folders)?;
    // One more than asked for shows that there are more.
    let answer = lake::sql(&asked, &arguments.query, arguments.rows.saturating_add(1))?;
    if answer.rows.len() > arguments.rows {
        let hint = "`--rows` allows more; `limit` in the query takes the first";
        return Err(Failure::new(format!("the answer has more than {} rows", arguments.rows)).hint(hint));
    }
    match arguments.format {
        SqlFormat::Table => table(&answer),
        SqlFormat::Csv => csv(&answer),
        SqlFormat::Jsonl => jsonl(&answer),
    }
    Ok(Outcome::Holds)
}

fn table(answer: &Answer) {
    let shown = |value: &Option<String>| {
        value
            .as_deref()
            .unwrap_or("-")
            .escape_debug()
            .to_string()
            .replace("\\'", "'")
            .replace("\\\"", "\"")
    };
    let rows: Vec<Vec<String>> = answer.rows.iter().map(|row| row.iter().map(shown).collect()).collect();
    let width = |at: usize, name: &String| {
        let widest = rows
            .iter()
            .filter_map(|row| row.get(at))
            .map(|value| value.chars().count())
            .max();
        widest.unwrap_or(0).max(name.chars().count())
    };
    let widths: Vec<usize> = answer
        .columns
        .iter()
        .enumerate()
        .map(|(at, name)| width(at, name))
        .collect();
    for row in std::iter::once(&answer.columns).chain(&rows) {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(value, width)| format!("{value:width$}"))
            .collect();
        anstream::println!("{}", cells.join("  ").trim_end());
    }
}

fn csv(answer: &Answer) {
    anstream::print!("{}", record(answer.columns.iter().map(String::as_str)));
    for row in &answer.rows {
        anstream::print!(
            "{}",
            record(row.iter().map(|value| value.as_deref().unwrap_or_default()))
        );
    }
}

fn jsonl(answer: &Answer) {
    for row in &answer.rows {
        let value = |value: &Option<String>| value.clone().map_or(Value::Null, Value::String);
        let object: Map<String, Value> = answer.columns.iter().cloned().zip(row.iter().map(value)).collect();
        anstream::println!("{}", Value::Object(object));
    }
}
