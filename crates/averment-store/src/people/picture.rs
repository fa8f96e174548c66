//! From the database to what the gate uses: everybody at once, slice by slice beside the gate's work, or who changed.
//!
//! Start at [`People::refresh`]. A picture of everybody is kept; what changed since is laid over it ([`super::changes`]),
//! until there is so much of it that a new picture is worth its time.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use averment_catalog::{ElementId, SubjectId};
use averment_detect::{Directory, DirectoryKey, DirectoryRow, IdentifierDigest, PersonNumber};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row};

use super::changes::{self, Stamp};
use super::parts::for_parts;
use super::read::IdDigest;
use super::subject::{Age, AgeBand, Role, subject_of};
use super::{People, PeopleError, database, packed};
use crate::wrap::unwrap_person_key;
use crate::{PersonId, PersonKey, PersonKeys, Persons, PersonsBuilder, Snapshot};

/// With so many changed people a new picture is worth its time.
const MERGE_FROM: usize = 5_000;
/// Reading the whole file takes about a second with a million people, in which nobody else is looked at.
const CHECK_EVERY: SignedDuration = SignedDuration::from_secs(10);
/// People who are read before others may have the database.
const SLICE: u64 = 10_000;

/// Everybody at one version.
pub(super) struct Picture {
    directory: Directory,
    keys: Arc<HashMap<PersonNumber, PersonKey>>,
    persons: Arc<Persons>,
    stamp: Stamp,
}

/// What became of the directory since it was last looked at.
#[derive(Debug)]
pub enum Refreshed {
    /// Nothing.
    Same,
    /// Some people changed.
    Changed(Snapshot),
    /// So many changed that, soon, [`People::rebuild`] makes looking people up quick again.
    ChangedMuch(Snapshot),
    /// All people have to be read: [`People::rebuild`].
    Other,
}

impl People {
    /// The directory as the gate uses it, ages as of `now`. Reads everybody.
    ///
    /// # Errors
    /// [`PeopleError`], among them [`PeopleError::Outdated`] until people are loaded by this version.
    pub fn snapshot(&mut self, now: Timestamp) -> Result<Snapshot, PeopleError> {
        let mut read = Read::default();
        let stamp = {
            let transaction = self.connection.transaction()?;
            let stamp = begin(&transaction)?;
            while read.slice(&transaction)? {}
            stamp
        };
        let wrapping_key = *self.wrapping_key;
        self.picture = Some(read.picture(&wrapping_key, *self.directory_key, stamp, now)?);
        self.over_picture(now)
    }

    /// What changed since version `known` of [`Snapshot::version`], and whether the file is another one.
    ///
    /// # Errors
    /// [`PeopleError`]: the directory cannot be read, and the gate must let nothing out.
    pub fn refresh(&mut self, known: u64, now: Timestamp) -> Result<Refreshed, PeopleError> {
        let reopened = self.reopen_unchecked()?;
        let leads_here = match &self.picture {
            Some(picture) => changes::leads_here(&self.connection, &picture.stamp)?,
            None => false,
        };
        let version = self.version()?;
        let loaded = leads_here && known != 0 && version != known;
        if reopened {
            // A load writes to the file, and what is new is shown first. Whatever else did is looked at at once.
            self.check_from = self.next_check.filter(|_| loaded).or(Some(Timestamp::MIN));
        }
        if loaded {
            return self.laid_over(now);
        }
        self.check_if_due(known, now)?;
        match version {
            version if version == known && (leads_here || known == 0) => Ok(Refreshed::Same),
            _ if leads_here => self.laid_over(now),
            _ => Ok(Refreshed::Other),
        }
    }

    /// Checks the whole file when it was written to, soon after a load and at once otherwise.
    fn check_if_due(&mut self, known: u64, now: Timestamp) -> Result<(), PeopleError> {
        if self.check_from.is_some_and(|from| now >= from || known == 0) {
            database::check(&self.connection)?;
            self.check_from = None;
            self.next_check = now.checked_add(CHECK_EVERY).ok();
        }
        Ok(())
    }

    fn laid_over(&mut self, now: Timestamp) -> Result<Refreshed, PeopleError> {
        let changed = self.changed()?.map(|changed| changed.len());
        match changed {
            Some(count) if count < MERGE_FROM => Ok(Refreshed::Changed(self.over_picture(now)?)),
            Some(_) => Ok(Refreshed::ChangedMuch(self.over_picture(now)?)),
            None => Ok(Refreshed::Other),
        }
    }

