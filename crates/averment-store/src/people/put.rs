//! The one transaction of a load: what a source says becomes what the directory holds, or nothing does.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Statement, Transaction, TransactionBehavior, params};

use super::PeopleError;
use super::database::{is_outdated, set_format};
use super::load::{Currency, Scope, Shrink};
use super::read::{IdDigest, Kept, NewIdentifier, NewPerson, Rows};
use super::report::{LoadError, LoadReport};
use super::subject::{AgeBand, Role, subject_of};
use crate::wrap::wrap_new_person_key;

/// Below so many people a share of them is somebody's name, not a measure.
const SHARE_COUNTS_FROM: u64 = 20;

/// Puts `rows` into the directory, in one transaction.
pub(super) fn put(
    connection: &mut Connection,
    wrapping_key: &[u8; 32],
    rows: Rows,
    (scope, source_name, mark): (Scope, &str, Option<(String, String)>),
    now: Timestamp,
) -> Result<LoadReport, LoadError> {
    let mut report = report_of(&rows, now);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(PeopleError::from)?;
    let before = present(&transaction)?;
    match scope {
        Scope::Whole(shrink) => {
            report.departed = replace(&transaction, wrapping_key, &rows, &mut report)?;
            check_shrink(shrink, before, &report, (source_name, rows.people.len() as u64))?;
            set_format(&transaction)?;
        }
        // Whoever stayed as they were would not be recognised.
        Scope::Changes(_) if is_outdated(&transaction)? => return Err(PeopleError::Outdated.into()),
        Scope::Changes(_) => merge(&transaction, wrapping_key, &rows, &mut report)?,
    }
    report.present = present(&transaction)?;
    note_time(&transaction, scope, now)?;
    if let Some((name, mark)) = mark {
        let noted = transaction.execute("insert or replace into note values (?1, ?2)", [name, mark]);
        noted.map_err(PeopleError::from)?;
    }
    transaction.commit().map_err(PeopleError::from)?;
    if let Scope::Whole(_) = scope {
        // What was deleted should not stay in the write-ahead log either. A reader may be in the way; then the next load
        // does it.
        let checkpoint = connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()));
        checkpoint.map_err(PeopleError::from)?;
    }
    Ok(report)
}

fn report_of(rows: &Rows, now: Timestamp) -> LoadReport {
    let mut report = LoadReport {
        unsure: rows.unsure.clone(),
        ignored_columns: rows.ignored_columns.clone(),
        ignored_members: rows.ignored_members,
        ..LoadReport::default()
    };
    for person in rows.people.iter().filter(|person| person.kept != Kept::Identifiers) {
        let subject = subject_of(person.role.unwrap_or(Role::Student), person.age, now);
        *report.people.entry(subject).or_default() += 1;
    }
    for identifier in &rows.identifiers {
        *report.identifiers.entry(identifier.form).or_default() += 1;
    }
    report
}

fn present(transaction: &Transaction<'_>) -> Result<u64, PeopleError> {
    Ok(transaction.query_row("select count(*) from person where present = 1", [], |row| row.get(0))?)
}

fn check_shrink(shrink: Shrink, before: u64, report: &LoadReport, (name, found): (&str, u64)) -> Result<(), LoadError> {
    let departed = report.departed;
    match shrink {
        Shrink::UpToPercent(limit_percent)
            if before >= SHARE_COUNTS_FROM && departed * 100 > before * u64::from(limit_percent) =>
        {
            Err(LoadError::Shrinks {
                source_name: name.to_owned(),
                before,
                found,
                departed,
                limit_percent,
            })
        }
        _ => Ok(()),
    }
}

/// Adding somebody by hand does not make old people current.
fn note_time(transaction: &Transaction<'_>, scope: Scope, now: Timestamp) -> Result<(), PeopleError> {
    let loaded_at = match scope {
        Scope::Changes(Currency::AsBefore) => "coalesce(loaded_at, ?1)",
        Scope::Whole(_) | Scope::Changes(Currency::Current) => "?1",
    };
    let sql = format!("update state set version = version + 1, loaded_at = {loaded_at}");
    transaction.execute(&sql, [now.to_string()])?;
    transaction.execute(
        "insert or replace into note values ('changed_at', ?1)",
        [now.to_string()],
    )?;
    Ok(())
}

