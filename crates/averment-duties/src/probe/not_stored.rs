//! `probe.not_stored`: no column holds what a claim rules out, neither one that the data map names for it nor a text in which
//! it may stand.
//!
//! Columns of numbers and bytes are not searched: every number of a row would be somebody's telephone number. One that the data
//! map says nothing of was not seen; so with pixels of pictures,
//! where no prefix that says what it holds has the picture. Of long columns every so-manieth value is looked at, and the others were not seen.

mod files;
mod internet;
mod texts;

use averment_catalog::{ElementId, Plane};
use averment_register::{Claim, ClaimKind, Elements, Engine, Store, StoreTable, Subjects};

use super::target::{Rows, rows_of, rows_of_nobody, values_of};
use super::{Opened, Probed, World};
use crate::connect::{Column, Table};
use crate::objects::Pattern;
pub(super) use texts::Search;

pub(super) const BY: &str = "probe.not_stored";

pub(super) fn look(world: &mut World<'_>) -> Vec<Probed> {
    let charter = world.charter;
    let mut all = Vec::new();
    for claim in charter.content().claims.values() {
        if let ClaimKind::NotStored { elements, subjects } = &claim.kind {
            all.push(look_at(world, claim, elements, subjects));
        }
    }
    all
}

fn look_at(world: &mut World<'_>, claim: &Claim, elements: &Elements, subjects: &Subjects) -> Probed {
    let mut probed = Probed::new(claim, BY, Plane::Database);
    let charter = world.charter;
    if charter.content().data.is_empty() {
        probed.vouch_for_it("the register has no data map");
    }
    let search = Search::new(elements, subjects, world.directory);
    for because in search.blind() {
        probed.missed(1, because);
    }
    for store in charter.content().data.values() {
        if store.engine.has_tables() {
            tables(world, store, &search, &mut probed);
        } else if store.engine == Engine::Files {
            files::look(world, store, &search, &mut probed);
        } else {
            objects(world, store, &search, &mut probed);
        }
    }
    probed
}

/// Objects: those that the map has for it, and what stands in others.
fn objects(world: &World<'_>, store: &Store, search: &Search<'_>, probed: &mut Probed) {
    let met: Vec<_> = store
        .tables
        .iter()
        .filter(|prefix| rows_of(prefix, search.subjects).is_some())
        .collect();
    if !store.tables.is_empty() && met.is_empty() {
        return;
    }
    for prefix in met {
        if prefix
            .elements
            .iter()
            .any(|element| speaks_of_exactly(search.elements, element))
        {
            probed.saw(1);
            let told = format!(
                "store `{}`: objects under `{}` hold it by the data map",
                store.id,
                prefix.name()
            );
            probed.against(1, told);
        }
    }
    let looked = super::buckets::bucket(world, store).and_then(|bucket| {
        let names = bucket.list("").map_err(|error| error.to_string())?;
        let most = usize::try_from(world.settings.probes.values)
            .unwrap_or(usize::MAX)
            .max(1);
        let every = names.len().div_ceil(most).max(1);
        let (mut looked, mut found) = (0, texts::Found::default());
        for name in names.iter().step_by(every) {
            // One that went since it was listed holds nothing.
            if let Some(bytes) = bucket.get(name).map_err(|error| error.to_string())? {
                let before = found.pictures;
                search.bytes(&bytes, files::kind(name.as_ref()), &mut found);
                unsaid(&mut found, before, store, name);
            }
            looked += 1;
        }
        Ok((looked, names.len(), found))
    });
    let place = format!("store `{}`", store.id);
    match looked {
        Ok((looked, all, mut found)) => {
            probed.saw(looked);
            pictures(&mut found, &place, probed);
            sampled(
                looked,
                all as u64,
                &format!("{place}: {looked} of {all} objects looked at"),
                probed,
            );
            tell(found, &place, &Rows::All, probed);
        }
        Err(because) => probed.missed(1, format!("{place}: its objects were not looked into: {because}")),
    }
}