    /// Reads everybody anew while others use `people`, and gives the directory with what changed meanwhile.
    ///
    /// # Errors
    /// [`PeopleError`]; also when the file was exchanged meanwhile.
    pub fn rebuild(people: &Mutex<Self>, now: Timestamp) -> Result<Snapshot, PeopleError> {
        let lock = || people.lock().unwrap_or_else(PoisonError::into_inner);
        let mut read = Read::default();
        let (stamp, wrapping_key, directory_key) = {
            let people = lock();
            let stamp = begin(&people.connection)?;
            (stamp, people.wrapping_key.clone(), people.directory_key.clone())
        };
        loop {
            let people = lock();
            if !changes::leads_here(&people.connection, &stamp)? {
                return Err(PeopleError::Exchanged);
            }
            if !read.slice(&people.connection)? {
                break;
            }
        }
        let picture = read.picture(&wrapping_key, *directory_key, stamp, now)?;
        let mut people = lock();
        people.picture = Some(picture);
        people.over_picture(now)
    }

    fn changed(&self) -> Result<Option<Vec<PersonNumber>>, PeopleError> {
        match &self.picture {
            Some(picture) => changes::since(&self.connection, &picture.stamp),
            None => Ok(None),
        }
    }

    /// The picture with what changed since.
    fn over_picture(&mut self, now: Timestamp) -> Result<Snapshot, PeopleError> {
        let changed = self.changed()?.ok_or(PeopleError::Exchanged)?;
        let mut read = Read::default();
        read.some(&self.connection, &changed)?;
        let (version, loaded_at) = (self.version()?, self.loaded_at()?);
        let keys = read.keys(&self.wrapping_key)?;
        let persons = read.persons();
        let (mut rows, subjects) = read.rows(now)?;
        let picture = self.picture.as_ref().ok_or(PeopleError::Exchanged)?;
        let gone = changed.iter().map(|person| (*person, None));
        let mut changed_keys: HashMap<PersonNumber, Option<PersonKey>> = gone.collect();
        changed_keys.extend(keys.into_iter().map(|(person, key)| (person, Some(key))));
        let changed: HashSet<PersonNumber> = changed.into_iter().collect();
        let holder = |digest: &IdentifierDigest| picture.directory.holder(digest);
        let persons = Persons::over(&picture.persons, changed.clone(), persons, &mut rows, holder);
        Ok(Snapshot {
            persons,
            directory: picture.directory.with_changes(changed, rows, subjects),
            person_keys: PersonKeys::over(Arc::clone(&picture.keys), changed_keys),
            loaded_at,
            version,
        })
    }
}

/// Checks that the identifiers are of this program; gives where the picture begins.
fn begin(connection: &Connection) -> Result<Stamp, PeopleError> {
    if database::is_outdated(connection)? {
        return Err(PeopleError::Outdated);
    }
    changes::current(connection)
}

/// What kind of data subject each person is.
type Subjects = Vec<(PersonNumber, SubjectId)>;

/// People as they are on disk.
#[derive(Default)]
struct Read {
    people: Vec<OnePerson>,
}

struct OnePerson {
    number: PersonNumber,
    id: IdDigest,
    wrapped_key: Box<[u8]>,
    role: Role,
    age: Age,
    known_by: Box<[u8]>,
    school: Option<Box<str>>,
}

const COLUMNS: &str = "select number, id, wrapped_key, role, birth_year, age_band, identifiers, school
    from person left join known_by on person = number where present = 1";

impl Read {
    /// Reads the people after those that were read, some of them; gives whether there may be more.
    fn slice(&mut self, connection: &Connection) -> Result<bool, PeopleError> {
        let after = self.people.last().map_or(0, |person| person.number.0);
        let sql = format!("{COLUMNS} and number > ?1 order by number limit ?2");
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query((after, SLICE))?;
        let before = self.people.len();
        while let Some(row) = rows.next()? {
            self.people.push(OnePerson::read(row)?);
        }
        Ok((self.people.len() - before) as u64 == SLICE)
    }

    /// Reads of these people those who are there.
    fn some(&mut self, connection: &Connection, people: &[PersonNumber]) -> Result<(), PeopleError> {
        let sql = format!("{COLUMNS} and number = ?1");
        let mut statement = connection.prepare(&sql)?;
        for person in people {
            let mut rows = statement.query([person.0])?;
            while let Some(row) = rows.next()? {
                self.people.push(OnePerson::read(row)?);
            }
        }
        Ok(())
    }

