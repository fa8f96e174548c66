//! `averment ledger recipient`: what reached one recipient.

use std::collections::BTreeMap;

use averment_store::{Fate, Headcount, Question, Reach, SchoolReach};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::asked;
use super::house::House;
use crate::cli::{Format, HouseFolders};
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

#[derive(Debug, Args)]
pub(crate) struct RecipientArgs {
    /// Identifier of the recipient in the register
    id: String,
    /// From this day or moment on, universal time
    #[arg(long, value_name = "TIME", value_parser = asked::from)]
    from: Option<Timestamp>,
    /// Up to and with this day, or before this moment
    #[arg(long, value_name = "TIME", value_parser = asked::to)]
    to: Option<Timestamp>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    folders: HouseFolders,
}

pub(crate) fn run(arguments: &RecipientArgs) -> Result<Outcome, Failure> {
    asked::in_order(arguments.from, arguments.to)?;
    let house = House::open(&arguments.folders)?;
    let question = Question {
        recipient: Some(arguments.id.clone()),
        from: arguments.from,
        until: arguments.to,
        ..Question::default()
    };
    let reached = house.reach(&question)?;
    house.doubt(&arguments.id, &reached)?;
    let (reach, note) = house.together(reached);
    match arguments.format {
        Format::Text => {
            let nothing = format!("Nothing is on record for the recipient `{}`.", arguments.id);
            print_found(&reach, &nothing);
            print_note(note.as_deref());
        }
        Format::Json => {
            let mut answer = reach_json(&reach);
            answer["schema"] = json!("averment.recipient/1");
            answer["recipient"] = json!(arguments.id);
            answer["ledgers"] = json!(house.origins());
            anstream::println!("{answer:#}");
        }
    }
    Ok(house.outcome())
}

/// What has to be said of an answer.
pub(crate) fn print_note(note: Option<&str>) {
    if let Some(note) = note {
        anstream::println!("{}", wrap(note, 80, ""));
    }
}

/// Since when, until when and what; or `nothing`.
pub(crate) fn print_found(reach: &Reach, nothing: &str) {
    let (Some(first), Some(last)) = (&reach.first_at, &reach.last_at) else {
        anstream::println!("{nothing}");
        return;
    };
    anstream::println!("first      {first}\nlast       {last}");
    print_reach(reach);
}

/// Messages, people, elements and schools.
pub(crate) fn print_reach(reach: &Reach) {
    let fates: Vec<_> = Fate::ALL
        .into_iter()
        .map(|fate| format!("{} {}", reach.messages.get(&fate).copied().unwrap_or(0), fate.as_str()))
        .collect();
    anstream::println!("messages   {}", fates.join(", "));
    anstream::println!("people     {}", in_words(&reach.all.people));
    print_parts(&reach.all);
    for (named, count) in [
        ("name people who were forgotten", &reach.unlinked),
        ("hold data of people outside the directory", &reach.outsiders),
    ] {
        if count.affected() > 0 {
            let line = format!("{} messages that left or may have left {named}", count.affected());
            anstream::println!("besides    {}", wrap(&line, 79, "           "));
        }
    }
    for (recipient, of_recipient) in &reach.recipients {
        let recipient = recipient.as_deref().unwrap_or("no recipient of the register");
        anstream::println!("recipient  {recipient}: {}", in_words(&of_recipient.people));
    }
    for (school, of_school) in &reach.schools {
        let school = school.as_deref().unwrap_or("school not known");
        anstream::println!("school     {school}: {}", in_words(&of_school.people));
    }
    if reach.schools_of_today > 0 {
        let line = format!(
            "of {} people some entry does not say the school that they were of: they count at the one that the directory \
             names today",
            reach.schools_of_today
        );
        anstream::println!("note       {}", wrap(&line, 79, "           "));
    }
}

fn print_parts(reach: &SchoolReach) {
    for (subject, count) in &reach.subjects {
        anstream::println!("  {subject:<32} {}", in_words(count));
    }
    for (element, of_element) in &reach.elements {
        let as_it_was = of_element.as_it_was;
        let count = in_words(&of_element.people);
        anstream::println!("  {element:<32} {count}");
        if as_it_was < of_element.people.affected() {
            anstream::println!("  {:<32} as it was: {as_it_was}", "");
        }
    }
    for (basis, count) in &reach.authority {
        let basis = if basis.is_empty() {
            "authority not recorded"
        } else {
            basis
        };
        anstream::println!("  {basis:<32} {}", in_words(count));
    }
    if reach.record_required.affected() > 0 {
        let required = reach.record_required.affected();
        anstream::println!("  {:<32} {required}", "must be in the school's record");
    }
}

/// `12 left, 3 may have left, 1 kept`.
pub(crate) fn in_words(count: &Headcount) -> String {
    let Headcount {
        left,
        may_have_left,
        kept,
    } = count;
    format!("{left} left, {may_have_left} may have left, {kept} kept")
}

/// The same for programs.
pub(crate) fn reach_json(reach: &Reach) -> Value {
    let recipients: Vec<_> = reach
        .recipients
        .iter()
        .map(|(recipient, of_recipient)| {
            json!({
                "recipient": recipient, "messages": by_fate(&of_recipient.messages), "people": of_recipient.people,
            })
        })
        .collect();
    let schools: Vec<_> = reach
        .schools
        .iter()
        .map(|(school, of_school)| json!({ "school": school, "reach": of_school }))
        .collect();
    json!({
        "first_at": reach.first_at,
        "last_at": reach.last_at,
        "messages": by_fate(&reach.messages),
        "all": reach.all,
        "recipients": recipients,
        "schools": schools,
        "people_by_school_of_today": reach.schools_of_today,
        "messages_about_the_forgotten": reach.unlinked,
        "messages_about_outsiders": reach.outsiders,
    })
}

fn by_fate(messages: &BTreeMap<Fate, u64>) -> serde_json::Map<String, Value> {
    let messages = messages.iter();
    messages
        .map(|(fate, count)| (fate.word().to_owned(), json!(count)))
        .collect()
}
