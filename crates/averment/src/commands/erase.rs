//! `averment erase`: what would go, that it goes, that it is gone, and what says so.
//!
//! Start at [`run`]. `people` says who is meant, `holds` who is held, `beside` which runs may be open together, `finish` and `ending`
//! take a run from wherever it is to its end, `print` shows plans and runs, `vendors` asks third parties, `paper` certificates,
//! `again` restored backups and later looks, `left_out` whom these leave, `release` who came back.

mod again;
mod arguments;
mod beside;
mod ending;
mod finish;
mod holds;
mod left_out;
mod paper;
mod people;
mod print;
mod release;
mod vendors;

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use averment_duties::erase::{
    Asked, Eraser, Journal, Mandate, Opened, PEOPLE_AT_ONCE, Plan, Run, Since, Stage, Tombstones, plan,
};
use averment_store::{DataFolder, Keys, ListMark};
use clap::Subcommand;

use crate::cli::Format;
use crate::clock;
use crate::deed_lock::DeedLock;
use crate::duties::Duties;
use crate::erased_list;
use crate::outcome::{Failure, Outcome};
use crate::register::{self, Register};
use crate::under_hold::OfRequests;
pub(crate) use arguments::{ConfirmArgs, PlanArgs, ReplayArgs, RunArgs, StatusArgs, VerifyErasedArgs, Where};

/// The deed that one process at a time does on a data folder.
const DEED: &str = "erase";

#[derive(Debug, Subcommand)]
pub(crate) enum EraseCommand {
    /// Show what would be done, table by table, and change nothing
    #[command(after_help = "Exit codes: 0 it can be run, 1 something keeps it from being run, 2 could not look.")]
    Plan(PlanArgs),
    /// Erase people as a plan says, or go on with a run that was cut off
    #[command(
        after_help = "Exit codes: 0 everything is gone and confirmed, 1 something is left or not confirmed, 2 could not be done; a run that was begun goes on with `--resume`."
    )]
    Run(RunArgs),
    /// Show runs and how far they are
    Status(StatusArgs),
    /// Write down that a recipient has confirmed, in whose words
    Confirm(ConfirmArgs),
    /// Erase again whom a restored backup brought back, before it serves
    #[command(after_help = "Exit codes: 0 nobody who was erased is visible, 1 somebody is, 2 could not look.")]
    Replay(ReplayArgs),
    /// Write down that somebody who was erased has come back, so that they are taken for nobody whom a backup brings back
    Release(release::ReleaseArgs),
    /// Look whether anybody who was erased is visible, ask recipients of open runs again, and record both
    #[command(
        after_help = "Stores stay as they are. Recipients that have not confirmed are sent requests to delete, unless somebody of the run is held.\n\nExit codes: 0 nobody who was erased is visible and nothing goes against a claim, 1 somebody is, or a recipient still has something or is late; 2 could not look."
    )]
    Verify(VerifyErasedArgs),
    /// Print the certificate of a run, or check one
    #[command(after_help = "Exit codes: 0 it is there, or signed as it should be; 1 it is not; 2 could not look.")]
    Certificate(paper::CertificateArgs),
}

pub(crate) fn run(command: &EraseCommand) -> Result<Outcome, Failure> {
    match command {
        EraseCommand::Plan(arguments) => show_plan(arguments),
        EraseCommand::Run(arguments) => erase(arguments),
        EraseCommand::Status(arguments) => print::status(arguments),
        EraseCommand::Confirm(arguments) => print::confirm(arguments),
        EraseCommand::Replay(arguments) => again::replay(arguments),
        EraseCommand::Release(arguments) => release::release(arguments),
        EraseCommand::Verify(arguments) => again::verify(arguments),
        EraseCommand::Certificate(arguments) => paper::run(arguments),
    }
}

/// Everything that a run needs.
struct Bench<'a> {
    place: &'a Where,
    register: Register,
    duties: Duties,
    folder: DataFolder,
    keys: Keys,
    journal: Journal,
    stores: Vec<Opened>,
    /// The file of more holds, where one is named.
    holds: Option<PathBuf>,
    /// Files of holds of the runs that were open when this one began to go on with them; one that ends meanwhile still keeps people.
    held_in: Vec<PathBuf>,
    /// Numbers in files of holds that were looked up.
    looked_up: BTreeSet<String>,
    /// Whether lines of holds count for nothing where nothing knows their numbers.
    unknown_holds: bool,
    /// Whether somebody agrees that rows of others go, too.
    accept_others: bool,
    /// Of whoever changes anything: held as long as this is open.
    lock: Option<DeedLock>,
    /// What the ledger said of the list of who was erased, once it was read: the list only grows.
    listed: OnceCell<Option<ListMark>>,
}

