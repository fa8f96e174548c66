//! Data go when they are due: what claims say about how long data stay, looked for in the databases of the data map, and done.
//!
//! Start at [`Task::plan`], which changes nothing, and [`Task::run`]; [`measure`] says of each claim what that showed.
//!
//! Invariant: nothing goes whose time cannot be read, which is of somebody under hold, or while the clock is doubted. What is
//! due and still there afterwards is told.
//!
//! Source: GDPR Art. 5(1)(e), 17(1)(a); COPPA 16 CFR 312.10.

mod aged;
mod batch;
mod bound;
mod change;
mod clock;
mod due;
mod holds;
mod look;
mod measured;
mod objects;
mod open;
mod pace;
mod report;
mod rule;
mod schedule;
mod settings;
mod time;

use std::collections::BTreeMap;
use std::time::Duration;

use averment_register::{Charter, ControllerId, Store, StoreId};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::connect::{Database, Dialect};
use crate::objects::Objects;
use aged::{Aged, Blind};
use bound::Bound;
use clock::Witnesses;
use look::{Eyes, look, newest};
use open::Opened;

pub use batch::Ended;
pub use clock::Recorded;
pub use due::{Cut, Happened, due as due_after};
pub use holds::Holds;
pub use look::Look;
pub use measured::{BY, measure};
pub use report::{Report, RuleReport};
pub use rule::{Ending, Kept, Rule, Rules, Unmeasured, What, When, rules};
pub use schedule::next_run;
pub use settings::Retention;
pub use time::Reading;
pub(crate) use time::TimeColumn;

/// How stores are opened.
pub trait Stores {
    /// Connects to a store with tables.
    ///
    /// # Errors
    /// Why it cannot be reached, without addresses.
    fn open(&self, store: &Store) -> Result<Box<dyn Database>, String>;

    /// Opens a store of objects.
    ///
    /// # Errors
    /// Why it cannot be looked into.
    fn objects(&self, store: &Store) -> Result<Box<dyn Objects>, String> {
        Err(format!("nothing looks into the objects of store `{}`", store.id))
    }
}

/// What retention is done with.
pub struct Task<'a> {
    /// What is promised, and what is stored where.
    pub charter: &'a Charter,
    /// How it is done.
    pub settings: &'a Retention,
    /// How stores are opened.
    pub stores: &'a dyn Stores,
    /// Who is under hold.
    pub holds: &'a dyn Holds,
    /// The clock.
    pub now: &'a dyn Fn() -> Timestamp,
    /// Waits.
    pub pause: &'a dyn Fn(Duration),
    /// What the ledger says of the time.
    pub ledger: Recorded,
    /// Somebody has compared this clock with another one.
    pub clock_checked: bool,
    /// What else speaks against this clock.
    pub doubt: Option<String>,
    /// Puts on record that rows are about to go; when it cannot, none go.
    pub announce: &'a dyn Fn(&Report) -> Result<(), String>,
}

