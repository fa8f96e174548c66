//! A run: begun, erased, swept. Each step is written down before the next.

mod asking;
mod notes;

use std::collections::{BTreeMap, BTreeSet};

use averment_store::Keys;
use jiff::Timestamp;

use super::asked::Asked;
use super::asks::Names;
use super::bystanders::Bystanders;
use super::execute::{ByTable, Counts};
use super::harvest::{Known, harvest};
use super::journal::{Journal, Run, Stage};
use super::plan::Plan;
use super::stores::{Kept, Opened};
use super::sweep::{Swept, sweep};
use super::tombstones::Tombstones;
use super::work::Work;
use super::{EraseError, after, execute};
pub use asking::{Asking, Concerned, MayErase, MayGo};
use notes::Notes;

/// People whose rows go in one transaction, where nobody says otherwise.
pub const PEOPLE_AT_ONCE: usize = 100;
/// The part of a batch that is not taken away in parts before.
const MAIN: u64 = 0;

/// A place in a run that whoever watches is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// The run is written down.
    Begun,
    /// The list of who was erased is on disk.
    Listed,
    /// A statement was run in a transaction that is not durable yet, or an object went.
    Changed,
    /// A transaction has done its work, and how much is not written down yet.
    Worked,
    /// How much is written down, and the transaction is not durable.
    Ready,
    /// The transaction is durable, and that is not written down.
    Committed,
    /// That is written down, too.
    Noted,
    /// Everything was erased.
    Erased,
    /// What stores keep beside live rows was cleaned up.
    Cleaned,
    /// Everything was looked at.
    Swept,
}

/// People whose rows go together, some of all who are erased.
struct Batch<'a> {
    number: usize,
    known: &'a Known,
    everybody: &'a BTreeSet<String>,
}

/// Erases people.
pub struct Eraser<'a> {
    /// The stores, all of the data map.
    pub stores: &'a mut [Opened],
    /// What is written down.
    pub journal: &'a Journal,
    /// Of the data folder.
    pub keys: &'a Keys,
    /// People whose rows go in one transaction: [`PEOPLE_AT_ONCE`].
    pub at_once: usize,
    /// Told of every step.
    pub progress: &'a mut dyn FnMut(Point),
}

/// In whose name a run is made, and why.
#[derive(Debug, Clone, Copy)]
pub struct Mandate<'a> {
    /// Who runs it: a role.
    pub by: &'a str,
    /// Since when it was asked for, where that is known.
    pub asked: &'a [Asked],
    /// Where more holds stand, which whoever goes on with the run reads again.
    pub holds: Option<&'a str>,
}

impl<'a> Mandate<'a> {
    /// Of somebody who was not asked to, as far as is known.
    pub fn of(by: &'a str) -> Self {
        Self {
            by,
            asked: &[],
            holds: None,
        }
    }
}

impl std::fmt::Debug for Eraser<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Eraser({:?})", self.stores)
    }
}

