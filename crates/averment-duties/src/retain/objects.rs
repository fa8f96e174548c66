//! Objects, of which no time is read. None is late all the same, by a claim that counts from the end of an account, where
//! everybody whose they are still has one, or where the whole store is empty. That nothing lies under a prefix says nothing: it
//! may be wrong.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::WordId;
use averment_register::{Charter, ClaimKind, Store, StoreId, StoreTable};

use super::rule::Unmeasured;
use super::{Opened, Stores};
use crate::connect::{Column, Database};
use crate::graph::{Graph, Reached, Subject};
use crate::objects::Pattern;

/// Whether some of the objects that it is about may be late. What cannot be looked into may.
pub(super) fn may_be_late(
    one: &Unmeasured,
    charter: &Charter,
    stores: &dyn Stores,
    opened: &mut BTreeMap<StoreId, Opened>,
) -> bool {
    let store = one.store.as_ref().and_then(|id| charter.content().data.get(id));
    let store = store.filter(|store| !store.engine.has_tables());
    let prefix = store.and_then(|store| Some((store, store.table(one.table.as_deref()?)?)));
    let Some((store, prefix)) = prefix else { return true };
    let Ok(names) = names(store, prefix, stores) else {
        return true;
    };
    if names.is_empty() {
        return !Pattern::of(prefix).beginning().is_empty();
    }
    let claim = charter.content().claims.get(&one.claim);
    let after = claim.and_then(|claim| match &claim.kind {
        ClaimKind::RetainedFor { after, .. } | ClaimKind::ErasedOn { after, .. } => Some(after),
        _ => None,
    });
    let end = after.filter(|after| after.as_str() == "account_deleted");
    let all_are_there = end.and_then(|end| all_are_there(&names, prefix, end, opened));
    !all_are_there.unwrap_or(false)
}

fn names(store: &Store, prefix: &StoreTable, stores: &dyn Stores) -> Result<Vec<String>, String> {
    let mut objects = stores.objects(store)?;
    let kept = objects.versions(Pattern::of(prefix).beginning());
    let mut kept = kept.map_err(|error| error.to_string())?;
    kept.retain(|one| !one.is_removal);
    kept.dedup_by(|one, other| one.name == other.name);
    Ok(kept.into_iter().map(|one| one.name).collect())
}

/// Whether each of the names says whose the object is, and all of them have an account; none when it cannot be told.
fn all_are_there(
    names: &[String],
    prefix: &StoreTable,
    end: &WordId,
    opened: &mut BTreeMap<StoreId, Opened>,
) -> Option<bool> {
    let (pattern, key) = (Pattern::of(prefix), prefix.key.as_deref()?);
    let people: Option<BTreeSet<&str>> = names.iter().map(|name| pattern.at(key, name)).collect();
    for person in people? {
        if !is_there(person, end, opened)? {
            return Some(false);
        }
    }
    Some(true)
}

/// Whether somebody has an account: by the one table that says when accounts ended, and the one of the accounts.
fn is_there(person: &str, end: &WordId, opened: &mut BTreeMap<StoreId, Opened>) -> Option<bool> {
    let says = |reached: &&Reached| reached.map.times.get(end).is_some_and(|place| !place.contains('.'));
    let mut sayers = opened
        .values_mut()
        .filter(|store| store.graph.tables.iter().any(|reached| says(&reached)));
    let (Some(Opened { graph, database, .. }), None) = (sayers.next(), sayers.next()) else {
        return None;
    };
    let mut tables = graph.tables.iter().filter(says);
    let (Some(sayer), None) = (tables.next(), tables.next()) else {
        return None;
    };
    let column = sayer.table.column(&sayer.map.times[end])?;
    let name = database.dialect().name(&column.name);
    let mut is_in = |reached: &Reached, and: &str| is_in(person, reached, and, graph, &mut **database);
    if sayer.map.key.is_some() {
        return is_in(sayer, &format!(" and {name} is null"));
    }
    let account = sayer.map.belongs_to.values().find_map(|target| {
        let (table, column) = target.rsplit_once('.')?;
        let key = |reached: &&Reached| reached.map.key.as_deref() == Some(column);
        graph.table(table).filter(key)
    })?;
    Some(is_in(account, "")? && !is_in(sayer, &format!(" and {name} is not null"))?)
}

/// Whether a table has a row of somebody; none when it cannot be told.
fn is_in(person: &str, reached: &Reached, and: &str, graph: &Graph, database: &mut dyn Database) -> Option<bool> {
    let (subject, dialect) = (Subject::of([person.to_owned()]), database.dialect());
    let part = reached.is_of(&subject, dialect, &graph.schema, 1)?;
    let counted = Column {
        kind: "bigint".to_owned(),
        ..Column::default()
    };
    let count = dialect.as_text("count(*)", &counted);
    let from = dialect.table(&reached.table.name);
    let sql = format!("select {count} from {from} where {}{and}", part.sql);
    let rows = database.one(&sql, &part.parameters()).ok()??;
    Some(rows != "0")
}
