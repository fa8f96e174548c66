//! A plan or a run with everything it needs from outside, and what is recorded of it.

use std::path::Path;

use averment_duties::connect::Database;
use averment_duties::objects::Objects;
use averment_duties::retain::{Recorded, Report, Stores, Task, measure, next_run};
use averment_ledger::{Deed, Document, Measurement, Retention};
use averment_register::Store;
use averment_store::{DataFolder, Keys, Parcel, ReadError, entries, trusted};
use jiff::Timestamp;

use super::holds::OfFolder;
use crate::cli::Folders;
use crate::commands::measured::{self, One, Paper};
use crate::deed_lock::{DeedLock, NoLock};
use crate::duties::{Duties, DutiesOptions};
use crate::outcome::Failure;
use crate::register::{self, Register};
use crate::{clock, recording};

/// The deed, in the name of its lock.
const DEED: &str = "retain";
/// Name of the report that entries point to.
const REPORT: &str = "retention.json";

/// What a plan or a run needs.
pub(crate) struct Doing {
    register: Register,
    duties: Duties,
    folders: Folders,
    folder: DataFolder,
    keys: Keys,
}

/// Stores as the settings reach them.
pub(crate) struct OfMap<'a>(pub(crate) &'a Duties);

impl Stores for OfMap<'_> {
    fn open(&self, store: &Store) -> Result<Box<dyn Database>, String> {
        self.0.connect(store).map_err(|failure| failure.in_one_line())
    }

    fn objects(&self, store: &Store) -> Result<Box<dyn Objects>, String> {
        self.0.objects(store).map_err(|failure| failure.in_one_line())
    }
}

impl Doing {
    /// Opens register, settings and data folder.
    pub(crate) fn open(register: &Path, duties: &DutiesOptions, folders: &Folders) -> Result<Self, Failure> {
        let register = register::open(Some(register))?;
        if register.charter.content().data.is_empty() {
            return Err(
                Failure::new("the register has no data map: nothing says what is stored where")
                    .hint("`averment new data` begins one, `averment scan schema` proposes what stands in it"),
            );
        }
        let duties = Duties::open(duties)?;
        let (folder, keys) = DataFolder::open_unlocked(&folders.data, &folders.keys)?;
        Ok(Self {
            register,
            duties,
            folders: folders.clone(),
            folder,
            keys,
        })
    }

    /// Says of which stores the settings speak that the data map does not have.
    pub(super) fn tell_unknown_stores(&self) {
        self.duties.tell_unknown_stores(&self.register.charter);
    }

    /// Looks what is due.
    pub(crate) fn plan(&self) -> Result<Report, Failure> {
        self.with_task(false, None, |task| task.plan())
    }

    /// Keeps every other run off this data folder until it is dropped.
    pub(crate) fn lock(&self) -> Result<DeedLock, NoLock> {
        DeedLock::take(&self.folder, DEED)
    }

    /// Lets go what is due and records that: before, when something is to go; after, always; and what it says of each claim.
    ///
    /// `scheduled`: whether this is done by itself again and again. Two runs at once would count what the other does: hence the lock.
    pub(crate) fn run(
        &self,
        _lock: &DeedLock,
        clock_checked: bool,
        scheduled: bool,
        doubt: Option<String>,
    ) -> Result<Report, Failure> {
        let report = self.with_task(clock_checked, doubt, |task| task.run())?;
        self.record(&report, state(&report), true)?;
        self.measured(&report, scheduled)?;
        Ok(report)
    }