impl<'a> Bench<'a> {
    /// Opens all stores of the data map, or the one named.
    fn open(place: &'a Where, only: Option<&str>) -> Result<Self, Failure> {
        let register = register::open(Some(&place.register))?;
        let duties = Duties::open(&place.duties)?;
        duties.tell_unknown_stores(&register.charter);
        let (folder, keys) = DataFolder::open_unlocked(&place.folders.data, &place.folders.keys)?;
        let journal = journal(&folder)?;
        let mut stores = Vec::new();
        for store in register.charter.content().data.values() {
            if store.is_personal() && only.is_none_or(|only| store.id.as_str() == only) {
                stores.push(duties.opened(store)?);
            }
        }
        if stores.is_empty() {
            return Err(
                Failure::new("the register names no such store that holds personal data")
                    .hint("`averment new data` begins a data map"),
            );
        }
        Ok(Self {
            place,
            register,
            duties,
            folder,
            keys,
            journal,
            stores,
            holds: None,
            held_in: Vec::new(),
            looked_up: BTreeSet::new(),
            unknown_holds: false,
            accept_others: false,
            lock: None,
            listed: OnceCell::new(),
        })
    }

    /// As [`Bench::open`], for whoever changes anything: nobody else does as long as this is open.
    fn open_alone(place: &'a Where, only: Option<&str>) -> Result<Self, Failure> {
        let mut bench = Self::open(place, only)?;
        bench.lock = Some(DeedLock::take(&bench.folder, DEED)?);
        Ok(bench)
    }

    /// More holds stand in this file, wherever a run is gone on with later.
    fn holds_in(&mut self, file: &people::HoldsFile) {
        self.unknown_holds = file.unknown_holds;
        let named = file.holds.as_deref();
        self.holds = named.map(|file| std::path::absolute(file).unwrap_or_else(|_| file.to_owned()));
    }

    /// Who is under hold by requests.
    fn of_requests(&self) -> Result<OfRequests, Failure> {
        OfRequests::open(&self.folder, &self.keys, &self.register.charter)
    }

    fn eraser<'b>(&'b mut self, progress: &'b mut dyn FnMut(averment_duties::erase::Point)) -> Eraser<'b> {
        Eraser {
            stores: &mut self.stores,
            journal: &self.journal,
            keys: &self.keys,
            at_once: PEOPLE_AT_ONCE,
            progress,
        }
    }

    /// The list of who was erased, to add to. A backup of the data folder must not hold it.
    fn tombstones(&self) -> Result<Tombstones, Failure> {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let (list, data) = (absolute(&self.place.tombstones), absolute(&self.place.folders.data));
        if list.starts_with(data) {
            return Err(Failure::new("the list of who was erased lies in the data folder")
                .hint("`--tombstones DIR` names a place that no backup holds, such as one beside the keys"));
        }
        let listed = self.listed()?;
        let opened = Tombstones::open(&self.place.tombstones, &self.keys, listed);
        opened.map_err(|error| Failure::from(error).hint(erased_list::hint(listed)))
    }

    /// The same, to ask it.
    fn tombstones_to_ask(&self) -> Result<Tombstones, Failure> {
        let listed = self.listed()?;
        let opened = Tombstones::open_read(&self.place.tombstones, &self.keys, listed);
        opened.map_err(|error| Failure::from(error).hint(erased_list::hint(listed)))
    }

    /// What the newest entry of the ledger says of that list; read whole once.
    fn listed(&self) -> Result<Option<&ListMark>, Failure> {
        if self.listed.get().is_none() {
            let listed = erased_list::listed(&self.folder, &self.keys)?;
            _ = self.listed.set(listed);
        }
        Ok(self.listed.get().and_then(Option::as_ref))
    }
}

fn journal(folder: &DataFolder) -> Result<Journal, Failure> {
    Ok(Journal::open(&folder.path().join("erasures.db"))?)
}

/// The run with this identifier, or the one that begins so.
fn find(journal: &Journal, wanted: &str) -> Result<Run, Failure> {
    let mut found: Vec<Run> = journal.runs()?;
    found.retain(|run| run.id.starts_with(wanted) && !wanted.is_empty());
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Failure::new(format!("no run `{wanted}`")).hint("`averment erase status` names every run")),
        _ => Err(Failure::new(format!("several runs begin with `{wanted}`"))),
    }
}

fn show_plan(arguments: &PlanArgs) -> Result<Outcome, Failure> {
    let mut bench = Bench::open(&arguments.place, None)?;
    bench.holds_in(&arguments.who.holds);
    let who = people::numbers(&arguments.who, &mut bench)?;
    let plan = plan(&mut bench.stores, &who.numbers, &bench.keys, clock::now())?;
    let recipients = people::recipients(&arguments.place.folders, &who.numbers)?;
    if let Some(out) = &arguments.out {
        let text = serde_json::to_string_pretty(&plan).expect("a plan holds only strings, numbers and lists");
        std::fs::write(out, format!("{text}\n"))
            .map_err(|error| Failure::new(format!("cannot write `{}`", out.display())).because(error))?;
    }
    match arguments.format {
        Format::Json => anstream::println!("{:#}", serde_json::json!(plan)),
        Format::Text => print::plan(&plan, &recipients, &bench.register),
    }
    who.tell();
    if !plan.problems().is_empty() || who.is_hindered() {
        return Ok(Outcome::Contrary);
    }
    Ok(match holds::kept_with(&mut bench, &who.numbers)? {
        Some(because) => {
            print::cannot_run_now(&because, arguments.format);
            Outcome::Contrary
        }
        None => Outcome::Holds,
    })
}

