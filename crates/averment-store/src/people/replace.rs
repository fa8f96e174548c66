//! The one transaction of a load: what was loaded before goes, what the file holds comes.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Statement, Transaction, params};

use super::PeopleError;
use super::database::set_format;
use super::read::{NewIdentifier, NewPerson, Rows};
use super::report::LoadReport;
use super::subject::{AgeBand, subject_of};
use crate::wrap::wrap_new_person_key;

/// Puts `rows` in the place of what was loaded before, in one transaction.
pub(crate) fn replace(
    connection: &mut Connection,
    wrapping_key: &[u8; 32],
    rows: Rows,
    now: Timestamp,
) -> Result<LoadReport, PeopleError> {
    let mut report = LoadReport {
        unsure: rows.unsure,
        ignored_columns: rows.ignored_columns,
        ..LoadReport::default()
    };
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    clear(&transaction)?;
    let numbers = put_people(&transaction, wrapping_key, &rows.people, &mut report)?;
    put_identifiers(&transaction, &rows.identifiers, &numbers)?;
    let departed = transaction.execute("update person set present = 0 where present = -1", [])?;
    transaction.execute(
        "update state set version = version + 1, loaded_at = ?1",
        [now.to_string()],
    )?;
    set_format(&transaction)?;
    transaction.commit()?;
    report.departed = departed as u64;
    for person in &rows.people {
        *report
            .people
            .entry(subject_of(person.role, person.age, now))
            .or_default() += 1;
    }
    for identifier in &rows.identifiers {
        *report.identifiers.entry(identifier.form).or_default() += 1;
    }
    // What was deleted should not stay in the write-ahead log either. A reader may be in the way; then the next load does it.
    connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
    Ok(report)
}

fn clear(transaction: &Transaction<'_>) -> Result<(), PeopleError> {
    let nothing = "present = -1, role = null, birth_year = null, age_band = null, school = null";
    transaction.execute("delete from identifier", [])?;
    transaction.execute(&format!("update person set {nothing} where present = 1"), [])?;
    Ok(())
}

/// Gives the number of each person, in the order of the file.
fn put_people(
    transaction: &Transaction<'_>,
    wrapping_key: &[u8; 32],
    people: &[NewPerson],
    report: &mut LoadReport,
) -> Result<Vec<i64>, PeopleError> {
    let mut statements = PutPeople::prepare(transaction)?;
    let mut numbers = Vec::with_capacity(people.len());
    for person in people {
        let put = statements.put(wrapping_key, person)?;
        numbers.push(put.number);
        report.new += u64::from(put.before == Before::Unknown);
    }
    Ok(numbers)
}

/// A person as just put.
struct Put {
    number: i64,
    before: Before,
}

/// Whether the directory had ever known a person.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Unknown,
    Known,
}

/// The statements that put people. Within a load, `present` is -1 for whoever was present before and has not been met yet.
struct PutPeople<'a> {
    known: Statement<'a>,
    put: Statement<'a>,
    last_number: Statement<'a>,
}

impl<'a> PutPeople<'a> {
    fn prepare(transaction: &'a Transaction<'_>) -> Result<Self, PeopleError> {
        Ok(Self {
            known: transaction.prepare("select number, wrapped_key is null from person where id = ?1")?,
            put: transaction.prepare(
                "insert into person (number, id, wrapped_key, present, role, birth_year, age_band, school)
                 values (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7)
                 on conflict (id) do update set wrapped_key = coalesce(excluded.wrapped_key, wrapped_key), present = 1,
                     role = excluded.role, birth_year = excluded.birth_year, age_band = excluded.age_band,
                     school = excluded.school",
            )?,
            last_number: transaction.prepare("select last_insert_rowid()")?,
        })
    }

    /// Puts one person, who keeps number and key when the id was ever known.
    fn put(&mut self, wrapping_key: &[u8; 32], person: &NewPerson) -> Result<Put, PeopleError> {
        let row = self
            .known
            .query_row([&person.id[..]], |row| Ok((row.get(0)?, row.get(1)?)));
        let (number, before, wrapped) = match row.optional()? {
            Some((number, false)) => (Some(number), Before::Known, None),
            // Forgotten, and here again: the old entries stay unlinkable, new ones get a new key.
            Some((number, true)) => (Some(number), Before::Known, Some(new_key(wrapping_key, person)?)),
            None => (None, Before::Unknown, Some(new_key(wrapping_key, person)?)),
        };
        let (age_band, role) = (person.age.band.map(AgeBand::as_str), person.role.as_str());
        let birth_year = person.age.birth_year;
        self.put.execute(params![
            number,
            &person.id[..],
            wrapped,
            role,
            birth_year,
            age_band,
            person.school
        ])?;
        let number = number.map_or_else(|| self.last_number.query_row([], |row| row.get(0)), Ok)?;
        Ok(Put { number, before })
    }
}

fn new_key(wrapping_key: &[u8; 32], person: &NewPerson) -> Result<Vec<u8>, PeopleError> {
    wrap_new_person_key(wrapping_key, &person.id).map_err(PeopleError::Random)
}

fn put_identifiers(transaction: &Transaction<'_>, rows: &[NewIdentifier], numbers: &[i64]) -> Result<(), PeopleError> {
    let mut put = transaction
        .prepare("insert into identifier (person, element, form, fast, strong) values (?1, ?2, ?3, ?4, ?5)")?;
    for row in rows {
        let element = row.kind.element();
        // SQLite knows only signed numbers; the bits are the same.
        let fast = row.digest.fast.cast_signed();
        put.execute(params![
            numbers[row.person],
            element.as_str(),
            row.form.code(),
            fast,
            &row.digest.strong[..]
        ])?;
    }
    Ok(())
}
