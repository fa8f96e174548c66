//! A row of what may leave, in words that a child of twelve understands.

use crate::flow_row::DisclosureRow;
use crate::terms::{list, spaced};
use crate::words::{Named, capital};

/// `Messages and e-mail address. Only if your child or you choose to use it.`
pub(super) fn row(row: &DisclosureRow) -> String {
    let data: Vec<String> = row.elements.iter().map(data).collect();
    let sentences = [capital(&list(&data, "and")) + ".", when(&row.when), done(row)];
    let said: Vec<String> = sentences.into_iter().filter(|sentence| !sentence.is_empty()).collect();
    said.join(" ")
}

/// What is called by its name everywhere else, where that name is a hard word.
fn data(element: &Named) -> String {
    match element.id.as_str() {
        "account" => "account data (user name, password, account number)",
        "account.id" => "account number",
        "comms" => "messages",
        "contact" => "e-mail address, phone number, home address and the like",
        "contact.phone" => "phone number",
        "content" => "what people make (projects, texts, pictures)",
        "content.project_text" => "the text of a project",
        "demographic" => "date of birth, gender and the like",
        "edu.student_id.local" => "student number",
        "identity" => "names, pictures and whatever else shows who somebody is",
        "location" => "where somebody is",
        "tech" => "data about the device, the browser and the internet address",
        "tech.cookie_id" => "a number that a browser is known by",
        "tech.ip_address" => "internet address (IP address)",
        "tech.user_agent" => "kind of browser",
        "usage" => "which pages are looked at and what is clicked",
        "usage.event" => "what is clicked",
        _ => return element.label.clone(),
    }
    .to_owned()
}

fn when(when: &str) -> String {
    match when.split_once(':').unwrap_or((when, "")) {
        ("always", _) => String::new(),
        ("subject_chooses", _) => "Only if your child or you choose to use it.".to_owned(),
        ("subject_enters", _) => "Your child or you may type it in there.".to_owned(),
        ("on_support_request", _) => "Only when somebody asks for help.".to_owned(),
        ("incidental", _) => "This is not meant to happen, but it may.".to_owned(),
        ("consent", kind) => format!("Only if somebody has agreed ({}).", spaced(&kind)),
        (_, what) => format!("Only when your child or you do this: {}.", spaced(&what)),
    }
}

fn done(row: &DisclosureRow) -> String {
    match (row.when.as_str(), row.treatment) {
        ("subject_enters", _) | (_, "pass") => "",
        (_, "generalise") => "It is made less exact first.",
        (_, "mask") => "Most of it is hidden first.",
        (_, "pseudonym") => "It is swapped for a made-up number first.",
        (_, "hash") => "It is scrambled first.",
        (_, "drop") => "It is taken out first.",
        _ => "It is stopped.",
    }
    .to_owned()
}
