//! `averment erase replay` and `verify`: whether people who were erased are visible, and what is done about it.

use averment_duties::erase::{Found, Measured, Swept, Tombstones, Visible, people_erased, plan};

use super::{Bench, ReplayArgs, VerifyErasedArgs, finish};
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
    let measured = Measured {
        people: tombstones.len() as u64,
        swept,
        // What a run left open no look at tombstones closes.
        unseen: bench.journal.unfinished()?.len() as u64,
        third_parties: Vec::new(),
        from: began,
        until: clock::now(),
        asked_at: None,
    };
    finish::record_measures(&bench, &measured)?;
    anstream::println!(
        "{} digests looked up, {all} names of people who were erased are visible.",
        tombstones.len()
    );
    Ok(if all == 0 { Outcome::Holds } else { Outcome::Contrary })
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
