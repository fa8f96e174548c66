//! One person put: what a row says over what the directory knows.

use averment_detect::normalise::IdentifierKind;
use rusqlite::{OptionalExtension as _, Statement, Transaction, params};

use super::super::parts::for_parts;
use super::super::read::{IdDigest, Kept, NewPerson};
use super::super::subject::{Age, AgeBand, Role};
use super::super::{PeopleError, packed};
use crate::wrap::wrap_new_person_key;

/// Whether the directory had ever known a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    Unknown,
    Departed,
    Present,
}

/// Somebody whom the directory has known.
struct Known {
    number: i64,
    forgotten: bool,
    present: bool,
    facts: Facts,
    identifiers: Vec<u8>,
}

/// What is kept of a person besides identifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Facts {
    /// None of somebody who departed.
    role: Option<Role>,
    age: Age,
    school: Option<Box<str>>,
}

/// The statements that put people.
pub(super) struct PutPeople<'a> {
    transaction: &'a Transaction<'a>,
    known: Statement<'a>,
    insert: Statement<'a>,
    update: Statement<'a>,
    identify: Statement<'a>,
}

impl<'a> PutPeople<'a> {
    pub(super) fn prepare(transaction: &'a Transaction<'a>) -> Result<Self, PeopleError> {
        Ok(Self {
            transaction,
            known: transaction.prepare(
                "select number, wrapped_key is null, present = 1, role, birth_year, age_band, school, identifiers
                 from person left join known_by on person = number where id = ?1",
            )?,
            insert: transaction.prepare(
                "insert into person (id, wrapped_key, present, role, birth_year, age_band, school)
                 values (?1, ?2, 1, ?3, ?4, ?5, ?6)",
            )?,
            update: transaction.prepare(
                "update person set wrapped_key = coalesce(?2, wrapped_key), present = 1, role = ?3, birth_year = ?4,
                     age_band = ?5, school = ?6 where number = ?1",
            )?,
            identify: transaction.prepare("insert or replace into known_by values (?1, ?2)")?,
        })
    }

    /// Puts some people; tells of each who was put the number, what was known, and whether anything changed.
    pub(super) fn batch(
        &mut self,
        wrapping_key: &[u8; 32],
        people: &[NewPerson],
        each: &mut impl FnMut(i64, Before, bool),
    ) -> Result<(), PeopleError> {
        let known: Vec<Option<Known>> = people
            .iter()
            .map(|person| self.known(&person.id))
            .collect::<Result<_, _>>()?;
        let is_keyless = |known: &Option<Known>| known.as_ref().is_none_or(|known| known.forgotten);
        let keyless = people.iter().zip(&known).filter(|(_, known)| is_keyless(known));
        let keyless: Vec<IdDigest> = keyless.map(|(person, _)| person.id).collect();
        let mut keys = new_keys(wrapping_key, &keyless)?.into_iter();
        for (person, known) in people.iter().zip(known) {
            // Forgotten, and here again: the old entries stay unlinkable, new ones get a new key.
            let key = if is_keyless(&known) { keys.next() } else { None };
            let present = known.as_ref().is_some_and(|known| known.present);
            if person.kept == Kept::Identifiers && !present {
                continue;
            }
            let before = match &known {
                None => Before::Unknown,
                Some(known) if known.present => Before::Present,
                Some(_) => Before::Departed,
            };
            let (number, changed) = self.one(person, known, key)?;
            each(number, before, changed);
        }
        Ok(())
    }

    fn known(&mut self, id: &IdDigest) -> Result<Option<Known>, PeopleError> {
        let row = self.known.query_row([&id[..]], |row| {
            let word = |column| -> rusqlite::Result<Option<&str>> { Ok(row.get_ref(column)?.as_str_or_null()?) };
            Ok(Known {
                number: row.get(0)?,
                forgotten: row.get(1)?,
                present: row.get(2)?,
                facts: Facts {
                    role: word(3)?.and_then(Role::of_word),
                    age: Age {
                        birth_year: row.get(4)?,
                        band: word(5)?.and_then(AgeBand::of_word),
                    },
                    school: word(6)?.map(Box::from),
                },
                identifiers: row.get::<_, Option<Vec<u8>>>(7)?.unwrap_or_default(),
            })
        });
        Ok(row.optional()?)
    }

