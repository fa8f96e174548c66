//! `averment people status`: the directory in numbers, never a value.

use std::collections::BTreeMap;

use averment_store::{Ambiguous, PeopleStatus, RoleStatus};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::open;
use crate::cli::{Folders, Format};
use crate::clock;
use crate::outcome::{Failure, Outcome};

pub(super) fn run(format: Format, folders: &Folders) -> Result<Outcome, Failure> {
    let now = clock::now();
    let status = open(folders)?.status(now)?;
    match format {
        Format::Text => print(&status, now),
        Format::Json => anstream::println!("{:#}", as_json(&status)),
    }
    Ok(if status.people == 0 {
        Outcome::Contrary
    } else {
        Outcome::Holds
    })
}

fn print(status: &PeopleStatus, now: Timestamp) {
    let (people, identifiers) = (status.people, status.identifiers);
    anstream::println!(
        "{people} people, {identifiers} identifiers, {} departed",
        status.departed
    );
    for (subject, count) in &status.subjects {
        anstream::println!("  {count:>8} {subject}");
    }
    match status.loaded_at {
        Some(at) => anstream::println!("As its source at {at:.0}, {}", age(now.duration_since(at))),
        None => anstream::println!("Nobody was ever loaded: a gate lets nothing out."),
    }
    if let Some(at) = status.changed_at {
        anstream::println!("Last changed at {at:.0}, version {}", status.version);
    }
    anstream::println!("Ambiguous values: {}", rule(status.ambiguous));
    let each = status
        .bytes_per_identifier()
        .map(|bytes| format!(", {bytes} an identifier"));
    anstream::println!("{} bytes on disk{}", status.bytes, each.unwrap_or_default());
    for (role, of_role) in &status.roles {
        anstream::println!("Of {} with the role {role}", of_role.people);
        for (what, count) in completeness(of_role) {
            anstream::println!("  {count:>8} {what}");
        }
    }
}

fn rule(rule: Ambiguous) -> &'static str {
    match rule {
        Ambiguous::Strictest => "strictest, each counts as the strictest person's",
        Ambiguous::Refuse => "refuse, an address, user name or number is one person's",
    }
}

fn completeness(status: &RoleStatus) -> impl Iterator<Item = (String, u64)> {
    let known = status
        .known_by
        .iter()
        .map(|(element, count)| (format!("known by {element}"), *count));
    let age = ("of known age".to_owned(), status.age_known);
    let none = ("not recognised by anything".to_owned(), status.not_recognised);
    std::iter::once(age).chain(known).chain(std::iter::once(none))
}

/// A rough age: its two largest units are enough to judge by.
fn age(duration: SignedDuration) -> String {
    let minutes = duration.as_mins();
    match minutes {
        ..0 => "which lies ahead of the clock".to_owned(),
        0..120 => format!("{minutes} minutes ago"),
        120..2880 => format!("{} hours ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1440),
    }
}

fn as_json(status: &PeopleStatus) -> Value {
    let roles: BTreeMap<&String, Value> = status
        .roles
        .iter()
        .map(|(role, of_role)| {
            let value = json!({
                "people": of_role.people,
                "age_known": of_role.age_known,
                "not_recognised": of_role.not_recognised,
                "known_by": of_role.known_by,
            });
            (role, value)
        })
        .collect();
    json!({
        "schema": "averment.people-status/1",
        "version": status.version,
        "loaded_at": status.loaded_at,
        "changed_at": status.changed_at,
        "people": status.people,
        "departed": status.departed,
        "identifiers": status.identifiers,
        "bytes": status.bytes,
        "bytes_per_identifier": status.bytes_per_identifier(),
        "ambiguous": status.ambiguous.as_str(),
        "subjects": status.subjects,
        "roles": roles,
    })
}
