//! People who changed since the directory was built: looked at beside it, so that nothing big is built for somebody new.
//!
//! Start at [`Overlay::new`]. What the directory says about a changed person counts no more; the overlay says it anew, or
//! nothing when the person left.

use std::collections::{HashMap, HashSet};

use averment_catalog::{ElementId, SubjectId};

use super::DirectoryRow;
use super::index::Identifiers;
use crate::finding::PersonNumber;

/// The changed people.
pub(super) struct Overlay {
    changed: HashSet<PersonNumber>,
    /// How many people and identifiers of the directory itself count no more.
    pub(super) hidden: (usize, usize),
    pub(super) held: Identifiers,
    pub(super) subjects: HashMap<PersonNumber, SubjectId>,
}

/// Who has a digest, and as what.
pub(super) type Holder<'a> = (&'a ElementId, PersonNumber);

impl Overlay {
    /// Nobody changed.
    pub(super) fn none() -> Self {
        Self {
            changed: HashSet::new(),
            hidden: (0, 0),
            held: Identifiers::new(&[]),
            subjects: HashMap::new(),
        }
    }

    /// Over a directory. `rows`: of the people in `changed` who are still there, sorted as those of the
    /// directory; `subjects`: all who are.
    pub(super) fn new(
        (held, people): (&Identifiers, &HashMap<PersonNumber, SubjectId>),
        changed: HashSet<PersonNumber>,
        rows: &[DirectoryRow],
        subjects: HashMap<PersonNumber, SubjectId>,
    ) -> Self {
        let people = changed.iter().filter(|person| people.contains_key(person)).count();
        Self {
            hidden: (people, identifiers_of(&changed, held)),
            changed,
            held: Identifiers::new(rows),
            subjects,
        }
    }

    /// Whether what the directory itself says about the person still holds.
    #[inline]
    pub(super) fn keeps(&self, person: PersonNumber) -> bool {
        !self.changed.contains(&person)
    }

    /// Whether anybody has this fast digest.
    pub(super) fn holds(&self, directory: &Identifiers, fast: u64) -> bool {
        let held = if self.changed.is_empty() {
            directory.holds(fast)
        } else {
            directory.holders(fast).any(|person| self.keeps(person))
        };
        held || self.held.holds(fast)
    }

    /// Who has this digest in the directory and who has it here; each the strictest.
    pub(super) fn find<'a>(
        &'a self,
        directory: &'a Identifiers,
        fast: u64,
        strong: impl Fn() -> [u8; 16],
    ) -> [Option<Holder<'a>>; 2] {
        let old = directory.find(fast, &strong, |person| self.keeps(person));
        [old, self.held.find(fast, &strong, |_| true)]
    }
}

fn identifiers_of(changed: &HashSet<PersonNumber>, held: &Identifiers) -> usize {
    // By position, because every identifier of the directory is looked at.
    let holders = held.all_holders();
    let mut is_changed = vec![false; holders.iter().max().map_or(0, |last| last.0 as usize + 1)];
    for person in changed {
        if let Some(is_changed) = is_changed.get_mut(person.0 as usize) {
            *is_changed = true;
        }
    }
    holders.iter().filter(|person| is_changed[person.0 as usize]).count()
}
