//! Under which terms an element of somebody leaves: the rows of a recipient, cell by cell.
//!
//! A cell is one element of the catalog of one kind of people; a category is its elements, so how rows are cut does not
//! show. Of two rows that speak of a cell, one that the other covers says nothing: `always` covers every condition, a
//! milder treatment a stricter one, everywhere a list of countries. A row that blocks lets nothing out and is no row.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{ElementId, SubjectId, Treatment};
use serde_json::{Value as Json, json};

use super::change::Direction;
use crate::charter::{Condition, Disclosure, Receipt, Words};
use crate::reach;

/// Terms of one cell, none covered by another.
pub(crate) type Terms = BTreeSet<Term>;
/// Cells of one recipient.
pub(crate) type Cells<K, V> = BTreeMap<(ElementId, K), V>;

/// One way in which an element may leave.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Term {
    pub(crate) when: Condition,
    pub(crate) treatment: Treatment,
    /// Countries, unions as their members; everywhere when empty.
    pub(crate) territories: BTreeSet<String>,
    pub(crate) basis: Words,
}

impl Term {
    /// Whether whatever `other` lets out this lets out too, as mildly.
    fn covers(&self, other: &Self) -> bool {
        let always = self.when == Condition::Always || self.when == other.when;
        let everywhere = self.territories.is_empty()
            || (!other.territories.is_empty() && other.territories.is_subset(&self.territories));
        always && everywhere && self.treatment <= other.treatment
    }

    pub(super) fn to_json(&self) -> Json {
        json!({
            "when": self.when,
            "treatment": self.treatment,
            "territories": self.territories,
            "basis": self.basis,
        })
    }
}

/// The cells that rows let out.
pub(crate) fn disclosed(rows: &[Disclosure]) -> Cells<SubjectId, Terms> {
    let letting_out = rows.iter().filter(|row| row.treatment != Treatment::Block);
    cells(letting_out.map(|row| {
        let term = Term {
            when: row.when.clone(),
            treatment: row.treatment,
            territories: reach::places(&row.territories),
            basis: row.basis.clone(),
        };
        (&row.elements, &row.subjects, term)
    }))
}

/// The cells that come in.
pub(crate) fn received(rows: &[Receipt]) -> Cells<SubjectId, Terms> {
    cells(rows.iter().map(|row| {
        let term = Term {
            when: row.when.clone(),
            treatment: Treatment::Pass,
            territories: BTreeSet::new(),
            basis: Words::new(),
        };
        (&row.elements, &row.subjects, term)
    }))
}

fn cells<'a>(
    rows: impl Iterator<Item = (&'a BTreeSet<ElementId>, &'a BTreeSet<SubjectId>, Term)>,
) -> Cells<SubjectId, Terms> {
    let mut cells: Cells<SubjectId, Terms> = BTreeMap::new();
    for (elements, subjects, term) in
        rows.filter(|(elements, subjects, _)| !elements.is_empty() && !subjects.is_empty())
    {
        let subjects = reach::subjects(subjects);
        for element in reach::elements(elements) {
            for subject in &subjects {
                let cell = cells.entry((element.clone(), subject.clone())).or_default();
                cell.insert(term.clone());
            }
        }
    }
    cells.values_mut().for_each(prune);
    cells
}

/// Joins terms that differ in countries only, then leaves out what another covers.
fn prune(terms: &mut Terms) {
    if terms.len() < 2 {
        return;
    }
    let mut joined: BTreeMap<(Condition, Treatment, Words), BTreeSet<String>> = BTreeMap::new();
    for term in std::mem::take(terms) {
        let everywhere = term.territories.is_empty();
        let key = (term.when, term.treatment, term.basis);
        match joined.get_mut(&key) {
            Some(places) if everywhere || places.is_empty() => places.clear(),
            Some(places) => places.extend(term.territories),
            None => _ = joined.insert(key, term.territories),
        }
    }
    let all: Vec<Term> = joined
        .into_iter()
        .map(|((when, treatment, basis), territories)| Term {
            when,
            treatment,
            territories,
            basis,
        })
        .collect();
    let idle = |term: &Term| {
        all.iter()
            .any(|other| other != term && other.basis == term.basis && other.covers(term))
    };
    *terms = all.iter().filter(|term| !idle(term)).cloned().collect();
}

/// Cells to which the same happened: elements, the other side of the cells, what was there and what is.
pub(crate) type Changed<K, V> = (BTreeSet<ElementId>, BTreeSet<K>, Option<V>, Option<V>);

/// Cells that changed, put together where the same change befell them.
pub(crate) fn changed<K: Ord + Clone, V: Ord + Clone>(old: &Cells<K, V>, new: &Cells<K, V>) -> Vec<Changed<K, V>> {
    type Step<'a, V> = (Option<&'a V>, Option<&'a V>);
    type ByElement<'a, K> = BTreeMap<&'a ElementId, BTreeSet<K>>;
    let mut alike: BTreeMap<Step<'_, V>, ByElement<'_, K>> = BTreeMap::new();
    let cells: BTreeSet<&(ElementId, K)> = old.keys().chain(new.keys()).collect();
    for cell in cells {
        let step = (old.get(cell), new.get(cell));
        if step.0 != step.1 {
            let elements = alike.entry(step).or_default();
            elements.entry(&cell.0).or_default().insert(cell.1.clone());
        }
    }
    let rows = alike.into_iter().flat_map(|((before, after), elements)| {
        let row = move |(others, elements)| (elements, others, before.cloned(), after.cloned());
        by_others(elements).into_iter().map(row)
    });
    rows.collect()
}

/// Elements put together where the other side of their cells is the same.
fn by_others<K: Ord>(elements: BTreeMap<&ElementId, BTreeSet<K>>) -> BTreeMap<BTreeSet<K>, BTreeSet<ElementId>> {
    let mut found: BTreeMap<BTreeSet<K>, BTreeSet<ElementId>> = BTreeMap::new();
    for (element, others) in elements {
        found.entry(others).or_default().insert(element.clone());
    }
    found
}

/// Which way terms moved. What is taken out of a message does not reach the recipient, so such terms weigh nothing.
pub(crate) fn direction(old: &Terms, new: &Terms) -> Direction {
    let reaching = |terms: &Terms| -> Vec<Term> {
        let reaching = terms.iter().filter(|term| term.treatment != Treatment::Drop);
        reaching.cloned().collect()
    };
    let (old, new) = (reaching(old), reaching(new));
    let within = |inner: &[Term], outer: &[Term]| inner.iter().all(|term| outer.iter().any(|other| other.covers(term)));
    match (within(&old, &new), within(&new, &old)) {
        (true, true) => Direction::Other,
        (true, false) => Direction::Wider,
        (false, true) => Direction::Narrower,
        (false, false) => Direction::Mixed,
    }
}
