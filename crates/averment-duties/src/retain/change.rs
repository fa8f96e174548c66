//! What is due is ended: rule by rule, rows in batches and objects one by one, and looked at again.
//!
//! Start at [`Task::change_all`]. When somebody comes under hold meanwhile, who is is read again before the next batch.

use std::collections::BTreeMap;
use std::time::Duration;

use averment_register::StoreId;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Task;
use super::aged::Blind;
use super::batch::{Batches, Ended, Over, Progress};
use super::bound::Bound;
use super::due::Cut;
use super::look::{Eyes, Look, look};
use super::open::Opened;
use super::report::{Report, RuleReport};
use super::rule::{Rule, Rules, What};

/// When a run is.
struct Span<'a> {
    zone: &'a TimeZone,
    began: Timestamp,
    until: Timestamp,
}

impl Task<'_> {
    /// Ends what is due: rows that refer to others before those, and of one table by the shortest time first.
    pub(super) fn change_all(
        &self,
        rules: &Rules,
        zone: &TimeZone,
        stores: &mut BTreeMap<StoreId, Opened>,
        report: &mut Report,
    ) {
        let began = (self.now)();
        let span = Span {
            zone,
            began,
            until: began + self.settings.stop_after(),
        };
        let mut order: Vec<&Rule> = rules.rules.iter().collect();
        order.sort_by_key(|rule| {
            let place = stores
                .get(&rule.store)
                .map(|store| store.graph.order.place(&rule.table));
            (rule.store.clone(), place)
        });
        for rule in order {
            let Some(place) = report.rules.iter().position(|one| one.is_of(rule)) else {
                continue;
            };
            if rule.what == What::Objects {
                self.end_objects(rule, &span, &mut report.rules[place]);
            } else if let Some((ended, after)) = self.end_rows(rule, &span, stores) {
                report.rules[place].done(ended, after);
            }
        }
    }

    /// Ends the rows of a rule that are due, and looks again; none where they cannot be found any more.
    fn end_rows(
        &self,
        rule: &Rule,
        span: &Span<'_>,
        stores: &mut BTreeMap<StoreId, Opened>,
    ) -> Option<(Ended, Result<Look, String>)> {
        let mut progress = Progress::new(self.settings);
        loop {
            let store = stores.get_mut(&rule.store)?;
            let called = self.called(rule.school.as_ref());
            let bound = Bound::of(rule, &store.graph, store.database.dialect(), &called).ok()?;
            let batches = Batches {
                bound: &bound,
                cut: Cut::of(rule.duration, span.began, span.zone)?,
                held: &store.held,
                holds: self.holds,
                settings: self.settings,
                now: self.now,
                pause: self.pause,
                until: span.until,
            };
            if batches.run(&mut progress, &mut *store.database) == Over::Ended {
                let eyes = Eyes {
                    now: span.began,
                    zone: span.zone,
                    held: &store.held,
                };
                let after = look(&bound, &eyes, &mut *store.database).map_err(|error| error.to_string());
                return Some((progress.ended, after));
            }
            if let Err(because) = self.know_held(stores) {
                progress.ended.because = Some(because.clone());
                return Some((progress.ended, Err(because)));
            }
        }
    }

    /// Removes the objects of a rule that are due, and looks again.
    fn end_objects(&self, rule: &Rule, span: &Span<'_>, report: &mut RuleReport) {
        let told = |blind| match blind {
            Blind::Unseen(because) | Blind::Holds(because) => because,
        };
        let mut removed = 0_u32;
        let mut rest = || {
            removed += 1;
            if removed.is_multiple_of(self.settings.batch_rows.max(1)) {
                (self.pause)(Duration::from_millis(self.settings.pause_ms.into()));
            }
            match (self.now)() < span.until {
                true => Ok(()),
                false => Err("the time for a run was over; the next run goes on".to_owned()),
            }
        };
        let done = self.aged(rule, span.zone).and_then(|mut aged| {
            let seen = aged.look(span.began)?;
            let ended = aged.end(seen, &mut rest);
            Ok((ended, aged.look(span.began).map(|seen| seen.look).map_err(told)))
        });
        match done {
            Ok((ended, after)) => report.done(ended, after),
            Err(blind) => report.done(Ended::default(), Err(told(blind))),
        }
    }
}
