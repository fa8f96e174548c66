//! `averment ledger recipient`: what reached one recipient.

use averment_store::{Fate, Headcount, Question, Reach, SchoolReach};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::asked;
use super::index::Asked;
use crate::cli::{Folders, Format};
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
    folders: Folders,
}

pub(crate) fn run(arguments: &RecipientArgs) -> Result<Outcome, Failure> {
    asked::in_order(arguments.from, arguments.to)?;
    let asked = Asked::open(&arguments.folders)?;
    let question = Question {
        recipient: Some(arguments.id.clone()),
        school: None,
        from: arguments.from,
        until: arguments.to,
    };
    let reach = asked.index.reach(&asked.people, &question)?;
    asked.doubt(&arguments.id, &reach)?;
    match arguments.format {
        Format::Text => print_text(&arguments.id, &reach),
        Format::Json => {
            let mut answer = reach_json(&reach);
            answer["schema"] = json!("averment.recipient/1");
            answer["recipient"] = json!(arguments.id);
            anstream::println!("{answer:#}");
        }
    }
    Ok(Outcome::Holds)
}

fn print_text(recipient: &str, reach: &Reach) {
    let (Some(first), Some(last)) = (&reach.first_at, &reach.last_at) else {
        anstream::println!("Nothing is on record for the recipient `{recipient}`.");
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
    for (school, of_school) in &reach.schools {
        let school = school.as_deref().unwrap_or("school not known");
        anstream::println!("school     {school}: {}", in_words(&of_school.people));
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
    let messages = reach.messages.iter();
    let messages: serde_json::Map<String, Value> = messages
        .map(|(fate, count)| (fate.word().to_owned(), json!(count)))
        .collect();
    let schools: Vec<_> = reach
        .schools
        .iter()
        .map(|(school, of_school)| json!({ "school": school, "reach": of_school }))
        .collect();
    json!({
        "first_at": reach.first_at,
        "last_at": reach.last_at,
        "messages": messages,
        "all": reach.all,
        "schools": schools,
        "messages_about_the_forgotten": reach.unlinked,
        "messages_about_outsiders": reach.outsiders,
    })
}
