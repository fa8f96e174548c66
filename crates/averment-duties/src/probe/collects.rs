//! `probe.collects`: what is said to be collected is in fact kept where the data map says.
//!
//! Each element of the sentence needs a column that is there and holds a value of somebody of whom the sentence speaks. An
//! element without one was not seen: it may be collected and kept nowhere, which no look into a database shows.

use averment_catalog::{ElementId, Plane};
use averment_register::{ClaimKind, Elements, Subjects};

use super::target::{Rows, Target, targets, values_of};
use super::{Probed, World};
use crate::connect::Next;

pub(super) const BY: &str = "probe.collects";

pub(super) fn look(world: &mut World<'_>) -> Vec<Probed> {
    let charter = world.charter;
    let mut all = Vec::new();
    for claim in charter.content().claims.values() {
        if let ClaimKind::Collects { elements, subjects, .. } = &claim.kind {
            let mut probed = Probed::new(claim, BY, Plane::Database);
            look_at(world, elements, subjects, &mut probed);
            all.push(probed);
        }
    }
    all
}

fn look_at(world: &mut World<'_>, elements: &Elements, subjects: &Subjects, probed: &mut Probed) {
    let charter = world.charter;
    if targets(charter, elements, subjects).is_empty() {
        probed.vouch_for_it("no column of the data map holds what the sentence speaks of");
        return;
    }
    for element in elements {
        match kept(world, element, subjects) {
            Ok(place) => {
                probed.saw(1);
                probed.note(format!("`{element}`: {place}"));
            }
            Err(because) => probed.missed(1, format!("`{element}`: {because}")),
        }
    }
}

/// The first column that holds a value of it; otherwise why none does.
fn kept(world: &mut World<'_>, element: &ElementId, subjects: &Subjects) -> Result<String, String> {
    let mut because = "the data map has no column for it".to_owned();
    for target in targets(world.charter, &Elements::from([element.clone()]), subjects) {
        let place = format!(
            "store `{}`, column `{}.{}`",
            target.store.id,
            target.table.name(),
            target.column
        );
        match holds_a_value(world, &target) {
            Ok(true) => return Ok(place),
            Ok(false) => because = format!("{place} holds no value"),
            Err(error) => because = format!("{place}: {error}"),
        }
    }
    Err(because)
}

fn holds_a_value(world: &mut World<'_>, target: &Target<'_>) -> Result<bool, String> {
    if target.rows == Rows::NotSaid {
        return Err("the data map does not say whose its rows are".to_owned());
    }
    let opened = world.stores.open(target.store, world.settings, world.secrets)?;
    let table = opened
        .schema
        .table(target.table.name())
        .ok_or("there is no such table")?;
    let column = table.column(target.column).ok_or("there is no such column")?;
    let (sql, parameters) = values_of(table, column, &target.rows, opened.database.dialect());
    let mut found = false;
    let read = opened.database.rows(&sql, &parameters, &mut |row| {
        found = row
            .first()
            .and_then(Option::as_deref)
            .is_some_and(|value| !value.trim().is_empty());
        Ok(if found { Next::Enough } else { Next::Row })
    });
    read.map_err(|error| error.to_string())?;
    Ok(found)
}
