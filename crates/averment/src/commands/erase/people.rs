//! Who is meant, who is held, and who got something of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use averment_duties::erase::{self, Held, Since};
use averment_ledger::RequestKind;
use averment_policy::normal_name;
use averment_store::requests::{Concerned, Event, Progress, Requester};
use averment_store::{DataFolder, Fate, Holds, Keys, People, PersonError, Requests};
use clap::Args;

use super::{Bench, holds};
use crate::cli::Folders;
use crate::commands::index::Asked;
use crate::commands::record::read_ids;
use crate::outcome::Failure;
use crate::school;
use crate::under_hold::OfRequests;

#[derive(Debug, Args)]
pub(crate) struct Who {
    /// Number of a person at the platform; again for another
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub(super) person: Vec<String>,
    /// File with a number on each line
    #[arg(long, value_name = "FILE")]
    pub(super) people: Option<PathBuf>,
    /// Of these only who is of this school in the directory: at the end of its contract
    #[arg(long, value_name = "SCHOOL")]
    pub(super) school: Option<String>,
    #[command(flatten)]
    pub(super) holds: HoldsFile,
    /// Leave out who is held, instead of doing nothing
    #[arg(long)]
    leave_out_held: bool,
}

/// Holds that no request knows.
#[derive(Debug, Args)]
pub(crate) struct HoldsFile {
    /// More people nothing of whom may go: lines `number,reason`; read again as long as a run goes on
    #[arg(long, value_name = "FILE")]
    pub(super) holds: Option<PathBuf>,
    /// Go on although nothing knows a number that a file of holds has: nobody is held by that line
    #[arg(long)]
    pub(super) unknown_holds: bool,
}

/// Who is meant.
pub(super) struct Meant {
    /// Their numbers, without those who are left out.
    pub(super) numbers: BTreeSet<String>,
    /// How many are held, by reason.
    held: BTreeMap<String, u64>,
    left_out: bool,
    /// Every name of the school at the end of whose contract it is; none where it is of no school.
    pub(super) school: BTreeSet<String>,
}

impl Meant {
    pub(super) fn is_hindered(&self) -> bool {
        !self.held.is_empty() && !self.left_out
    }

    pub(super) fn tell(&self) {
        for (reason, people) in &self.held {
            let what = if self.left_out {
                "left out"
            } else {
                "nothing of them may go"
            };
            anstream::println!("held      {people} people: {reason}; {what}");
        }
    }

    pub(super) fn must_be_free(&self) -> Result<(), Failure> {
        self.tell();
        if self.is_hindered() {
            return Err(Failure::new("nothing of some of these people may go now")
                .hint("`--leave-out-held` erases the others; plan with it, too"));
        }
        if self.numbers.is_empty() {
            return Err(Failure::new("nobody is left to erase"));
        }
        Ok(())
    }
}

/// Reads who is meant, and asks who is held. What cannot be asked is an error: then nothing goes.
pub(super) fn numbers(who: &Who, bench: &mut Bench<'_>) -> Result<Meant, Failure> {
    let mut all: BTreeSet<String> = who.person.iter().cloned().collect();
    if let Some(file) = &who.people {
        all.extend(read_ids(file)?);
    }
    let (folder, keys) = (&bench.folder, &bench.keys);
    let people = People::open(folder, keys)?;
    let requests = Holds::open(folder, keys)?;
    let names = who
        .school
        .as_ref()
        .map(|school| school::all_names(school, &bench.register.charter));
    if let Some(names) = &names {
        let (mut of_school, mut others, mut untold) = (BTreeSet::new(), 0, 0);
        for number in all {
            match school_of(&people, &requests, &number)? {
                Some(theirs) if names.contains(&normal_name(&theirs)) => _ = of_school.insert(number),
                Some(_) => others += 1,
                None => untold += 1,
            }
        }
        tell_others(others, untold);
        all = of_school;
        if all.is_empty() {
            return Err(nobody_of(who.school.as_deref().unwrap_or_default(), names, &people)?);
        }
    }
    if all.is_empty() {
        return Err(Failure::new(
            "expected `--person ID` or `--people FILE` with somebody in it",
        ));
    }
    let mut held = holds::read_all(bench)?;
    add_holds(&mut held, &all, &bench.of_requests()?)?;
    Ok(Meant {
        held: held.reasons(&all),
        numbers: if who.leave_out_held { held.free(&all) } else { all },
        left_out: who.leave_out_held,
        school: names.unwrap_or_default(),
    })
}

/// Why nobody is left of a school: it is misspelled, or others are named.
fn nobody_of(school: &str, names: &BTreeSet<String>, people: &People) -> Result<Failure, Failure> {
    if people.has_school(|name| names.contains(&normal_name(name)))? {
        return Ok(Failure::new(format!(
            "none of these people is of the school `{school}`"
        )));
    }
    let message = format!("nobody in the directory is of the school `{school}`");
    Ok(Failure::new(message).hint("name it as the people file or the register does"))
}

