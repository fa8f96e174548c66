//! `averment erase replay` and `verify`: whether people who were erased are visible, and what is done about it.

use averment_duties::erase::{
    Found, Measured, Recipient, RecipientState, Replay, Stage, Swept, Tombstones, Visible, people_erased,
};
use averment_ledger::LeftByHold;
use averment_store::People;

use super::holds::{self, Watch};
use super::{Bench, ReplayArgs, VerifyErasedArgs, beside, finish, left_out, vendors};
use crate::clock;
use crate::outcome::{Failure, Outcome};

/// Erases again whom a restored backup brought back.
pub(super) fn replay(arguments: &ReplayArgs) -> Result<Outcome, Failure> {
    let mut bench = Bench::open_alone(&arguments.place, arguments.store.as_deref())?;
    bench.holds_in(&arguments.holds);
    bench.accept_others = arguments.accept_others;
    holds::look_up_named(&mut bench)?;
    let tombstones = bench.tombstones_to_ask()?;
    let met = people_erased(&mut bench.stores, &tombstones, &bench.keys)?;
    if met.is_nobody() {
        anstream::println!(
            "Nobody who was erased is visible{} ({} digests looked up).",
            place(arguments),
            tombstones.len()
        );
        tell_others(&met);
        return Ok(Outcome::Holds);
    }
    anstream::println!("{} names of people who were erased are visible.", met.count());
    beside::stores_are_free(&mut bench)?;
    let mut visible = met.clone();
    let replay = left_out::of_the_free(&mut bench, &mut visible)?;
    if replay.is_nothing() {
        // Nothing was changed: what was met is what is there.
        left_out::record(&bench, &replay)?;
        still_visible(&met, &replay.plan.left_out);
        return Ok(Outcome::Contrary);
    }
    let mut directory = People::open(&bench.folder, &bench.keys)?;
    crate::texts::check(&[("--by", Some(arguments.by.as_str()))], &mut directory)?;
    others_may_go(&replay, arguments.accept_others)?;
    let holds = bench.holds.as_ref().map(|file| file.display().to_string());
    let run = bench
        .eraser(&mut |_| {})
        .begin_again(&replay, &arguments.by, holds.as_deref(), clock::now())?;
    let ended = finish::finish(&mut bench, &run.id)?;
    let left = match ended.visible {
        Some(left) => left,
        None => people_erased(&mut bench.stores, &tombstones, &bench.keys)?,
    };
    if left.is_nobody() {
        anstream::println!("Nobody who was erased is visible{} any more.", place(arguments));
        return Ok(ended.outcome);
    }
    still_visible(&left, &replay.plan.left_out);
    Ok(Outcome::Contrary)
}

/// Where was looked, unless it was everywhere.
fn place(arguments: &ReplayArgs) -> String {
    let store = arguments.store.as_ref();
    store.map_or_else(String::new, |store| format!(" in store `{store}`"))
}

fn still_visible(left: &Visible, left_out: &[LeftByHold]) {
    anstream::println!(
        "{} names of people who were erased are still visible: not all is replayed.",
        left.count()
    );
    left_out::tell_kept(left_out);
    tell_others(left);
}

/// Rows of others go only when that was agreed to.
fn others_may_go(replay: &Replay, accept_others: bool) -> Result<(), Failure> {
    let (rows, values) = (replay.plan.rows_of_others(), replay.plan.values_of_others);
    if accept_others || rows + values == 0 {
        return Ok(());
    }
    let message = format!(
        "{rows} rows of others would go, too, and {values} names that lead to rows are also those of people who were not erased"
    );
    Err(Failure::new(message)
        .hint("`--accept-others` lets them go; `averment erase release` is for whoever has come back"))
}

/// What is on the list and is not erased.
fn tell_others(visible: &Visible) {
    if visible.contested > 0 {
        let told = format!(
            "{} of them stand in a record from before the erasure and in one from after: nothing says whose the other rows \
             are, so nothing is erased by them.",
            visible.contested
        );
        anstream::println!("{}", crate::text::wrap(&told, 80, "  "));
    }
    if visible.returned > 0 {
        anstream::println!(
            "{} names are those of people who have come back since.",
            visible.returned
        );
    }
}

