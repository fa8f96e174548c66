//! What a replay does: everything that the numbers and values lead to that were met, planned and written down as one run.
//!
//! Start at [`Replay::of`]. A value that a person has who was not erased (an address that somebody else took over, of a household) is
//! told: what it leads to may be theirs.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::ElementId;
use averment_store::Keys;
use jiff::Timestamp;

use super::Visible;
use crate::erase::harvest::{Known, bearers, harvest};
use crate::erase::journal::Run;
use crate::erase::plan::{Counting, Plan, Whom, digest_of};
use crate::erase::run::{Concerned, Eraser, Mandate, PEOPLE_AT_ONCE, Point};
use crate::erase::stores::{Kept, Opened};
use crate::erase::{EraseError, folded};

/// People whom a restored backup brought back, and what would be done.
pub struct Replay {
    /// What would be done, over numbers and values.
    pub plan: Plan,
    batches: Vec<Known>,
    concerned: Concerned,
}

impl std::fmt::Debug for Replay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Replay(<{} people>)", self.plan.people)
    }
}

impl Replay {
    /// Reads what the people are known by who were met, and plans; nothing is changed.
    ///
    /// # Errors
    /// [`EraseError`] when a store does not answer.
    pub fn of(stores: &mut [Opened], visible: &Visible, keys: &Keys, now: Timestamp) -> Result<Self, EraseError> {
        let mut batches = batches(stores, visible)?;
        let (mut of_others, mut people) = (0, visible.numbers.len() as u64);
        for known in &mut batches {
            of_others += tie(stores, known, &visible.numbers)?;
            if known.numbers.is_empty() {
                people += known.values.values().map(BTreeSet::len).sum::<usize>() as u64;
            }
        }
        let mut counting = Counting::default();
        for known in &batches {
            counting.add(stores, known, &visible.numbers)?;
        }
        let whom = Whom {
            people,
            who: who(visible, keys),
            values_of_others: of_others,
        };
        let plan = counting.plan(stores, whom, now);
        let concerned = Concerned::of(stores, &batches, &visible.numbers)?;
        Ok(Self {
            plan,
            batches,
            concerned,
        })
    }

    /// Whether nothing would be erased: of nobody who was met it is certain whose rows are.
    pub fn is_nothing(&self) -> bool {
        self.batches.is_empty()
    }

    /// Whom it is about, for whoever asks for holds: also people who have one of the values or rows that go, and were not erased.
    pub fn concerned(&self) -> Concerned {
        self.concerned.clone()
    }
}

fn who(visible: &Visible, keys: &Keys) -> String {
    let values = visible.values.iter().flat_map(|(element, values)| {
        let values = values.iter().map(String::as_bytes);
        values.flat_map(|value| [element.as_str().as_bytes(), value])
    });
    digest_of(visible.numbers.iter().map(String::as_bytes).chain(values), keys)
}

/// Each number with the values of theirs that were met, and what is left of the values.
fn batches(stores: &mut [Opened], visible: &Visible) -> Result<Vec<Known>, EraseError> {
    let mut left: BTreeSet<(ElementId, String)> = visible
        .values
        .iter()
        .flat_map(|(element, values)| values.iter().map(|value| (element.clone(), value.clone())))
        .collect();
    let mut batches = Vec::new();
    let numbers: Vec<&String> = visible.numbers.iter().collect();
    for chunk in numbers.chunks(PEOPLE_AT_ONCE) {
        let chunk: BTreeSet<String> = chunk.iter().map(|number| (*number).clone()).collect();
        let mut known = harvest(stores, &chunk, &visible.numbers)?;
        left.retain(|(element, value)| {
            let is_theirs = known.has(element, value);
            if is_theirs {
                known.name(element, &BTreeSet::from([value.clone()]));
            }
            !is_theirs
        });
        batches.push(known);
    }
    let left: Vec<(ElementId, String)> = left.into_iter().collect();
    for chunk in left.chunks(PEOPLE_AT_ONCE) {
        let mut known = Known::default();
        for (element, value) in chunk {
            known.name(element, &BTreeSet::from([value.clone()]));
        }
        batches.push(known);
    }
    Ok(batches)
}

/// Writes down whose else the values are, and how many are nobody's; gives how many are somebody else's.
pub(super) fn tie(stores: &mut [Opened], known: &mut Known, everybody: &BTreeSet<String>) -> Result<u64, EraseError> {
    let mut whose: BTreeMap<(ElementId, String), BTreeSet<String>> = BTreeMap::new();
    for (element, values) in &known.values {
        let values = values.iter().map(|value| (element.clone(), folded(element, value)));
        whose.extend(values.map(|value| (value, BTreeSet::new())));
    }
    for opened in stores.iter_mut() {
        let Kept::Tables { database, graph } = &mut opened.kept else {
            continue;
        };
        let read = bearers(database.as_mut(), graph, known, &mut |element, value, numbers| {
            if let Some(all) = whose.get_mut(&(element.clone(), folded(element, value))) {
                all.extend(numbers.iter().map(|number| (*number).clone()));
            }
        });
        read.map_err(EraseError::database(&opened.store.id))?;
    }
    let is_other = |number: &&String| !everybody.contains(*number);
    // What somebody who was met is known by is theirs, wherever it stands.
    let is_untied = |numbers: &&BTreeSet<String>| numbers.is_empty() && known.numbers.is_empty();
    known.untied = whose.values().filter(is_untied).count() as u64;
    known.concerned = whose.values().flatten().filter(is_other).cloned().collect();
    let of_others = whose
        .values()
        .filter(|numbers| numbers.iter().any(|number| is_other(&number)));
    Ok(of_others.count() as u64)
}

impl Eraser<'_> {
    /// As [`Eraser::begin`], for people whom a restored backup brought back. `holds`: where more holds stand.
    ///
    /// # Errors
    /// As [`Eraser::begin`].
    pub fn begin_again(
        &mut self,
        replay: &Replay,
        by: &str,
        holds: Option<&str>,
        now: Timestamp,
    ) -> Result<Run, EraseError> {
        let problems = replay.plan.problems();
        if !problems.is_empty() {
            return Err(EraseError::Problems(problems));
        }
        let mandate = Mandate { by, asked: &[], holds };
        let run = self
            .journal
            .begin(&replay.plan, &replay.batches, self.keys, &mandate, now)?;
        (self.progress)(Point::Begun);
        Ok(run)
    }
}
