//! Objects, of which no time is read. None is late all the same where there are none; nor, by a claim that counts from the end of
//! an account, where everybody whose they are still has one.

use std::collections::{BTreeMap, BTreeSet};

use averment_register::{Charter, ClaimKind, Store, StoreId, StoreTable};

use super::rule::Unmeasured;
use super::{Opened, Stores};
use crate::connect::Column;
use crate::graph::Subject;
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
        return false;
    }
    let claim = charter.content().claims.get(&one.claim);
    let counts_from_the_end = claim.is_some_and(|claim| match &claim.kind {
        ClaimKind::RetainedFor { after, .. } | ClaimKind::ErasedOn { after, .. } => after.as_str() == "account_deleted",
        _ => false,
    });
    !(counts_from_the_end && all_are_there(&names, prefix, opened).unwrap_or(false))
}

fn names(store: &Store, prefix: &StoreTable, stores: &dyn Stores) -> Result<Vec<String>, String> {
    let mut objects = stores.objects(store)?;
    let names = objects.list(Pattern::of(prefix).beginning());
    names.map_err(|error| error.to_string())
}

/// Whether each of the names says whose the object is, and the table of its people has all of them; none when it cannot be told.
fn all_are_there(names: &[String], prefix: &StoreTable, opened: &mut BTreeMap<StoreId, Opened>) -> Option<bool> {
    let (pattern, key) = (Pattern::of(prefix), prefix.key.as_deref()?);
    let people: Option<BTreeSet<&str>> = names.iter().map(|name| pattern.at(key, name)).collect();
    for person in people? {
        if !is_there(person, opened)? {
            return Some(false);
        }
    }
    Some(true)
}

/// Whether a table whose `key` names people has a row of this one.
fn is_there(person: &str, opened: &mut BTreeMap<StoreId, Opened>) -> Option<bool> {
    let subject = Subject::of([person.to_owned()]);
    for store in opened.values_mut() {
        let dialect = store.database.dialect();
        for reached in store.graph.tables.iter().filter(|reached| reached.map.key.is_some()) {
            let Some(part) = reached.is_of(&subject, dialect, &store.graph.schema, 1) else {
                continue;
            };
            let counted = Column {
                kind: "bigint".to_owned(),
                ..Column::default()
            };
            let count = dialect.as_text("count(*)", &counted);
            let sql = format!(
                "select {count} from {} where {}",
                dialect.table(&reached.table.name),
                part.sql
            );
            let rows = store.database.one(&sql, &part.parameters()).ok()??;
            if rows != "0" {
                return Some(true);
            }
        }
    }
    Some(false)
}
