//! `averment consent`: entering what people and schools have said, and saying what is in force. A running gate goes by it
//! from its next decision on, and tells the ledger.

mod meant;

use std::collections::BTreeMap;

use averment_store::{
    About, Change, ConsentKind, ConsentState, Consents, DataFolder, GivenBy, Keys, NewChange, People, Proof,
};
use serde_json::json;

use crate::cli::{ConsentAbout, ConsentChangeArgs, ConsentCommand, Folders, Format};
use crate::clock;
use crate::outcome::{Failure, Outcome};
use crate::texts::names_somebody;

pub(crate) fn run(command: &ConsentCommand) -> Result<Outcome, Failure> {
    match command {
        ConsentCommand::Give(arguments) => change(arguments, ConsentState::Given),
        ConsentCommand::Withdraw(arguments) => change(arguments, ConsentState::Withdrawn),
        ConsentCommand::List { about, format, folders } => list(about, *format, folders),
        ConsentCommand::History { about, format, folders } => history(about, *format, folders),
    }
}

fn change(arguments: &ConsentChangeArgs, state: ConsentState) -> Result<Outcome, Failure> {
    let about = about(&arguments.about)?.ok_or_else(nobody_named)?;
    let recipient = arguments.recipient.clone().map(ConsentKind::Recipient);
    let kind = arguments.kind.clone().or(recipient);
    let kind = kind.ok_or_else(|| Failure::new("expected `--kind KIND` or `--recipient ID`"))?;
    let (folder, keys) = open(&arguments.folders)?;
    let mut people = People::open(&folder, &keys)?;
    let how = proof(arguments, &mut people)?;
    let looked = meant::look(arguments.register.as_deref(), about, &kind, &people)?;
    let new = NewChange {
        about,
        kind: &kind,
        state,
        by: arguments.by,
        how: &how,
    };
    let made = Consents::open(&folder, &keys)?.change(&people, &new, clock::now())?;
    anstream::println!("{kind} {}, version {}", state.as_str(), made.version);
    anstream::println!("{}", effect(&made));
    for told in looked {
        anstream::println!("{told}");
    }
    anstream::println!("A running gate goes by it from its next decision on.");
    Ok(Outcome::Holds)
}

/// What the change does, because *given* and *withdrawn* of an opt-out are easily taken for the other.
fn effect(change: &Change) -> String {
    match (&change.kind, change.state) {
        (ConsentKind::Consent(kind), ConsentState::Given) if change.by == GivenBy::School => {
            format!("Rows with `consent:{kind}` let data of pupils out to recipients that have school purposes only.")
        }
        (ConsentKind::Consent(kind), ConsentState::Withdrawn) if change.school.is_some() => {
            format!("The school consents to `{kind}` for its pupils no more.")
        }
        (ConsentKind::Consent(kind), ConsentState::Given) => {
            format!("Rows with `consent:{kind}` let this person's data out.")
        }
        (ConsentKind::Consent(kind), ConsentState::Withdrawn) => {
            format!("Rows with `consent:{kind}` let nothing of this person out.")
        }
        (ConsentKind::DirectoryInformation, ConsentState::Given) => "The opt-out is taken back.".to_owned(),
        (ConsentKind::DirectoryInformation, ConsentState::Withdrawn) => {
            "What rests on directory information alone does not go out of this person.".to_owned()
        }
        (ConsentKind::Recipient(id), ConsentState::Given) => format!("The objection to `{id}` is taken back."),
        (ConsentKind::Recipient(id), ConsentState::Withdrawn) => format!("Nothing goes to `{id}` any more."),
    }
}

/// A sentence is kept as it is, so it must not name anybody who is looked for.
fn proof(arguments: &ConsentChangeArgs, people: &mut People) -> Result<Proof, Failure> {
    if let Some(file) = &arguments.document {
        let read = std::fs::read(file);
        let bytes = read.map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?;
        return Ok(Proof::document(&bytes));
    }
    let text = arguments.how.as_deref().unwrap_or_default();
    let proof = Proof::sentence(text).map_err(Failure::new)?;
    if names_somebody(text, &people.snapshot(clock::now())?.directory) {
        let hint = "say how it was given without a name, or give the document with `--document FILE`";
        return Err(Failure::new("the text after `--how` names somebody in the directory").hint(hint));
    }
    Ok(proof)
}

