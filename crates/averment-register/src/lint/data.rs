//! Rules about the data map: rows that nobody could find again, and claims that the map contradicts.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;

use super::look::Register;
use super::rule::{Eyes, Found, Rule, listed};
use crate::charter::{ClaimKind, Elements, Store, StoreId, StoreTable};
use crate::diagnostic::Severity::{Error, Warning};
use crate::model::{DataFile, DataTableRow};
use crate::reach;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "table-without-key",
        severity: Warning,
        cite: Some("GDPR Art. 15(1), 17(1); 34 CFR 99.10"),
        hint: "say by `key` which column names the person, or by `belongs_to` which column leads there",
        eyes: Eyes::Register(without_key),
        page: false,
        ..Rule::BLANK
    },
    Rule {
        code: "stored-against-claim",
        severity: Error,
        cite: Some("GDPR Art. 5(1)(a)"),
        hint: "mend the claim or the data map, or take the column out",
        eyes: Eyes::Register(stored_against_claim),
        ..Rule::BLANK
    },
    Rule {
        code: "store-outside-promise",
        severity: Error,
        cite: Some("GDPR Art. 5(1)(a), 44"),
        hint: "mend the claim or the data map",
        eyes: Eyes::Register(stored_elsewhere),
        ..Rule::BLANK
    },
];

/// Every store with its file.
fn stores<'a>(register: &'a Register<'_>) -> impl Iterator<Item = (&'a str, &'a DataFile, &'a Store)> {
    register.look.files.data.iter().filter_map(|(name, file)| {
        let id = StoreId::new(file.store.get_ref()).ok()?;
        Some((name.as_str(), file, register.content.data.get(&id)?))
    })
}

/// Tables of a store with the place of their names.
fn tables<'a>(
    file: &'a DataFile,
    store: &'a Store,
) -> impl Iterator<Item = (&'a StoreTable, &'a DataTableRow, Range<usize>)> {
    let by_name: BTreeMap<String, &Spanned<DataTableRow>> = file
        .tables
        .iter()
        .filter_map(|row| {
            let name = row.get_ref().table.as_ref().or(row.get_ref().prefix.as_ref())?;
            Some((name.get_ref().to_lowercase(), row))
        })
        .collect();
    store.tables.iter().filter_map(move |table| {
        let row = by_name.get(&table.name().to_lowercase())?;
        let name = row.get_ref().table.as_ref().or(row.get_ref().prefix.as_ref());
        Some((table, row.get_ref(), name.map_or(row.span(), Spanned::span)))
    })
}

fn at(file: &str, span: Range<usize>, message: String) -> Found {
    Found {
        message,
        file: file.to_owned(),
        span: Some(span),
        ..Found::default()
    }
}

/// Tables with personal data of which nothing says whose a row is.
fn without_key(register: &Register<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (name, file, store) in stores(register) {
        for (table, _, span) in tables(file, store) {
            if table.is_personal() && table.key.is_none() && table.belongs_to.is_empty() {
                let message = format!("`{}` holds personal data and nothing says whose a row is", table.name());
                found.push(at(name, span, message));
            }
        }
    }
    found
}

/// Columns with elements of which a claim says that they are not stored.
fn stored_against_claim(register: &Register<'_>) -> Vec<Found> {
    let claims: Vec<_> = register
        .of_the_list()
        .filter_map(|look| match &look.claim.kind {
            ClaimKind::NotStored { elements, subjects } if subjects.is_empty() => {
                Some((look.claim, reach::elements_of(elements)))
            }
            _ => None,
        })
        .collect();
    let mut found = Vec::new();
    for (name, file, store) in stores(register) {
        for (table, row, span) in tables(file, store) {
            for (claim, denied) in &claims {
                let message = |what: &str| format!("`{what}` holds what claim `{}` says is not stored", claim.id);
                let denies = |elements: &Elements| !reach::elements_of(elements).is_disjoint(denied);
                if denies(&table.elements) {
                    found.push(at(name, span.clone(), message(table.name())));
                }
                for (column, written) in &row.columns {
                    let held = table
                        .columns
                        .get(column.get_ref())
                        .and_then(|column| column.element.clone());
                    if held.is_some_and(|element| denies(&Elements::from([element]))) {
                        let what = format!("{}.{}", table.name(), column.get_ref());
                        found.push(at(name, written.span(), message(&what)));
                    }
                }
            }
        }
    }
    found
}

/// Stores in countries that a claim about where everything is stored does not name.
fn stored_elsewhere(register: &Register<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for look in register.of_the_list() {
        let ClaimKind::StoredIn {
            places,
            elements,
            subjects,
        } = &look.claim.kind
        else {
            continue;
        };
        if !elements.is_empty() || !subjects.is_empty() {
            continue;
        }
        let promised = reach::places(places);
        for (name, file, store) in stores(register).filter(|(_, _, store)| store.is_personal()) {
            let countries = reach::places(&store.countries);
            let others: Vec<&str> = countries.difference(&promised).map(String::as_str).collect();
            if !others.is_empty() {
                let message = format!(
                    "store `{}` is in {}, and claim `{}` does not name it",
                    store.id,
                    listed(others, 5),
                    look.claim.id
                );
                found.push(at(name, file.store.span(), message));
            }
        }
    }
    found
}
