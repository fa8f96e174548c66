//! When a change of a grade is worth an entry.

use std::collections::BTreeMap;
use std::time::Duration;

use averment_ledger::GradeChange;

use crate::grade::{Grade, Graded};
use crate::history::History;

/// What a claim without any entry counts as.
const BEFORE: &str = "unverified";

/// How long a grade must last before it is recorded; that a claim is broken is recorded at once. A clock that jumps to and
/// fro turns evidence old and fresh again, and would fill the ledger otherwise.
const LASTING: Duration = Duration::from_secs(120);

/// Which grades are recorded, and which wait.
#[derive(Debug, Clone, Default)]
pub struct Turns {
    recorded: BTreeMap<String, String>,
    waiting: BTreeMap<String, (Grade, Duration)>,
    has_looked: bool,
}

impl Turns {
    /// Goes on from what the ledger says. The first look after that records every difference, because it is not the clock
    /// that changed: the program was started, or another register came into force.
    pub fn after(history: &History) -> Self {
        let last = history
            .claims()
            .filter_map(|(claim, past)| Some((claim.to_owned(), past.last()?.to_owned())));
        Self {
            recorded: last.collect(),
            ..Self::default()
        }
    }

    /// The changes that are to be recorded now.
    ///
    /// `since_start`: time on a clock that never jumps. Whoever asks has to record what is given.
    pub fn due(&mut self, graded: &[Graded], since_start: Duration) -> Vec<GradeChange> {
        let changes = graded
            .iter()
            .filter_map(|graded| self.change(graded, since_start))
            .collect();
        self.has_looked = true;
        changes
    }

    /// Every change that still waits, to be recorded now because all grades are: the last change on record of a claim is then
    /// never another than what is shown of it.
    pub fn rest(&mut self, graded: &[Graded], since_start: Duration) -> Vec<GradeChange> {
        self.has_looked = false;
        self.due(graded, since_start)
    }

    fn change(&mut self, graded: &Graded, since_start: Duration) -> Option<GradeChange> {
        let claim = graded.claim.id.as_str();
        let before = self.recorded.get(claim);
        let now = graded.overall;
        if before.map_or(BEFORE, String::as_str) == now.as_str() {
            self.waiting.remove(claim);
            return None;
        }
        let since = match self.waiting.get(claim) {
            Some((grade, since)) if *grade == now => *since,
            _ => since_start,
        };
        let lasts = since_start.saturating_sub(since) >= LASTING;
        if self.has_looked && now != Grade::Broken && !lasts {
            self.waiting.insert(claim.to_owned(), (now, since));
            return None;
        }
        self.waiting.remove(claim);
        let from = before.cloned();
        self.recorded.insert(claim.to_owned(), now.as_str().to_owned());
        Some(GradeChange {
            claim: claim.to_owned(),
            from,
            to: now.as_str().to_owned(),
            reason: graded.reason.clone(),
            entries: graded.entries(),
        })
    }
}
