//! `averment erase release`: somebody who was erased has come back, who says so and why.

use averment_duties::erase::{Released, plan};
use averment_ledger::{Deed, Erasure};
use averment_store::{Parcel, People};
use clap::Args;

use super::{Bench, Where};
use crate::outcome::{Failure, Outcome};
use crate::{clock, recording};

#[derive(Debug, Args)]
pub(crate) struct ReleaseArgs {
    #[command(flatten)]
    place: Where,
    /// Number of the person at the platform, as it is now
    #[arg(long, value_name = "ID")]
    person: String,
    /// Who says so: a role, such as `admissions`
    #[arg(long, value_name = "ROLE")]
    by: String,
    /// Why, in one line without names
    #[arg(long, value_name = "TEXT")]
    because: String,
}

/// The entry comes first, as before everything that takes something from what was erased.
pub(super) fn release(arguments: &ReleaseArgs) -> Result<Outcome, Failure> {
    let mut bench = Bench::open_alone(&arguments.place, None)?;
    let mut tombstones = bench.tombstones()?;
    let mut people = People::open(&bench.folder, &bench.keys)?;
    let texts = [
        ("--by", Some(arguments.by.as_str())),
        ("--because", Some(arguments.because.as_str())),
    ];
    crate::texts::check(&texts, &mut people)?;
    is_there(&mut bench, &arguments.person)?;
    let released = Released::of(&mut bench.stores, &arguments.person, &tombstones, &bench.keys)?;
    if released.digests == 0 {
        return Err(Failure::new(
            "nothing by which the stores know this person is on the list of who was erased",
        ));
    }
    if [&arguments.by, &arguments.because]
        .into_iter()
        .any(|text| released.is_named_in(text))
    {
        return Err(Failure::new("the texts name the person").hint("say it without a name, a number or an address"));
    }
    let (id, entry) = recorded(arguments)?;
    released.write_down(&mut tombstones, &id, &bench.keys, clock::now())?;
    anstream::println!("recorded as entry {entry}");
    anstream::println!(
        "{} digests of the list count no more, but where a record was made before the erasure.",
        released.digests
    );
    Ok(Outcome::Holds)
}

/// Only somebody who is there can have come back.
fn is_there(bench: &mut Bench<'_>, person: &str) -> Result<(), Failure> {
    let numbers = [person.to_owned()].into();
    let plan = plan(&mut bench.stores, &numbers, &bench.keys, clock::now())?;
    if plan.rows() == 0 {
        return Err(Failure::new("no store has anything of this person")
            .hint("`--person` is the number that they have now; whoever came back has a record of theirs again"));
    }
    Ok(())
}

/// Identifier and number of the entry.
fn recorded(arguments: &ReleaseArgs) -> Result<(String, u64), Failure> {
    let id = recording::new_id()?;
    let erasure = Erasure {
        id: id.clone(),
        people: 1,
        state: "released".to_owned(),
        released: Some(averment_ledger::Released {
            by: arguments.by.clone(),
            because: arguments.because.clone(),
        }),
        ..Erasure::default()
    };
    let parcel = Parcel::new(Deed::Erasure(erasure));
    let numbers = recording::record(&arguments.place.folders, &[parcel], None)?;
    let entry = numbers.first().copied();
    let entry = entry.ok_or_else(|| Failure::new("nothing was recorded"))?;
    Ok((id, entry))
}