/// Since when somebody of them, or their school, has asked for what is done now: when the first open request for it was received, as
/// its clocks count; nothing where there is no such request.
pub(super) fn asked(meant: &Meant, folder: &DataFolder, keys: &Keys) -> Result<Vec<erase::Asked>, Failure> {
    let (requests, holds) = (Requests::open(folder, keys)?, Holds::open(folder, keys)?);
    let mut of_school = First::default();
    for name in &meant.school {
        of_school = of_school.or_earlier(first_received(&requests, &Concerned::school(name))?);
    }
    let mut all: BTreeMap<(Since, Option<Since>), u64> = BTreeMap::new();
    for number in &meant.numbers {
        let own = first_received(&requests, &holds.person(number))?;
        let first = own.or_earlier(of_school);
        if let Some(at) = first.by_anybody {
            *all.entry((at, first.by_school)).or_default() += 1;
        }
    }
    let all = all.into_iter().map(|((at, by_school_at), people)| erase::Asked {
        at,
        by_school_at,
        people,
    });
    Ok(all.collect())
}

/// When somebody first asked, and when a school did.
#[derive(Clone, Copy, Default)]
struct First {
    by_anybody: Option<Since>,
    by_school: Option<Since>,
}

impl First {
    fn or_earlier(self, other: Self) -> Self {
        let earlier = |one: Option<Since>, other| one.into_iter().chain(other).min();
        Self {
            by_anybody: earlier(self.by_anybody, other.by_anybody),
            by_school: earlier(self.by_school, other.by_school),
        }
    }
}

/// When the first open requests for erasure were received.
fn first_received(requests: &Requests, about: &Concerned) -> Result<First, Failure> {
    let mut first = First::default();
    for request in requests.about(about)? {
        let is_meant = matches!(request.kind, RequestKind::Erasure | RequestKind::SchoolDeletion);
        let progress = Progress::of(&request);
        let is_verified = request
            .steps
            .iter()
            .any(|step| matches!(step.event, Event::Verified { .. }));
        if !is_meant || !is_verified || !progress.state().is_open() {
            continue;
        }
        let received = Some(Since::Day(request.received_on));
        let is_by_school = request.by == Requester::School || request.kind == RequestKind::SchoolDeletion;
        first = first.or_earlier(First {
            by_anybody: received,
            by_school: received.filter(|_| is_by_school),
        });
    }
    Ok(first)
}

/// Adds why each of them is held.
pub(super) fn add_holds(held: &mut Held, numbers: &BTreeSet<String>, requests: &OfRequests) -> Result<(), Failure> {
    for number in numbers {
        for hold in requests.on(number)? {
            held.add(number, hold);
        }
    }
    Ok(())
}

/// Of the people of a file who stays because of the school: at the end of a contract nobody is passed over in silence.
fn tell_others(others: u64, untold: u64) {
    if others > 0 {
        anstream::eprintln!("note: {others} of the people are left out: they are of another school in the directory");
    }
    if untold > 0 {
        anstream::eprintln!(
            "note: {untold} of the people are left out: the directory does not say of which school they are"
        );
    }
}

fn school_of(people: &People, holds: &Holds, number: &str) -> Result<Option<String>, Failure> {
    match holds.person(number) {
        Concerned::Person(person) => Ok(people.school_of(person)?),
        Concerned::School(_) => Ok(None),
    }
}

/// Who got something of these people, as the ledger says.
#[derive(Default)]
pub(super) struct Recipients {
    /// Of how many people, and when last.
    pub(super) reached: BTreeMap<String, (u64, String)>,
    /// Of how many people the ledger cannot be asked: nobody knows them, or their keys are gone.
    pub(super) unknown: u64,
    /// The people of whom each got something, by their numbers.
    pub(super) of: BTreeMap<String, BTreeSet<String>>,
    /// People of whom the ledger says nothing.
    pub(super) untold: BTreeSet<String>,
}

/// Asks the ledger, where there is one.
pub(super) fn recipients(folders: &Folders, numbers: &BTreeSet<String>) -> Result<Recipients, Failure> {
    let mut all = Recipients::default();
    let folder = DataFolder::open_read(&folders.data)?;
    if folder.logs().is_ok_and(|logs| logs.is_empty()) {
        all.untold.clone_from(numbers);
        return Ok(all);
    }
    let asked = Asked::open(folders)?;
    for number in numbers {
        let entries = match asked.index.person(&asked.people, number) {
            Ok(entries) => entries,
            Err(PersonError::Unknown | PersonError::Forgotten) => {
                all.unknown += 1;
                all.untold.insert(number.clone());
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if entries.is_empty() {
            all.untold.insert(number.clone());
        }
        let mut of_person: BTreeMap<String, String> = BTreeMap::new();
        for entry in entries {
            if entry.void || !matches!(entry.fate, Fate::Left | Fate::MayHaveLeft) {
                continue;
            }
            let party = entry.entered.as_ref().and_then(|entered| entered.party.clone());
            let name = entry
                .recipient
                .or(entry.host)
                .or(party)
                .unwrap_or_else(|| "somebody".to_owned());
            let last = of_person.entry(name).or_default();
            *last = entry.at.max(std::mem::take(last));
        }
        for (name, last) in of_person {
            all.of.entry(name.clone()).or_default().insert(number.clone());
            let (people, last_at) = all.reached.entry(name).or_default();
            *people += 1;
            *last_at = last.max(std::mem::take(last_at));
        }
    }
    Ok(all)
}
