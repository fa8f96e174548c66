//! The list of sub-processors as schools subscribe to it, with what is announced and until when to object, GDPR Art. 28(2).

use averment_register::{Recipient, RecipientRole};

use super::register::{Register, country, element_list, elements, is_processor, party, purpose_list};
use super::{Fact, Form, Table};

/// Who processes on behalf of schools now, who is announced, and who is gone.
pub(super) fn subprocessors(register: &Register<'_>) -> Form {
    let content = register.content;
    let window = content
        .about
        .notice
        .map(|time| format!("{} from the notice", time.in_words()));
    let announced = content
        .recipients
        .values()
        .filter(|one| one.announced.is_some() || one.effective.is_some());
    let retired = content.recipients.values().filter(|one| one.retired.is_some());
    Form {
        id: "sub-processor-notice".to_owned(),
        title: "Sub-processors and notice of changes".to_owned(),
        rests_on: "GDPR Art. 28(2), 28(4)",
        about: "Who processes data on behalf of schools. Schools are told of additions and replacements before they start, and can object.".to_owned(),
        facts: vec![
            Fact::new("", "published by", register.organisation()),
            Fact::new("", "time to object", window),
            Fact::new("", "where to object", content.about.contact.clone()),
        ],
        tables: vec![
            Table {
                title: "Sub-processors".to_owned(),
                headings: vec!["Sub-processor", "Why", "Data", "Countries", "Part"],
                rows: register.recipients().into_iter().filter(|one| is_processor(one)).map(current).collect(),
            },
            Table {
                title: "Announced".to_owned(),
                headings: vec!["Sub-processor", "Announced on", "First day of use"],
                rows: announced.map(dates).collect(),
            },
            Table {
                title: "No longer used".to_owned(),
                headings: vec!["Recipient", "Since"],
                rows: retired.map(|one| vec![party(one), day(one.retired)]).collect(),
            },
        ],
        notes: Vec::new(),
    }
}

fn current(one: &Recipient) -> Vec<String> {
    let countries: Vec<String> = one.countries.iter().map(|code| country(code)).collect();
    let part = match one.role {
        RecipientRole::Subprocessor => "sub-processor",
        _ => "processor",
    };
    vec![
        party(one),
        purpose_list(one),
        element_list(&elements(one, false)),
        if countries.is_empty() {
            "not declared".to_owned()
        } else {
            countries.join("; ")
        },
        part.to_owned(),
    ]
}

fn dates(one: &Recipient) -> Vec<String> {
    vec![party(one), day(one.announced), day(one.effective)]
}

fn day(day: Option<jiff::civil::Date>) -> String {
    day.map_or_else(|| "not declared".to_owned(), |day| day.to_string())
}
