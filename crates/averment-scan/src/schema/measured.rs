//! What a look at a schema says about claims: those about what is collected, which the data map places in columns.
//!
//! Start at [`map_measurements`]. A schema shows that a column is there, not what is in it: nothing goes against a claim here.
//!
//! Invariant: a column of which the map does not say what it holds may hold anything, and counts as not seen.

use averment_catalog::{ElementId, Plane};
use averment_register::{Charter, Claim, ClaimKind, Store, StoreColumn, StoreId};

use super::{MapCoverage, Schema};
use crate::measure::Measured;
use crate::seen::Seen;

/// One measurement for each `collects` claim with elements that the map of the store `id` has columns for.
///
/// `coverage`: how much of the schema the map speaks of. `name`: tells looks of the same kind apart; the store when absent.
pub fn map_measurements(
    charter: &Charter,
    id: &StoreId,
    schema: &Schema,
    coverage: &MapCoverage,
    seen: &Seen,
    name: Option<&str>,
) -> Vec<Measured> {
    let content = charter.content();
    let Some(store) = content.data.get(id) else {
        return Vec::new();
    };
    let claims = content.claims.values();
    let counted = claims.filter_map(|claim| Some((claim, count(charter, claim, store, schema)?)));
    let open = (coverage.guessed + coverage.unclassified) as u64;
    let measured = counted.map(|(claim, (observed, lacking))| Measured {
        claim: claim.id.clone(),
        by: format!("{}.{}", seen.look.as_str(), name.unwrap_or(id.as_str())),
        plane: Plane::Database,
        from: seen.from,
        until: seen.until,
        observed,
        contrary: 0,
        unreadable: seen.coverage.unread.len() as u64,
        unseen: lacking + open,
        places: Vec::new(),
    });
    measured.collect()
}

/// Columns with elements of the claim that are there, and how many of the map are not; none where an element has no column in any store.
fn count(charter: &Charter, claim: &Claim, store: &Store, schema: &Schema) -> Option<(u64, u64)> {
    let ClaimKind::Collects { elements, .. } = &claim.kind else {
        return None;
    };
    let holds =
        |column: &StoreColumn, element: &ElementId| column.element.as_ref().is_some_and(|held| element.covers(held));
    let has = |store: &Store, element: &ElementId| {
        let columns = store.tables.iter().flat_map(|table| table.columns.values());
        columns.into_iter().any(|column| holds(column, element))
    };
    // What no store has a column for is collected elsewhere, and a map says nothing of the claim.
    let somewhere = |element: &ElementId| charter.content().data.values().any(|store| has(store, element));
    if !elements.iter().all(somewhere) {
        return None;
    }
    let (mut there, mut gone) = (0, 0);
    for table in &store.tables {
        for (name, column) in &table.columns {
            if elements.iter().any(|element| holds(column, element)) {
                let found = schema
                    .table(table.name())
                    .is_some_and(|table| table.column(name).is_some());
                there += u64::from(found);
                gone += u64::from(!found);
            }
        }
    }
    (there > 0).then_some((there, gone))
}
