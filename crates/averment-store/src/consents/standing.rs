//! What is in force: the last change of each kind, for every person and school.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use averment_register::RecipientId;

use super::{Change, ConsentKind, ConsentState, GivenBy};
use crate::persons::PersonId;
use crate::requests::UnderHold;

/// What is in force at one moment.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    people: HashMap<PersonId, BTreeMap<ConsentKind, Last>>,
    schools: HashMap<String, BTreeMap<ConsentKind, Last>>,
    /// Recipients that each school objects to.
    objections: HashMap<String, BTreeSet<RecipientId>>,
    restricted: Arc<UnderHold>,
}

/// The last word on something.
#[derive(Debug, Clone, Copy)]
struct Last {
    number: u64,
    state: ConsentState,
    version: u64,
    by: GivenBy,
    /// Whether a parent, or the person, said no last of those who are not the school.
    refused: bool,
}

/// What is in force for one person, as plain data: what the gate decides by, and whoever else says who may see what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Consents of the person, or of a parent for them: kind and version.
    pub consents: BTreeMap<String, u64>,
    /// Consents of the school in the place of the parents: kind and version. They cover pupils and school purposes only.
    pub school_consents: BTreeMap<String, u64>,
    /// Whether they opted out of directory information, 34 CFR 99.37(a)(2).
    pub directory_opt_out: bool,
    /// Recipients that they, or their school for them, object to.
    pub objections: BTreeSet<RecipientId>,
    /// Whether their data may only be stored, GDPR Art. 18(2).
    pub restricted: bool,
}

impl Standing {
    /// Whether nobody ever said anything.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.schools.is_empty() && *self.restricted == UnderHold::default()
    }

    /// What a person said last of each kind, with its version.
    pub fn of_person(&self, person: PersonId) -> impl Iterator<Item = (&ConsentKind, ConsentState, u64)> {
        let said = self.people.get(&person).into_iter().flatten();
        said.map(|(kind, last)| (kind, last.state, last.version))
    }

    /// The recipients that a school objects to for all its people. `name`: as [`averment_policy::normal_name`] spells it.
    pub fn objections_of_school(&self, name: &str) -> Option<&BTreeSet<RecipientId>> {
        self.objections.get(name)
    }

    /// Everything in force for one person. `schools`: every name of their one school, as [`averment_policy::normal_name`]
    /// spells them. `one_school`: whether these are the names of one; where they may be those of several, each can object,
    /// and none can consent.
    pub fn said(&self, person: Option<PersonId>, schools: &BTreeSet<String>, one_school: bool) -> Said {
        let mut said = Said::default();
        let mut refused = BTreeSet::new();
        said.restricted = person.is_some_and(|person| self.restricted.people.contains(&person))
            || !self.restricted.schools.is_disjoint(schools);
        for (kind, last) in person.and_then(|person| self.people.get(&person)).into_iter().flatten() {
            said.take(kind, last);
            if last.refused || last.state == ConsentState::Withdrawn {
                refused.insert(kind.to_string());
            }
        }
        for name in schools {
            said.objections
                .extend(self.objections.get(name).into_iter().flatten().cloned());
        }
        if one_school {
            for (kind, version) in self.consents_of_school(schools) {
                if !refused.contains(&kind) && !said.school_consents.contains_key(&kind) {
                    said.school_consents.insert(kind, version);
                }
            }
        }
        said
    }

    /// The consents that a school gave for all its pupils: what it said last under any of its names.
    fn consents_of_school(&self, names: &BTreeSet<String>) -> BTreeMap<String, u64> {
        let mut last: BTreeMap<&str, &Last> = BTreeMap::new();
        for (kind, said) in names.iter().filter_map(|name| self.schools.get(name)).flatten() {
            if let ConsentKind::Consent(kind) = kind {
                let known = last.entry(kind).or_insert(said);
                if said.number > known.number {
                    *known = said;
                }
            }
        }
        let given = last.into_iter().filter(|(_, said)| said.state == ConsentState::Given);
        given.map(|(kind, said)| (kind.to_owned(), said.version)).collect()
    }

    pub(super) fn restricted(&self) -> &Arc<UnderHold> {
        &self.restricted
    }

    pub(super) fn restrict(&mut self, restricted: Arc<UnderHold>) {
        self.restricted = restricted;
    }

    pub(super) fn take(&mut self, change: &Change) {
        if let Some(person) = change.person {
            let said = self.people.entry(person).or_default();
            let last = Last::after(said.get(&change.kind), change);
            said.insert(change.kind.clone(), last);
        }
        let Some(school) = &change.school else {
            return;
        };
        let said = self.schools.entry(school.clone()).or_default();
        let last = Last::after(said.get(&change.kind), change);
        said.insert(change.kind.clone(), last);
        if let ConsentKind::Recipient(id) = &change.kind {
            let objections = self.objections.entry(school.clone()).or_default();
            match change.state {
                ConsentState::Withdrawn => objections.insert(id.clone()),
                ConsentState::Given => objections.remove(id),
            };
        }
    }
}

impl Last {
    /// What a parent, or the person, gave is not made less by the school that gives it too; what they withdrew is not given
    /// again by the school.
    fn after(before: Option<&Self>, change: &Change) -> Self {
        let by_school = change.by == GivenBy::School && change.person.is_some();
        let given = change.state == ConsentState::Given;
        if let Some(before) = before.filter(|_| by_school && given) {
            let own = before.by != GivenBy::School && before.state == ConsentState::Given;
            if own || before.refused {
                return *before;
            }
        }
        let refused = before.is_some_and(|before| before.refused);
        Self {
            number: change.number,
            state: change.state,
            version: change.version,
            by: change.by,
            refused: if by_school { refused } else { !given },
        }
    }
}

impl Said {
    fn take(&mut self, kind: &ConsentKind, last: &Last) {
        match (kind, last.state) {
            (ConsentKind::Consent(kind), ConsentState::Given) if last.by == GivenBy::School => {
                self.school_consents.insert(kind.clone(), last.version);
            }
            (ConsentKind::Consent(kind), ConsentState::Given) => _ = self.consents.insert(kind.clone(), last.version),
            (ConsentKind::DirectoryInformation, ConsentState::Withdrawn) => self.directory_opt_out = true,
            (ConsentKind::Recipient(id), ConsentState::Withdrawn) => _ = self.objections.insert(id.clone()),
            _ => {}
        }
    }
}
