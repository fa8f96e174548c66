//! `averment erase replay` and `verify`: whether people who were erased are visible, and what is done about it.

use averment_duties::erase::{
    Found, Measured, Recipient, RecipientState, Stage, Swept, Tombstones, Visible, people_erased, plan,
};

use super::{Bench, ReplayArgs, VerifyErasedArgs, beside, finish, people, vendors};
use crate::clock;
use crate::outcome::{Failure, Outcome};

/// Erases again whom a restored backup brought back.
pub(super) fn replay(arguments: &ReplayArgs) -> Result<Outcome, Failure> {
    let mut bench = Bench::open_alone(&arguments.place, arguments.store.as_deref())?;
    let tombstones = bench.tombstones_to_ask()?;
    let visible = people_erased(&mut bench.stores, &tombstones, &bench.keys)?;
    if visible.is_nobody() {
        anstream::println!(
            "Nobody who was erased is visible ({} digests looked up).",
            tombstones.len()
        );
        return Ok(Outcome::Holds);
    }
    anstream::println!("{} names of people who were erased are visible.", visible.count());
    beside::stores_are_free(&mut bench)?;
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

/// Looks, asks recipients of open runs again, and records what the claims about erasure earn. Stores stay as they are.
pub(super) fn verify(arguments: &VerifyErasedArgs) -> Result<Outcome, Failure> {
    let began = clock::now();
    let mut bench = Bench::open_alone(&arguments.place, None)?;
    let tombstones = bench.tombstones_to_ask()?;
    let (swept, visible) = looked(&mut bench, &tombstones)?;
    let unfinished = bench.journal.unfinished()?;
    let measured = Measured {
        people: tombstones.len() as u64,
        swept,
        // What a run left open no look at tombstones closes.
        unseen: unfinished.len() as u64,
        third_parties: asked_again(&mut bench)?,
        from: began,
        until: clock::now(),
        asked: Vec::new(),
    };
    let is_contrary = finish::record_measures(&bench, &measured)?;
    anstream::println!(
        "{} digests looked up, {visible} names of people who were erased are visible.",
        tombstones.len()
    );
    tell(&measured.third_parties);
    let mut recipients = measured.third_parties.iter();
    let is_kept = recipients.any(|recipient| recipient.state == RecipientState::StillThere);
    Ok(match visible > 0 || is_kept || is_contrary {
        true => Outcome::Contrary,
        false => Outcome::Holds,
    })
}

/// What is seen in each store, and how many names in all.
fn looked(bench: &mut Bench<'_>, tombstones: &Tombstones) -> Result<(Vec<Swept>, usize), Failure> {
    let (mut swept, mut all) = (Vec::new(), 0);
    for opened in &mut bench.stores {
        let visible = people_erased(std::slice::from_mut(opened), tombstones, &bench.keys)?;
        all += visible.count();
        swept.push(seen(opened.store.id.as_str(), &visible));
    }
    Ok((swept, all))
}

fn tell(recipients: &[Recipient]) {
    for recipient in recipients {
        let line = format!("{}: {}", recipient.name, recipient.words());
        anstream::println!("{}", crate::text::wrap(&line, 80, "  "));
    }
}

/// Recipients of runs that are not over, asked again as far as they can be asked now; a run that changed nothing yet asks nobody,
/// and where somebody is held nothing is sent: how far its recipients are stays as it was.
fn asked_again(bench: &mut Bench<'_>) -> Result<Vec<Recipient>, Failure> {
    let mut all = Vec::new();
    for run in bench.journal.unfinished()? {
        if !matches!(run.stage, Stage::Erased | Stage::Incomplete) {
            continue;
        }
        let numbers = bench.eraser(&mut |_| {}).numbers(&run)?;
        let reasons = people::held_by(&numbers, &bench.folder, &bench.keys)?;
        if reasons.is_empty() {
            all.extend(vendors::ask(bench, &run)?);
            continue;
        }
        let (id, reasons) = (&run.id, reasons.join(", "));
        anstream::println!("run {id}: somebody is held now ({reasons}), so no recipient is asked");
        all.extend(bench.journal.recipients(&run.id)?);
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
