//! `averment ledger export`: every disclosure as a row of a file, one after another.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::iter::Peekable;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use averment_catalog::ElementId;
use averment_register::interchange::may_be_formula;
use averment_store::{DisclosureRow, Disclosures, Question};
use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::asked;
use super::house::{Gate, House};
use crate::cli::HouseFolders;
use crate::lake;
use crate::outcome::{Failure, Outcome};

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// How to write
    #[arg(long, value_enum)]
    format: ExportFormat,
    /// File to write to; must not exist yet. With `--format parquet` also a folder: a file for each log of the ledger is
    /// written there, and what is up to date stays
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// From this day or moment on, universal time
    #[arg(long, value_name = "TIME", value_parser = asked::from)]
    from: Option<Timestamp>,
    /// Up to and with this day, or before this moment
    #[arg(long, value_name = "TIME", value_parser = asked::to)]
    to: Option<Timestamp>,
    /// Only what went to this recipient
    #[arg(long, value_name = "ID")]
    recipient: Option<String>,
    /// Only people of this school, as in the directory
    #[arg(long, value_name = "SCHOOL")]
    school: Option<String>,
    /// Only this element, or what is below this category: `contact.email`, `contact`
    #[arg(long, value_name = "ELEMENT")]
    element: Option<ElementId>,
    #[command(flatten)]
    folders: HouseFolders,
}

/// A form of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    /// RFC 4180, with a heading
    Csv,
    /// One JSON object a line
    Jsonl,
    /// Apache Parquet, for engines; needs a program built with the feature `lake`
    Parquet,
}

pub(crate) fn run(arguments: &ExportArgs) -> Result<Outcome, Failure> {
    asked::in_order(arguments.from, arguments.to)?;
    asked::known_element(arguments.element.as_ref())?;
    let house = House::open(&arguments.folders)?;
    let question = Question {
        recipient: arguments.recipient.clone(),
        school: arguments.school.clone(),
        element: arguments.element.clone(),
        from: arguments.from,
        until: arguments.to,
    };
    if arguments.format == ExportFormat::Parquet {
        parquet(&house, question, &arguments.out)?;
        return Ok(house.outcome());
    }
    let count = rows(&house, &question, arguments)?;
    say(count, &question, &arguments.out);
    Ok(house.outcome())
}

/// How many rows there are; of none, whether something was asked for that nothing in the ledger is about.
fn say(count: u64, question: &Question, out: &Path) {
    anstream::println!("{count} rows in {}", out.display());
    if count > 0 {
        return;
    }
    anstream::eprintln!(
        "note: {}",
        match *question == Question::default() {
            true => "no disclosure is in the ledger",
            false =>
                "no disclosure in the ledger fits what was asked for: names are those of the\n      register and the directory, letter by letter",
        }
    );
}

/// One file for each log in a folder, or one file.
fn parquet(house: &House, question: Question, out: &Path) -> Result<(), Failure> {
    let [gate] = house.gates.as_slice() else {
        let hint = "export each `--data` to a file or folder of its own: engines read them together";
        return Err(Failure::new("Parquet is written of one ledger at a time").hint(hint));
    };
    let asked = &gate.asked;
    if out.is_dir() {
        if question != Question::default() {
            let hint = "name a file, or leave out `--from`, `--to`, `--recipient`, `--element` and `--school`";
            return Err(Failure::new("a folder takes every disclosure, not a part of them").hint(hint));
        }
        let written = lake::segments(asked, out)?;
        anstream::println!("segments written to {}: {written}", out.display());
        return Ok(());
    }
    // The engine puts a file in place of another; one that is there must not be lost.
    drop(private_file(out)?);
    let asked_for = question.clone();
    let written = lake::export(asked, question, out);
    let count = written.inspect_err(|_| _ = std::fs::remove_file(out))?;
    say(count, &asked_for, out);
    Ok(())
}

