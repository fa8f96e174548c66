//! What a decision asks of the directory besides whose a value is: which person this is at the platform, which school is
//! theirs, and who else has the same identifier.
//!
//! Start at [`Persons`]. About 24 bytes a person; schools are kept once each. Of some changed people another value can be
//! laid over everybody ([`Persons::over`]), so that a small change costs little.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use averment_catalog::ElementId;
use averment_detect::{DirectoryRow, IdentifierDigest, PersonNumber};

/// Keyed digest of the platform's identifier of a person: the same for the same person after every load. Still personal
/// data: whoever has `directory.key` can test guesses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub(crate) [u8; 16]);

impl PersonId {
    /// The digest, as journals of what was done keep it.
    pub fn digest(&self) -> &[u8; 16] {
        &self.0
    }
}

impl std::fmt::Debug for PersonId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonId(<16 bytes>)")
    }
}

/// The people of one snapshot.
#[derive(Debug, Default)]
pub struct Persons {
    /// Everybody whose changes are not in `changed`.
    many: Option<Arc<Persons>>,
    /// Who is to be asked for here and not in `many`; nobody when `many` is none.
    changed: HashSet<PersonNumber>,
    /// Sorted by number.
    people: Vec<Person>,
    schools: Vec<String>,
    /// Of each person the identifiers that others have too, and who has them.
    shared: HashMap<PersonNumber, Vec<(ElementId, Group)>>,
}

/// Everybody who has one identifier. One value for all of them: an identifier of a whole school stays linear.
type Group = Arc<BTreeSet<PersonNumber>>;

#[derive(Debug)]
struct Person {
    number: PersonNumber,
    id: PersonId,
    /// Position in `schools`, from 1; 0 for nobody's.
    school: u32,
}

impl Persons {
    /// `many` with other people in the place of those in `changed`: those in `new`, with `rows` as their identifiers; who is
    /// in `changed` and not in `new` is gone. `holder`: who has an identifier among `many`, and as which element; any one of
    /// them.
    pub fn over(
        many: &Arc<Self>,
        changed: HashSet<PersonNumber>,
        new: PersonsBuilder,
        rows: &mut [DirectoryRow],
        holder: impl Fn(&IdentifierDigest) -> Option<(PersonNumber, ElementId)>,
    ) -> Self {
        let held_before = |digest: &IdentifierDigest| {
            let (person, element) = holder(digest)?;
            Some(many.holders(person, &element))
        };
        let mut persons = new.build_beside(rows, |digest| {
            let mut before = held_before(digest).unwrap_or_default();
            before.retain(|(person, _)| !changed.contains(person));
            before
        });
        persons.many = Some(Arc::clone(many));
        persons.changed = changed;
        persons
    }

    /// The person's identifier at the platform; none for somebody who is not in the directory.
    pub fn id(&self, number: PersonNumber) -> Option<PersonId> {
        let layer = self.layer(number);
        layer.find(number).map(|person| person.id)
    }

    /// The school that the directory names for the person, as it stands there.
    pub fn school(&self, number: PersonNumber) -> Option<&str> {
        let layer = self.layer(number);
        let school = layer.find(number)?.school.checked_sub(1)?;
        layer.schools.get(school as usize).map(String::as_str)
    }

    /// Who else has an identifier that stands in the directory as this element of this person.
    pub fn sharing(&self, number: PersonNumber, element: &ElementId) -> BTreeSet<PersonNumber> {
        let mut others = self.shared_here(number, element);
        if let Some(many) = self.many.as_ref().filter(|_| !self.changed.contains(&number)) {
            let before = many.shared_here(number, element).into_iter();
            others.extend(before.filter(|other| !self.changed.contains(other)));
        }
        others.remove(&number);
        others
    }

    /// Whether the directory holds the person. Looks at everybody: not for every message.
    pub fn holds(&self, id: PersonId) -> bool {
        self.number(id).is_some()
    }

    /// The directory's number of the person. Looks at everybody: not for every message.
    pub fn number(&self, id: PersonId) -> Option<PersonNumber> {
        let before = self.many.iter().flat_map(|many| &many.people);
        let before = before.filter(|person| !self.changed.contains(&person.number));
        let found = self.people.iter().chain(before).find(|person| person.id == id);
        found.map(|person| person.number)
    }

