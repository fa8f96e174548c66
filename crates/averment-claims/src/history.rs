//! What claims earned when: every change of a grade that the ledger holds.

use std::collections::{BTreeMap, VecDeque};

use averment_ledger::{Deed, Entry, GradeChange};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::evidence::Watched;
use crate::grade::{Grade, Graded};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Number of its entry in the ledger, from 0.
    pub entry: u64,
    /// When it was recorded; none when that cannot be read.
    pub at: Option<Timestamp>,
    /// The grade before; none for a claim that had none on record and so was unverified.
    pub from: Option<String>,
    /// The grade from then on.
    pub to: String,
    /// Why.
    pub reason: String,
    /// Numbers of the entries that it rests on.
    pub entries: Vec<u64>,
}

/// The changes of one claim.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// Oldest first; the oldest are left out where there are more than are kept.
    pub changes: VecDeque<Change>,
    /// How many there were in all.
    pub count: u64,
    /// The last change to `broken`, however many followed.
    broken: Option<Change>,
    /// When the change behind that one was recorded; none where there is none yet.
    mended_at: Option<Option<Timestamp>>,
}

/// The changes of every claim, from the entries of a ledger. Incremental.
#[derive(Debug, Clone)]
pub struct History {
    kept: usize,
    claims: BTreeMap<String, Past>,
    last_published: Option<(Timestamp, String)>,
}

impl History {
    /// Nothing yet; of each claim the newest `kept` changes will be kept.
    pub fn keeping(kept: usize) -> Self {
        Self {
            kept: kept.max(1),
            claims: BTreeMap::new(),
            last_published: None,
        }
    }

    /// When all grades were recorded last (as of when they are), and by which charter.
    pub fn last_published(&self) -> Option<(Timestamp, &str)> {
        self.last_published
            .as_ref()
            .map(|(at, charter)| (*at, charter.as_str()))
    }

    /// Takes the next entry of the ledger; `index` is its number, from 0.
    pub fn push(&mut self, entry: &Entry, index: u64) {
        match &entry.deed {
            Deed::Grade(change) => self.take(change, entry, index),
            Deed::Grades(grades) => {
                let as_of = grades.as_of.parse().ok();
                self.last_published = as_of
                    .map(|as_of| (as_of, entry.charter.clone()))
                    .or(self.last_published.take());
            }
            _ => {}
        }
    }

    fn take(&mut self, change: &GradeChange, entry: &Entry, index: u64) {
        let past = self.claims.entry(change.claim.clone()).or_default();
        past.count += 1;
        if past.changes.len() == self.kept {
            past.changes.pop_front();
        }
        let change = Change {
            entry: index,
            at: entry.at.parse().ok(),
            from: change.from.clone(),
            to: change.to.clone(),
            reason: change.reason.clone(),
            entries: change.entries.clone(),
        };
        if change.to == BROKEN {
            (past.broken, past.mended_at) = (Some(change.clone()), None);
        } else {
            past.mended_at.get_or_insert(change.at);
        }
        past.changes.push_back(change);
    }

    /// The changes of a claim; none when the ledger holds none.
    pub fn of(&self, claim: &str) -> Option<&Past> {
        self.claims.get(claim)
    }

    /// When a claim that is not broken any more became broken the last time, if it was within the window.
    pub fn mended(&self, graded: &Graded, now: Timestamp, watched: Watched) -> Option<&Change> {
        let past = self.of(graded.claim.id.as_str())?;
        past.mended(now, watched.window)
            .filter(|_| graded.overall != Grade::Broken)
    }

    /// Every claim with its changes, by identifier; claims that are in no register any more among them.
    pub fn claims(&self) -> impl Iterator<Item = (&str, &Past)> {
        self.claims.iter().map(|(claim, past)| (claim.as_str(), past))
    }
}

impl Past {
    /// The grade that was recorded last.
    pub fn last(&self) -> Option<&str> {
        self.changes.back().map(|change| change.to.as_str())
    }

    /// The last time that the claim became broken, when it was broken at some time within `window` before `now`. For a claim
    /// that is not broken any more.
    pub fn mended(&self, now: Timestamp, window: SignedDuration) -> Option<&Change> {
        let from = now.checked_sub(window).unwrap_or(Timestamp::MIN);
        // It was broken up to the next change, so that one decides whether it was within the window.
        let is_within = self.mended_at.flatten().is_none_or(|at| at >= from);
        self.broken.as_ref().filter(|_| is_within)
    }
}

const BROKEN: &str = "broken";
