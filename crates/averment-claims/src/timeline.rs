//! Counts per hour, so that a window of time can slide over them without keeping every message.
//!
//! The window's edge is the full hour before it, so up to 59 minutes more than the window counts.

use std::collections::{BTreeMap, VecDeque};

use averment_catalog::ElementId;
use jiff::{SignedDuration, Timestamp};

use crate::evidence::{Contrary, Evidence, Left};
use crate::judge::Reading;

/// Contrary messages that are remembered one by one, per claim and plane. Their number is always kept.
const REMEMBERED: usize = 64;

/// Hour of an entry whose time cannot be read: later than any other, so that it counts only against a claim.
const NO_TIME: i64 = i64::MAX;

/// The hour that a message counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hour(i64);

impl Hour {
    pub(crate) fn of(at: Option<Timestamp>) -> Self {
        Self(at.map_or(NO_TIME, |at| at.as_second().div_euclid(3600)))
    }
}

#[derive(Debug, Clone, Default)]
struct Tally {
    observed: u64,
    refused: u64,
    not_sent: u64,
    contrary: u64,
    prevented: u64,
    unreadable: u64,
    unattributed: u64,
    reported: u64,
    enforced: u64,
    not_enforced: u64,
    own_mailboxes: u64,
    first_at: Option<Timestamp>,
    last: Option<(Timestamp, u64)>,
    /// Messages by position in the fold's list of charter digests.
    charters: BTreeMap<usize, u64>,
}

/// One message as a timeline takes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) index: u64,
    pub(crate) at: Option<Timestamp>,
    pub(crate) charter: usize,
    pub(crate) refused: bool,
    /// Whether it held a mailbox of the platform's own, which is no finding.
    pub(crate) own_mailbox: bool,
}

/// Everything seen about one claim on one plane.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timeline {
    hours: BTreeMap<Hour, Tally>,
    contraries: VecDeque<Contrary>,
    /// Last message of the hours that were forgotten.
    last_forgotten: Option<(Timestamp, u64)>,
}

impl Timeline {
    pub(crate) fn add(&mut self, seen: Seen, reading: &Reading) {
        let tally = self.hours.entry(Hour::of(seen.at)).or_default();
        tally.observed += 1;
        tally.refused += u64::from(seen.refused);
        tally.contrary += u64::from(reading.against && !seen.refused);
        tally.prevented += u64::from(reading.against && seen.refused);
        tally.unreadable += u64::from(reading.unreadable && !seen.refused);
        tally.unattributed += u64::from(reading.unattributed && !seen.refused);
        tally.reported += u64::from(reading.reported);
        tally.enforced += u64::from(reading.enforced);
        tally.not_enforced += u64::from(reading.not_enforced);
        tally.own_mailboxes += u64::from(seen.own_mailbox && !seen.refused);
        tally.first_at = tally.first_at.into_iter().chain(seen.at).min();
        tally.last = tally.last.max(seen.at.map(|at| (at, seen.index)));
        *tally.charters.entry(seen.charter).or_default() += 1;
        if reading.against && !seen.refused {
            self.remember(seen, reading.element.clone());
        }
    }

    fn remember(&mut self, seen: Seen, element: Option<ElementId>) {
        if self.contraries.len() == REMEMBERED {
            self.contraries.pop_front();
        }
        self.contraries.push_back(Contrary {
            index: seen.index,
            at: seen.at,
            element,
            left: Left::Perhaps,
        });
    }

    /// The message of entry `index` is known to have left.
    pub(crate) fn confirm(&mut self, index: u64) {
        if let Some(contrary) = self.contraries.iter_mut().find(|contrary| contrary.index == index) {
            contrary.left = Left::Surely;
        }
    }

    /// No byte of the message of entry `index` went out: it was looked at, and that is all.
    pub(crate) fn take_back(&mut self, index: u64, at: Option<Timestamp>, reading: &Reading) {
        if let Some(tally) = self.hours.get_mut(&Hour::of(at)) {
            tally.not_sent += 1;
            tally.contrary = tally.contrary.saturating_sub(u64::from(reading.against));
            tally.unreadable = tally.unreadable.saturating_sub(u64::from(reading.unreadable));
            tally.unattributed = tally.unattributed.saturating_sub(u64::from(reading.unattributed));
        }
        self.contraries.retain(|contrary| contrary.index != index);
    }

    /// Adds what the window up to `now` holds to `evidence`.
    pub(crate) fn sum(&self, now: Timestamp, window: SignedDuration, digests: &[String], evidence: &mut Evidence) {
        let from = Hour::of(now.checked_sub(window).ok());
        let until = Hour::of(Some(now));
        for (_, tally) in self.hours.range(from.min(until)..) {
            evidence.contrary += tally.contrary;
            evidence.unreadable += tally.unreadable;
            evidence.unattributed += tally.unattributed;
        }
        for (_, tally) in self.hours.range(from.min(until)..=until) {
            tally.add_to(evidence, digests);
        }
        let last = self
            .hours
            .range(..=until)
            .next_back()
            .and_then(|(_, tally)| tally.last)
            .or(self.last_forgotten);
        evidence.last_at = last.map(|(at, _)| at);
        evidence.last_entry = last.map(|(_, entry)| entry);
        let remembered = self.contraries.iter().filter(|contrary| Hour::of(contrary.at) >= from);
        evidence.last_contrary = remembered.max_by_key(|contrary| contrary.index).cloned();
    }

    /// Forgets the hours before `before`; only the time of their last message is kept.
    pub(crate) fn forget(&mut self, before: Timestamp) {
        let kept = self.hours.split_off(&Hour::of(Some(before)));
        let forgotten = std::mem::replace(&mut self.hours, kept);
        let last = forgotten.last_key_value().and_then(|(_, tally)| tally.last);
        self.last_forgotten = self.last_forgotten.max(last);
    }
}

impl Tally {
    fn add_to(&self, evidence: &mut Evidence, digests: &[String]) {
        evidence.observed += self.observed;
        evidence.refused += self.refused;
        evidence.not_sent += self.not_sent;
        evidence.prevented += self.prevented;
        evidence.reported += self.reported;
        evidence.enforced += self.enforced;
        evidence.not_enforced += self.not_enforced;
        evidence.own_mailboxes += self.own_mailboxes;
        evidence.first_at = evidence.first_at.into_iter().chain(self.first_at).min();
        for (&number, count) in &self.charters {
            if let Some(digest) = digests.get(number) {
                *evidence.charters.entry(digest.clone()).or_default() += count;
            }
        }
    }
}
