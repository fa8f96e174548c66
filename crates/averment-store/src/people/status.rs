//! What can be said of the directory without saying who is in it: counts, completeness, age.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};

use super::subject::{Age, AgeBand, Role, subject_of};
use super::{People, PeopleError};

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
        read_elements(&transaction, &mut status)?;
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
    let sql = "select version, loaded_at, (select count(*) from person where present = 1),
        (select count(*) from person where present = 0 and wrapped_key is not null), (select count(*) from identifier)
        from state";
    let (status, loaded_at) = connection.query_row(sql, [], |row| {
        let status = PeopleStatus {
            version: row.get(0)?,
            people: row.get(2)?,
            departed: row.get(3)?,
            identifiers: row.get(4)?,
            bytes: pages * page_bytes,
            ..PeopleStatus::default()
        };
        Ok((status, row.get(1)?))
    })?;
    Ok(PeopleStatus {
        loaded_at: parse_time(loaded_at)?,
        changed_at: parse_time(changed_at)?,
        ..status
    })
}

fn read_people(connection: &Connection, now: Timestamp, status: &mut PeopleStatus) -> Result<(), PeopleError> {
    let mut groups = connection.prepare(
        "select role, birth_year, age_band, count(*), sum(known is null)
         from person left join (select distinct person as known from identifier) on known = number
         where present = 1 group by role, birth_year, age_band",
    )?;
    let mut rows = groups.query([])?;
    while let Some(row) = rows.next()? {
        let (role, band): (String, Option<String>) = (row.get(0)?, row.get(2)?);
        let (count, unknown): (u64, u64) = (row.get(3)?, row.get(4)?);
        let age = Age {
            birth_year: row.get(1)?,
            band: band.as_deref().and_then(AgeBand::parse),
        };
        let parsed = Role::parse(&role).ok_or(PeopleError::Damaged {
            what: "a role is not known",
        })?;
        *status
            .subjects
            .entry(subject_of(parsed, age, now).to_string())
            .or_default() += count;
        let by_role = status.roles.entry(role).or_default();
        by_role.people += count;
        by_role.not_recognised += unknown;
        by_role.age_known += if age == Age::default() { 0 } else { count };
    }
    Ok(())
}

fn read_elements(connection: &Connection, status: &mut PeopleStatus) -> Result<(), PeopleError> {
    let mut groups = connection.prepare(
        "select role, element, count(distinct person) from identifier join person on number = person group by role, element",
    )?;
    let mut rows = groups.query([])?;
    while let Some(row) = rows.next()? {
        let (role, element): (Option<String>, String) = (row.get(0)?, row.get(1)?);
        let by_role = status.roles.entry(role.unwrap_or_default()).or_default();
        by_role.known_by.insert(element, row.get(2)?);
    }
    Ok(())
}