    fn with_task(
        &self,
        clock_checked: bool,
        doubt: Option<String>,
        work: impl FnOnce(&Task<'_>) -> Result<Report, String>,
    ) -> Result<Report, Failure> {
        let announce = |report: &Report| {
            let recorded = self.record(report, "begun", false);
            recorded.map_err(|failure| format!("it cannot be put on record: {}", failure.in_one_line()))
        };
        let task = Task {
            charter: &self.register.charter,
            settings: &self.duties.settings.retention,
            stores: &OfMap(&self.duties),
            holds: &OfFolder::open(&self.folder, &self.keys, &self.register.charter),
            now: &clock::now,
            pause: &std::thread::sleep,
            ledger: self.recorded()?,
            clock_checked,
            doubt,
            announce: &announce,
        };
        work(&task).map_err(Failure::new)
    }

    /// What the ledger says of the time, from the last run on that believed its clock. Refused runs did not.
    fn recorded(&self) -> Result<Recorded, Failure> {
        let mut times = Vec::new();
        self.each_entry(|at, deed| witness(&mut times, at, deed))?;
        Ok(Recorded::of(times))
    }

    /// Goes through the entries of the ledger in their order, with their times.
    fn each_entry(&self, mut see: impl FnMut(Timestamp, &Deed)) -> Result<(), Failure> {
        let read = match trusted(&self.folder, &self.keys).and_then(|trusted| entries(&self.folder, trusted)) {
            Err(ReadError::NoLedger { .. }) => return Ok(()),
            read => read?,
        };
        for numbered in read {
            let entry = numbered?.entry;
            if let Ok(at) = entry.at.parse() {
                see(at, &entry.deed);
            }
        }
        Ok(())
    }

    /// When the last run ended, whatever came of it; a clock that was ahead is not waited for.
    pub(crate) fn last_run(&self) -> Result<Option<Timestamp>, Failure> {
        let (now, mut last) = (clock::now(), None);
        self.each_entry(|at, deed| {
            let is_run = matches!(deed, Deed::Retention(run) if run.state != "begun" && looked(run));
            last = last.max(Some(at).filter(|at| is_run && *at <= now));
        })?;
        Ok(last)
    }

    /// When the next run is due; none when it is not done by itself.
    pub(crate) fn next_run(&self, last: Option<Timestamp>) -> Result<Option<Timestamp>, Failure> {
        let settings = &self.duties.settings.retention;
        let zone = settings.time_zone().map_err(Failure::new)?;
        Ok(next_run(settings, &zone, last, clock::now()))
    }

    fn record(&self, report: &Report, state: &str, with_report: bool) -> Result<(), Failure> {
        let document = match with_report {
            true => {
                let text = format!("{:#}\n", serde_json::json!(report));
                Some(recording::keep_bytes(&self.folder, text.as_bytes(), REPORT)?)
            }
            false => None,
        };
        let parcel = Parcel::new(Deed::Retention(deed(report, state, document)?));
        recording::record(&self.folders, &[parcel], self.register.charter.digest())?;
        Ok(())
    }

    /// Records what a plan or a run says of each claim.
    pub(crate) fn measured(&self, report: &Report, scheduled: bool) -> Result<(), Failure> {
        let all = measure(report, scheduled);
        if all.is_empty() {
            return Ok(());
        }
        let all = all.into_iter().map(|one| as_entered(one, report)).collect();
        let paper = Paper::Report {
            name: REPORT.to_owned(),
            report: serde_json::json!(report),
        };
        measured::enter(all, Some(paper), &self.register, &self.folders)?;
        Ok(())
    }
}

/// Adds the time of an entry to those that speak for or against a clock.
fn witness(times: &mut Vec<Timestamp>, at: Timestamp, deed: &Deed) {
    match deed {
        Deed::Retention(run) if run.state == "refused" || !looked(run) => {}
        Deed::Retention(_) => *times = vec![at],
        _ => times.push(at),
    }
}

/// Whether a run came as far as to look at anything: one that could not be done to its end may not have.
fn looked(run: &Retention) -> bool {
    run.state != "failed" || run.rules > 0
}

/// Puts on record that a run could not be done, so that it is not taken for one that had nothing to do.
pub(crate) fn failed(folders: &Folders, because: &str) -> Result<(), Failure> {
    let run = Retention {
        id: recording::new_id()?,
        state: "failed".to_owned(),
        because: Some(because.to_owned()),
        ..Retention::default()
    };
    recording::record(folders, &[Parcel::new(Deed::Retention(run))], None)?;
    Ok(())
}

/// In a word, for the ledger.
fn state(report: &Report) -> &'static str {
    match (report.overdue(), report.ended()) {
        _ if report.refused.is_some() => "refused",
        (0, _) => "done",
        (_, 0) => "failed",
        _ => "incomplete",
    }
}

fn deed(report: &Report, state: &str, document: Option<Document>) -> Result<Retention, Failure> {
    let sum = |of: fn(&averment_duties::retain::Look) -> u64| report.rules.iter().map(|rule| of(rule.now())).sum();
    let mut tables: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    for rule in &report.rules {
        if let Some(rows) = rule.ended.filter(|rows| *rows > 0) {
            *tables.entry(format!("{}.{}", rule.store, rule.table)).or_default() += rows;
        }
    }
    let stopped = report.rules.iter().find_map(|rule| rule.stopped.clone());
    Ok(Retention {
        id: recording::new_id()?,
        state: state.to_owned(),
        rules: report.rules.len() as u64,
        overdue_before: report.rules.iter().map(|rule| rule.before.overdue()).sum(),
        overdue_after: report.overdue(),
        tables: tables.into_iter().collect(),
        held: sum(|look| look.held),
        unreadable: sum(|look| look.unread),
        unseen: report.unmeasured.iter().filter(|one| one.store.is_some()).count() as u64,
        because: report.refused.clone().or(stopped),
        document,
    })
}

fn as_entered(one: Measurement, report: &Report) -> One {
    One {
        id: None,
        claim: one.claim,
        by: one.by,
        plane: Some(Store::PLANE),
        from: report.from,
        until: report.until,
        observed: one.observed,
        contrary: one.contrary,
        unreadable: one.unreadable,
        unseen: one.unseen,
        enforcing: one.enforcing,
        places: one.places,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_was_not_refused_ends_what_was_recorded_before_it() {
        let ran = |state: &str| {
            Deed::Retention(Retention {
                state: state.to_owned(),
                ..Retention::default()
            })
        };
        let other = Deed::Measurement(Measurement::default());
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (right, wrong) = (at("2026-11-22T12:00:00Z"), at("2036-11-22T12:00:00Z"));
        let mut times = Vec::new();
        witness(&mut times, right, &other);
        witness(&mut times, wrong, &ran("refused"));
        assert_eq!(times, [right], "it did not believe its clock");
        witness(&mut times, wrong, &other);
        assert_eq!(times, [right, wrong]);
        witness(&mut times, right, &ran("done"));
        assert_eq!(times, [right]);
        witness(&mut times, wrong, &ran("failed"));
        assert_eq!(times, [right], "it looked at nothing, and not at its clock");
    }
}