fn erase(arguments: &RunArgs) -> Result<Outcome, Failure> {
    let mut bench = Bench::open_alone(&arguments.place, None)?;
    bench.holds_in(&arguments.who.holds);
    bench.accept_others = arguments.accept_others;
    if arguments.resume {
        return resume(&mut bench);
    }
    let who = people::numbers(&arguments.who, &mut bench)?;
    who.must_be_free()?;
    beside::may_begin(&mut bench, &who.numbers)?;
    let plan = plan(&mut bench.stores, &who.numbers, &bench.keys, clock::now())?;
    agreed(arguments, &plan)?;
    holds::others_are_free(&mut bench, &who.numbers)?;
    // A list that cannot be used is told before anything is begun.
    bench.tombstones()?;
    let by = arguments.by.clone().unwrap_or_default();
    let mut people = averment_store::People::open(&bench.folder, &bench.keys)?;
    crate::texts::check(&[("--by", Some(by.as_str()))], &mut people)?;
    let asked = asked(arguments, &who, &bench)?;
    let holds = bench.holds.as_ref().map(|file| file.display().to_string());
    let mandate = Mandate {
        by: &by,
        asked: &asked,
        holds: holds.as_deref(),
    };
    let begun = bench
        .eraser(&mut |_| {})
        .begin(&who.numbers, &plan, &mandate, clock::now());
    let run = begun?;
    vendors::write_down(&mut bench, &run)?;
    Ok(finish::finish(&mut bench, &run.id)?.outcome)
}

/// Since when it was asked for: as the command line says, of all of them, otherwise as requests say.
fn asked(arguments: &RunArgs, who: &people::Meant, bench: &Bench<'_>) -> Result<Vec<Asked>, Failure> {
    let Some(at) = arguments.asked_at else {
        return people::asked(who, &bench.folder, &bench.keys);
    };
    if at > clock::now() {
        return Err(Failure::new("the time after `--asked-at` is still to come"));
    }
    let at = Since::Moment(at);
    Ok(vec![Asked {
        at,
        by_school_at: (!who.school.is_empty()).then_some(at),
        people: who.numbers.len() as u64,
    }])
}

/// The plan is the one that was agreed to, and rows of others go only when that was, too.
fn agreed(arguments: &RunArgs, plan: &Plan) -> Result<(), Failure> {
    let hash = match (&arguments.plan, &arguments.hash) {
        (Some(file), _) => {
            let text = std::fs::read_to_string(file);
            let text =
                text.map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?;
            let agreed: Plan = serde_json::from_str(&text).map_err(|_| {
                Failure::new(format!(
                    "`{}` is no plan of `averment erase plan --out`",
                    file.display()
                ))
            })?;
            if agreed.rows() != plan.rows() {
                let (before, now) = (agreed.rows(), plan.rows());
                anstream::eprintln!("note: the plan counted {before} rows and objects, now it is {now}");
            }
            agreed.hash
        }
        (None, Some(hash)) => hash.clone(),
        (None, None) => return Err(Failure::new("expected `--plan FILE` or `--hash HASH`")),
    };
    plan.must_be(&hash)
        .map_err(|error| Failure::from(error).hint("plan again, and read what is different"))?;
    let others = plan.rows_of_others();
    if others > 0 && !arguments.accept_others {
        return Err(Failure::new(format!("{others} rows of others would go, too"))
            .hint("`averment erase plan` says which; `--accept-others` lets them go"));
    }
    Ok(())
}

fn resume(bench: &mut Bench<'_>) -> Result<Outcome, Failure> {
    holds::look_up_named(bench)?;
    let unfinished = bench.journal.unfinished()?;
    if unfinished.is_empty() {
        anstream::println!("No run was cut off or is incomplete.");
    }
    holds::named_anew(bench, &unfinished)?;
    let (mut outcome, mut kept) = (Outcome::Holds, Ok(()));
    let several = unfinished.len() > 1;
    for run in unfinished {
        // One that is only begun says so itself when it is announced.
        if several && run.stage != Stage::Begun {
            anstream::println!("run       {}", run.id);
        }
        match go_on(bench, &run) {
            Ok(of_run) => outcome = outcome.max(of_run),
            // What keeps one, such as a hold, keeps no other.
            Err(failure) => {
                anstream::eprintln!("note: run `{}` does not go on: {}", run.id, failure.in_one_line());
                kept = Err(failure);
            }
        }
    }
    kept.map(|()| outcome)
}

fn go_on(bench: &mut Bench<'_>, run: &Run) -> Result<Outcome, Failure> {
    if run.stage == Stage::Begun {
        // Cut off before anything went: perhaps before it was written down who is to be asked, too.
        vendors::write_down(bench, run)?;
    }
    Ok(finish::finish(bench, &run.id)?.outcome)
}
