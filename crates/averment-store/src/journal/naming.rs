//! Naming people in one entry, and taking the names back when it is not recorded.
//!
//! References to one person stand in the log in the order of their counts; those to different people may stand as they come.
//! So whoever makes an entry holds the counts of the people in it, and only those, until the thread has it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use averment_detect::PersonNumber;
use averment_ledger::{Base64, Deed, Reference, References, Run};

use super::JournalError;
use crate::PersonKey;

/// Into how many parts the counts are divided. With one, everybody who records waited for each other; a set of parts fits
/// into a number.
const PARTS: usize = 64;

/// The references of this run, and whether the log knows its number yet.
pub(super) struct RunReferences {
    run: Base64<16>,
    is_announced: AtomicBool,
    /// Held while the run is announced: nobody is named before.
    announcing: Mutex<()>,
    /// By number of the person.
    parts: [Mutex<References<PersonNumber>>; PARTS],
}

impl RunReferences {
    pub(super) fn new(run: Base64<16>) -> Self {
        Self {
            run,
            is_announced: AtomicBool::new(false),
            announcing: Mutex::new(()),
            parts: std::array::from_fn(|_| Mutex::new(References::new(run))),
        }
    }

    /// Sees to it that the number of the run stands in the log. `send` hands an entry to the thread.
    /// `build`: digest of the program, if it is known.
    pub(super) fn announce(
        &self,
        build: Option<Base64<32>>,
        send: impl FnOnce(Deed) -> Result<(), JournalError>,
    ) -> Result<(), JournalError> {
        if self.is_announced.load(Ordering::Acquire) {
            return Ok(());
        }
        let _announcing = lock(&self.announcing);
        if !self.is_announced.load(Ordering::Acquire) {
            send(Deed::Run(Run {
                run: self.run,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                build,
            }))?;
            self.is_announced.store(true, Ordering::Release);
        }
        Ok(())
    }
}

/// The people of one entry. Each has one reference in it, however often they are named. What is dropped before
/// [`Naming::recorded`] was called is taken back, so that no count is left out.
pub(super) struct Naming<'a> {
    run: &'a RunReferences,
    /// Parts with their numbers, ascending.
    held: Vec<(usize, MutexGuard<'a, References<PersonNumber>>)>,
    /// Ascending.
    named: Vec<(PersonNumber, Reference)>,
}

impl<'a> Naming<'a> {
    /// Makes a reference for each of `people`, who may be named several times. Nobody else names them meanwhile.
    pub(super) fn new(run: &'a RunReferences, mut people: Vec<(PersonNumber, &PersonKey)>) -> Self {
        people.sort_unstable_by_key(|(person, _)| *person);
        people.dedup_by_key(|(person, _)| *person);
        let wanted = people
            .iter()
            .fold(0_u64, |set, (person, _)| set | 1 << part_of(*person));
        // Ascending, so that no two wait for each other.
        let held = (0..PARTS).filter(|part| wanted >> part & 1 == 1);
        let mut held: Vec<_> = held.map(|part| (part, lock(&run.parts[part]))).collect();
        let name = |(person, key): (PersonNumber, &PersonKey)| {
            let references = part(&mut held, person)?;
            Some((person, references.next(person, &key.0)))
        };
        let named = people.into_iter().filter_map(name).collect();
        Self { run, held, named }
    }

    /// Everybody in this entry, with their references.
    pub(super) fn all(&self) -> &[(PersonNumber, Reference)] {
        &self.named
    }

    /// The reference to `person` in this entry; none when it was not made for them.
    pub(super) fn of(&self, person: PersonNumber) -> Option<Reference> {
        let at = self.named.binary_search_by_key(&person, |(named, _)| *named).ok()?;
        Some(self.named[at].1)
    }

    /// Whether nobody is named.
    pub(super) fn is_of_nobody(&self) -> bool {
        self.named.is_empty()
    }

    /// Puts into the log what must stand there before this entry: the number of the run, before the first that names
    /// somebody.
    pub(super) fn announce(&self, send: impl FnOnce(Deed) -> Result<(), JournalError>) -> Result<(), JournalError> {
        match self.named.is_empty() {
            true => Ok(()),
            false => self.run.announce(None, send),
        }
    }

    /// The entry is on its way and nothing can overtake it.
    pub(super) fn recorded(mut self) {
        self.named.clear();
    }
}

impl Drop for Naming<'_> {
    fn drop(&mut self) {
        for (person, _) in std::mem::take(&mut self.named) {
            if let Some(references) = part(&mut self.held, person) {
                references.take_back(person);
            }
        }
    }
}

fn part_of(person: PersonNumber) -> usize {
    person.0 as usize % PARTS
}

fn part<'h>(
    held: &'h mut [(usize, MutexGuard<'_, References<PersonNumber>>)],
    person: PersonNumber,
) -> Option<&'h mut References<PersonNumber>> {
    let at = held.binary_search_by_key(&part_of(person), |(part, _)| *part).ok()?;
    held.get_mut(at).map(|(_, references)| &mut **references)
}

/// Nobody leaves counts half made: what is dropped is taken back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
