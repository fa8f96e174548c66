//! What has to be vouched for: as a table, as JSON, as a calendar.

use std::path::PathBuf;

use averment_claims::{Attested, Due, Standing};
use averment_register::Period;
use averment_store::{DataFolder, Keys, ReadError, entries, trusted};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::cli::Folders;
use crate::outcome::{Failure, Outcome};
use crate::{calendar, clock, register};

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing is due, 1 something is overdue, denied, was never vouched for, or is due within --within; 2 could not look."
)]
pub(super) struct DueArgs {
    /// Folder of the register; the bundled example when absent
    register: Option<PathBuf>,
    /// Also what is due within this time; without it everything is shown and only what is overdue counts
    #[arg(long, value_name = "DURATION")]
    within: Option<Period>,
    /// How to print
    #[arg(long, value_enum, default_value_t = DueFormat::Text)]
    format: DueFormat,
    /// Write to this file instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    folders: Folders,
}

/// How to print what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DueFormat {
    /// For a terminal of 80 columns
    Text,
    /// For programs, with a `schema` field
    Json,
    /// For calendars: iCalendar
    Ical,
}

pub(super) fn run(arguments: &DueArgs) -> Result<Outcome, Failure> {
    let register = register::open(arguments.register.as_deref())?;
    let now = clock::now();
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut due = attested(&arguments.folders)?.due(&register.charter, now);
    let horizon = match arguments.within {
        None => today,
        Some(within) => averment_claims::due_after(today, within).unwrap_or(Date::MAX),
    };
    if arguments.within.is_some() {
        due.retain(|one| is_due(one, horizon));
    }
    let organisation = &register.charter.content().organisation;
    let text = match arguments.format {
        DueFormat::Text if due.is_empty() => nothing(arguments.within).to_owned(),
        DueFormat::Text => text(&due, today),
        DueFormat::Json => format!("{:#}\n", document(&due, today)),
        DueFormat::Ical => calendar::of(&due, organisation, now),
    };
    match &arguments.out {
        None => anstream::print!("{text}"),
        Some(file) => {
            std::fs::write(file, text)
                .map_err(|error| Failure::new(format!("cannot write `{}`", file.display())).because(error))?;
            let dates = if due.len() == 1 { "date" } else { "dates" };
            anstream::println!("{} due {dates} in {}", due.len(), file.display());
        }
    }
    let is_late = |one: &Due| one.standing != Standing::Ahead || arguments.within.is_some() && is_due(one, horizon);
    Ok(if due.iter().any(is_late) {
        Outcome::Contrary
    } else {
        Outcome::Holds
    })
}

fn is_due(due: &Due, horizon: Date) -> bool {
    due.due_on.is_none_or(|day| day <= horizon)
}

fn attested(folders: &Folders) -> Result<Attested, Failure> {
    let mut attested = Attested::default();
    if !folders.data.exists() {
        return Ok(attested);
    }
    let folder = DataFolder::open_read(&folders.data)?;
    let keys = Keys::read(&folders.keys)?;
    let read = match trusted(&folder, &keys).and_then(|trusted| entries(&folder, trusted)) {
        Err(ReadError::NoLedger { .. }) => return Ok(attested),
        read => read?,
    };
    for numbered in read {
        let numbered = numbered?;
        attested.push(&numbered.entry, numbered.index);
    }
    Ok(attested)
}

/// Why the list is empty: that nobody promised to look is not that all is well.
fn nothing(within: Option<Period>) -> &'static str {
    match within {
        Some(_) => "nothing is due within that time\n",
        None => {
            "nothing has to be vouched for: no claim of the register has an evidence duty\n(`evidence`), and nobody has vouched for one\n"
        }
    }
}

fn text(due: &[Due], today: Date) -> String {
    let line = |one: &Due| {
        let day = one.due_on.map_or_else(|| "-".to_owned(), |day| day.to_string());
        let last = one.last.map_or_else(|| "never".to_owned(), |day| day.to_string());
        let by = one.by.as_deref().map_or_else(String::new, |by| format!(" by {by}"));
        let duty = one.duty.as_ref().map_or_else(
            || "no evidence duty".to_owned(),
            |duty| format!("{}, every {}", duty.owner, duty.every.in_words()),
        );
        format!(
            "{:<8} {day:<11} {}\n         {duty}; last {last}{by}\n",
            one.standing.as_str(),
            one.claim
        )
    };
    let lines: String = due.iter().map(line).collect();
    let count = |standing| due.iter().filter(|one| one.standing == standing).count();
    format!(
        "{lines}\n{} denied, {} overdue, {} never vouched for, {} ahead, on {today}\n",
        count(Standing::Denied),
        count(Standing::Overdue),
        count(Standing::Never),
        count(Standing::Ahead)
    )
}

fn document(due: &[Due], today: Date) -> serde_json::Value {
    let row = |one: &Due| {
        let duty = one.duty.as_ref();
        json!({
            "claim": one.claim, "owner": duty.map(|duty| &duty.owner), "every": duty.map(|duty| duty.every),
            "document": duty.and_then(|duty| duty.document.as_ref()),
            "last": one.last.map(|day| day.to_string()), "by": one.by, "due": one.due_on.map(|day| day.to_string()),
            "standing": one.standing.as_str(),
        })
    };
    let rows: Vec<_> = due.iter().map(row).collect();
    json!({ "schema": "averment.attestations-due/1", "on": today.to_string(), "due": rows })
}
