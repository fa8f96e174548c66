//! A third party of the catalog as the file of a recipient.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use averment_catalog::{Certainty, Field, Host, HostUse, ThirdParty};

use crate::compile::shape::{ROLES, STUDENT_RECORDS};
use crate::emit::quoted;
use crate::import::usual;

/// Columns of a comment.
const WIDTH: usize = 118;

/// `recipients/<id>.toml`.
pub(super) fn text(party: &ThirdParty) -> String {
    let mut out = String::new();
    head(party, &mut out);
    own_words(party, &mut out);
    hosts(&party.hosts, &mut out);
    seen(party, &mut out);
    out
}

fn head(party: &ThirdParty, out: &mut String) {
    let collected = &party.collected;
    let known = certainty(party.certainty);
    comment(&format!("{}, of {}", party.product, party.company), out);
    comment(
        &format!("From the catalog: {known}, collected {collected}. Check what you rely on."),
        out,
    );
    comment(
        "What is marked as yours only you can write; until then `averment check` reports this file as unfinished.",
        out,
    );
    _ = writeln!(out, "recipient = {}", quoted(party.id.as_str()));
    _ = writeln!(out, "name = {}", quoted(&party.product));
    _ = writeln!(out, "operator = {}", quoted(&party.company));
}

fn own_words(party: &ThirdParty, out: &mut String) {
    let (purposes, planes) = usual(party);
    comment("Yours: why it gets data, word for word as you publish it.", out);
    out.push_str("purpose = \"\"\n");
    if !purposes.is_empty() {
        comment(
            &format!("What services of its kind are used for: {}.", party.kinds.join(", ")),
            out,
        );
        _ = writeln!(
            out,
            "purposes = {}",
            list(purposes.iter().map(|purpose| purpose.as_str()))
        );
    }
    comment("Yours: what it gets, word for word as you publish it.", out);
    out.push_str("information = \"\"\n");
    comment(
        "Where the catalog expects to see its flows; drop what you do not use.",
        out,
    );
    _ = writeln!(out, "planes = {}", list(planes.iter().map(|plane| plane.as_str())));
    comment(
        &format!("Yours: the part it plays by contract, one of {}.", ROLES.join(", ")),
        out,
    );
    out.push_str("# role = \"processor\"\n");
    comment(
        &format!(
            "Yours: what you publish about student records, one of {}.",
            STUDENT_RECORDS.join(", ")
        ),
        out,
    );
    out.push_str("# student_records = \"possible\"\n");
}

fn hosts(hosts: &[Host], out: &mut String) {
    if !hosts.is_empty() {
        comment(
            "Hosts that the catalog knows; they count without being written here.",
            out,
        );
    }
    for host in hosts {
        let uses: Vec<&str> = host.uses.iter().map(|one| host_use(*one)).collect();
        let uses = if uses.is_empty() {
            String::new()
        } else {
            format!(" ({})", uses.join(", "))
        };
        // A pattern that is one placeholder stands for a domain of the organisation's own.
        let own = host.pattern.starts_with('{') && !host.pattern.contains('.');
        let own = if own {
            " - a domain of your own: write it below"
        } else {
            ""
        };
        comment(&format!("  {}{uses}{own}", host.pattern), out);
    }
    comment("Yours, where there are some: domains of your own that lead to it.", out);
    out.push_str("# hosts = [\"help.school-platform.example\"]\n");
}

/// What its clients are seen to send, each with how that is known.
fn seen(party: &ThirdParty, out: &mut String) {
    let (mut elements, mut anything) = (BTreeMap::<&str, Vec<String>>::new(), Vec::new());
    for (index, field) in party.fields.iter().enumerate() {
        let place = format!("{} {} ({})", field.place, field.path, certainty(of_field(party, index)));
        match &field.element {
            Some(element) => elements.entry(element.as_str()).or_default().push(place),
            None => anything.push(format!("{} in {place}", holds(field))),
        }
    }
    out.push('\n');
    comment(
        "Yours: what it may get. Without a row nothing is declared, and in enforce mode nothing is let out.",
        out,
    );
    if !elements.is_empty() || !anything.is_empty() {
        comment(
            "Its clients are seen to send, each with where it stands in a request and how that is known:",
            out,
        );
    }
    for (element, places) in &elements {
        comment(&format!("  {element}: {}", places.join("; ")), out);
    }
    if !anything.is_empty() {
        comment(&format!("  anything, as people type it: {}", anything.join("; ")), out);
    }
    let elements: Vec<&str> = elements.into_keys().collect();
    let elements = if elements.is_empty() {
        vec!["contact.email"]
    } else {
        elements
    };
    out.push_str("# [[discloses]]\n");
    _ = writeln!(out, "# elements = {}", list(elements.into_iter()));
    out.push_str("# subjects = [\"teacher\"]\n");
}

/// How it is known that a field holds what it is said to hold.
fn of_field(party: &ThirdParty, index: usize) -> Certainty {
    let own = format!("fields[{index}]");
    let rows = party
        .uncertain
        .iter()
        .filter(|row| row.field == "fields" || row.field == own);
    let least = rows.map(|row| row.certainty).chain([party.certainty]);
    match least.into_iter().any(|certainty| certainty == Certainty::Memory) {
        true => Certainty::Memory,
        false => Certainty::Sourced,
    }
}

fn holds(field: &Field) -> &str {
    match field.holds.as_deref() {
        Some("free_text") => "text",
        Some("custom") => "fields of your own",
        Some("file") => "files",
        Some(other) => other,
        None => "values",
    }
}

fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Sourced => "sourced",
        Certainty::Memory => "from memory",
    }
}

fn host_use(one: HostUse) -> &'static str {
    match one {
        HostUse::Api => "api",
        HostUse::Ingest => "ingest",
        HostUse::Browser => "browser",
        HostUse::App => "app",
    }
}

fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let items: Vec<String> = items.map(quoted).collect();
    format!("[{}]", items.join(", "))
}

/// Writes `text` as comment lines, further lines indented below the first.
fn comment(text: &str, out: &mut String) {
    let indent = " ".repeat(text.len() - text.trim_start().len());
    let mut line = format!("#{indent}");
    let start = line.len();
    for word in text.split_whitespace() {
        if line.len() > start && line.chars().count() + 1 + word.chars().count() > WIDTH {
            _ = writeln!(out, "{line}");
            line = format!("#{indent}  ");
        }
        line.push(' ');
        line.push_str(word);
    }
    _ = writeln!(out, "{line}");
}
