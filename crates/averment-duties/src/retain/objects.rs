//! Objects, of which no time is read. None is late all the same, by a claim that counts from the end of an account, where
//! everybody whose they are still has one; by one that counts from the end of a contract, where everybody whose they are is there
//! and due by none that has ended; or where the whole store is empty. That nothing lies under a prefix says nothing: it may be
//! wrong.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::WordId;
use averment_register::{Charter, ClaimKind, Store, StoreId, StoreTable};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::due::Cut;
use super::open::Opened;
use super::rule::{Rule, Rules, Unmeasured, What};
use super::{Bound, Stores};
use crate::connect::Database;
use crate::graph::Reached;
use crate::objects::{Pattern, element_of};

/// By what objects may be late.
pub(super) struct Late<'a> {
    pub(super) charter: &'a Charter,
    pub(super) rules: &'a Rules,
    pub(super) now: Timestamp,
    pub(super) zone: &'a TimeZone,
}

/// Whether some of the objects that it is about may be late. What cannot be looked into may.
pub(super) fn may_be_late(
    one: &Unmeasured,
    by: &Late<'_>,
    stores: &dyn Stores,
    opened: &mut BTreeMap<StoreId, Opened>,
) -> bool {
    let charter = by.charter;
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
    let none_is_late = match after.map(WordId::as_str) {
        Some("account_deleted") => after.and_then(|end| all_are_there(&names, prefix, end, opened)),
        Some("contract_end") => none_is_due(&names, prefix, one, (by, opened)),
        _ => None,
    };
    !none_is_late.unwrap_or(false)
}

fn names(store: &Store, prefix: &StoreTable, stores: &dyn Stores) -> Result<Vec<String>, String> {
    let mut objects = stores.objects(store)?;
    let kept = objects.versions(Pattern::of(prefix).beginning());
    let mut kept = kept.map_err(|error| error.to_string())?;
    kept.retain(|one| !one.is_removal);
    kept.dedup_by(|one, other| one.name == other.name);
    Ok(kept.into_iter().map(|one| one.name).collect())
}

/// Whose the objects of these names are; none where one of them does not say.
fn people<'a>(names: &'a [String], prefix: &StoreTable) -> Option<BTreeSet<&'a str>> {
    let (pattern, key) = (Pattern::of(prefix), prefix.key.as_deref()?);
    names.iter().map(|name| pattern.at(key, name)).collect()
}

/// Whether each of the names says whose the object is, and all of them have an account; none when it cannot be told.
fn all_are_there(
    names: &[String],
    prefix: &StoreTable,
    end: &WordId,
    opened: &mut BTreeMap<StoreId, Opened>,
) -> Option<bool> {
    let people = people(names, prefix)?;
    let there = accounts(end, opened)?;
    Some(people.iter().all(|person| there.contains(*person)))
}

/// Whether each of the names says whose the object is, and the rows of all of them are there and not due by the same claim; none
/// when it cannot be told, or a school has less time.
fn none_is_due(
    names: &[String],
    prefix: &StoreTable,
    one: &Unmeasured,
    (by, opened): (&Late<'_>, &mut BTreeMap<StoreId, Opened>),
) -> Option<bool> {
    let people = people(names, prefix)?;
    let mut of_claim = by.rules.rules.iter().filter(|rule| rule.claim == one.claim);
    if of_claim.any(|rule| rule.school.is_some()) {
        return None;
    }
    let of_people = |rule: &&Rule| {
        let table = opened.get(&rule.store).and_then(|store| store.graph.table(&rule.table));
        let is_keyed_alike =
            table.is_some_and(|reached| reached.map.key.is_some() && element_of(&reached.map) == element_of(prefix));
        rule.claim == one.claim && rule.what == What::Rows && is_keyed_alike
    };
    let mut rules = by.rules.rules.iter().filter(of_people);
    let (Some(rule), None) = (rules.next(), rules.next()) else {
        return None;
    };
    let Opened { graph, database, .. } = opened.get_mut(&rule.store)?;
    let bound = Bound::of(rule, graph, database.dialect(), &[]).ok()?;
    let cut = Cut::of(rule.duration, by.now, by.zone)?;
    let scope = bound.scope.as_deref().unwrap_or("1 = 1");
    let is_due = format!("{scope} and ({} or {})", bound.is_due(&cut), bound.is_unread());
    let key = bound.reached.map.key.as_deref()?;
    let there = held_in(bound.reached, key, "1 = 1", &mut **database)?;
    let due = held_in(bound.reached, key, &is_due, &mut **database)?;
    let is_kept_rightly = |person: &&str| there.contains(*person) && !due.contains(*person);
    Some(people.iter().all(is_kept_rightly))
}

/// Everybody who has an account: by the one table that says when accounts ended, and the one of the accounts.
fn accounts(end: &WordId, opened: &mut BTreeMap<StoreId, Opened>) -> Option<BTreeSet<String>> {
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
    if let Some(key) = &sayer.map.key {
        return held_in(sayer, key, &format!("{name} is null"), &mut **database);
    }
    let (named, account, key) = sayer.map.belongs_to.iter().find_map(|(named, target)| {
        let (table, column) = target.rsplit_once('.')?;
        let key = |reached: &&Reached| reached.map.key.as_deref() == Some(column);
        Some((named, graph.table(table).filter(key)?, column))
    })?;
    let ended = held_in(sayer, named, &format!("{name} is not null"), &mut **database)?;
    let mut there = held_in(account, key, "1 = 1", &mut **database)?;
    there.retain(|person| !ended.contains(person));
    Some(there)
}

/// What a column holds in the rows of a table for which a condition holds, as texts; none when it cannot be told.
fn held_in(reached: &Reached, column: &str, condition: &str, database: &mut dyn Database) -> Option<BTreeSet<String>> {
    let column = reached.table.column(column)?;
    let mut held = BTreeSet::new();
    let read = reached.texts(column, Some(condition), database, &mut |text| {
        held.insert(text.to_owned());
    });
    read.ok().map(|_| held)
}
