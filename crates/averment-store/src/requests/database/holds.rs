//! The holds in force: rows that come and go with the steps of requests.

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};

use super::{about, columns, damaged, time};
use crate::requests::RequestError;
use crate::requests::hold::{Ground, Hold, UnderHold};
use crate::requests::request::{Concerned, Request};
use crate::requests::step::Progress;

/// A hold that goes on keeps the time since when it is there.
pub(super) fn put_holds(transaction: &Transaction<'_>, request: &Request, at: Timestamp) -> Result<(), RequestError> {
    let grounds = Ground::of(request.kind, &Progress::of(request));
    let (person, _) = columns(&request.about);
    for ground in Ground::ALL {
        if !grounds.contains(&ground) {
            let whose = params![request.number, ground.as_str()];
            transaction.execute("delete from held where request = ?1 and ground = ?2", whose)?;
            continue;
        }
        let row = params![request.number, ground.as_str(), person, at.to_string()];
        let sql = if person.is_some() {
            "insert into held values (?1, ?2, ?3, null, ?4) on conflict do nothing"
        } else {
            "insert into held select ?1, ?2, ?3, name, ?4 from school_name where request = ?1 on conflict do nothing"
        };
        transaction.execute(sql, row)?;
    }
    Ok(())
}

/// Every hold that names this person or this school, each with the number of its request.
pub(in crate::requests) fn holds_on(
    connection: &Connection,
    about: &Concerned,
) -> Result<Vec<(u64, Hold)>, RequestError> {
    let (column, value): (_, &dyn rusqlite::ToSql) = match about {
        Concerned::Person(id) => ("person", &id.0),
        Concerned::School(name) => ("school", name),
    };
    let sql = format!(
        "select request.number, held.ground, request.id, held.since from held
         join request on request.number = held.request where held.{column} = ?1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([value])?;
    let mut holds = Vec::new();
    while let Some(row) = rows.next()? {
        let hold = Hold {
            ground: Ground::parse(&row.get::<_, String>(1)?).ok_or(damaged("a ground of a hold"))?,
            request: row.get(2)?,
            about: about.clone(),
            since: time(&row.get::<_, String>(3)?)?,
        };
        holds.push((row.get(0)?, hold));
    }
    Ok(holds)
}

/// Everybody under hold. `restricted`: only whose data may only be stored.
pub(in crate::requests) fn under_hold(connection: &Connection, restricted: bool) -> Result<UnderHold, RequestError> {
    let mut statement = connection.prepare_cached("select person, school from held where ground = ?1")?;
    let mut under = UnderHold::default();
    for ground in Ground::ALL
        .into_iter()
        .filter(|ground| !restricted || ground.bars_use())
    {
        let mut rows = statement.query([ground.as_str()])?;
        while let Some(row) = rows.next()? {
            match about(row.get(0)?, row.get(1)?)? {
                Concerned::Person(person) => _ = under.people.insert(person),
                Concerned::School(school) => _ = under.schools.insert(school),
            }
        }
    }
    Ok(under)
}
