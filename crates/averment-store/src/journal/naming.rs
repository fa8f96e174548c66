//! Naming people in one entry, and taking the names back when it is not recorded.

use averment_detect::PersonNumber;
use averment_ledger::{Base64, Deed, Reference, References, Run};

use crate::PersonKey;

/// The references of this run, and whether the log knows its number yet.
pub(super) struct RunReferences {
    run: Base64<16>,
    is_announced: bool,
    references: References<PersonNumber>,
}

impl RunReferences {
    pub(super) fn new(run: Base64<16>) -> Self {
        Self {
            run,
            is_announced: false,
            references: References::new(run),
        }
    }
}

/// The people of one entry. Each has one reference in it, however often they are named. What is dropped before
/// [`Naming::recorded`] was called is taken back, so that no count is left out.
pub(super) struct Naming<'a> {
    run: &'a mut RunReferences,
    named: Vec<(PersonNumber, Reference)>,
}

impl<'a> Naming<'a> {
    pub(super) fn new(run: &'a mut RunReferences) -> Self {
        Self { run, named: Vec::new() }
    }

    /// The reference to `person` in this entry.
    pub(super) fn of(&mut self, person: PersonNumber, key: &PersonKey) -> Reference {
        if let Some((_, reference)) = self.named.iter().find(|(named, _)| *named == person) {
            return *reference;
        }
        let reference = self.run.references.next(person, &key.0);
        self.named.push((person, reference));
        reference
    }

    /// What must stand in the log before this entry: the number of the run, before the first that names somebody.
    pub(super) fn announcement(&self) -> Option<Deed> {
        let is_due = !self.run.is_announced && !self.named.is_empty();
        is_due.then(|| {
            Deed::Run(Run {
                run: self.run.run,
                version: env!("CARGO_PKG_VERSION").to_owned(),
            })
        })
    }

    /// The entry is on its way and nothing can overtake it.
    pub(super) fn recorded(mut self) {
        self.run.is_announced |= !self.named.is_empty();
        self.named.clear();
    }
}

impl Drop for Naming<'_> {
    fn drop(&mut self) {
        for (person, _) in self.named.drain(..) {
            self.run.references.take_back(person);
        }
    }
}