/// Looks, asks recipients of open runs again, and records what the claims about erasure earn. Stores stay as they are.
pub(super) fn verify(arguments: &VerifyErasedArgs) -> Result<Outcome, Failure> {
    let began = clock::now();
    let mut bench = Bench::open_alone(&arguments.place, None)?;
    bench.holds_in(&arguments.holds);
    holds::look_up_named(&mut bench)?;
    let tombstones = bench.tombstones_to_ask()?;
    let (swept, visible) = looked(&mut bench, &tombstones)?;
    let unfinished = bench.journal.unfinished()?;
    let asked = asked_again(&mut bench)?;
    let measured = Measured {
        people: tombstones.len() as u64,
        swept,
        // What a run left open no look at tombstones closes.
        unseen: unfinished.len() as u64,
        third_parties: asked.recipients,
        from: began,
        until: clock::now(),
        asked: Vec::new(),
    };
    let is_contrary = finish::record_measures(&bench, &measured)?;
    anstream::println!(
        "{} digests looked up, {} names of people who were erased are visible.",
        tombstones.len(),
        visible.count()
    );
    tell_others(&visible);
    tell(&measured.third_parties);
    let mut recipients = measured.third_parties.iter();
    let is_kept = recipients.any(|recipient| recipient.state == RecipientState::StillThere);
    let is_contrary = !visible.is_nobody() || is_kept || is_contrary;
    // What was seen is on record by now, whatever becomes of this.
    left_out::tell_held(&mut bench, &visible)?;
    Ok(match (is_contrary, asked.unread) {
        (true, _) => Outcome::Contrary,
        (false, true) => Outcome::CouldNotMeasure,
        (false, false) => Outcome::Holds,
    })
}

/// What is seen in each store, and in all: in one it may stand that somebody has come back who is known in another.
pub(super) fn looked(bench: &mut Bench<'_>, tombstones: &Tombstones) -> Result<(Vec<Swept>, Visible), Failure> {
    let visible = people_erased(&mut bench.stores, tombstones, &bench.keys)?;
    let stores = bench.stores.iter();
    let swept = stores.map(|opened| seen(opened.store.id.as_str(), &visible)).collect();
    Ok((swept, visible))
}

fn tell(recipients: &[Recipient]) {
    for recipient in recipients {
        let line = format!("{}: {}", recipient.name, recipient.words());
        anstream::println!("{}", crate::text::wrap(&line, 80, "  "));
    }
}

/// What became of asking recipients again.
#[derive(Default)]
struct AskedAgain {
    recipients: Vec<Recipient>,
    /// Whether it could not be read who is held, so that nobody was asked of some run.
    unread: bool,
}

/// Recipients of runs that are not over, asked again as far as they can be asked now; a run that changed nothing yet asks nobody,
/// and where somebody is held, or that cannot be read, nothing is sent: how far its recipients are stays as it was.
fn asked_again(bench: &mut Bench<'_>) -> Result<AskedAgain, Failure> {
    let mut all = AskedAgain::default();
    for run in bench.journal.unfinished()? {
        if !matches!(run.stage, Stage::Erased | Stage::Incomplete) {
            continue;
        }
        let whom = bench.eraser(&mut |_| {}).concerned(&run)?;
        let mut watch = match Watch::of(bench, whom) {
            Ok(watch) => watch,
            Err(failure) => {
                let (id, because) = (&run.id, failure.in_one_line());
                anstream::eprintln!("note: of run {id} no recipient is asked: {because}");
                all.unread = true;
                all.recipients.extend(bench.journal.recipients(&run.id)?);
                continue;
            }
        };
        let mut reasons = watch.reasons()?;
        if reasons.is_empty() {
            match vendors::ask(bench, &run, &mut watch) {
                Ok(asked) => {
                    all.recipients.extend(asked);
                    continue;
                }
                // Whoever came under hold in the meantime is asked about no more.
                Err(failure) => reasons = Some(watch.reasons()?).filter(|held| !held.is_empty()).ok_or(failure)?,
            }
        }
        let (id, reasons) = (&run.id, reasons.join(", "));
        anstream::println!("run {id}: somebody is held now ({reasons}), so no recipient is asked");
        all.recipients.extend(bench.journal.recipients(&run.id)?);
    }
    Ok(all)
}

fn seen(store: &str, visible: &Visible) -> Swept {
    let places = visible.places.iter().filter(|((one, _), _)| one == store);
    let found = places.map(|((_, place), count)| Found {
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
