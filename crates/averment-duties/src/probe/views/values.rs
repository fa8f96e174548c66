//! Values of subjects that can be looked for: those of the settings, and those that the data map leads to.
//!
//! What others have too says nothing about whose it is, so a value counts only where no row of anybody else has it.

use std::collections::BTreeSet;

use averment_catalog::ElementId;
use averment_register::{Charter, Store};

use super::super::World;
use super::Known;
use super::settings::SubjectSettings;
use crate::connect::{Column, Database};
use crate::graph::{Graph, Reached, Subject};

/// Most values of one column.
const VALUES_MAX: usize = 50;

/// The subjects of the settings with their values.
pub(super) fn subjects(world: &mut World<'_>) -> Vec<Known> {
    let settings = world.settings;
    let subjects = settings.views.subjects.iter();
    subjects.map(|subject| known(world, subject)).collect()
}

fn known(world: &mut World<'_>, settings: &SubjectSettings) -> Known {
    let mut known = Known {
        values: settings.values.clone(),
        problems: Vec::new(),
    };
    let charter = world.charter;
    if let Some(person) = &settings.person {
        let subject = Subject::of([person.clone()]);
        for store in charter
            .content()
            .data
            .values()
            .filter(|store| store.engine.has_tables())
        {
            if let Err(because) = of_store(world, store, &subject, &mut known) {
                known
                    .problems
                    .push(format!("values of `{}` were not read: {because}", settings.name));
            }
        }
    }
    known
}

fn of_store(world: &mut World<'_>, store: &Store, subject: &Subject, known: &mut Known) -> Result<(), String> {
    let opened = world.stores.open(store, world.settings, world.secrets)?;
    let graph = Graph::of(store, opened.schema.clone()).map_err(|misfit| misfit.to_string())?;
    for reached in &graph.tables {
        let dialect = opened.database.dialect();
        let Some(part) = reached.is_of(subject, dialect, &graph.schema, 1) else {
            continue;
        };
        for (name, map) in &reached.map.columns {
            let (Some(element), Some(column)) = (&map.element, reached.table.column(name)) else {
                continue;
            };
            let values = of_column(&mut *opened.database, reached, column, &part)?;
            for value in values {
                let all = known.values.entry(element.clone()).or_default();
                if !all.contains(&value) {
                    all.push(value);
                }
            }
        }
    }
    Ok(())
}

/// The values of a column in the rows of one person that no row of anybody else has.
fn of_column(
    database: &mut dyn Database,
    reached: &Reached,
    column: &Column,
    part: &crate::graph::Part,
) -> Result<BTreeSet<String>, String> {
    let dialect = database.dialect();
    let written = dialect.name(&column.name);
    let text = dialect.as_text(&written, column);
    let table = dialect.table(&reached.table.name);
    let sql = format!(
        "select {text} from {table} where {written} is not null and {}",
        part.sql
    );
    let told = |error: crate::connect::DatabaseError| error.to_string();
    let mut values = BTreeSet::new();
    database
        .rows(&sql, &part.parameters(), &mut |row| {
            values.extend(row.first().cloned().flatten());
            match values.len() < VALUES_MAX {
                true => Ok(crate::connect::Next::Row),
                false => Ok(crate::connect::Next::Enough),
            }
        })
        .map_err(told)?;
    // A column that names the person is theirs by what the map says.
    if reached.person_column() == Some(column.name.as_str()) {
        return Ok(values);
    }
    let counted = Column {
        kind: "bigint".to_owned(),
        ..Column::default()
    };
    let count = dialect.as_text("count(*)", &counted);
    let place = part.parameters.len() + 1;
    let all = format!("select {count} from {table} where {text} = {}", dialect.parameter(1));
    let theirs = format!(
        "select {count} from {table} where {} and {text} = {}",
        part.sql,
        dialect.parameter(place)
    );
    let mut own = BTreeSet::new();
    for value in values {
        let everywhere = database.one(&all, &[&value]).map_err(told)?;
        let mut parameters = part.parameters();
        parameters.push(&value);
        if everywhere == database.one(&theirs, &parameters).map_err(told)? {
            own.insert(value);
        }
    }
    Ok(own)
}

/// Elements that some column of the data map holds.
pub(super) fn mapped(charter: &Charter) -> BTreeSet<ElementId> {
    let tables = charter.content().data.values().flat_map(|store| &store.tables);
    let columns = tables.flat_map(|table| table.columns.values());
    columns.filter_map(|column| column.element.clone()).collect()
}
