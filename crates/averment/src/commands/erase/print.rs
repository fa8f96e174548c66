//! Plans and runs, for people and for programs.

use averment_catalog::catalog;
use averment_catalog::erasure::Way;
use averment_duties::erase::{Effect, Plan, RecipientState, Run, TablePlan};
use averment_ledger::{Confirmed, Deed, Erasure};
use averment_register::{Charter, RecipientId};
use averment_store::{DataFolder, Keys, Parcel, People};
use serde_json::json;

use super::people::Recipients;
use super::{ConfirmArgs, DEED, StatusArgs, find, journal};
use crate::cli::Format;
use crate::deed_lock::DeedLock;
use crate::outcome::{Failure, Outcome};
use crate::recording;
use crate::register::Register;
use crate::text::wrap;

pub(super) fn plan(plan: &Plan, recipients: &Recipients, register: &Register) {
    anstream::println!("plan      {}", plan.hash);
    anstream::println!("people    {}", plan.people);
    for store in &plan.stores {
        anstream::println!("\n{} ({})", store.store, store.engine);
        store.tables.iter().for_each(table);
    }
    anstream::println!();
    for (name, (people, last_at)) in &recipients.reached {
        let last = last_at.split('T').next().unwrap_or_default();
        line(&format!(
            "{name}: got something of {people} people, last on {last}; {}",
            way(name, register)
        ));
    }
    if recipients.unknown > 0 {
        line(&format!(
            "Of {} people the ledger cannot say who got something: the directory does not know them, or their keys are gone.",
            recipients.unknown
        ));
    }
    for problem in plan.problems() {
        line(&format!("cannot run: {problem}"));
    }
}

/// What keeps a plan from being run as long as somebody is held. A document stays one.
pub(super) fn cannot_run_now(because: &str, format: Format) {
    let said = format!("cannot run now: {because}");
    match format {
        Format::Text => line(&said),
        Format::Json => anstream::eprintln!("note: {said}"),
    }
}

/// A line, further ones two deeper than it begins.
fn line(text: &str) {
    let said = text.trim_start();
    let deep = " ".repeat(text.len() - said.len());
    let wrapped = wrap(said, 80 - deep.len(), &format!("{deep}  "));
    anstream::println!("{deep}{wrapped}");
}

fn table(table: &TablePlan) {
    let reason = table
        .reason
        .as_ref()
        .map(|reason| format!(": {reason}"))
        .unwrap_or_default();
    line(&format!(
        "  {:>8}  {}  {}{reason}",
        table.rows,
        table.how.as_str(),
        table.table
    ));
    if table.shared > 0 {
        line(&format!("            {} of them name others, too", table.shared));
    }
    if table.joint > 0 {
        line(&format!(
            "            {} of them are somebody else's as well and stay for them",
            table.joint
        ));
    }
    if table.undecided > 0 {
        line(&format!(
            "            {} more stay: only something that others are known by as well leads to them",
            table.undecided
        ));
    }
    for column in &table.columns {
        let reason = column
            .reason
            .as_ref()
            .filter(|_| column.how == averment_register::OnErase::Keep);
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        line(&format!(
            "            {}: {}{reason}",
            column.column,
            column.how.as_str()
        ));
    }
    for others in table.others.iter().filter(|others| others.rows > 0) {
        let (column, how) = (&others.column.column, others.column.how.as_str());
        line(&format!(
            "            {} rows of others name them in {column}: {how}",
            others.rows
        ));
    }
    for dependent in table.dependents.iter().filter(|dependent| dependent.rows > 0) {
        let effect = match dependent.effect {
            Effect::Goes => "go",
            Effect::Emptied => "lose the reference",
        };
        line(&format!(
            "            {} rows of others {effect}: {} ({}, {})",
            dependent.rows,
            dependent.by,
            dependent.columns.join(", "),
            dependent.rule
        ));
    }
}

/// What the catalog says of erasing people at a recipient.
pub(super) fn way_of(name: &str, charter: &Charter) -> Option<Way> {
    let recipient = charter.content().recipients.get(&RecipientId::new(name).ok()?)?;
    let mut parties = recipient.third_parties.iter();
    parties.find_map(|party| Some(catalog().third_party(party)?.erasure.as_ref()?.way))
}

fn way(name: &str, register: &Register) -> &'static str {
    match way_of(name, &register.charter) {
        Some(Way::Api) => "can be asked by its interface",
        Some(Way::ByHand) => "has to be asked by hand",
        Some(Way::KeepsNothing) => "is said to keep nothing about a person",
        None => "the catalog knows no way to ask",
    }
}

