//! The tables: requests and their steps, of which rows are added and never changed, which triggers see to, and the holds
//! that follow from them, which every step brings up to date in its own transaction.

mod holds;

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use super::RequestError;
use super::request::{Channel, Clocks, Concerned, Request, Requester, Step};
use super::step::Event;
use crate::keys::keyed_digest;
use crate::persons::PersonId;

use holds::put_holds;
pub(super) use holds::{holds_on, under_hold};

/// How long a command waits for others.
const WAITS: Duration = Duration::from_secs(5);
/// Format of the tables, in `user_version`.
const FORMAT: i64 = 1;

const TABLES: &str = "
    create table request (
        number integer primary key autoincrement,
        id text not null unique,
        kind text not null,
        person blob,
        school text,
        acting_school text,
        requester text not null,
        channel text not null,
        received_on text not null,
        check ((person is null) <> (school is null))
    ) strict;
    create index request_of_person on request (person) where person is not null;
    create index request_of_school on request (school) where school is not null;
    create trigger request_stays before update on request begin select raise(abort, 'requests stay'); end;
    create trigger request_is_kept before delete on request begin select raise(abort, 'requests stay'); end;
    create table school_name (
        request integer not null references request (number),
        name text not null,
        primary key (request, name)
    ) strict, without rowid;
    create trigger school_name_stays before update on school_name begin select raise(abort, 'names stay'); end;
    create trigger school_name_is_kept before delete on school_name begin select raise(abort, 'names stay'); end;
    create table step (
        number integer primary key autoincrement,
        request integer not null references request (number),
        id text not null unique,
        event text not null,
        clocks text not null,
        at text not null
    ) strict;
    create index step_of_request on step (request, number);
    create trigger step_stays before update on step begin select raise(abort, 'steps stay'); end;
    create trigger step_is_kept before delete on step begin select raise(abort, 'steps stay'); end;
    create table held (
        request integer not null references request (number),
        ground text not null,
        person blob,
        school text,
        since text not null
    ) strict;
    create unique index held_once on held (request, ground, coalesce(school, ''));
    create index held_person on held (person) where person is not null;
    create index held_school on held (school) where school is not null;
    create table state (
        one integer primary key check (one = 1),
        recorded integer not null,
        key_check blob not null
    ) strict;
";

const REQUESTS: &str =
    "select number, id, kind, person, school, acting_school, requester, channel, received_on from request";

/// Opens the database, whose file is there, and checks that it belongs to the key.
pub(super) fn open(path: &Path, id_key: &[u8; 32]) -> Result<Connection, RequestError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(WAITS)?;
    connection.execute_batch("pragma journal_mode = wal; pragma synchronous = full; pragma temp_store = memory;")?;
    let transaction = begin(&mut connection)?;
    let check = keyed_digest(id_key, &[b"averment.key-check/1"]);
    match transaction.pragma_query_value(None, "user_version", |row| row.get(0))? {
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.execute("insert into state values (1, 0, ?1)", [&check[..]])?;
            transaction.pragma_update(None, "user_version", FORMAT)?;
        }
        FORMAT => {}
        found => {
            let expected = FORMAT;
            return Err(RequestError::Format { found, expected });
        }
    }
    let stored: Vec<u8> = transaction.query_row("select key_check from state", [], |row| row.get(0))?;
    transaction.commit()?;
    if stored == check {
        Ok(connection)
    } else {
        Err(RequestError::OtherKey)
    }
}

/// Changes when another connection has written. Cheap: it reads shared memory.
pub(super) fn data_version(connection: &Connection) -> Result<i64, RequestError> {
    let mut statement = connection.prepare_cached("pragma data_version")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// A transaction that nobody else writes beside.
pub(super) fn begin(connection: &mut Connection) -> Result<Transaction<'_>, RequestError> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// The number of the last step.
pub(super) fn last_step(connection: &Connection) -> Result<u64, RequestError> {
    Ok(connection.query_row("select coalesce(max(number), 0) from step", [], |row| row.get(0))?)
}

/// Up to which step the ledger was told.
pub(super) fn recorded(connection: &Connection) -> Result<u64, RequestError> {
    Ok(connection.query_row("select recorded from state", [], |row| row.get(0))?)
}

/// Says up to which step the ledger was told.
pub(super) fn set_recorded(connection: &Connection, number: u64) -> Result<(), RequestError> {
    connection.execute("update state set recorded = max(recorded, ?1)", [number])?;
    Ok(())
}

/// Adds a request without steps and gives it its number.
pub(super) fn add(transaction: &Transaction<'_>, request: &mut Request) -> Result<(), RequestError> {
    let (person, school) = columns(&request.about);
    transaction.execute(
        "insert into request (id, kind, person, school, acting_school, requester, channel, received_on)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            request.id,
            request.kind.as_str(),
            person,
            school,
            request.acting_school,
            request.by.as_str(),
            request.channel.as_str(),
            request.received_on.to_string(),
        ],
    )?;
    request.number = transaction.last_insert_rowid().unsigned_abs();
    Ok(())
}

