//! What has to be answered: as a table, as JSON, as a calendar.

use std::path::PathBuf;

use averment_claims::{RequestDue, due_after};
use averment_register::Period;
use averment_store::requests::{Progress, Request, State};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::Place;
use super::clocks::Office;
use super::print::{clock_json, clock_line};
use crate::outcome::{Failure, Outcome};
use crate::{calendar, clock};

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing is due, 1 something is overdue, or is due within --within; 2 could not look."
)]
pub(crate) struct DueArgs {
    /// Only what is due within this time; without it everything open is shown and only what is overdue counts
    #[arg(long, value_name = "DURATION")]
    within: Option<Period>,
    /// How to print
    #[arg(long, value_enum, default_value_t = DueFormat::Text)]
    format: DueFormat,
    /// Write to this file instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
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

/// An open request with its times, the shortest first.
struct Open {
    request: Request,
    due: Vec<RequestDue>,
}

impl Open {
    fn by(&self) -> Option<Date> {
        averment_claims::earliest(&self.due)
    }

    /// A request without a day is answered without delay, and never overdue.
    fn standing(&self, today: Date) -> &'static str {
        match self.by() {
            Some(day) if day < today => "overdue",
            Some(_) => "ahead",
            None => "no day",
        }
    }
}

pub(super) fn run(arguments: &DueArgs) -> Result<Outcome, Failure> {
    let office = Office::open(&arguments.place)?;
    let today = clock::today();
    let mut open = open(&office)?;
    let all = open.len();
    let horizon = match arguments.within {
        None => today.yesterday().unwrap_or(Date::MIN),
        Some(within) => due_after(today, within).unwrap_or(Date::MAX),
    };
    let is_due = |one: &Open| one.by().is_some_and(|day| day <= horizon);
    if arguments.within.is_some() {
        open.retain(is_due);
    }
    let text = match arguments.format {
        DueFormat::Text => text(&open, all, today),
        DueFormat::Json => format!("{:#}\n", document(&open, today)),
        DueFormat::Ical => calendar::of_requests(&events(&open, today), office.organisation(), clock::now()),
    };
    match &arguments.out {
        None => anstream::print!("{text}"),
        Some(file) => std::fs::write(file, text)
            .map_err(|error| Failure::new(format!("cannot write `{}`", file.display())).because(error))?,
    }
    Ok(if open.iter().any(is_due) {
        Outcome::Contrary
    } else {
        Outcome::Holds
    })
}

/// Everything that is to be answered; a legal hold is nobody's request.
fn open(office: &Office<'_>) -> Result<Vec<Open>, Failure> {
    let mut open = Vec::new();
    for request in office.requests.all()? {
        let is_asked = request.kind != averment_ledger::RequestKind::LegalHold;
        if is_asked && Progress::of(&request).state().is_open() {
            let due = office.due(&request)?;
            open.push(Open { request, due });
        }
    }
    open.sort_by_key(|one| (one.by().is_none(), one.by(), one.request.number));
    Ok(open)
}

/// `all`: how many are open, of which these are shown.
fn text(open: &[Open], all: usize, today: Date) -> String {
    if all == 0 {
        return "nothing has to be answered\n".to_owned();
    }
    if open.is_empty() {
        return format!("nothing has to be answered by then; {all} open, on {today}\n");
    }
    let mut text = String::new();
    for one in open {
        let (request, state) = (&one.request, Progress::of(&one.request).state());
        let day = one.by().map_or_else(|| "-".to_owned(), |day| day.to_string());
        let held = if state == State::OnHold {
            "; its clock runs on"
        } else {
            ""
        };
        text.push_str(&format!(
            "{:<8} {day:<11} {} for {}, {}{held}\n",
            one.standing(today),
            request.id,
            request.kind,
            state.as_str().replace('_', " ")
        ));
        for due in &one.due {
            text.push_str(&format!("    {}\n", clock_line(due, 76).replace('\n', "\n    ")));
        }
    }
    let late = open.iter().filter(|one| one.standing(today) == "overdue").count();
    format!("{text}\n{late} overdue of {all} open, on {today}\n")
}

fn document(open: &[Open], today: Date) -> Value {
    let row = |one: &Open| {
        json!({
            "request": one.request.id, "kind": one.request.kind.as_str(), "received": one.request.received_on.to_string(),
            "state": Progress::of(&one.request).state().as_str(), "due": one.by().map(|day| day.to_string()),
            "standing": one.standing(today), "clocks": one.due.iter().map(clock_json).collect::<Vec<_>>(),
        })
    };
    let rows: Vec<Value> = open.iter().map(row).collect();
    json!({ "schema": "averment.requests-due/1", "on": today.to_string(), "due": rows })
}

/// Whom a request is about stands in no calendar.
fn events(open: &[Open], today: Date) -> Vec<calendar::Event> {
    let event = |one: &Open| {
        let first = one.due.iter().find(|due| due.by.is_some())?;
        let word = if one.standing(today) == "overdue" {
            "Overdue"
        } else {
            "Due"
        };
        let about = format!(
            "{}, {}, received {}",
            first.rule,
            first.applies.as_str(),
            one.request.received_on
        );
        Some(calendar::Event {
            name: format!("request {}", one.request.id),
            day: first.by,
            summary: format!("{word}: answer the request {} for {}", one.request.id, one.request.kind),
            description: about,
        })
    };
    open.iter().filter_map(event).collect()
}
