//! Requests and holds as text and as JSON.

use averment_claims::{Applies, RequestDue};
use averment_store::requests::{Concerned, Hold, Progress, Request, Step};
use averment_store::{DataFolder, Holds};
use serde_json::{Value, json};

use super::clocks::Office;
use super::{HoldsArgs, ListArgs, ShowArgs};
use crate::cli::{ConsentAbout, Format};
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

/// How a request stands after a step; one that is closed has no day any more.
pub(super) fn standing(request: &Request, due: &[RequestDue]) {
    anstream::println!("request {} for {}: {}", request.id, request.kind, state(request));
    let is_open = Progress::of(request).state().is_open();
    let Some(first) = due.iter().find(|one| one.by.is_some() && is_open) else {
        return;
    };
    let by = first.by.map(|day| day.to_string()).unwrap_or_default();
    anstream::println!("due by {by}, {} ({})", first.rule, first.applies.as_str());
}

pub(super) fn state(request: &Request) -> &'static str {
    Progress::of(request).state().as_str()
}

pub(super) fn list(arguments: &ListArgs) -> Result<Outcome, Failure> {
    let office = Office::open(&arguments.place)?;
    let mut requests = match about(&office, &arguments.about)? {
        None => office.requests.all()?,
        Some(about) => office.requests.about(&about)?,
    };
    if arguments.open {
        requests.retain(|request| Progress::of(request).state().is_open());
    }
    if arguments.format == Format::Json {
        let rows: Vec<Value> = requests.iter().map(document).collect();
        anstream::println!("{:#}", json!({ "schema": "averment.requests/1", "requests": rows }));
        return Ok(Outcome::Holds);
    }
    if requests.is_empty() {
        anstream::println!("no requests");
    }
    for request in &requests {
        let due = request.clocks().due.filter(|_| Progress::of(request).state().is_open());
        let due = due.map_or_else(String::new, |day| format!(", due by {day}"));
        let (kind, state) = (request.kind.as_str(), state(request));
        let head = format!("{}  {}  {kind:<15} {state:<15} ", request.id, request.received_on);
        let rest = format!("{}{due}", whom(&request.about));
        anstream::println!("{head}{}", wrap(&rest, 80, &" ".repeat(head.len())));
    }
    Ok(Outcome::Holds)
}

/// People are kept by a digest, which says nothing to anybody.
fn whom(about: &Concerned) -> String {
    match about {
        Concerned::Person(_) => "a person".to_owned(),
        Concerned::School(name) => format!("school {name}"),
    }
}

pub(super) fn show(arguments: &ShowArgs) -> Result<Outcome, Failure> {
    let office = Office::open(&arguments.place)?;
    let request = office.requests.get(&arguments.request)?;
    let due = if Progress::of(&request).state().is_open() {
        office.due(&request)?
    } else {
        Vec::new()
    };
    if arguments.format == Format::Json {
        let mut answer = document(&request);
        answer["schema"] = json!("averment.request/1");
        answer["clocks"] = due.iter().map(clock_json).collect();
        anstream::println!("{answer:#}");
        return Ok(Outcome::Holds);
    }
    print_one(&request, &due);
    Ok(Outcome::Holds)
}

fn print_one(request: &Request, due: &[RequestDue]) {
    anstream::println!("request    {}", request.id);
    anstream::println!("asks for   {}", request.kind);
    anstream::println!("about      {}", whom(&request.about));
    let acting = request.acting_school.as_ref();
    let acting = acting.map_or_else(String::new, |school| format!(" ({school})"));
    anstream::println!(
        "by         {}{acting}, {}",
        request.by.as_str(),
        request.channel.as_str()
    );
    anstream::println!("received   {}", request.received_on);
    anstream::println!("state      {}", state(request));
    if let Some(right) = Progress::of(request).right() {
        anstream::println!("right      {}", right.as_str());
    }
    for step in &request.steps {
        anstream::println!("\n{:.0}  {}", step.at, step.event.as_str());
        for said in [step.event.because(), step.event.cite(), step.event.how()]
            .into_iter()
            .flatten()
        {
            anstream::println!("    {}", wrap(said, 76, "    "));
        }
    }
    if !due.is_empty() {
        anstream::println!();
    }
    for one in due {
        anstream::println!("{}", clock_line(one, 80));
    }
}

