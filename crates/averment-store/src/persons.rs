//! What a decision asks of the directory besides whose a value is: which person this is at the platform, which school is
//! theirs, and who else has the same identifier.
//!
//! Start at [`Persons`]. About 24 bytes a person; schools are kept once each.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use averment_catalog::ElementId;
use averment_detect::{DirectoryRow, PersonNumber};

/// Keyed digest of the platform's identifier of a person: the same for the same person after every load. Still personal
/// data: whoever has `directory.key` can test guesses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub(crate) [u8; 16]);

impl std::fmt::Debug for PersonId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonId(<16 bytes>)")
    }
}

/// The people of one snapshot.
#[derive(Debug, Default)]
pub struct Persons {
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
    /// The person's identifier at the platform; none for somebody who is not in the directory.
    pub fn id(&self, number: PersonNumber) -> Option<PersonId> {
        self.find(number).map(|person| person.id)
    }

    /// The school that the directory names for the person, as it stands there.
    pub fn school(&self, number: PersonNumber) -> Option<&str> {
        let school = self.find(number)?.school.checked_sub(1)?;
        self.schools.get(school as usize).map(String::as_str)
    }

    /// Who else has an identifier that stands in the directory as this element of this person.
    pub fn sharing(&self, number: PersonNumber, element: &ElementId) -> BTreeSet<PersonNumber> {
        let groups = self.shared.get(&number).into_iter().flatten();
        let groups = groups.filter(|(shared, _)| shared == element);
        let everybody = groups.flat_map(|(_, group)| group.iter().copied());
        everybody.filter(|other| *other != number).collect()
    }

    /// Whether the directory holds the person. Looks at everybody: not for every message.
    pub fn holds(&self, id: PersonId) -> bool {
        self.people.iter().any(|person| person.id == id)
    }

    fn find(&self, number: PersonNumber) -> Option<&Person> {
        let place = self.people.binary_search_by_key(&number, |person| person.number).ok()?;
        self.people.get(place)
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
    pub fn build(mut self, rows: &mut [DirectoryRow]) -> Persons {
        self.persons.people.sort_unstable_by_key(|person| person.number);
        rows.sort_unstable_by_key(|row| (row.digest.fast, row.digest.strong, row.person));
        let same = rows.chunk_by(|a, b| a.digest == b.digest);
        for group in same.filter(|group| group.iter().any(|row| row.person != group[0].person)) {
            let people: Group = Arc::new(group.iter().map(|row| row.person).collect());
            for row in group {
                let shared = self.persons.shared.entry(row.person).or_default();
                shared.push((row.element.clone(), Arc::clone(&people)));
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