/// Everybody else departs; gives how many.
fn replace(
    transaction: &Transaction<'_>,
    wrapping_key: &[u8; 32],
    rows: &Rows,
    report: &mut LoadReport,
) -> Result<u64, PeopleError> {
    // Made again at the end: sorting once is cheaper than finding the place of each of some millions.
    transaction.execute("drop index if exists identifier_person", [])?;
    transaction.execute("delete from identifier", [])?;
    transaction.execute(
        &format!("update person set present = -1, {NOTHING} where present = 1"),
        [],
    )?;
    let mut people = PutPeople::prepare(transaction)?;
    let mut numbers = Vec::with_capacity(rows.people.len());
    for person in &rows.people {
        let put = people.put(wrapping_key, person, false)?;
        numbers.push(Some(put.number));
        report.new += u64::from(put.before == Before::Unknown);
    }
    drop(people);
    put_identifiers(transaction, &rows.identifiers, &numbers)?;
    transaction.execute(INDEX, [])?;
    let departed = transaction.execute("update person set present = 0 where present = -1", [])?;
    Ok(departed as u64)
}

/// What is not known of somebody who departed.
const NOTHING: &str = "role = null, birth_year = null, age_band = null, school = null";

const INDEX: &str = "create index if not exists identifier_person on identifier (person)";

fn merge(
    transaction: &Transaction<'_>,
    wrapping_key: &[u8; 32],
    rows: &Rows,
    report: &mut LoadReport,
) -> Result<(), PeopleError> {
    transaction.execute(INDEX, [])?;
    let mut people = PutPeople::prepare(transaction)?;
    let mut forget = transaction.prepare(
        "delete from identifier where person = ?1 and (?2 or element not like 'guardian.%')
         and (?3 or element <> 'demographic.date_of_birth')",
    )?;
    let given = Given::of(rows);
    let mut numbers = Vec::with_capacity(rows.people.len());
    for (person, given) in rows.people.iter().zip(given) {
        let known = people.known(&person.id)?;
        if person.kept == Kept::Identifiers && !known.as_ref().is_some_and(|known| known.present) {
            numbers.push(None);
            continue;
        }
        let put = people.put(wrapping_key, person, known.is_some_and(|known| known.present))?;
        report.new += u64::from(put.before == Before::Unknown);
        if person.kept != Kept::Identifiers {
            let whole = person.kept == Kept::Nothing;
            forget.execute(params![put.number, whole || given.guardians, whole || given.birth_date])?;
        }
        numbers.push(Some(put.number));
    }
    drop((people, forget));
    put_identifiers(transaction, &rows.identifiers, &numbers)?;
    report.departed = remove(transaction, &rows.removed)?;
    Ok(())
}

/// What the identifiers of a person's row tell about.
#[derive(Debug, Clone, Copy, Default)]
struct Given {
    guardians: bool,
    birth_date: bool,
}

impl Given {
    fn of(rows: &Rows) -> Vec<Self> {
        let mut given = vec![Self::default(); rows.people.len()];
        for identifier in &rows.identifiers {
            let element = identifier.kind.element();
            let person = &mut given[identifier.person];
            person.guardians |= element.as_str().starts_with("guardian.");
            person.birth_date |= element.as_str() == "demographic.date_of_birth";
        }
        given
    }
}

/// Takes people out; gives how many were in.
fn remove(transaction: &Transaction<'_>, ids: &[IdDigest]) -> Result<u64, PeopleError> {
    let mut forget = transaction
        .prepare("delete from identifier where person in (select number from person where id = ?1 and present = 1)")?;
    let mut depart = transaction.prepare(&format!(
        "update person set present = 0, {NOTHING} where id = ?1 and present = 1"
    ))?;
    let mut departed = 0;
    for id in ids {
        forget.execute([&id[..]])?;
        departed += depart.execute([&id[..]])? as u64;
    }
    Ok(departed)
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

/// Somebody whom the directory has known.
struct Known {
    number: i64,
    forgotten: bool,
    present: bool,
}

/// The statements that put people. Within a whole load, `present` is -1 for whoever was present before and has not been met
/// yet.
struct PutPeople<'a> {
    known: Statement<'a>,
    put: Statement<'a>,
    last_number: Statement<'a>,
}