/// Writes the rows of all ledgers by time, as far as each is in the order of it; gives how many.
fn rows(house: &House, question: &Question, arguments: &ExportArgs) -> Result<u64, Failure> {
    let mut ledgers = Vec::new();
    for Gate { origin, asked } in &house.gates {
        let rows = asked
            .index
            .disclosures(&asked.folder, &asked.keys, &asked.people, question.clone())?;
        ledgers.push((origin, rows.peekable()));
    }
    let mut out = BufWriter::new(private_file(&arguments.out)?);
    let written = |source| Failure::new(format!("cannot write `{}`", arguments.out.display())).because(source);
    if arguments.format == ExportFormat::Csv {
        let ledger = house.is_several().then_some("ledger");
        out.write_all(record(COLUMNS.into_iter().chain(ledger)).as_bytes())
            .map_err(written)?;
    }
    let mut count = 0_u64;
    loop {
        // An error comes first, whatever the time of the others.
        let first = |ledger: &mut (&String, Peekable<Disclosures<'_>>)| {
            let row = ledger.1.peek()?;
            Some(row.as_ref().map_or_else(|_| String::new(), |row| row.at.clone()))
        };
        let fronts: Vec<Option<String>> = ledgers.iter_mut().map(first).collect();
        let next = (0..fronts.len())
            .filter(|ledger| fronts[*ledger].is_some())
            .min_by_key(|ledger| &fronts[*ledger]);
        let Some((origin, rows)) = next.map(|next| &mut ledgers[next]) else {
            break;
        };
        let Some(row) = rows.next() else { break };
        let line = line(&row?, arguments.format, house.is_several().then_some(origin.as_str()))?;
        out.write_all(line.as_bytes()).map_err(written)?;
        count += 1;
    }
    out.flush().and_then(|()| out.get_ref().sync_all()).map_err(written)?;
    Ok(count)
}

/// `ledger`: where the rows are of several.
fn line(row: &DisclosureRow, format: ExportFormat, ledger: Option<&str>) -> Result<String, Failure> {
    if format == ExportFormat::Csv {
        return Ok(csv(row, ledger));
    }
    let row = serde_json::to_string(row)?;
    Ok(match ledger {
        Some(ledger) => format!("{{\"ledger\":{},{}\n", serde_json::to_string(ledger)?, &row[1..]),
        None => row + "\n",
    })
}

/// A new file that only its owner can read; one that is there is not touched.
pub(crate) fn private_file(path: &Path) -> Result<File, Failure> {
    if path == Path::new("-") {
        let failure = Failure::new("cannot write to standard output: expected the name of a file");
        return Err(failure.hint("only its owner may read what is written"));
    }
    let mut options = OpenOptions::new();
    let options = options.write(true).create_new(true).mode(0o600);
    options.open(path).map_err(|error| {
        let is_there = error.kind() == std::io::ErrorKind::AlreadyExists;
        let failure = Failure::new(format!("cannot make `{}`", path.display())).because(error);
        match is_there {
            true => failure.hint("nothing is written over: name another file, or remove this one"),
            false => failure,
        }
    })
}

/// Columns of the CSV, in the order of [`DisclosureRow`].
const COLUMNS: [&str; 27] = [
    "entry",
    "at",
    "request",
    "part_of",
    "plane",
    "recipient",
    "party",
    "charter",
    "mode",
    "action",
    "judged",
    "fate",
    "void",
    "person",
    "subject",
    "school",
    "element",
    "count",
    "treated",
    "treatment",
    "reason",
    "rule",
    "basis",
    "record_required",
    "consent_version",
    "service",
    "purpose",
];

fn csv(row: &DisclosureRow, ledger: Option<&str>) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let fields: [String; COLUMNS.len()] = [
        row.entry.to_string(),
        row.at.clone(),
        row.request.clone(),
        text(&row.part_of),
        row.plane.clone(),
        text(&row.recipient),
        text(&row.party),
        row.charter.clone(),
        text(&row.mode),
        row.action.clone(),
        text(&row.judged),
        row.fate.clone(),
        row.void.to_string(),
        text(&row.person),
        text(&row.subject),
        text(&row.school),
        row.element.clone(),
        row.count.to_string(),
        row.treated.clone(),
        row.treatment.clone(),
        row.reason.clone(),
        text(&row.rule),
        row.basis.join("; "),
        row.record_required
            .map(|required| required.to_string())
            .unwrap_or_default(),
        row.consent_version
            .map(|version| version.to_string())
            .unwrap_or_default(),
        text(&row.service),
        text(&row.purpose),
    ];
    record(fields.iter().map(String::as_str).chain(ledger))
}

/// One line of CSV (RFC 4180). What a spreadsheet would take for a formula gets a `'` in front.
pub(crate) fn record<'a>(fields: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = fields.map(cell).collect();
    cells.join(",") + "\r\n"
}

fn cell(field: &str) -> String {
    let guarded = if may_be_formula(field) {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    if guarded.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_never_a_formula_nor_two_fields() {
        assert_eq!(
            record(["=1+1", "a,b", "say \"so\"", ""].into_iter()),
            "'=1+1,\"a,b\",\"say \"\"so\"\"\",\r\n"
        );
    }
}