fn tables(world: &mut World<'_>, store: &Store, search: &Search<'_>, probed: &mut Probed) {
    let most = world.settings.probes.values;
    let opened = match world.stores.open(store, world.settings, world.secrets) {
        Ok(opened) => opened,
        Err(because) => return probed.missed(1, because),
    };
    let tables = opened.schema.tables.clone();
    for table in &tables {
        let rows = match store.table(&table.name) {
            Some(map) => rows_of(map, search.subjects).or_else(|| rows_of_nobody(map, search.subjects)),
            None => Some(Rows::NotSaid),
        };
        let Some(rows) = rows else { continue };
        for column in &table.columns {
            let place = format!("store `{}`, column `{}.{}`", store.id, table.name, column.name);
            let element = store
                .table(&table.name)
                .and_then(|map| map.column(&column.name)?.element.clone());
            let named = element.is_some_and(|element| speaks_of_exactly(search.elements, &element));
            let looked = match named {
                true => named_column(opened, (table, column, &rows), &place, probed),
                false if is_text(column) => searched(opened, (table, column, &rows), (search, most), &place, probed),
                false => {
                    let is_said = store
                        .table(&table.name)
                        .is_some_and(|map| map.none.is_some() || map.column(&column.name).is_some());
                    if may_hold(column) && !is_said {
                        let told = format!(
                            "{place}: `{}` is not searched, and the data map says nothing of it",
                            column.kind
                        );
                        probed.missed(1, told);
                    }
                    Ok(())
                }
            };
            if let Err(because) = looked {
                probed.missed(1, format!("{place}: {because}"));
            }
        }
    }
}

/// A column for a whole category may hold other things of it.
fn speaks_of_exactly(elements: &Elements, element: &ElementId) -> bool {
    elements.iter().any(|named| named.covers(element))
}

/// Whether a column that is no text holds more than times and truths.
fn may_hold(column: &Column) -> bool {
    column.is_number() || column.is_bytes() || column.kind.eq_ignore_ascii_case("uuid")
}

/// What was looked at of so many: the others were not seen.
fn sampled(looked: u64, all: u64, told: &str, probed: &mut Probed) {
    match all.saturating_sub(looked) {
        0 => probed.note(told),
        rest => probed.missed(rest, told),
    }
}

pub(super) fn is_text(column: &Column) -> bool {
    let kind = column.kind.to_ascii_lowercase();
    let others = ["date", "time", "bool", "uuid", "year", "interval", "bit"];
    // SQLite's columns without a type hold anything.
    !column.is_number() && !column.is_bytes() && !others.iter().any(|other| kind.starts_with(other))
}

/// A column that is there for what must not be stored: every value in it is one too many.
pub(super) fn named_column(
    opened: &mut Opened,
    (table, column, rows): (&Table, &Column, &Rows),
    place: &str,
    probed: &mut Probed,
) -> Result<(), String> {
    let dialect = opened.database.dialect();
    let (condition, parameters) = rows.condition(table, dialect);
    let written = dialect.name(&column.name);
    let count = format!(
        "select {} from {} where 1 = 1{condition}",
        dialect.as_text(
            &format!("count({written})"),
            &Column {
                kind: "bigint".to_owned(),
                ..Column::default()
            }
        ),
        dialect.table(&table.name)
    );
    let count = opened
        .database
        .one(&count, &parameters)
        .map_err(|error| error.to_string())?;
    let count: u64 = count
        .and_then(|text| text.parse().ok())
        .ok_or("its rows could not be counted")?;
    probed.saw(count.max(1));
    match rows {
        Rows::NotSaid => probed.unread(
            count,
            format!("{place}: the data map does not say whose its {count} values are"),
        ),
        _ => probed.against(
            count,
            format!("{place}: {count} values, in a column that the data map has for them"),
        ),
    }
    Ok(())
}

