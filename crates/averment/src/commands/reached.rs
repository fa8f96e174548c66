//! `averment ledger element` and `averment ledger school`: to whom an element went, and to whom data of a school's people.

use averment_catalog::ElementId;
use averment_store::Question;
use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::asked;
use super::house::House;
use super::recipient::{print_found, print_note, reach_json};
use crate::cli::{Format, HouseFolders};
use crate::outcome::{Failure, Outcome};

/// In which time, and how the answer is printed.
#[derive(Debug, Args)]
struct When {
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

#[derive(Debug, Args)]
pub(crate) struct ElementArgs {
    /// Element, or a category for all below it: `contact.email`, `contact`
    element: ElementId,
    /// Only of people of this school
    #[arg(long, value_name = "SCHOOL")]
    school: Option<String>,
    #[command(flatten)]
    when: When,
}

#[derive(Debug, Args)]
pub(crate) struct SchoolArgs {
    /// The school, as the directory names it, or named it then
    school: String,
    /// Only this element, or what is below this category
    #[arg(long, value_name = "ELEMENT")]
    element: Option<ElementId>,
    #[command(flatten)]
    when: When,
}

/// To whom an element went.
pub(crate) fn element(arguments: &ElementArgs) -> Result<Outcome, Failure> {
    asked::known_element(Some(&arguments.element))?;
    let question = Question {
        element: Some(arguments.element.clone()),
        school: arguments.school.clone(),
        ..Question::default()
    };
    answer(
        &arguments.when,
        question,
        "averment.element/1",
        &format!("element    {}", arguments.element),
    )
}

/// To whom data of a school's people went.
pub(crate) fn school(arguments: &SchoolArgs) -> Result<Outcome, Failure> {
    asked::known_element(arguments.element.as_ref())?;
    let question = Question {
        element: arguments.element.clone(),
        school: Some(arguments.school.clone()),
        ..Question::default()
    };
    answer(
        &arguments.when,
        question,
        "averment.school/1",
        &format!("school     {}", arguments.school),
    )
}

fn answer(when: &When, question: Question, schema: &str, heading: &str) -> Result<Outcome, Failure> {
    asked::in_order(when.from, when.to)?;
    let house = House::open(&when.folders)?;
    let question = Question {
        from: when.from,
        until: when.to,
        ..question
    };
    let reached = house.reach(&question)?;
    if let Some(school) = &question.school {
        house.doubt_school(school, &reached)?;
    }
    let (reach, note) = house.together(reached);
    match when.format {
        Format::Text => {
            anstream::println!("{heading}");
            print_found(&reach, "Nothing is on record of it in this time.");
            print_note(note.as_deref());
        }
        Format::Json => {
            let mut answer = reach_json(&reach);
            answer["schema"] = json!(schema);
            answer["element"] = json!(question.element);
            answer["school"] = json!(question.school);
            answer["ledgers"] = json!(house.origins());
            anstream::println!("{answer:#}");
        }
    }
    Ok(house.outcome())
}
