//! The compiled table: viewer × kind of person × facts → elements, a few instructions a question.
//!
//! Start at [`Table::visible`]. One table holds for the people of one school.

use averment_register::ControllerId;

use crate::element_set::ElementSet;
use crate::fact::{FactIndex, FactSet};
use crate::kind::Kind;
use crate::rules::{Effect, Rule, Rules};
use crate::viewer::Viewer;

/// Who sees what of the people of one school.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    cells: Vec<Cell>,
}

/// What one viewer sees of one kind of person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Cell {
    /// Shown given all of the facts.
    shows: Vec<(FactSet, ElementSet)>,
    /// Hidden unless one of the facts holds.
    hides: Vec<(FactSet, ElementSet)>,
}

impl Table {
    /// The table for people of a school; of no school with a variant when none.
    pub fn compile(rules: &Rules, school: Option<&ControllerId>) -> Self {
        let mut table = Self {
            cells: vec![Cell::default(); Viewer::ALL.len() * Kind::count()],
        };
        let designated = rules.designated_by(school);
        for rule in rules.of_school(school) {
            for kind in Kind::all().filter(|kind| rule.is_about(*kind)) {
                for viewer in &rule.viewers {
                    table.cells[place(*viewer, kind)].add(rule, &rules.facts, designated);
                }
            }
        }
        table
    }

    /// The elements of a person of this kind that this viewer sees, given these facts.
    pub fn visible(&self, viewer: Viewer, kind: Kind, facts: FactSet) -> ElementSet {
        let cell = &self.cells[place(viewer, kind)];
        let shown = cell.shows.iter().filter(|(needs, _)| facts.contains(*needs));
        let hidden = cell.hides.iter().filter(|(lifting, _)| !facts.meets(*lifting));
        union(shown) - union(hidden)
    }

    /// The facts on which the answer for this viewer and kind of person depends.
    pub fn depends_on(&self, viewer: Viewer, kind: Kind) -> FactSet {
        let cell = &self.cells[place(viewer, kind)];
        let sets = cell.shows.iter().chain(&cell.hides).map(|(facts, _)| *facts);
        sets.fold(FactSet::NONE, |all, facts| all | facts)
    }
}

fn place(viewer: Viewer, kind: Kind) -> usize {
    viewer.index() * Kind::count() + kind.index()
}

fn union<'a>(parts: impl Iterator<Item = &'a (FactSet, ElementSet)>) -> ElementSet {
    parts.fold(ElementSet::EMPTY, |all, (_, elements)| all | *elements)
}

impl Cell {
    fn add(&mut self, rule: &Rule, facts: &FactIndex, designated: ElementSet) {
        match &rule.effect {
            Effect::Shows(needs) => merge(&mut self.shows, facts.set(needs), rule.elements),
            Effect::MayShow => {}
            Effect::Hides(_) => {
                for (lifting, elements) in rule.lifted(designated) {
                    merge(&mut self.hides, facts.set(&lifting), elements);
                }
            }
        }
    }
}

/// Rules that depend on the same facts become one row.
fn merge(rows: &mut Vec<(FactSet, ElementSet)>, facts: FactSet, elements: ElementSet) {
    match rows.iter_mut().find(|(own, _)| *own == facts) {
        Some((_, all)) => *all = *all | elements,
        None => rows.push((facts, elements)),
    }
}
