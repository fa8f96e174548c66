//! `probe.aggregates`: tables of figures hold figures: no row is of one person, and no text in them names one.
//!
//! Looks at tables whose columns the data map has for elements of the claim, and at those that the settings name: for claims that
//! only figures leave, and for those that something is stored without saying whose it is. That tables hold nobody says nothing
//! about what leaves; so it is a look at the database only, beside those at the wire.

use averment_catalog::{ElementId, Plane};
use averment_register::{Claim, ClaimKind, Elements, Store, StoreColumn, StoreTable, Subjects};

use super::not_stored::{Search, is_text, named_column, searched};
use super::target::{Rows, meet, rows_of, rows_of_nobody, speaks_of};
use super::{Probed, World};

const BY: &str = "probe.aggregates";
/// What names a person or a machine of one.
const NAMING: [&str; 6] = [
    "identity",
    "contact",
    "account",
    "edu.student_id",
    "guardian",
    "tech.ip_address",
];

pub(super) fn look(world: &mut World<'_>) -> Vec<Probed> {
    let charter = world.charter;
    let naming: Elements = NAMING.iter().filter_map(|id| ElementId::new(id).ok()).collect();
    let mut all = Vec::new();
    for claim in charter.content().claims.values() {
        let (elements, subjects) = match &claim.kind {
            ClaimKind::AggregatesOnly { elements, subjects } => (elements, subjects),
            ClaimKind::StoredAs {
                elements,
                subjects,
                form,
            } if form.as_str() == "anonymous" => (elements, subjects),
            _ => continue,
        };
        let mut probed = Probed::new(claim, BY, Plane::Database);
        let search = Search::new(&naming, subjects, world.directory);
        for store in charter
            .content()
            .data
            .values()
            .filter(|store| store.engine.has_tables())
        {
            for map in &store.tables {
                if let Some(rows) = rows_of_figures(world, (store, map), claim, (elements, subjects, &naming)) {
                    table(world, (store, map, &rows), &search, &mut probed);
                }
            }
        }
        if !probed.is_recorded() {
            probed.vouch_for_it("no table of figures is known: `figures` in the section `[probes]` names some");
        }
        // What is stored anonymously may be stored in other ways too: that there are no figures says nothing of those.
        if probed.is_recorded() || matches!(claim.kind, ClaimKind::AggregatesOnly { .. }) {
            all.push(probed);
        }
    }
    all
}

/// The rows that have to be figures; none where none has to. In a table of other people those of whoever has no account.
fn rows_of_figures(
    world: &World<'_>,
    (store, map): (&Store, &StoreTable),
    claim: &Claim,
    (elements, subjects, naming): (&Elements, &Subjects, &Elements),
) -> Option<Rows> {
    let name = format!("{}.{}", store.id, map.name());
    let held = map.columns.values().filter_map(|column| column.element.as_ref());
    let meant: Vec<&ElementId> = held.filter(|element| speaks_of(elements, element)).collect();
    // Which figures those of the settings are nobody says: they are of whatever leaves as figures.
    let is_named = matches!(claim.kind, ClaimKind::AggregatesOnly { .. });
    if is_named && world.settings.probes.figures.contains(&name) {
        return Some(Rows::All);
    }
    if elements.is_empty() || meant.is_empty() {
        return None;
    }
    if rows_of(map, subjects).is_some() {
        return Some(Rows::All);
    }
    // That no address stands beside a view says something of the view, and nothing of what addresses are stored as.
    let all_name = meant.iter().all(|element| naming.iter().any(|one| one.covers(element)));
    rows_of_nobody(map, subjects).filter(|_| !all_name)
}

/// Whether a column leads to one of those whom the rows are about. Where a row of views of a project leads to is its author, and not
/// who looked at it.
fn leads_to_them(store: &Store, map: &StoreTable) -> bool {
    map.belongs_to.values().any(|target| {
        let table = target.rsplit_once('.').and_then(|(table, _)| store.table(table));
        let theirs = table
            .map(|table| &table.subjects)
            .filter(|subjects| !subjects.is_empty());
        theirs.is_none_or(|theirs| {
            map.subjects.is_empty() || theirs.iter().any(|one| map.subjects.iter().any(|own| meet(one, own)))
        })
    })
}

fn table(
    world: &mut World<'_>,
    (store, map, rows): (&Store, &StoreTable, &Rows),
    search: &Search<'_>,
    probed: &mut Probed,
) {
    let most = world.settings.probes.values;
    let place = format!("store `{}`, table `{}`", store.id, map.name());
    let opened = match world.stores.open(store, world.settings, world.secrets) {
        Ok(opened) => opened,
        Err(because) => return probed.missed(1, because),
    };
    let Some(table) = opened.schema.table(map.name()).cloned() else {
        return probed.missed(1, format!("{place} is not there"));
    };
    probed.saw(1);
    if *rows == Rows::All {
        let leads =
            map.key.is_some() || leads_to_them(store, map) || map.columns.values().any(|one| names(search, one));
        probed.against(
            u64::from(leads),
            format!("{place} has rows of single people by the data map"),
        );
    }
    for column in &table.columns {
        let place = format!("store `{}`, column `{}.{}`", store.id, table.name, column.name);
        let is_named = *rows != Rows::All && map.column(&column.name).is_some_and(|column| names(search, column));
        let looked = match is_named {
            true => named_column(opened, (&table, column, rows), &place, probed),
            false if is_text(column) => searched(opened, (&table, column, rows), (search, most), &place, probed),
            false => Ok(()),
        };
        if let Err(because) = looked {
            probed.missed(1, format!("{place}: {because}"));
        }
    }
}

/// Whether the data map has a column for what names a person.
fn names(search: &Search<'_>, column: &StoreColumn) -> bool {
    let element = column.element.as_ref();
    element.is_some_and(|element| search.elements.iter().any(|one| one.covers(element)))
}
