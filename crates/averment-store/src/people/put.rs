//! The one transaction of a load: what a source says becomes what the directory holds, or nothing does.
//!
//! Only who differs is written, so that a school that loads the same file every night changes nothing but the time.

mod person;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

use super::database::{is_outdated, set_format};
use super::load::{Currency, Scope, Shrink};
use super::read::{Kept, NewPerson, Rows};
use super::report::{LoadError, LoadReport};
use super::subject::{Role, subject_of};
use super::{People, PeopleError, ambiguous, changes, packed};
use person::{Before, PutPeople};

/// Below so many people a share of them is somebody's name, not a measure.
const SHARE_COUNTS_FROM: u64 = 20;
/// People who are looked up before their keys are made together.
const BATCH: usize = 4096;
/// With more people than this the pages that change do not fit SQLite's usual 2 MiB, and would be written many times.
const MANY: usize = 10_000;

/// What a source said, and what is to be done with it.
pub(super) struct Load<'a> {
    pub(super) rows: Rows,
    pub(super) scope: Scope,
    pub(super) source_name: &'a str,
    /// Name and value of the place up to which the source was read.
    pub(super) mark: Option<(String, String)>,
}

impl People {
    /// Puts what was read into the directory, in one transaction.
    pub(super) fn put(&mut self, load: Load<'_>, now: Timestamp) -> Result<LoadReport, LoadError> {
        let many = load.rows.people.len() > MANY;
        set_cache(&self.connection, many)?;
        let put = put(&mut self.connection, &self.wrapping_key, load, self.ambiguous, now);
        if many {
            set_cache(&self.connection, false)?;
        }
        put
    }
}

/// Memory for pages, in KiB; negative is how SQLite says so.
fn set_cache(connection: &Connection, many: bool) -> Result<(), PeopleError> {
    let kibibytes = if many { 65_536 } else { 2_000 };
    Ok(connection.pragma_update(None, "cache_size", -kibibytes)?)
}

fn put(
    connection: &mut Connection,
    wrapping_key: &[u8; 32],
    load: Load<'_>,
    declared: Option<ambiguous::Ambiguous>,
    now: Timestamp,
) -> Result<LoadReport, LoadError> {
    let (rows, scope) = (&load.rows, load.scope);
    let mut report = report_of(rows, now);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(PeopleError::from)?;
    let before = present(&transaction)?;
    let mut done = Done::default();
    match scope {
        Scope::Whole(shrink) => {
            replace(&transaction, wrapping_key, rows, &mut done)?;
            check_shrink(
                shrink,
                before,
                done.departed,
                (load.source_name, rows.people.len() as u64),
            )?;
            set_format(&transaction)?;
        }
        // Whoever stayed as they were would not be recognised.
        Scope::Changes(_) if is_outdated(&transaction)? => return Err(PeopleError::Outdated.into()),
        Scope::Changes(_) => merge(&transaction, wrapping_key, rows, &mut done)?,
    }
    ambiguous::check(&transaction, declared, (rows, load.source_name))?;
    (report.new, report.departed) = (done.new, done.departed);
    report.present = before + done.arrived - done.departed;
    note(&transaction, &load, (&done.changed, report.present), now)?;
    transaction.commit().map_err(PeopleError::from)?;
    // What was deleted should not stay in the write-ahead log either, and a log that is not empty would be read into a
    // file that is moved over this one. A reader may be in the way; then the next load does it.
    let checkpoint = connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()));
    checkpoint.map_err(PeopleError::from)?;
    Ok(report)
}

/// What was done to the directory.
#[derive(Default)]
struct Done {
    /// Numbers of who differ from before.
    changed: Vec<i64>,
    /// Who was never known.
    new: u64,
    /// Who was not present.
    arrived: u64,
    departed: u64,
}

impl Done {
    fn count(&mut self, before: Before) {
        self.new += u64::from(before == Before::Unknown);
        self.arrived += u64::from(before != Before::Present);
    }
}

fn report_of(rows: &Rows, now: Timestamp) -> LoadReport {
    let mut report = LoadReport {
        unsure: rows.unsure.clone(),
        ignored_columns: rows.ignored_columns.clone(),
        ignored_members: rows.ignored_members,
        ..LoadReport::default()
    };
    let mut subjects = std::collections::BTreeMap::<_, u64>::new();
    let mut forms = [0; 4];
    for person in &rows.people {
        if person.kept != Kept::Identifiers {
            *subjects
                .entry((person.role.unwrap_or(Role::Student), person.age))
                .or_default() += 1;
        }
        for one in packed::each(&person.known_by) {
            forms[usize::from(one.form().code() - 1)] += 1;
        }
    }
    for ((role, age), count) in subjects {
        *report.people.entry(subject_of(role, age, now)).or_default() += count;
    }
    let forms = (1..).filter_map(averment_detect::Form::from_code).take(4).zip(forms);
    report.identifiers = forms.filter(|(_, count)| *count > 0).collect();
    report
}