    /// Everybody whose school in the directory `is_theirs`. Looks at everybody.
    pub fn of_school(&self, is_theirs: impl Fn(&str) -> bool) -> Vec<PersonNumber> {
        let before = self.many.iter().flat_map(|many| &many.people);
        let before = before.filter(|person| !self.changed.contains(&person.number));
        let all = self.people.iter().chain(before).map(|person| person.number);
        all.filter(|number| self.school(*number).is_some_and(&is_theirs))
            .collect()
    }

    /// Where what is known about the person is.
    fn layer(&self, number: PersonNumber) -> &Self {
        match &self.many {
            Some(many) if !self.changed.contains(&number) => many,
            _ => self,
        }
    }

    fn find(&self, number: PersonNumber) -> Option<&Person> {
        let place = self.people.binary_search_by_key(&number, |person| person.number).ok()?;
        self.people.get(place)
    }

    fn groups(&self, number: PersonNumber) -> impl Iterator<Item = &(ElementId, Group)> {
        self.shared.get(&number).into_iter().flatten()
    }

    fn shared_here(&self, number: PersonNumber, element: &ElementId) -> BTreeSet<PersonNumber> {
        let groups = self.groups(number).filter(|(shared, _)| shared == element);
        groups.flat_map(|(_, group)| group.iter().copied()).collect()
    }

    /// Everybody who may have the identifier that `person` has as `element`, each with what it is of them. Whoever has
    /// several identifiers of one kind counts with all of them: too many people is the strict side.
    fn holders(&self, person: PersonNumber, element: &ElementId) -> Vec<(PersonNumber, ElementId)> {
        let mut holders = vec![(person, element.clone())];
        for (_, group) in self.groups(person).filter(|(shared, _)| shared == element) {
            for other in group.iter().filter(|other| **other != person) {
                let same = self.groups(*other).filter(|(_, theirs)| Arc::ptr_eq(theirs, group));
                holders.extend(same.map(|(element, _)| (*other, element.clone())));
            }
        }
        holders
    }
}

/// Persons while they are read.
#[derive(Debug, Default)]
pub struct PersonsBuilder {
    persons: Persons,
    schools: HashMap<String, u32>,
}

impl PersonsBuilder {
    /// Takes one person.
    pub fn push(&mut self, number: PersonNumber, id: PersonId, school: Option<&str>) {
        let school = school.map_or(0, |name| self.school(name));
        self.persons.people.push(Person { number, id, school });
    }

    /// Everybody who was taken. `rows`: their identifiers, which are sorted on the way.
    pub fn build(self, rows: &mut [DirectoryRow]) -> Persons {
        self.build_beside(rows, |_| Vec::new())
    }

    /// The same beside others. `holders`: who of them has an identifier, and as which elements.
    fn build_beside(
        mut self,
        rows: &mut [DirectoryRow],
        holders: impl Fn(&IdentifierDigest) -> Vec<(PersonNumber, ElementId)>,
    ) -> Persons {
        self.persons.people.sort_unstable_by_key(|person| person.number);
        rows.sort_unstable_by_key(|row| (row.digest.fast, row.digest.strong, row.person));
        for group in rows.chunk_by(|a, b| a.digest == b.digest) {
            let others = holders(&group[0].digest);
            if others.is_empty() && group.iter().all(|row| row.person == group[0].person) {
                continue;
            }
            let own = group.iter().map(|row| (row.person, row.element.clone()));
            let everybody: Vec<(PersonNumber, ElementId)> = own.chain(others).collect();
            let people: Group = Arc::new(everybody.iter().map(|(person, _)| *person).collect());
            for (person, element) in everybody {
                let shared = self.persons.shared.entry(person).or_default();
                shared.push((element, Arc::clone(&people)));
            }
        }
        self.persons
    }

    fn school(&mut self, name: &str) -> u32 {
        if let Some(known) = self.schools.get(name) {
            return *known;
        }
        self.persons.schools.push(name.to_owned());
        let place = u32::try_from(self.persons.schools.len()).unwrap_or(0);
        self.schools.insert(name.to_owned(), place);
        place
    }
}

#[cfg(test)]
mod tests;
