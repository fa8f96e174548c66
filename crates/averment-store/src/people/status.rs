//! What can be said of the directory without saying who is in it: counts, completeness, age.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};

use super::subject::{Age, Role, subject_of};
use super::{Ambiguous, People, PeopleError, ambiguous, packed, picture};

/// A time of loading that lies further ahead than this says that the clock is wrong; clocks of two machines differ by less.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(1);

/// The directory in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeopleStatus {
    /// Number of loads, additions and removals.
    pub version: u64,
    /// When the whole directory was last as its source says; none when nobody was ever loaded.
    pub loaded_at: Option<Timestamp>,
    /// When anything was last changed.
    pub changed_at: Option<Timestamp>,
    /// People who are recognised.
    pub people: u64,
    /// People who departed and are not erased.
    pub departed: u64,
    /// Identifiers: shapes to match, of which one value may have several.
    pub identifiers: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// What settles a value that several people have.
    pub ambiguous: Ambiguous,
    /// By kind of data subject, which says role and age band.
    pub subjects: BTreeMap<String, u64>,
    /// By role, as it was loaded.
    pub roles: BTreeMap<String, RoleStatus>,
}

/// How complete the people of one role are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoleStatus {
    /// How many there are.
    pub people: u64,
    /// Of how many the age is known.
    pub age_known: u64,
    /// How many have nothing that they could be recognised by.
    pub not_recognised: u64,
    /// How many are known by each element.
    pub known_by: BTreeMap<String, u64>,
}

impl PeopleStatus {
    /// Bytes on disk for each identifier, people and keys counted in.
    pub fn bytes_per_identifier(&self) -> Option<u64> {
        self.bytes.checked_div(self.identifiers)
    }
}

impl People {
    /// The directory in numbers; ages as of `now`.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn status(&mut self, now: Timestamp) -> Result<PeopleStatus, PeopleError> {
        let transaction = self.connection.transaction()?;
        let mut status = read_totals(&transaction)?;
        read_people(&transaction, now, &mut status)?;
        Ok(status)
    }

    /// When the whole directory was last as its source says; none when nobody was ever loaded.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn loaded_at(&self) -> Result<Option<Timestamp>, PeopleError> {
        let time: Option<String> = self
            .connection
            .query_row("select loaded_at from state", [], |row| row.get(0))?;
        parse_time(time)
    }

    /// Whether the directory is older than `max_age`. One whose time of loading lies ahead counts as stale: the clock was
    /// set back, and how old it is nobody knows. One that was never loaded is not stale, it is empty.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn is_stale(&self, max_age: Option<SignedDuration>, now: Timestamp) -> Result<bool, PeopleError> {
        let (Some(max_age), Some(loaded_at)) = (max_age, self.loaded_at()?) else {
            return Ok(false);
        };
        let age = now.duration_since(loaded_at);
        Ok(age > max_age || age < -AHEAD_MAX)
    }
}

fn parse_time(time: Option<String>) -> Result<Option<Timestamp>, PeopleError> {
    let time = time.map(|time| time.parse()).transpose();
    time.map_err(|_| PeopleError::Damaged {
        what: "the time of loading is no time",
    })
}

fn read_totals(connection: &Connection) -> Result<PeopleStatus, PeopleError> {
    let changed_at = "select value from note where name = 'changed_at'";
    let changed_at = connection.query_row(changed_at, [], |row| row.get(0)).optional()?;
    let pages: u64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    let page_bytes: u64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let sql = "select version, loaded_at,
        (select count(*) from person where present = 0 and wrapped_key is not null) from state";
    let (status, loaded_at) = connection.query_row(sql, [], |row| {
        let status = PeopleStatus {
            version: row.get(0)?,
            departed: row.get(2)?,
            bytes: pages * page_bytes,
            ..PeopleStatus::default()
        };
        Ok((status, row.get(1)?))
    })?;
    Ok(PeopleStatus {
        loaded_at: parse_time(loaded_at)?,
        changed_at: parse_time(changed_at)?,
        ambiguous: ambiguous::rule(connection)?,
        ..status
    })
}

fn read_people(connection: &Connection, now: Timestamp, status: &mut PeopleStatus) -> Result<(), PeopleError> {
    let elements: Vec<String> = packed::elements().iter().map(ToString::to_string).collect();
    let mut roles: BTreeMap<Role, Counted> = BTreeMap::new();
    let mut subjects: BTreeMap<(Role, Age), u64> = BTreeMap::new();
    let mut people = connection.prepare(
        "select role, birth_year, age_band, identifiers from person left join known_by on person = number where present = 1",
    )?;
    let mut rows = people.query([])?;
    while let Some(row) = rows.next()? {
        let (role, age) = picture::role_and_age(row, 0)?;
        let packed = row.get_ref(3)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
        status.people += 1;
        *subjects.entry((role, age)).or_default() += 1;
        let counted = roles.entry(role).or_default();
        status.identifiers += counted.count(age, packed.unwrap_or_default())?;
    }
    for ((role, age), count) in subjects {
        *status
            .subjects
            .entry(subject_of(role, age, now).to_string())
            .or_default() += count;
    }
    status.roles = roles
        .into_iter()
        .map(|(role, counted)| (role.as_str().to_owned(), counted.named(&elements)))
        .collect();
    Ok(())
}

/// The people of a role while they are counted.
#[derive(Default)]
struct Counted {
    status: RoleStatus,
    /// By code.
    known_by: BTreeMap<usize, u64>,
}

impl Counted {
    /// Counts one; gives the number of their identifiers.
    fn count(&mut self, age: Age, identifiers: &[u8]) -> Result<u64, PeopleError> {
        self.status.people += 1;
        self.status.age_known += u64::from(age != Age::default());
        let (mut codes, mut count) = (0_u32, 0);
        for one in packed::checked(identifiers)? {
            (codes, count) = (codes | 1 << one.code(), count + 1);
        }
        self.status.not_recognised += u64::from(count == 0);
        for code in (0..u32::BITS).filter(|code| codes >> code & 1 == 1) {
            *self.known_by.entry(code as usize).or_default() += 1;
        }
        Ok(count)
    }

    /// Two kinds of one element are rare and overlap: the greater count is that of the people.
    fn named(mut self, elements: &[String]) -> RoleStatus {
        for (code, count) in self.known_by {
            let known_by = self.status.known_by.entry(elements[code].clone()).or_default();
            *known_by = count.max(*known_by);
        }
        self.status
    }
}