pub(super) fn status(arguments: &StatusArgs) -> Result<Outcome, Failure> {
    let folder = DataFolder::open_read(&arguments.folders.data)?;
    let journal = journal(&folder)?;
    let runs = match &arguments.run {
        Some(wanted) => vec![find(&journal, wanted)?],
        None => journal.runs()?,
    };
    let mut documents = Vec::new();
    for run in &runs {
        let (counts, recipients) = (journal.counts(&run.id)?, journal.recipients(&run.id)?);
        match arguments.format {
            Format::Text => {
                print_run(run);
                for (store, tables) in &counts {
                    for (table, counts) in tables {
                        line(&format!(
                            "  {store}.{table}: {} gone, {} changed; of others {} gone, {} changed",
                            counts.deleted, counts.changed, counts.others_deleted, counts.others_changed
                        ));
                    }
                }
                for recipient in &recipients {
                    line(&format!("  {}: {}", recipient.name, recipient.words()));
                }
            }
            Format::Json => documents.push(json!({
                "run": run.id, "stage": run.stage, "people": run.plan.people, "plan": run.plan.hash,
                "began_at": run.began_at, "by": run.by, "planned_entry": run.planned_entry,
                "done_entry": run.done_entry, "counts": counts, "left_out": run.plan.left_out,
                "recipients": recipients.iter().map(|recipient| json!({
                    "recipient": recipient.name, "people": recipient.people, "last_at": recipient.last_at,
                    "state": recipient.state, "says": recipient.says, "is_presumed": recipient.is_presumed(),
                })).collect::<Vec<_>>(),
            })),
        }
    }
    if arguments.format == Format::Json {
        anstream::println!("{:#}", json!({ "schema": "averment.erasures/1", "runs": documents }));
    } else if runs.is_empty() {
        anstream::println!("No run yet.");
    }
    let is_open = runs.iter().any(|run| run.stage != averment_duties::erase::Stage::Done);
    Ok(if is_open { Outcome::Contrary } else { Outcome::Holds })
}

fn print_run(run: &Run) {
    let head = format!("{}  {:<10}  ", run.id, run.stage.as_str());
    let rest = format!("{} people, began {:.0}", run.plan.people, run.began_at);
    anstream::println!("{head}{}", wrap(&rest, 80, &" ".repeat(head.len())));
    for left in &run.plan.left_out {
        line(&format!("  left out, kept by holds: {}", left.in_words()));
    }
    if let Some(entry) = run.planned_entry {
        anstream::println!("  planned in entry {entry}");
    }
    if let Some(entry) = run.done_entry {
        anstream::println!("  how it ended in entry {entry}");
    }
}

pub(super) fn confirm(arguments: &ConfirmArgs) -> Result<Outcome, Failure> {
    let folder = DataFolder::open_read(&arguments.folders.data)?;
    let _lock = DeedLock::take(&folder, DEED)?;
    let keys = Keys::read(&arguments.folders.keys)?;
    let journal = journal(&folder)?;
    let run = find(&journal, &arguments.run)?;
    let mut people = People::open(&folder, &keys)?;
    crate::texts::check(
        &[
            ("--by", Some(arguments.by.as_str())),
            ("--says", Some(arguments.says.as_str())),
        ],
        &mut people,
    )?;
    let recipients = journal.recipients(&run.id)?;
    let named = recipients.into_iter().find(|one| one.name == arguments.recipient);
    let Some(recipient) = named else {
        return Err(Failure::new(format!(
            "run `{}` has no recipient `{}`",
            run.id, arguments.recipient
        )));
    };
    let entry = vouched(arguments, &run, recipient.people)?;
    let says = format!("{}: {} (entry {entry})", arguments.by, arguments.says);
    journal.set_recipient(&run.id, &arguments.recipient, RecipientState::Vouched, Some(&says))?;
    journal.vouched(&run.id, &arguments.recipient)?;
    anstream::println!("recorded as entry {entry}");
    anstream::println!("Written down. `averment erase run REGISTER --resume` looks again and ends the run.");
    Ok(Outcome::Holds)
}

/// That somebody vouches is on record before it counts.
fn vouched(arguments: &ConfirmArgs, run: &Run, people: u64) -> Result<u64, Failure> {
    let erasure = Erasure {
        id: recording::new_id()?,
        people,
        state: RecipientState::Vouched.word().to_owned(),
        confirmed: Some(Confirmed {
            run: run.id.clone(),
            recipient: arguments.recipient.clone(),
            by: arguments.by.clone(),
            says: arguments.says.clone(),
        }),
        ..Erasure::default()
    };
    let parcel = Parcel::new(Deed::Erasure(erasure));
    let numbers = recording::record(&arguments.folders, &[parcel], None)?;
    numbers
        .first()
        .copied()
        .ok_or_else(|| Failure::new("nothing was recorded"))
}
