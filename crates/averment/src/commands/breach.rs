//! `averment ledger breach`: who is affected when a recipient is breached, whom to tell until when, drafts of the notices.

mod clocks;
mod list;
mod notices;
mod zones;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use averment_register::Charter;
use averment_store::{Affected, Question, Reach};
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::asked::{self, DayOrMoment};
use super::house::House;
use super::recipient::{print_reach, reach_json};
use crate::cli::{Format, HouseFolders};
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;
use crate::{register, reload};
use clocks::Due;
use zones::Zones;

#[derive(Debug, Args)]
pub(crate) struct BreachArgs {
    /// Identifier of the recipient in the register
    #[arg(long, value_name = "ID")]
    recipient: String,
    /// From this day (of the ledger's zone) or moment on
    #[arg(long, value_name = "TIME", value_parser = DayOrMoment::parse)]
    from: Option<DayOrMoment>,
    /// Up to and with this day, or before this moment
    #[arg(long, value_name = "TIME", value_parser = DayOrMoment::parse)]
    to: Option<DayOrMoment>,
    /// Only people of this school, as in the directory
    #[arg(long, value_name = "SCHOOL")]
    school: Option<String>,
    /// When the breach was discovered: deadlines are counted from there
    #[arg(long, value_name = "TIME", value_parser = DayOrMoment::parse)]
    discovered: Option<DayOrMoment>,
    /// The operator's settings: `[ledger]` `zone` is that of days where a school has none; universal time without it
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Folder of the register: contracts, agreements with schools, laws that are said to be met
    #[arg(long, value_name = "DIR")]
    register: Option<PathBuf>,
    /// Write drafts of the notices into this folder, which must not hold anything yet
    #[arg(long, value_name = "DIR")]
    notices: Option<PathBuf>,
    /// Write who is affected into this file, mode 600: personal data. Needs `--people`
    #[arg(long, value_name = "FILE", requires = "people")]
    list: Option<PathBuf>,
    /// People file with the identifiers, which the directory does not keep: a CSV with a column `id`
    #[arg(long, value_name = "FILE", requires = "list")]
    people: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    folders: HouseFolders,
}

/// What is known of one breach.
struct Breach<'a> {
    arguments: &'a BreachArgs,
    charter: Option<Arc<Charter>>,
    reach: Reach,
    due: Vec<Due>,
    /// What has to be said of the calendars that days were counted by.
    notes: Vec<String>,
    /// The time asked about.
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

/// What must be known whatever the counts say.
const WINDOW: &str = "Counted is what went out in the time asked about. If the recipient keeps data, what went out before \
                      may be in the breach too: leave `--from` out.";

pub(crate) fn run(arguments: &BreachArgs) -> Result<Outcome, Failure> {
    let settings = arguments
        .settings
        .as_deref()
        .map(|file| reload::settings(Some(file)))
        .transpose()?;
    let zone = settings.as_ref().map(|settings| &settings.ledger.zone);
    let universal = TimeZone::UTC;
    let calendar = zone.unwrap_or(&universal);
    let from = arguments.from.and_then(|from| from.begins(calendar));
    let until = arguments.to.and_then(|to| to.ends(calendar));
    asked::in_order(from, until)?;
    let house = House::open(&arguments.folders)?;
    let question = Question {
        recipient: Some(arguments.recipient.clone()),
        school: arguments.school.clone(),
        from,
        until,
        ..Question::default()
    };
    let charter = charter(arguments.register.as_deref())?;
    let reached = house.reach(&question)?;
    house.doubt(&arguments.recipient, &reached)?;
    if let Some(school) = &arguments.school {
        house.doubt_school(school, &reached)?;
    }
    let who: Vec<Affected> = reached.iter().map(|reach| reach.affected.clone()).collect();
    let (reach, note) = house.together(reached);
    let schools = charter
        .as_deref()
        .map(|charter| clocks::affected(charter, &reach))
        .unwrap_or_default();
    let zones = Zones::of_breach(zone, &schools);
    let due = clocks::due(
        charter.as_deref(),
        &arguments.recipient,
        &schools,
        &zones,
        arguments.discovered,
    );
    let breach = Breach {
        arguments,
        charter,
        reach,
        due,
        notes: note.into_iter().chain(zones.notes).collect(),
        from,
        until,
    };
    match arguments.format {
        Format::Text => print_text(&breach),
        Format::Json => print_json(&breach),
    }
    if let Some(folder) = &arguments.notices {
        let written = notices::write(&breach, folder)?;
        anstream::eprintln!("{written} drafts in {}", folder.display());
    }
    if let (Some(out), Some(ids)) = (&arguments.list, &arguments.people) {
        let people = house.gates.iter().map(|gate| &gate.asked.people);
        let written = list::write(people.zip(&who), ids, out)?;
        let missing = breach.reach.all.people.affected().saturating_sub(written);
        anstream::eprintln!("{written} people in {}: personal data", out.display());
        if missing > 0 && !house.is_several() {
            anstream::eprintln!("{missing} affected people do not stand in {}", ids.display());
        }
    }
    Ok(house.outcome())
}

fn charter(folder: Option<&Path>) -> Result<Option<Arc<Charter>>, Failure> {
    folder
        .map(|folder| Ok(register::open(Some(folder))?.charter))
        .transpose()
}

fn print_text(breach: &Breach<'_>) {
    let reach = &breach.reach;
    anstream::println!("recipient  {}", breach.arguments.recipient);
    match (&reach.first_at, &reach.last_at) {
        (Some(first), Some(last)) => anstream::println!("first      {first}\nlast       {last}"),
        _ => anstream::println!("Nothing is on record in this time."),
    }
    print_reach(reach);
    if breach.arguments.from.is_some() {
        anstream::println!("{}", wrap(WINDOW, 80, ""));
    }
    anstream::println!();
    print_due(breach);
}

fn print_due(breach: &Breach<'_>) {
    for note in &breach.notes {
        anstream::println!("{}", wrap(note, 80, ""));
    }
    if breach.arguments.discovered.is_none() {
        anstream::println!("Days are not counted: say when it was discovered with `--discovered`.");
    }
    for due in &breach.due {
        let when = due.by.as_deref().unwrap_or(&due.within);
        let when = match &due.zone {
            Some(zone) => format!("{when} ({zone})"),
            None => when.to_owned(),
        };
        anstream::println!("{when:<22} {} tells {}", due.who, due.told);
        let unconfirmed = if due.is_unconfirmed {
            "; not confirmed from the text"
        } else {
            ""
        };
        let line = format!(
            "{}: {}, {}{unconfirmed}. {}",
            due.rule,
            due.limit(),
            due.applies,
            due.source
        );
        anstream::println!("    {}", wrap(&line, 79, "    "));
    }
}

fn print_json(breach: &Breach<'_>) {
    let mut answer = reach_json(&breach.reach);
    answer["schema"] = json!("averment.breach/1");
    answer["recipient"] = json!(breach.arguments.recipient);
    answer["school"] = json!(breach.arguments.school);
    answer["from"] = json!(breach.from);
    answer["before"] = json!(breach.until);
    answer["discovered"] = json!(breach.arguments.discovered.map(|discovered| discovered.to_string()));
    answer["notes"] = json!(breach.notes);
    answer["deadlines"] = json!(breach.due);
    anstream::println!("{answer:#}");
}