/// Number of people; counted where no program of today has noted it.
fn present(transaction: &Transaction<'_>) -> Result<u64, PeopleError> {
    let sql = "select cast(value as integer) from note where name = 'present'";
    if let Some(count) = transaction.query_row(sql, [], |row| row.get(0)).optional()? {
        return Ok(count);
    }
    Ok(transaction.query_row("select count(*) from person where present = 1", [], |row| row.get(0))?)
}

fn check_shrink(shrink: Shrink, before: u64, departed: u64, (name, found): (&str, u64)) -> Result<(), LoadError> {
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

/// Makes the next version. Adding somebody by hand does not make old people current.
fn note(
    transaction: &Transaction<'_>,
    load: &Load<'_>,
    (changed, present): (&[i64], u64),
    now: Timestamp,
) -> Result<(), PeopleError> {
    changes::note(transaction, changed)?;
    let loaded_at = match load.scope {
        Scope::Changes(Currency::AsBefore) => "coalesce(loaded_at, ?1)",
        Scope::Whole(_) | Scope::Changes(Currency::Current) => "?1",
    };
    transaction.execute(&format!("update state set loaded_at = {loaded_at}"), [now.to_string()])?;
    let mut note = transaction.prepare("insert or replace into note values (?1, ?2)")?;
    note.execute(["changed_at", &now.to_string()])?;
    note.execute(["present", &present.to_string()])?;
    if let Some((name, mark)) = &load.mark {
        note.execute([name, mark])?;
    }
    Ok(())
}

/// Everybody else departs.
fn replace(
    transaction: &Transaction<'_>,
    wrapping_key: &[u8; 32],
    rows: &Rows,
    done: &mut Done,
) -> Result<(), PeopleError> {
    let mut met = Numbers::default();
    put_all(transaction, wrapping_key, &rows.people, |number, before, changed| {
        met.insert(number);
        done.count(before);
        if changed {
            done.changed.push(number);
        }
    })?;
    let mut others = transaction.prepare("select number from person where present = 1")?;
    let mut gone = Vec::new();
    let mut numbers = others.query([])?;
    while let Some(row) = numbers.next()? {
        let number = row.get(0)?;
        if !met.contains(number) {
            gone.push(number);
        }
    }
    depart(transaction, &gone)?;
    done.departed += gone.len() as u64;
    done.changed.extend(gone);
    Ok(())
}

fn merge(
    transaction: &Transaction<'_>,
    wrapping_key: &[u8; 32],
    rows: &Rows,
    done: &mut Done,
) -> Result<(), PeopleError> {
    put_all(transaction, wrapping_key, &rows.people, |number, before, changed| {
        done.count(before);
        if changed {
            done.changed.push(number);
        }
    })?;
    let mut find = transaction.prepare("select number from person where id = ?1 and present = 1")?;
    let mut gone: Vec<i64> = Vec::new();
    for departure in &rows.removed {
        gone.extend(
            find.query_row([&departure.id[..]], |row| row.get::<_, i64>(0))
                .optional()?,
        );
    }
    depart(transaction, &gone)?;
    done.departed += gone.len() as u64;
    done.changed.extend(gone);
    Ok(())
}

/// Puts people in batches, whose new keys are made together; tells of each who was put the number, what was known, and
/// whether anything changed.
fn put_all(
    transaction: &Transaction<'_>,
    wrapping_key: &[u8; 32],
    people: &[NewPerson],
    mut each: impl FnMut(i64, Before, bool),
) -> Result<(), PeopleError> {
    let mut put = PutPeople::prepare(transaction)?;
    for batch in people.chunks(BATCH) {
        put.batch(wrapping_key, batch, &mut each)?;
    }
    Ok(())
}

/// Takes people out. What was recorded about them can still be found by id and key.
pub(super) fn depart(transaction: &Transaction<'_>, numbers: &[i64]) -> Result<(), PeopleError> {
    let mut forget = transaction.prepare("delete from known_by where person = ?1")?;
    let mut depart = transaction.prepare(
        "update person set present = 0, role = null, birth_year = null, age_band = null, school = null where number = ?1",
    )?;
    for number in numbers {
        forget.execute([number])?;
        depart.execute([number])?;
    }
    Ok(())
}

/// A set of numbers that are given one after the other from 1.
#[derive(Default)]
struct Numbers(Vec<u64>);

impl Numbers {
    fn insert(&mut self, number: i64) {
        let (word, bit) = place(number);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= bit;
    }

    fn contains(&self, number: i64) -> bool {
        let (word, bit) = place(number);
        self.0.get(word).is_some_and(|found| found & bit != 0)
    }
}

fn place(number: i64) -> (usize, u64) {
    // A person's number has 32 bits; anything else is no number of ours and shares a place.
    let number = number.cast_unsigned() & u64::from(u32::MAX);
    ((number / 64) as usize, 1 << (number % 64))
}