/// A column in which it may stand all the same.
pub(super) fn searched(
    opened: &mut Opened,
    (table, column, rows): (&Table, &Column, &Rows),
    (search, most): (&Search<'_>, u64),
    place: &str,
    probed: &mut Probed,
) -> Result<(), String> {
    let dialect = opened.database.dialect();
    let (condition, parameters) = rows.condition(table, dialect);
    let counted = Column {
        kind: "bigint".to_owned(),
        ..Column::default()
    };
    let count = format!(
        "select {} from {} where 1 = 1{condition}",
        dialect.as_text(&format!("count({})", dialect.name(&column.name)), &counted),
        dialect.table(&table.name)
    );
    let count = opened
        .database
        .one(&count, &parameters)
        .map_err(|error| error.to_string())?;
    let count: u64 = count.and_then(|text| text.parse().ok()).unwrap_or_default();
    let every = count.div_ceil(most.max(1)).max(1);
    let (sql, parameters) = values_of(table, column, rows, dialect);
    let (mut at, mut looked) = (0, 0);
    let mut found = texts::Found::default();
    let read = opened.database.rows(&sql, &parameters, &mut |row| {
        // From the last of each group on, so that the newest row of all is never left out of a whole group.
        at += 1;
        if at % every == 0 || at == count {
            let value = row.first().and_then(Option::as_deref).unwrap_or_default();
            search.value(value, &mut found);
            looked += 1;
        }
        Ok(crate::connect::Next::Row)
    });
    read.map_err(|error| error.to_string())?;
    probed.saw(looked);
    if every > 1 {
        sampled(
            looked,
            count,
            &format!("{place}: {looked} of {count} values looked at"),
            probed,
        );
    }
    tell(found, place, rows, probed);
    Ok(())
}

/// What the pictures of an object show could not be read where nothing says what is kept under its name. `before`: how many there
/// were without it.
fn unsaid(found: &mut texts::Found, before: u64, store: &Store, name: &str) {
    let is_said = |prefix: &StoreTable| prefix.none.is_some() || !prefix.elements.is_empty();
    let mut prefixes = store
        .tables
        .iter()
        .filter(|prefix| Pattern::of(prefix).fits(name))
        .peekable();
    // Where several prefixes have it, none may leave it open.
    if prefixes.peek().is_none() || !prefixes.all(is_said) {
        found.unreadable += found.pictures - before;
        found.pictures = before;
    }
}

/// What pictures show nobody reads: there the data map stands for it, where it says what the place holds.
fn pictures(found: &mut texts::Found, place: &str, probed: &mut Probed) {
    let pictures = std::mem::take(&mut found.pictures);
    if pictures == 0 {
        return;
    }
    probed.note(format!(
        "{place}: what {pictures} pictures show is not read; the data map says what is kept there"
    ));
}

/// What was found at a place. A value that holds several elements counts once.
fn tell(found: texts::Found, place: &str, rows: &Rows, probed: &mut Probed) {
    let told = |(element, count): (&ElementId, &u64)| format!("{place}: `{element}` in {count} values");
    let of_people = |(element, count): (&ElementId, &u64)| {
        format!("{place}: `{element}` of people of the directory in {count} values")
    };
    let of_people = found.of_people.iter().map(of_people);
    match rows {
        // Whoever is known by the directory is of a kind that the sentence speaks of; of others nothing says so.
        Rows::NotSaid => {
            let told: Vec<String> = found.against.iter().map(told).collect();
            let told = format!("{}, and nothing says whose", told.join("; "));
            probed.unread(found.values - found.values_of_people, told);
            probed.against_all(found.values_of_people, of_people);
        }
        _ => probed.against_all(found.values, found.against.iter().map(told).chain(of_people)),
    }
    // A picture in a column is nothing that the data map says of a folder.
    let unreadable = found.unreadable + found.pictures;
    if unreadable > 0 {
        let told = format!("{place}: {unreadable} values could not be read to their end");
        probed.unread(unreadable, told);
    }
}