fn list(chosen: &ConsentAbout, format: Format, folders: &Folders) -> Result<Outcome, Failure> {
    let (folder, keys) = open(folders)?;
    let consents = Consents::open(&folder, &keys)?;
    let changes = match about(chosen)? {
        Some(about) => {
            let changes = consents.history(about)?;
            known(about, &changes, &folder, &keys)?;
            changes
        }
        None => consents.changes()?,
    };
    let last = in_force(&changes);
    if chosen.person.is_none() && chosen.school.is_none() {
        print_counts(&last, format);
    } else {
        print_changes("averment.consents/1", &last, format);
    }
    Ok(Outcome::Holds)
}

fn history(chosen: &ConsentAbout, format: Format, folders: &Folders) -> Result<Outcome, Failure> {
    let about = about(chosen)?.ok_or_else(nobody_named)?;
    let (folder, keys) = open(folders)?;
    let changes = Consents::open(&folder, &keys)?.history(about)?;
    known(about, &changes, &folder, &keys)?;
    print_changes(
        "averment.consent-history/1",
        &changes.iter().collect::<Vec<_>>(),
        format,
    );
    Ok(Outcome::Holds)
}

/// An id with a slip in it must not read like a person, or a school, that never said anything.
fn known(about: About<'_>, changes: &[Change], folder: &DataFolder, keys: &Keys) -> Result<(), Failure> {
    let people = People::open(folder, keys)?;
    match about {
        About::Person(id) if people.find(id)?.is_none() => Err(Failure::new("nobody in the directory has this id")),
        About::School(name) if changes.is_empty() => meant::is_school(name, None, &people).map(drop),
        _ => Ok(()),
    }
}

/// The last change of each kind of each person and school.
fn in_force(changes: &[Change]) -> Vec<&Change> {
    let mut last = BTreeMap::new();
    for change in changes {
        last.insert((change.person, &change.school, &change.kind), change);
    }
    last.into_values().collect()
}

fn print_counts(last: &[&Change], format: Format) {
    let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for change in last {
        let name = match &change.school {
            Some(school) => format!("{} of school {school}", change.kind),
            None => change.kind.to_string(),
        };
        let (given, withdrawn) = counts.entry(name).or_default();
        match change.state {
            ConsentState::Given => *given += 1,
            ConsentState::Withdrawn => *withdrawn += 1,
        }
    }
    match format {
        Format::Text if counts.is_empty() => anstream::println!("nobody has said anything"),
        Format::Text => {
            for (name, (given, withdrawn)) in counts {
                anstream::println!("{given:>8} given {withdrawn:>8} withdrawn  {name}");
            }
        }
        Format::Json => {
            let row = |(name, (given, withdrawn))| json!({ "consent": name, "given": given, "withdrawn": withdrawn });
            let rows: Vec<_> = counts.into_iter().map(row).collect();
            anstream::println!(
                "{:#}",
                json!({ "schema": "averment.consent-counts/1", "consents": rows })
            );
        }
    }
}

fn print_changes(schema: &str, changes: &[&Change], format: Format) {
    if format == Format::Json {
        let row = |change: &&Change| {
            json!({
                "consent": change.kind.to_string(), "state": change.state.as_str(), "version": change.version,
                "by": change.by.as_str(), "how": change.how, "at": change.at.to_string(), "school": change.school,
            })
        };
        let rows: Vec<_> = changes.iter().map(row).collect();
        anstream::println!("{:#}", json!({ "schema": schema, "changes": rows }));
        return;
    }
    if changes.is_empty() {
        anstream::println!("nothing was said");
    }
    for change in changes {
        anstream::println!("{} {}, version {}", change.kind, change.state.as_str(), change.version);
        anstream::println!("  {:.0} by {}: {}", change.at, change.by.as_str(), change.how);
    }
}

fn about(chosen: &ConsentAbout) -> Result<Option<About<'_>>, Failure> {
    match (&chosen.person, &chosen.school) {
        (Some(id), None) => Ok(Some(About::Person(id))),
        (None, Some(name)) => Ok(Some(About::School(name))),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(nobody_named()),
    }
}

fn nobody_named() -> Failure {
    Failure::new("expected `--person ID` or `--school ID`")
}

fn open(folders: &Folders) -> Result<(DataFolder, Keys), Failure> {
    Ok(DataFolder::open_unlocked(&folders.data, &folders.keys)?)
}