    fn picture(
        self,
        wrapping_key: &[u8; 32],
        directory_key: [u8; 32],
        stamp: Stamp,
        now: Timestamp,
    ) -> Result<Picture, PeopleError> {
        let keys = Arc::new(self.keys(wrapping_key)?.into_iter().collect());
        let persons = self.persons();
        let (mut rows, subjects) = self.rows(now)?;
        let persons = Arc::new(persons.build(&mut rows));
        let directory = Directory::new(DirectoryKey::new(directory_key), rows, subjects);
        Ok(Picture {
            directory,
            keys,
            persons,
            stamp,
        })
    }

    fn keys(&self, wrapping_key: &[u8; 32]) -> Result<Vec<(PersonNumber, PersonKey)>, PeopleError> {
        let mut parts: Vec<Vec<Option<(PersonNumber, PersonKey)>>> = Vec::new();
        for_parts(&self.people, &mut parts, Vec::new, |keys, person| {
            let key = unwrap_person_key(wrapping_key, &person.id, &person.wrapped_key);
            keys.push(key.map(|key| (person.number, key)));
        });
        let keys: Option<Vec<_>> = parts.into_iter().flatten().collect();
        keys.ok_or(PeopleError::Damaged {
            what: "a person's key is not theirs",
        })
    }

    fn persons(&self) -> PersonsBuilder {
        let mut persons = PersonsBuilder::default();
        for person in &self.people {
            persons.push(person.number, PersonId(person.id), person.school.as_deref());
        }
        persons
    }

    /// What a directory is built of. Gives up what was read.
    fn rows(self, now: Timestamp) -> Result<(Vec<DirectoryRow>, Subjects), PeopleError> {
        let elements = packed::elements();
        let bytes: usize = self.people.iter().map(|person| person.known_by.len()).sum();
        let mut rows = Vec::with_capacity(bytes / packed::BYTES);
        let mut subjects = Vec::with_capacity(self.people.len());
        let mut kinds: HashMap<(Role, Age), SubjectId> = HashMap::new();
        for person in self.people {
            push_rows(&mut rows, &person, &elements)?;
            let kind = kinds.entry((person.role, person.age));
            let subject = kind.or_insert_with(|| subject_of(person.role, person.age, now));
            subjects.push((person.number, subject.clone()));
        }
        Ok((rows, subjects))
    }
}

fn push_rows(rows: &mut Vec<DirectoryRow>, person: &OnePerson, elements: &[ElementId]) -> Result<(), PeopleError> {
    rows.extend(packed::checked(&person.known_by)?.map(|one| DirectoryRow {
        digest: one.digest(),
        element: elements[one.code()].clone(),
        person: person.number,
    }));
    Ok(())
}

impl OnePerson {
    fn read(row: &Row<'_>) -> Result<Self, PeopleError> {
        let (role, age) = role_and_age(row, 3)?;
        let known_by: Option<Vec<u8>> = row.get(6)?;
        Ok(Self {
            number: PersonNumber(row.get(0)?),
            id: row.get(1)?,
            wrapped_key: row.get::<_, Option<Vec<u8>>>(2)?.unwrap_or_default().into(),
            role,
            age,
            known_by: known_by.unwrap_or_default().into(),
            school: row.get::<_, Option<Box<str>>>(7)?,
        })
    }
}

/// Of the columns `role`, `birth_year` and `age_band`, of which the first is the column `first`.
pub(super) fn role_and_age(row: &Row<'_>, first: usize) -> Result<(Role, Age), PeopleError> {
    let role = row.get_ref(first)?.as_str().map_err(rusqlite::Error::from)?;
    let role = Role::of_word(role).ok_or(PeopleError::Damaged {
        what: "a role is not known",
    })?;
    let band = row
        .get_ref(first + 2)?
        .as_str_or_null()
        .map_err(rusqlite::Error::from)?;
    let known = band.map(AgeBand::of_word);
    if known == Some(None) {
        return Err(PeopleError::Damaged {
            what: "an age band is not known",
        });
    }
    let birth_year = row.get(first + 1)?;
    Ok((
        role,
        Age {
            birth_year,
            band: known.flatten(),
        },
    ))
}