impl<'a> PutPeople<'a> {
    fn prepare(transaction: &'a Transaction<'_>) -> Result<Self, PeopleError> {
        Ok(Self {
            known: transaction.prepare("select number, wrapped_key is null, present = 1 from person where id = ?1")?,
            // ?8: what the row does not say stays, and a student stays one until a whole load says otherwise, because
            // changes may name one role of several.
            put: transaction.prepare(
                "insert into person (number, id, wrapped_key, present, role, birth_year, age_band, school)
                 values (?1, ?2, ?3, 1, coalesce(?4, 'student'), ?5, ?6, ?7)
                 on conflict (id) do update set wrapped_key = coalesce(excluded.wrapped_key, wrapped_key), present = 1,
                     role = case when ?8 and (?4 is null or role = 'student') then role else excluded.role end,
                     birth_year = case when ?8 and ?5 is null then birth_year else ?5 end,
                     age_band = case when ?8 and ?5 is null and ?6 is null then age_band else ?6 end,
                     school = case when ?8 and ?7 is null then school else ?7 end",
            )?,
            last_number: transaction.prepare("select last_insert_rowid()")?,
        })
    }

    fn known(&mut self, id: &IdDigest) -> Result<Option<Known>, PeopleError> {
        let row = self.known.query_row([&id[..]], |row| {
            Ok(Known {
                number: row.get(0)?,
                forgotten: row.get(1)?,
                present: row.get(2)?,
            })
        });
        Ok(row.optional()?)
    }

    /// Puts one person, who keeps number and key when the id was ever known. `present`: what the row does not say may stay.
    fn put(&mut self, wrapping_key: &[u8; 32], person: &NewPerson, present: bool) -> Result<Put, PeopleError> {
        let (number, before, wrapped) = match self.known(&person.id)? {
            // Forgotten, and here again: the old entries stay unlinkable, new ones get a new key.
            Some(known) if known.forgotten => (Some(known.number), Before::Known, Some(new_key(wrapping_key, person)?)),
            Some(known) => (Some(known.number), Before::Known, None),
            None => (None, Before::Unknown, Some(new_key(wrapping_key, person)?)),
        };
        self.put.execute(params![
            number,
            &person.id[..],
            wrapped,
            person.role.map(Role::as_str),
            person.age.birth_year,
            person.age.band.map(AgeBand::as_str),
            person.school,
            present && person.kept != Kept::Nothing,
        ])?;
        let number = number.map_or_else(|| self.last_number.query_row([], |row| row.get(0)), Ok)?;
        Ok(Put { number, before })
    }
}

fn new_key(wrapping_key: &[u8; 32], person: &NewPerson) -> Result<Vec<u8>, PeopleError> {
    wrap_new_person_key(wrapping_key, &person.id).map_err(PeopleError::Random)
}

/// `numbers`: of each person in the order of the source; none for whoever was passed over.
fn put_identifiers(
    transaction: &Transaction<'_>,
    rows: &[NewIdentifier],
    numbers: &[Option<i64>],
) -> Result<(), PeopleError> {
    let mut put = transaction
        .prepare("insert into identifier (person, element, form, fast, strong) values (?1, ?2, ?3, ?4, ?5)")?;
    // Making an element checks its text, which would be most of the work for some millions of rows.
    let mut elements = BTreeMap::new();
    for row in rows {
        let Some(number) = numbers[row.person] else { continue };
        let element = elements.entry(row.kind).or_insert_with(|| row.kind.element());
        // SQLite knows only signed numbers; the bits are the same.
        let fast = row.digest.fast.cast_signed();
        put.execute(params![
            number,
            element.as_str(),
            row.form.code(),
            fast,
            &row.digest.strong[..]
        ])?;
    }
    Ok(())
}