impl Task<'_> {
    /// Looks what is due. Changes nothing.
    ///
    /// # Errors
    /// When the settings name no time zone.
    pub fn plan(&self) -> Result<Report, String> {
        self.go(false)
    }

    /// Ends what is due, unless something speaks against it, and looks again.
    ///
    /// # Errors
    /// When the settings name no time zone.
    pub fn run(&self) -> Result<Report, String> {
        self.go(true)
    }

    fn go(&self, change: bool) -> Result<Report, String> {
        let zone = self.settings.time_zone()?;
        let rules = rules(self.charter);
        let mut report = Report::new((self.now)(), change, &rules);
        let mut stores = self.open(&rules, &mut report);
        self.look_at_all(&rules, &zone, &mut stores, &mut report);
        self.look_at_objects(&rules, &zone, &mut report);
        report.refused = report
            .refused
            .take()
            .or_else(|| self.doubt.clone())
            .or_else(|| self.doubt(&mut stores, &report));
        let by = objects::Late {
            charter: self.charter,
            rules: &rules,
            now: (self.now)(),
            zone: &zone,
        };
        let mut late = |one: &Unmeasured| objects::may_be_late(one, &by, self.stores, &mut stores);
        report.unmeasured.retain(|one| late(one));
        report.refused = report.refused.take().or_else(|| self.doubt(&mut stores, &report));
        if change && report.refused.is_none() && report.overdue() > 0 {
            report.refused = (self.announce)(&report).err();
        }
        if change && report.refused.is_none() {
            self.change_all(&rules, &zone, &mut stores, &mut report);
        }
        report.until = (self.now)();
        Ok(report)
    }

    fn look_at_all(&self, rules: &Rules, zone: &TimeZone, stores: &mut BTreeMap<StoreId, Opened>, report: &mut Report) {
        let now = (self.now)();
        for rule in &rules.rules {
            let Some(store) = stores.get_mut(&rule.store) else {
                continue;
            };
            let bound = match Bound::of(
                rule,
                &store.graph,
                store.database.dialect(),
                &self.called(rule.school.as_ref()),
            ) {
                Ok(bound) => bound,
                Err(because) => {
                    report.not_seen(rule, &because);
                    continue;
                }
            };
            if let Err(because) = bound.must_know_school(&mut *store.database) {
                report.not_seen(rule, &because);
                continue;
            }
            let eyes = Eyes {
                now,
                zone,
                held: &store.held,
            };
            match look(&bound, &eyes, &mut *store.database) {
                Ok(seen) => {
                    report.newest = report.newest.max(newest(&bound, &seen));
                    report.rules.push(RuleReport::new(&bound, &self.settings.zone, seen));
                }
                Err(error) => report.not_seen(rule, &error.to_string()),
            }
        }
    }

    fn look_at_objects(&self, rules: &Rules, zone: &TimeZone, report: &mut Report) {
        let now = (self.now)();
        for rule in rules.rules.iter().filter(|rule| rule.what == What::Objects) {
            let seen = self.aged(rule, zone).and_then(|mut aged| aged.look(now));
            match seen {
                Ok(seen) => {
                    // That nothing is written for long says nothing of the clock; that something was written later does.
                    let newest = seen.newest.filter(|at| *at > now || report.newest.is_some());
                    report.newest = report.newest.max(newest);
                    report.rules.push(RuleReport::of_objects(rule, seen.look));
                }
                Err(Blind::Unseen(because)) => report.not_seen(rule, &because),
                Err(Blind::Holds(because)) => {
                    report.not_seen(rule, "who is under hold cannot be known");
                    report.refused = Some(format!("who is under hold cannot be known: {because}"));
                }
            }
        }
    }

    /// The objects of a rule.
    fn aged<'b>(&'b self, rule: &'b Rule, zone: &'b TimeZone) -> Result<Aged<'b>, Blind> {
        let store = self.charter.content().data.get(&rule.store);
        let found = store.and_then(|store| Some((store, store.table(&rule.table)?)));
        let (store, map) = found.ok_or_else(|| Blind::Unseen("it is not in the data map".to_owned()))?;
        let objects = self.stores.objects(store).map_err(Blind::Unseen)?;
        Ok(Aged {
            rule,
            map,
            objects,
            holds: self.holds,
            zone,
        })
    }

    /// Why this clock cannot be believed.
    fn doubt(&self, stores: &mut BTreeMap<StoreId, Opened>, report: &Report) -> Option<String> {
        let mut witnesses = Witnesses {
            ledger: self.ledger,
            newest: report.newest,
            checked: self.clock_checked,
            database: None,
        };
        for store in stores.values_mut() {
            witnesses.database = clock_of(&mut *store.database);
            let doubt = witnesses.doubt((self.now)());
            if doubt.is_some() {
                return doubt;
            }
        }
        // Also where no store could be opened: a run that was not refused vouches for its clock.
        witnesses.database = None;
        witnesses.doubt((self.now)())
    }

    /// What a school is called in the databases.
    fn called(&self, school: Option<&ControllerId>) -> Vec<String> {
        let Some(school) = school else { return Vec::new() };
        if let Some(called) = self.settings.schools.get(school) {
            return vec![called.clone()];
        }
        let name = self
            .charter
            .content()
            .controllers
            .get(school)
            .map(|controller| controller.name.clone());
        std::iter::once(school.to_string()).chain(name).collect()
    }
}

/// How late it is where the rows are; none for a file, which has no clock of its own.
fn clock_of(database: &mut dyn Database) -> Option<Timestamp> {
    let sql = match database.dialect() {
        Dialect::Postgres => "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
        Dialect::Mysql => "select date_format(utc_timestamp(), '%Y-%m-%dT%H:%i:%sZ')",
        Dialect::Sqlite => return None,
    };
    database.one(sql, &[]).ok().flatten()?.parse().ok()
}
