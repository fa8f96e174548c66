//! `averment people forget`: keys are destroyed, and the ledger says of how many people.

use std::path::PathBuf;

use averment_ledger::{Deed, Erasure};
use averment_store::requests::Concerned;
use averment_store::{DataFolder, Holds, Parcel, People};
use clap::Args;

use crate::cli::Folders;
use crate::commands::index::Asked;
use crate::commands::record::read_ids;
use crate::outcome::{Failure, Outcome};
use crate::{clock, recording};

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("whose").required(true).multiple(true))]
pub(crate) struct ForgetArgs {
    /// Identifier of a person, as in the `id` column of the people file; again for another
    #[arg(long, value_name = "ID", group = "whose", num_args = 1..)]
    person: Vec<String>,
    /// File with an identifier on each line
    #[arg(long, value_name = "FILE", group = "whose")]
    people: Option<PathBuf>,
    #[command(flatten)]
    folders: Folders,
}

pub(crate) fn run(arguments: &ForgetArgs) -> Result<Outcome, Failure> {
    let mut ids = arguments.person.clone();
    if let Some(file) = &arguments.people {
        ids.extend(read_ids(file)?);
    }
    let folders = &arguments.folders;
    let (folder, keys) = DataFolder::open_unlocked(&folders.data, &folders.keys)?;
    let mut people = People::open(&folder, &keys)?;
    not_held(&Holds::open(&folder, &keys)?, &people, &ids)?;
    let done = people.forget(&ids, clock::now())?;
    anstream::println!(
        "{} people forgotten: no entry can be linked to them any more",
        done.people
    );
    if done.before + done.unknown > 0 {
        anstream::println!(
            "{} had been forgotten before, {} ids nobody ever had",
            done.before,
            done.unknown
        );
    }
    let recorded = if done.people > 0 {
        record(folders, done.people)
    } else {
        Ok(())
    };
    // Whether or not it is recorded yet; and again, where a run before this one was cut off.
    Asked::forget(&folder, &people).map_err(|failure| {
        failure.hint("the keys are gone, but the index still links entries: run `averment ledger index`")
    })?;
    recorded?;
    // Who asked for somebody to be forgotten and slipped in the identifier must not take it for done.
    Ok(match done.unknown {
        0 => Outcome::Holds,
        _ => Outcome::CouldNotMeasure,
    })
}

/// The record of what left about somebody is theirs to see: while they are under hold it stays linked to them.
fn not_held(holds: &Holds, people: &People, ids: &[String]) -> Result<(), Failure> {
    let under = holds.everybody()?;
    let mut held = 0_u64;
    for id in ids {
        let Concerned::Person(person) = holds.person(id) else {
            continue;
        };
        let school = people.school_of(person)?;
        held += u64::from(under.holds(person, school.as_deref().as_slice()));
    }
    if held == 0 {
        return Ok(());
    }
    let message = format!("{held} of these people are under hold: nobody was forgotten");
    Err(Failure::new(message).hint("`averment request holds --person ID` says why"))
}

fn record(folders: &Folders, people: u64) -> Result<(), Failure> {
    let erasure = Erasure {
        id: recording::new_id()?,
        people,
        state: "forgotten".to_owned(),
        ..Erasure::default()
    };
    let numbers = recording::record(folders, &[Parcel::new(Deed::Erasure(erasure))], None)?;
    for number in numbers {
        anstream::println!("recorded as entry {number}");
    }
    Ok(())
}