/// One time, in one or more lines.
pub(super) fn clock_line(due: &RequestDue, columns: usize) -> String {
    let by = due.by.map_or_else(|| "-".to_owned(), |day| day.to_string());
    let unconfirmed = if due.is_unconfirmed {
        "; not confirmed from the text"
    } else {
        ""
    };
    let confirms = if due.confirms {
        "to confirm that it was received, "
    } else {
        ""
    };
    let binds = match due.applies {
        Applies::Binds => "binds",
        Applies::May => "may apply",
    };
    let text = format!(
        "{by:<11} {}: {confirms}{}, by the {}; {binds}: {}{unconfirmed}. {}",
        due.rule, due.within, due.actor, due.because, due.source
    );
    wrap(&text, columns, "            ")
}

pub(super) fn clock_json(due: &RequestDue) -> Value {
    json!({
        "rule": due.rule, "by": due.by.map(|day| day.to_string()), "within": due.within, "actor": due.actor,
        "applies": due.applies.as_str(), "confirms": due.confirms, "because": due.because, "extended": due.extended, "source": due.source,
        "unconfirmed": due.is_unconfirmed,
    })
}

fn document(request: &Request) -> Value {
    let clocks = request.clocks();
    json!({
        "request": request.id, "kind": request.kind.as_str(), "state": state(request), "by": request.by.as_str(),
        "about": match &request.about { Concerned::Person(_) => "person", Concerned::School(_) => "school" },
        "school": match &request.about {
            Concerned::School(name) => Some(name),
            Concerned::Person(_) => request.acting_school.as_ref(),
        },
        "channel": request.channel.as_str(), "received": request.received_on.to_string(),
        "right": Progress::of(request).right().map(averment_store::requests::Right::as_str),
        "laws": clocks.laws, "due": clocks.due.map(|day| day.to_string()),
        "steps": request.steps.iter().map(step_json).collect::<Vec<_>>(),
    })
}

fn step_json(step: &Step) -> Value {
    let event = &step.event;
    json!({
        "step": event.as_str(), "at": step.at.to_string(), "how": event.how(), "because": event.because(),
        "cite": event.cite(),
    })
}

pub(super) fn holds(arguments: &HoldsArgs) -> Result<Outcome, Failure> {
    let office = Office::open(&arguments.place)?;
    let about = about(&office, &arguments.about)?;
    let about = about.ok_or_else(|| Failure::new("expected `--person ID` or `--school ID`"))?;
    let names = office.schools_of(&about)?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let folders = &arguments.place.folders;
    let (folder, keys) = DataFolder::open_unlocked(&folders.data, &folders.keys)?;
    let found = Holds::open(&folder, &keys)?.of(&about, &names)?;
    if arguments.format == Format::Json {
        let row = |hold: &Hold| {
            json!({
                "ground": hold.ground.as_str(), "request": hold.request, "since": hold.since.to_string(),
                "about": match &hold.about { Concerned::Person(_) => "person", Concerned::School(_) => "school" },
            })
        };
        let rows: Vec<Value> = found.iter().map(row).collect();
        anstream::println!("{:#}", json!({ "schema": "averment.holds/1", "holds": rows }));
    } else {
        for hold in &found {
            let (ground, whom) = (hold.ground.as_str(), whom(&hold.about));
            anstream::println!("{ground:<18} {whom}, since {:.0}, request {}", hold.since, hold.request);
        }
        if found.is_empty() {
            anstream::println!("nothing is held");
        }
    }
    Ok(if found.is_empty() {
        Outcome::Holds
    } else {
        Outcome::Contrary
    })
}

/// An id with a slip in it must not read like somebody of whom nothing is held.
fn about(office: &Office<'_>, chosen: &ConsentAbout) -> Result<Option<Concerned>, Failure> {
    match (&chosen.person, &chosen.school) {
        (Some(id), _) if office.people.find(id)?.is_none() => Err(Failure::new("nobody in the directory has this id")),
        (Some(id), _) => Ok(Some(Concerned::Person(office.requests.person_id(id)))),
        (None, Some(name)) => Ok(Some(Concerned::school(&office.name_of(name)))),
        (None, None) => Ok(None),
    }
}
