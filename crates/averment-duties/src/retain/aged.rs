//! Objects that are due: by when each was last written, which is the only time that a store tells of it.
//!
//! Start at [`Aged::look`] and [`Aged::end`]. Of what was written several times each version that is kept counts, and goes, by
//! itself, also where the object was removed; where only the newest is kept, it counts from then on.
//!
//! Invariant: a version goes only while it is as old as it was when it was looked at, and while nobody whose it may be is under hold.

use averment_register::StoreTable;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Holds;
use super::batch::Ended;
use super::due::{Cut, Happened, due};
use super::look::Look;
use super::rule::Rule;
use crate::graph::Subject;
use crate::objects::{Listed, Objects, Pattern, element_of};

/// Times before 1990 are none.
const FIRST_SECOND: i64 = 631_152_000;

/// The objects that a rule is about.
pub(super) struct Aged<'a> {
    pub(super) rule: &'a Rule,
    pub(super) map: &'a StoreTable,
    pub(super) objects: Box<dyn Objects>,
    pub(super) holds: &'a dyn Holds,
    pub(super) zone: &'a TimeZone,
}

/// Why the objects of a rule could not be looked at.
pub(super) enum Blind {
    /// The store does not answer.
    Unseen(String),
    /// Who is under hold cannot be known: nothing may go.
    Holds(String),
}

/// What was seen of the objects of a rule.
pub(super) struct Seen {
    pub(super) look: Look,
    /// Those that are due and nobody's under hold.
    due: Vec<Listed>,
    /// The newest time.
    pub(super) newest: Option<Timestamp>,
}

impl Aged<'_> {
    /// Looks how old they are.
    pub(super) fn look(&mut self, now: Timestamp) -> Result<Seen, Blind> {
        let pattern = Pattern::of(self.map);
        let listed = self.objects.versions(pattern.beginning());
        let listed = listed.map_err(|error| Blind::Unseen(error.to_string()))?;
        let any_held = self.holds.are_any().map_err(Blind::Holds)?;
        let cut = Cut::of(self.rule.duration, now, self.zone);
        let mut seen = Seen {
            look: Look::default(),
            due: Vec::new(),
            newest: None,
        };
        let mut oldest: Option<Timestamp> = None;
        let mut oldest_not_due: Option<Timestamp> = None;
        // A mark of removal holds nothing, and without it what it hides would be seen again.
        let kept = listed.into_iter().filter(|one| !one.is_removal);
        for one in kept.filter(|one| pattern.fits(&one.name)) {
            seen.look.rows += 1;
            let Some(at) = written(&one) else {
                seen.look.unread += 1;
                continue;
            };
            oldest = Some(oldest.map_or(at, |oldest| oldest.min(at)));
            seen.newest = seen.newest.max(Some(at));
            if !cut.as_ref().is_some_and(|cut| cut.is_after(Happened::At(at))) {
                oldest_not_due = Some(oldest_not_due.map_or(at, |oldest| oldest.min(at)));
                continue;
            }
            seen.look.due += 1;
            match any_held && self.is_held(&pattern, &one.name)? {
                true => seen.look.held += 1,
                false => seen.due.push(one),
            }
        }
        seen.look.oldest_days = oldest.map(|at| now.duration_since(at).as_hours() / 24);
        seen.look.oldest = oldest.map(|at| format!("{at:.0}"));
        let next = oldest_not_due.map(Happened::At);
        seen.look.next_due = next.and_then(|next| due(self.rule.duration, next, self.zone));
        Ok(seen)
    }

    /// Whether an object may be somebody's who is under hold: also where nothing says whose it is.
    fn is_held(&self, pattern: &Pattern, name: &str) -> Result<bool, Blind> {
        let key = self.map.key.as_ref().filter(|key| pattern.has(key));
        let Some(key) = key.filter(|_| element_of(self.map) == Some(Subject::number())) else {
            return Ok(true);
        };
        for number in pattern.readings(key, name) {
            if self.holds.is_held(number).map_err(Blind::Holds)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes what was seen to be due, the oldest first. `rest`: called after each; why to stop, where it is time to.
    pub(super) fn end(&mut self, mut seen: Seen, rest: &mut dyn FnMut() -> Result<(), String>) -> Ended {
        let mut ended = Ended::default();
        seen.due.sort_by_key(|one| (one.modified, one.name.clone()));
        for one in &seen.due {
            let gone = self.remove(one).and_then(|gone| {
                ended.rows += u64::from(gone);
                rest()
            });
            if let Err(because) = gone {
                ended.because = Some(because);
                break;
            }
        }
        ended
    }

    /// Removes one that was not written again since, while nobody whose it may be is under hold.
    fn remove(&mut self, one: &Listed) -> Result<bool, String> {
        let told = |error: crate::objects::ObjectError| error.to_string();
        if self.is_held_by_now(&one.name)? {
            return Ok(false);
        }
        let second = |at: Option<Timestamp>| at.map(Timestamp::as_second);
        let now = self.objects.stat(one).map_err(told)?;
        match now.is_some() && second(now) == second(one.modified) {
            true => self.objects.delete_version(one).map_err(told),
            false => Ok(false),
        }
    }

    /// Holds may have come while others went.
    fn is_held_by_now(&self, name: &str) -> Result<bool, String> {
        let blind = |blind| match blind {
            Blind::Unseen(because) | Blind::Holds(because) => because,
        };
        Ok(self.holds.are_any()? && self.is_held(&Pattern::of(self.map), name).map_err(blind)?)
    }
}

/// When an object was last written; none where that is not told or cannot be.
fn written(one: &Listed) -> Option<Timestamp> {
    one.modified.filter(|at| at.as_second() >= FIRST_SECOND)
}
