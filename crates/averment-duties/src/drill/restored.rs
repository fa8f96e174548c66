//! What a restored database holds, against what it must.

use std::collections::BTreeMap;

use averment_register::Period;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::{Canary, Drill};
use crate::connect::{Column, Database, DatabaseError, Schema, Table};

/// What a restore is judged by.
pub(super) struct Restored<'a> {
    pub(super) drill: &'a Drill,
    /// Rows by table at the drill before.
    pub(super) before: Option<&'a BTreeMap<String, u64>>,
    pub(super) now: Timestamp,
}

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) rows: BTreeMap<String, u64>,
    pub(super) faults: Vec<String>,
}

pub(super) fn look(restored: &Restored<'_>, database: &mut dyn Database) -> Result<Found, DatabaseError> {
    let schema = database.schema()?;
    let mut found = Found::default();
    for table in &schema.tables {
        let counted = count(database, table, "")?;
        found.rows.insert(table.name.clone(), counted);
    }
    if found.rows.values().sum::<u64>() == 0 {
        found.faults.push("nothing came back".to_owned());
    }
    counts(restored, &mut found);
    for canary in &restored.drill.canaries {
        if !stands(canary, &schema, database)? {
            found
                .faults
                .push(format!("a row of `{}` that must be there is not", canary.table));
        }
    }
    for canary in &restored.drill.absent {
        if stands(canary, &schema, database)? {
            found
                .faults
                .push(format!("a row of `{}` that must not be there is", canary.table));
        }
    }
    found.faults.extend(newest(restored, &schema, database)?);
    Ok(found)
}

fn counts(restored: &Restored<'_>, found: &mut Found) {
    for (table, least) in &restored.drill.rows {
        let rows = found.rows.get(table).copied().unwrap_or_default();
        if rows < *least {
            found
                .faults
                .push(format!("table `{table}` has {rows} rows, fewer than {least}"));
        }
    }
    // What shrinks by half between two drills was lost rather than deleted.
    for (table, before) in restored.before.into_iter().flatten() {
        let rows = found.rows.get(table).copied().unwrap_or_default();
        if rows * 2 < *before {
            found.faults.push(format!(
                "table `{table}` has {rows} rows, and had {before} at the drill before"
            ));
        }
    }
}

fn count(database: &mut dyn Database, table: &Table, condition: &str) -> Result<u64, DatabaseError> {
    let dialect = database.dialect();
    let number = Column {
        kind: "bigint".to_owned(),
        ..Column::default()
    };
    let written = dialect.as_text("count(*)", &number);
    let sql = format!("select {written} from {}{condition}", dialect.table(&table.name));
    let text = database.one(&sql, &[])?;
    Ok(text.and_then(|text| text.parse().ok()).unwrap_or_default())
}

/// Whether a row is there.
fn stands(canary: &Canary, schema: &Schema, database: &mut dyn Database) -> Result<bool, DatabaseError> {
    let table = schema.table(&canary.table);
    let Some((table, column)) = table.and_then(|table| Some((table, table.column(&canary.column)?))) else {
        return Ok(false);
    };
    let dialect = database.dialect();
    let written = dialect.as_text(&dialect.name(&column.name), column);
    let sql = format!(
        "select {written} from {} where {written} = {}",
        dialect.table(&table.name),
        dialect.parameter(1)
    );
    Ok(database.one(&sql, &[&canary.value])?.is_some())
}

/// Whether the newest row is too old for the backup to be young.
fn newest(
    restored: &Restored<'_>,
    schema: &Schema,
    database: &mut dyn Database,
) -> Result<Option<String>, DatabaseError> {
    let Some(newest) = &restored.drill.newest else {
        return Ok(None);
    };
    let table = schema.table(&newest.table);
    let Some((table, column)) = table.and_then(|table| Some((table, table.column(&newest.column)?))) else {
        return Ok(Some(format!("there is no column `{}.{}`", newest.table, newest.column)));
    };
    let dialect = database.dialect();
    let written = dialect.as_text(&format!("max({})", dialect.name(&column.name)), column);
    let sql = format!("select {written} from {}", dialect.table(&table.name));
    let text = database.one(&sql, &[])?.unwrap_or_default();
    let Some(moment) = moment(&text) else {
        return Ok(Some(format!(
            "the newest row of `{}` has no time that can be read",
            newest.table
        )));
    };
    let age = restored.now.duration_since(moment).as_secs();
    let allowed = restored.drill.age.map(Period::approximate_seconds);
    let is_old = allowed.is_some_and(|allowed| age > i64::try_from(allowed).unwrap_or(i64::MAX));
    Ok(is_old.then(|| format!("the newest row of `{}` is {} hours old", newest.table, age / 3600)))
}

/// A moment as databases write one: RFC 3339, without a zone (then universal time), a day, or seconds.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok();
    }
    let text = match text.rsplit_once(['+', '-']) {
        // PostgreSQL writes `+00` for `+00:00`.
        Some((_, hours)) if hours.len() == 2 && text.len() > 20 => format!("{text}:00"),
        _ => text.to_owned(),
    };
    let civil = || -> Option<Timestamp> {
        let civil: DateTime = text.parse().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    text.parse().ok().or_else(civil)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_all_engines_are_read() {
        for text in [
            "2026-11-21T10:00:00Z",
            "2026-11-21 11:00:00+01",
            "2026-11-21 10:00:00.000000+00",
            "2026-11-21 10:00:00",
            "1795255200",
        ] {
            let read = moment(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(read.to_string(), "2026-11-21T10:00:00Z", "{text}");
        }
        assert_eq!(moment("2026-11-21").unwrap().to_string(), "2026-11-21T00:00:00Z");
        assert!(moment("yesterday").is_none());
    }
}
