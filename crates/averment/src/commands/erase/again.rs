//! `averment erase replay` and `verify`: whether people who were erased are visible, and what is done about it.

use averment_duties::erase::{Found, Measured, Recipient, Stage, Swept, Tombstones, Visible, people_erased, plan};

use super::{Bench, ReplayArgs, VerifyErasedArgs, finish, vendors};
use crate::clock;
use crate::outcome::{Failure, Outcome};

/// Erases again whom a restored backup brought back.
pub(super) fn replay(arguments: &ReplayArgs) -> Result<Outcome, Failure> {
    let mut bench = Bench::open(&arguments.place, arguments.store.as_deref())?;
    let tombstones = Tombstones::open_read(&arguments.place.tombstones, &bench.keys)?;
    let visible = people_erased(&mut bench.stores, &tombstones, &bench.keys)?;
    if visible.is_nobody() {
        anstream::println!(
            "Nobody who was erased is visible ({} digests looked up).",
            tombstones.len()
        );
        return Ok(Outcome::Holds);
    }
    anstream::println!("{} names of people who were erased are visible.", visible.count());
    if let Some(run) = bench.journal.unfinished()?.first() {
        let message = format!("run `{}` is {}", run.id, run.stage.as_str());
        return Err(Failure::new(message).hint("`averment erase run REGISTER --resume` goes on with it first"));
    }
    let plan = plan(&mut bench.stores, &visible.numbers, &bench.keys, clock::now())?;
    let run = bench
        .eraser(&mut |_| {})
        .begin_again(&visible, &plan, &arguments.by, clock::now())?;
    let outcome = finish::finish(&mut bench, &run.id)?;
    let left = people_erased(&mut bench.stores, &tombstones, &bench.keys)?;
    if left.is_nobody() {
        anstream::println!("Nobody who was erased is visible any more.");
        return Ok(outcome);
    }
    anstream::println!("{} names of people who were erased are still visible.", left.count());
    Ok(Outcome::Contrary)
}

/// Looks, records what the claims about erasure earn, and changes nothing.
pub(super) fn verify(arguments: &VerifyErasedArgs) -> Result<Outcome, Failure> {
    let began = clock::now();
    let mut bench = Bench::open(&arguments.place, None)?;
    let tombstones = Tombstones::open_read(&arguments.place.tombstones, &bench.keys)?;
    let mut swept = Vec::new();
    let mut all = 0;
    for opened in &mut bench.stores {
        let visible = people_erased(std::slice::from_mut(opened), &tombstones, &bench.keys)?;
        all += visible.count();
        swept.push(seen(opened.store.id.as_str(), &visible));
    }
    let unfinished = bench.journal.unfinished()?;
    let measured = Measured {
        people: tombstones.len() as u64,
        swept,
        // What a run left open no look at tombstones closes.
        unseen: unfinished.len() as u64,
        third_parties: asked_again(&bench)?,
        from: began,
        until: clock::now(),
        asked_at: None,
        began_at: unfinished.iter().filter_map(|run| run.began_at.parse().ok()).min(),
    };
    finish::record_measures(&bench, &measured)?;
    anstream::println!(
        "{} digests looked up, {all} names of people who were erased are visible.",
        tombstones.len()
    );
    for recipient in &measured.third_parties {
        let line = format!("{}: {}", recipient.name, recipient.words());
        anstream::println!("{}", crate::text::wrap(&line, 80, "  "));
    }
    Ok(if all == 0 { Outcome::Holds } else { Outcome::Contrary })
}

/// Recipients of runs that are not over, asked again as far as they can be asked now; a run that changed nothing yet asks nobody.
fn asked_again(bench: &Bench<'_>) -> Result<Vec<Recipient>, Failure> {
    let mut all = Vec::new();
    for run in bench.journal.unfinished()? {
        if matches!(run.stage, Stage::Erased | Stage::Incomplete) {
            all.extend(vendors::ask(bench, &run)?);
        }
    }
    Ok(all)
}

fn seen(store: &str, visible: &Visible) -> Swept {
    let found = visible.places.iter().map(|((_, place), count)| Found {
        place: place.clone(),
        element: None,
        count: *count,
    });
    Swept {
        store: store.to_owned(),
        looked: 1,
        found: found.collect(),
        ..Swept::default()
    }
}
