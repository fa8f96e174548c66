//! What is in force: the last change of each kind, for every person and school.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use averment_register::RecipientId;

use super::{Change, ConsentKind, ConsentState};
use crate::persons::PersonId;

/// What is in force at one moment.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    people: HashMap<PersonId, BTreeMap<ConsentKind, (ConsentState, u64)>>,
    schools: HashMap<String, BTreeSet<RecipientId>>,
}

impl Standing {
    /// Whether nobody ever said anything.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.schools.is_empty()
    }

    /// What a person said last of each kind, with its version.
    pub fn of_person(&self, person: PersonId) -> impl Iterator<Item = (&ConsentKind, ConsentState, u64)> {
        let said = self.people.get(&person).into_iter().flatten();
        said.map(|(kind, (state, version))| (kind, *state, *version))
    }

    /// The recipients that a school objects to for all its people. `name`: as [`averment_policy::normal_name`] spells it.
    pub fn objections_of_school(&self, name: &str) -> Option<&BTreeSet<RecipientId>> {
        self.schools.get(name)
    }

    pub(super) fn take(&mut self, change: &Change) {
        if let Some(person) = change.person {
            let said = self.people.entry(person).or_default();
            said.insert(change.kind.clone(), (change.state, change.version));
        }
        if let (Some(school), ConsentKind::Recipient(id)) = (&change.school, &change.kind) {
            let objections = self.schools.entry(school.clone()).or_default();
            match change.state {
                ConsentState::Withdrawn => objections.insert(id.clone()),
                ConsentState::Given => objections.remove(id),
            };
        }
    }
}