    /// Gives the number, and whether anything changed.
    fn one(
        &mut self,
        person: &NewPerson,
        known: Option<Known>,
        key: Option<Vec<u8>>,
    ) -> Result<(i64, bool), PeopleError> {
        let facts = facts(person, known.as_ref());
        let words = params![
            facts.role.map(Role::as_str),
            facts.age.birth_year,
            facts.age.band.map(AgeBand::as_str),
            facts.school
        ];
        let Some(known) = known else {
            let [role, year, band, school] = [words[0], words[1], words[2], words[3]];
            self.insert
                .execute(params![&person.id[..], key, role, year, band, school])?;
            let number = self.transaction.last_insert_rowid();
            self.identify.execute(params![number, person.known_by])?;
            return Ok((number, true));
        };
        let identifiers = identifiers(person, &known)?;
        let other_facts = !known.present || known.forgotten || known.facts != facts;
        if other_facts {
            let [role, year, band, school] = [words[0], words[1], words[2], words[3]];
            self.update
                .execute(params![known.number, key, role, year, band, school])?;
        }
        let other_identifiers = !known.present || known.identifiers != identifiers;
        if other_identifiers {
            self.identify.execute(params![known.number, identifiers])?;
        }
        Ok((known.number, other_facts || other_identifiers))
    }
}

fn new_keys(wrapping_key: &[u8; 32], ids: &[IdDigest]) -> Result<Vec<Vec<u8>>, PeopleError> {
    let mut parts: Vec<Result<Vec<Vec<u8>>, getrandom::Error>> = Vec::new();
    for_parts(
        ids,
        &mut parts,
        || Ok(Vec::new()),
        |keys, id| {
            if let Ok(made) = keys {
                match wrap_new_person_key(wrapping_key, id) {
                    Ok(key) => made.push(key),
                    Err(error) => *keys = Err(error),
                }
            }
        },
    );
    let parts: Result<Vec<_>, _> = parts.into_iter().collect();
    Ok(parts.map_err(PeopleError::Random)?.into_iter().flatten().collect())
}

/// What the row does not say may stay of somebody present, and a student stays one until a whole load says otherwise,
/// because changes may name one role of several.
fn facts(person: &NewPerson, known: Option<&Known>) -> Facts {
    let said = Facts {
        role: Some(person.role.unwrap_or(Role::Student)),
        age: person.age,
        school: person.school.clone(),
    };
    let Some(known) = known.filter(|known| known.present && person.kept != Kept::Nothing) else {
        return said;
    };
    let old = known.facts.clone();
    let stays = person.role.is_none() || old.role == Some(Role::Student);
    let band = if person.age == Age::default() {
        old.age.band
    } else {
        person.age.band
    };
    Facts {
        role: if stays { old.role } else { said.role },
        age: Age {
            birth_year: person.age.birth_year.or(old.age.birth_year),
            band,
        },
        school: said.school.or(old.school),
    }
}

/// The row's identifiers, behind those that stay.
fn identifiers(person: &NewPerson, known: &Known) -> Result<Vec<u8>, PeopleError> {
    let given = |test: fn(IdentifierKind) -> bool| packed::each(&person.known_by).any(|one| test(one.kind()));
    let (guardians, birth_date) = (given(is_guardians), given(is_birth_date));
    let mut all = Vec::with_capacity(person.known_by.len());
    if known.present && person.kept != Kept::Nothing {
        for one in packed::checked(&known.identifiers)? {
            let replaced = match one.kind() {
                kind if is_guardians(kind) => guardians,
                kind if is_birth_date(kind) => birth_date,
                _ => true,
            };
            if person.kept == Kept::Identifiers || !replaced {
                all.extend_from_slice(one.bytes());
            }
        }
    }
    let stayed = all.len();
    for one in packed::each(&person.known_by) {
        if !packed::each(&all[..stayed]).any(|old| old.bytes() == one.bytes()) {
            all.extend_from_slice(one.bytes());
        }
    }
    Ok(all)
}

fn is_guardians(kind: IdentifierKind) -> bool {
    kind.element().as_str().starts_with("guardian.")
}

fn is_birth_date(kind: IdentifierKind) -> bool {
    kind == IdentifierKind::NameAndBirthDate
}
