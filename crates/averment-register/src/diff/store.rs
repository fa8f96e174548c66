//! Stores of the data map in both charters: what is stored where, and by what a person is found.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::ElementId;

use super::change::{Aspect, Change, Side, Subject, Value};
use super::facet;
use super::gather::{Both, Collector, named};
use crate::charter::{OnErase, Store, StoreColumn, StoreTable};
use crate::{label, reach};

pub(super) fn compare(both: Both<'_>, found: &mut Vec<Change>) {
    let (old, new) = (&both.old.data, &both.new.data);
    let ids: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for id in ids {
        let (before, after) = (old.get(id), new.get(id));
        let mut at = Collector {
            subject: Subject::Store(id.clone()),
            sides: [side(before), side(after)],
            found,
        };
        match (before, after) {
            (Some(before), Some(after)) => store(&mut at, before, after),
            _ => {
                let whole = |side: Option<&Store>| side.map(|one| Value::Store(Box::new(one.clone())));
                at.push(Aspect::Whole, whole(before), whole(after));
            }
        }
    }
}

fn side(store: Option<&Store>) -> Side {
    Side {
        name: store.map(|one| format!("Store `{}`", one.id)).unwrap_or_default(),
        students: store.is_some_and(Store::may_hold_students),
        children: store.is_some_and(Store::may_hold_students),
    }
}

fn store(at: &mut Collector<'_>, old: &Store, new: &Store) {
    at.text(&facet::ENGINE, Some(&old.engine.as_str()), Some(&new.engine.as_str()));
    at.text(&facet::OWNER, Some(&old.owner.as_str()), Some(&new.owner.as_str()));
    at.text(&facet::REGION, old.region.as_ref(), new.region.as_ref());
    let countries = |one: &Store| named(reach::places(&one.countries).iter(), |code| label::place(code));
    at.set(&facet::STORE_COUNTRIES, &countries(old), &countries(new));
    let runs_on = |one: &Store| named(one.runs_on.iter(), |id| format!("`{id}`"));
    at.set(&facet::STORE_RUNS_ON, &runs_on(old), &runs_on(new));
    let sensitive = |one: &Store| named(reach::elements_of(&one.sensitive).iter(), |id| label::element(id));
    at.set(&facet::SENSITIVE, &sensitive(old), &sensitive(new));
    at.set(&facet::PERSONAL, &personal(old), &personal(new));
    at.set(&facet::NOT_PERSONAL, &not_personal(old), &not_personal(new));
    at.set(&facet::STORED_OF, &whose(old), &whose(new));
    at.set(&facet::LINKS, &links(old), &links(new));
}

/// What every personal column holds; a category stands for its elements.
fn personal(store: &Store) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for table in &store.tables {
        for element in reach::elements_of(&table.elements) {
            let name = format!("{}: {element}", table.name());
            let label = format!("{} in `{}`", label::element(&element), table.name());
            found.insert(name, label);
        }
        for (name, column) in table.columns.iter().filter(|(_, column)| column.is_personal()) {
            let place = format!("{}.{name}", table.name());
            let what = what(column);
            found.insert(format!("{place}: {}", what.0), format!("{} in `{place}`", what.1));
        }
    }
    found
}

/// The words in files, and those for people.
fn what(column: &StoreColumn) -> (String, String) {
    let element = column.element.as_ref().map(|id| (id.to_string(), element_label(id)));
    let holds = column.holds.map(|holds| {
        let label = match holds {
            crate::charter::ColumnHolds::FreeText => "free text",
            crate::charter::ColumnHolds::Secret => "a secret",
        };
        (holds.as_str().to_owned(), label.to_owned())
    });
    let parts: Vec<(String, String)> = element.into_iter().chain(holds).collect();
    let join = |parts: Vec<&str>, with: &str| parts.join(with);
    (
        join(parts.iter().map(|part| part.0.as_str()).collect(), "+"),
        join(parts.iter().map(|part| part.1.as_str()).collect(), ", "),
    )
}

fn element_label(id: &ElementId) -> String {
    let leaves = reach::elements_of(&BTreeSet::from([id.clone()]));
    match leaves.len() {
        1 => label::element(id),
        _ => label::elements(&leaves),
    }
}

/// What is said not to be personal, and why.
fn not_personal(store: &Store) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for table in &store.tables {
        let mut add = |place: String, reason: &str| {
            found.insert(format!("{place}: {reason}"), format!("`{place}` ({reason})"));
        };
        if let Some(reason) = &table.none {
            add(table.name().to_owned(), reason);
        }
        for (name, column) in &table.columns {
            if let Some(reason) = &column.none {
                add(format!("{}.{name}", table.name()), reason);
            }
        }
    }
    found
}

fn whose(store: &Store) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for table in &store.tables {
        // Not said whose is not said of everybody.
        for kind in reach::subjects(&table.subjects)
            .iter()
            .filter(|_| !table.subjects.is_empty())
        {
            let label = format!(
                "{} (in `{}`)",
                label::subjects(&BTreeSet::from([kind.clone()])),
                table.name()
            );
            found.insert(format!("{}: {kind}", table.name()), label);
        }
    }
    found
}

/// How a person's rows are found, on whose behalf they are kept, and which tables there are at all.
fn links(store: &Store) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for table in &store.tables {
        for link in links_of(table) {
            let said = format!("{}: {link}", table.name());
            found.insert(said.clone(), format!("`{said}`"));
        }
    }
    found
}

fn links_of(table: &StoreTable) -> Vec<String> {
    let kind = if table.prefix.is_some() { "prefix" } else { "table" };
    let mut links = vec![kind.to_owned()];
    links.extend(table.key.iter().map(|key| format!("key {key}")));
    links.extend(table.owner.map(|owner| format!("owner {}", owner.as_str())));
    links.extend(
        table
            .belongs_to
            .iter()
            .map(|(column, target)| format!("{column} -> {target}")),
    );
    links.extend(
        table
            .others
            .iter()
            .map(|(column, target)| format!("{column} names another of {target}")),
    );
    links.extend(table.role.iter().map(|role| format!("role {role}")));
    links.extend(
        table
            .roles
            .iter()
            .map(|(value, kind)| format!("role `{value}` is {kind}")),
    );
    links.extend(
        table
            .times
            .iter()
            .map(|(trigger, column)| format!("{trigger} at {column}")),
    );
    links.extend(erased(&table.on_erase, &table.keep).map(|what| format!("on erasure {what}")));
    for (name, column) in &table.columns {
        links.extend(erased(&column.on_erase, &column.keep).map(|what| format!("{name} on erasure {what}")));
    }
    links
}

fn erased(on_erase: &Option<OnErase>, keep: &Option<String>) -> Option<String> {
    let word = on_erase.map(OnErase::as_str)?;
    Some(
        keep.as_ref()
            .map_or_else(|| word.to_owned(), |why| format!("{word}: {why}")),
    )
}