impl Eraser<'_> {
    /// Writes a run down, with everything by which the people are found; nothing is changed.
    ///
    /// # Errors
    /// [`EraseError::Problems`] where the plan cannot be run; others as they come.
    pub fn begin(
        &mut self,
        numbers: &BTreeSet<String>,
        plan: &Plan,
        mandate: &Mandate<'_>,
        now: Timestamp,
    ) -> Result<Run, EraseError> {
        let problems = plan.problems();
        if !problems.is_empty() {
            return Err(EraseError::Problems(problems));
        }
        let batches = self.harvested(numbers)?;
        let run = self.journal.begin(plan, &batches, self.keys, mandate, now)?;
        (self.progress)(Point::Begun);
        Ok(run)
    }

    /// Puts the people of a run on the list that outlives backups. Before anything goes: what is restored between a crash and
    /// the end of the run is then known as well.
    ///
    /// # Errors
    /// [`EraseError`].
    pub fn list(&mut self, run: &Run, tombstones: &mut Tombstones, now: Timestamp) -> Result<(), EraseError> {
        let stores: Vec<String> = self.stores.iter().map(|opened| opened.store.id.to_string()).collect();
        for known in self.batches(run)? {
            tombstones.add(&stores, &known.subject(), &run.id, self.keys, now)?;
        }
        (self.progress)(Point::Listed);
        Ok(())
    }

    pub(super) fn batches(&self, run: &Run) -> Result<Vec<Known>, EraseError> {
        self.journal.batches(&run.id, self.keys)?.ok_or(EraseError::OtherKeys)
    }

    /// What each person of a run that is not over is known by in the stores, as long as they know it. `each`: which of the run's
    /// people, their number, what they are known by.
    ///
    /// # Errors
    /// [`EraseError`].
    pub fn each_known(&mut self, run: &Run, each: &mut dyn FnMut(u64, &str, &Names)) -> Result<(), EraseError> {
        let mut person = 0;
        for batch in self.batches(run)? {
            for number in &batch.numbers {
                let names = match batch.numbers.len() {
                    1 => batch.names(),
                    _ => harvest(self.stores, &BTreeSet::from([number.clone()]), &batch.numbers)?.names(),
                };
                each(person, number, &names);
                person += 1;
            }
        }
        Ok(())
    }

    /// The numbers of the people of a run that is not over.
    ///
    /// # Errors
    /// [`EraseError`].
    pub fn numbers(&self, run: &Run) -> Result<BTreeSet<String>, EraseError> {
        Ok(self.batches(run)?.into_iter().flat_map(|known| known.numbers).collect())
    }

    /// Whom a run that is not over is about, others whose rows go with theirs as the stores are now.
    ///
    /// # Errors
    /// [`EraseError`].
    pub fn concerned(&mut self, run: &Run) -> Result<Concerned, EraseError> {
        let batches = self.batches(run)?;
        let everybody = batches.iter().flat_map(|known| known.numbers.iter().cloned()).collect();
        Concerned::of(self.stores, &batches, &everybody)
    }

    /// The same of people of whom no run is begun yet.
    ///
    /// # Errors
    /// [`EraseError`].
    pub fn would_concern(&mut self, numbers: &BTreeSet<String>) -> Result<Concerned, EraseError> {
        let batches = self.harvested(numbers)?;
        Concerned::of(self.stores, &batches, numbers)
    }

    fn harvested(&mut self, everybody: &BTreeSet<String>) -> Result<Vec<Known>, EraseError> {
        let numbers: Vec<&String> = everybody.iter().collect();
        let mut batches = Vec::new();
        for batch in numbers.chunks(self.at_once.max(1)) {
            let batch: BTreeSet<String> = batch.iter().map(|number| (*number).clone()).collect();
            batches.push(harvest(self.stores, &batch, everybody)?);
        }
        Ok(batches)
    }

    /// Erases everything that the plan says, going on from where the run was cut off. The entry that it is planned must be in
    /// the ledger. `may`: asked before each transaction, in it, before it becomes durable, and before each object.
    ///
    /// # Errors
    /// [`EraseError`]; what was done is written down, and the run can go on.
    pub fn erase(&mut self, run: &Run, may: MayErase<'_>) -> Result<(), EraseError> {
        let batches = self.batches(run)?;
        let everybody = batches.iter().flat_map(|known| known.numbers.iter().cloned()).collect();
        // What came since is for a round of its own: the steps of those before are done.
        let first = self.journal.round(&run.id)? * batches.len();
        for (batch, known) in batches.iter().enumerate() {
            for index in 0..self.stores.len() {
                let batch = Batch {
                    number: first + batch,
                    known,
                    everybody: &everybody,
                };
                self.erase_in(run, &batch, index, may)?;
            }
        }
        self.journal.set_stage(&run.id, Stage::Erased)?;
        (self.progress)(Point::Erased);
        Ok(())
    }

    fn erase_in(&mut self, run: &Run, batch: &Batch<'_>, index: usize, may: MayErase<'_>) -> Result<(), EraseError> {
        let known = batch.known;
        let opened = &mut self.stores[index];
        let id = opened.store.id.clone();
        let mut notes = Notes {
            journal: self.journal,
            run: &run.id,
            batch: batch.number,
            store: id.as_str(),
            progress: &mut *self.progress,
            may,
        };
        let before = notes.step(MAIN)?;
        if before.as_ref().is_some_and(|step| step.done) {
            return Ok(());
        }
        match &mut opened.kept {
            Kept::Objects(objects) => {
                let done = match before {
                    Some(step) => step.counts,
                    None => listed(objects.as_mut(), &opened.store, known).map_err(EraseError::objects(&id))?,
                };
                notes.ready(MAIN, &done, 0)?;
                let mut may = || (notes.may)(Asking::Again);
                execute::objects(objects.as_mut(), &opened.store, known, notes.progress, &mut may)?;
                notes.done(MAIN, &done)
            }
            Kept::Tables { database, graph } => {
                let work = Work::of(id.as_str(), graph, database.dialect());
                let subject = known.subject();
                notes.thin_out(database.as_mut(), graph, &work, &subject)?;
                let failed = EraseError::database(&id);
                let (graph, keys) = (graph.as_ref(), self.keys);
                notes.transaction(database.as_mut(), before, &failed, &mut |database, progress, may| {
                    Bystanders::lock(database, graph, &work, &subject).map_err(&failed)?;
                    let mut read = || {
                        let found = Bystanders::in_store(database, graph, &work, &subject, batch.everybody);
                        Ok(Concerned::from(found.map_err(&failed)?))
                    };
                    may(Asking::Others(&mut read))?;
                    let done = execute::tables(database, graph, &work, known, keys, progress).map_err(&failed)?;
                    match done.values().map(|counts| counts.others_deleted).sum() {
                        0 => {}
                        rows => may(Asking::RowsOfOthers(rows))?,
                    }
                    Ok((done, 0))
                })
            }
        }
    }

    /// Cleans up what stores keep beside live rows and objects; says what was done and what was not.
    ///
    /// # Errors
    /// None: what could not be done is said.
    pub fn clean(&mut self, run: &Run) -> Result<Vec<after::Cleaned>, EraseError> {
        let counts = self.journal.counts(&run.id)?;
        let mut cleaned = Vec::new();
        for opened in self.stores.iter_mut() {
            let touched: Vec<String> = counts
                .get(opened.store.id.as_str())
                .map(|tables| tables.keys().cloned().collect())
                .unwrap_or_default();
            cleaned.push(after::clean(opened, &touched));
        }
        (self.progress)(Point::Cleaned);
        Ok(cleaned)
    }

    /// Looks for the people of a run everywhere, by keys, by what they are called, and in files.
    ///
    /// # Errors
    /// [`EraseError`] when a store cannot be read: it is then not swept.
    pub fn sweep(&mut self, run: &Run) -> Result<Vec<Swept>, EraseError> {
        let batches = self.batches(run)?;
        let mut swept = Vec::new();
        for opened in self.stores.iter_mut() {
            swept.push(sweep(opened, &batches, self.keys)?);
        }
        (self.progress)(Point::Swept);
        Ok(swept)
    }

    /// What a run did, by store and table.
    ///
    /// # Errors
    /// [`EraseError`].
    pub fn counts(&self, run: &Run) -> Result<BTreeMap<String, BTreeMap<String, Counts>>, EraseError> {
        Ok(self.journal.counts(&run.id)?)
    }
}

/// How many objects will go.
fn listed(
    objects: &mut dyn crate::objects::Objects,
    store: &averment_register::Store,
    known: &Known,
) -> Result<ByTable, crate::objects::ObjectError> {
    let (mut counts, subject) = (ByTable::new(), known.subject());
    for map in store.tables.iter().filter(|map| map.is_personal()) {
        let goes = map.on_erase() == averment_register::OnErase::Delete;
        let found = crate::objects::names_of(objects, map, &subject)?.len() as u64;
        if goes && found > 0 {
            counts.entry(map.name().to_owned()).or_default().deleted = found;
        }
    }
    Ok(counts)
}