/// Keeps a name of the school that a request is about: it is held under each of them.
pub(super) fn add_school_name(transaction: &Transaction<'_>, request: u64, name: &str) -> Result<(), RequestError> {
    let sql = "insert into school_name values (?1, ?2) on conflict do nothing";
    transaction.execute(sql, params![request, name])?;
    Ok(())
}

/// Adds a step to a request, gives it its number, and brings the holds up to date.
pub(super) fn take(transaction: &Transaction<'_>, request: &mut Request, mut step: Step) -> Result<(), RequestError> {
    let json = |value: Result<String, serde_json::Error>| value.expect("texts and days are JSON");
    transaction.execute(
        "insert into step (request, id, event, clocks, at) values (?1, ?2, ?3, ?4, ?5)",
        params![
            request.number,
            step.id,
            json(serde_json::to_string(&step.event)),
            json(serde_json::to_string(&step.clocks)),
            step.at.to_string(),
        ],
    )?;
    step.number = transaction.last_insert_rowid().unsigned_abs();
    let at = step.at;
    request.steps.push(step);
    put_holds(transaction, request, at)
}

/// The request with this identifier.
pub(super) fn find(connection: &Connection, id: &str) -> Result<Option<Request>, RequestError> {
    let found = read(connection, &format!("{REQUESTS} where id = ?1"), params![id])?;
    Ok(found.into_iter().next())
}

/// The request with this number.
pub(super) fn numbered(connection: &Connection, number: u64) -> Result<Option<Request>, RequestError> {
    let found = read(connection, &format!("{REQUESTS} where number = ?1"), params![number])?;
    Ok(found.into_iter().next())
}

/// The requests about one person or school, in their order.
pub(super) fn about_whom(connection: &Connection, about: &Concerned) -> Result<Vec<Request>, RequestError> {
    let (column, value): (_, &dyn rusqlite::ToSql) = match about {
        Concerned::Person(id) => ("person", &id.0),
        Concerned::School(name) => ("school", name),
    };
    read(
        connection,
        &format!("{REQUESTS} where {column} = ?1 order by number"),
        params![value],
    )
}

/// Every request, in their order.
pub(super) fn all(connection: &Connection) -> Result<Vec<Request>, RequestError> {
    read(connection, &format!("{REQUESTS} order by number"), params![])
}

/// Number of the request and number of each step after step `after`.
pub(super) fn steps_after(connection: &Connection, after: u64) -> Result<Vec<(u64, u64)>, RequestError> {
    let mut statement = connection.prepare("select request, number from step where number > ?1 order by number")?;
    let rows = statement.query_map([after], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(connection: &Connection, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Request>, RequestError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let mut requests = Vec::new();
    while let Some(row) = rows.next()? {
        let mut request = request_of(row)?;
        request.steps = steps(connection, request.number)?;
        if request.steps.is_empty() {
            return Err(damaged("a request without steps"));
        }
        requests.push(request);
    }
    Ok(requests)
}

fn request_of(row: &Row<'_>) -> Result<Request, RequestError> {
    let text = |index: usize| row.get::<_, String>(index);
    Ok(Request {
        number: row.get(0)?,
        id: text(1)?,
        kind: text(2)?.parse().map_err(|_| damaged("a kind of request"))?,
        about: about(row.get(3)?, row.get(4)?)?,
        acting_school: row.get(5)?,
        by: text(6)?.parse::<Requester>().map_err(|_| damaged("who asks"))?,
        channel: text(7)?.parse::<Channel>().map_err(|_| damaged("a channel"))?,
        received_on: text(8)?.parse::<Date>().map_err(|_| damaged("a day"))?,
        steps: Vec::new(),
    })
}

fn steps(connection: &Connection, request: u64) -> Result<Vec<Step>, RequestError> {
    let sql = "select number, id, event, clocks, at from step where request = ?1 order by number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([request])?;
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        let text = |index: usize| row.get::<_, String>(index);
        steps.push(Step {
            number: row.get(0)?,
            id: text(1)?,
            event: serde_json::from_str::<Event>(&text(2)?).map_err(|_| damaged("a step"))?,
            clocks: serde_json::from_str::<Clocks>(&text(3)?).map_err(|_| damaged("a clock"))?,
            at: time(&text(4)?)?,
        });
    }
    Ok(steps)
}

/// Whether a request has this identifier.
pub(super) fn has(transaction: &Transaction<'_>, id: &str) -> Result<bool, RequestError> {
    let found = transaction.query_row("select 1 from request where id = ?1", [id], |_| Ok(()));
    Ok(found.optional()?.is_some())
}

fn columns(about: &Concerned) -> (Option<[u8; 16]>, Option<&str>) {
    match about {
        Concerned::Person(id) => (Some(id.0), None),
        Concerned::School(name) => (None, Some(name)),
    }
}

fn about(person: Option<[u8; 16]>, school: Option<String>) -> Result<Concerned, RequestError> {
    match (person, school) {
        (Some(person), None) => Ok(Concerned::Person(PersonId(person))),
        (None, Some(school)) => Ok(Concerned::School(school)),
        _ => Err(damaged("whom a request is about")),
    }
}

fn time(text: &str) -> Result<Timestamp, RequestError> {
    text.parse().map_err(|_| damaged("a time"))
}

fn damaged(what: &'static str) -> RequestError {
    RequestError::Damaged { what }
}
