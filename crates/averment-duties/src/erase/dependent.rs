//! Rows that depend by foreign keys on rows that go, and what becomes of them.
//!
//! What a database would do by itself (cascade, set null) is done by statements of ours, deepest first, so that it is counted
//! and is the same on every engine; where it would refuse, the reference is emptied, or the row goes.

use averment_register::OnErase;
use serde::{Deserialize, Serialize};

use super::sql;
use super::work::going;
use crate::connect::{Dialect, ForeignKey, OnDelete};
use crate::graph::{Graph, Part, Reached, Subject};

/// Foreign keys after each other.
const STEPS_MAX: usize = 6;
/// Ways in all; more are no schema that people can follow.
const WAYS_MAX: usize = 2_000;

/// What becomes of a row that depends on one that goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It goes, too.
    Goes,
    /// Its reference is emptied.
    Emptied,
}

/// Rows of a table that depend on a person's rows.
#[derive(Debug, Clone)]
pub(super) struct Dependent {
    /// The table of the person's rows, by its place in the graph.
    pub(super) root: usize,
    /// Foreign keys on the way: the table that has it, and the key. Of the last table rows depend.
    pub(super) steps: Vec<(String, ForeignKey)>,
    pub(super) effect: Effect,
    /// Whether the person's own rows are meant as well: in circles, where no order would do.
    with_own: bool,
}

impl Dependent {
    pub(super) fn table(&self) -> &str {
        &self.last().0
    }

    pub(super) fn key(&self) -> &ForeignKey {
        &self.last().1
    }

    fn last(&self) -> &(String, ForeignKey) {
        self.steps.last().expect("a way has at least one step")
    }

    /// Which rows depend on those of `subject`.
    pub(super) fn condition(&self, graph: &Graph, subject: &Subject, dialect: Dialect, first: usize) -> Option<Part> {
        let mut part = going(&graph.tables[self.root], subject, dialect, &graph.schema, first)?;
        for (_, key) in &self.steps {
            part = sql::refers(dialect, key, part);
        }
        let own = graph.table(self.table()).filter(|_| !self.with_own);
        let own = |first| own.and_then(|own| own.is_of(subject, dialect, &graph.schema, first));
        match own(first + part.parameters.len()) {
            Some(own) => Some(sql::and(part, |_| sql::is_not(own))),
            None => Some(part),
        }
    }
}

/// All ways from rows that go, the deepest first.
pub(super) fn dependents(graph: &Graph, goes: impl Fn(usize) -> bool) -> Vec<Dependent> {
    let mut found: Vec<Dependent> = Vec::new();
    let mut next: Vec<Dependent> = Vec::new();
    for root in (0..graph.tables.len()).filter(|root| goes(*root)) {
        next.extend(step(graph, root, &[]));
    }
    while !next.is_empty() && found.len() < WAYS_MAX {
        let more = next
            .iter()
            .filter(|way| way.effect == Effect::Goes && way.steps.len() < STEPS_MAX)
            .flat_map(|way| step(graph, way.root, &way.steps));
        let more: Vec<Dependent> = more.collect();
        found.append(&mut next);
        next = more;
    }
    found.sort_by_key(|way| std::cmp::Reverse(way.steps.len()));
    found
}

/// The ways that are one key longer.
fn step(graph: &Graph, root: usize, steps: &[(String, ForeignKey)]) -> Vec<Dependent> {
    let from = steps
        .last()
        .map_or(graph.tables[root].table.name.as_str(), |(table, _)| table.as_str());
    let mut ways = Vec::new();
    for table in &graph.schema.tables {
        let keys = table
            .references
            .iter()
            .filter(|key| key.table.eq_ignore_ascii_case(from));
        // A way that comes by a table again has gone in a circle.
        let again = steps.iter().any(|(name, _)| *name == table.name);
        for key in keys.filter(|_| !again) {
            if is_own(graph, root, steps, &table.name, key) || is_emptied_before(graph, &table.name, key) {
                continue;
            }
            let mut longer = steps.to_vec();
            longer.push((table.name.clone(), key.clone()));
            ways.push(Dependent {
                root,
                steps: longer,
                effect: effect(graph, &table.name, key),
                with_own: !comes_before(graph, &table.name, from) && !emptiable(graph, &table.name, key).is_empty(),
            });
        }
    }
    // What has to be emptied in a circle is emptied, whatever the database would do.
    for way in ways.iter_mut().filter(|way| way.with_own) {
        way.with_own = way.effect == Effect::Emptied;
    }
    ways
}

fn effect(graph: &Graph, table: &str, key: &ForeignKey) -> Effect {
    match key.on_delete {
        OnDelete::Cascade => Effect::Goes,
        OnDelete::SetNull => Effect::Emptied,
        OnDelete::Refuse if emptiable(graph, table, key).is_empty() => Effect::Goes,
        OnDelete::Refuse => Effect::Emptied,
    }
}

/// The columns of a key that may be empty: one is enough for the key to refer to nothing.
pub(super) fn emptiable(graph: &Graph, table: &str, key: &ForeignKey) -> Vec<String> {
    let table = graph.schema.table(table);
    let nullable = |name: &&String| {
        let column = table.and_then(|table| table.column(name));
        column.is_some_and(|column| column.nullable)
    };
    key.columns.iter().filter(nullable).cloned().collect()
}

fn comes_before(graph: &Graph, one: &str, other: &str) -> bool {
    graph.order.place(one) < graph.order.place(other)
}

/// Whether all rows that depend by this key are the person's own, which have their turn anyway.
fn is_own(graph: &Graph, root: usize, steps: &[(String, ForeignKey)], table: &str, key: &ForeignKey) -> bool {
    let (root, Some(table)) = (&graph.tables[root], graph.table(table)) else {
        return false;
    };
    let direct = |reached: &Reached, column: &str| {
        let mut paths = reached.own.iter();
        paths.any(|path| path.steps.is_empty() && path.column.eq_ignore_ascii_case(column))
    };
    let ([here], [there]) = (&key.columns[..], &key.targets[..]) else {
        return false;
    };
    steps.is_empty()
        && direct(table, here)
        && direct(root, there)
        && comes_before(graph, &table.table.name, &root.table.name)
}

/// Whether the column names somebody else than whose row it is, and is emptied before anything goes.
fn is_emptied_before(graph: &Graph, table: &str, key: &ForeignKey) -> bool {
    let ([column], Some(reached)) = (&key.columns[..], graph.table(table)) else {
        return false;
    };
    let named = reached
        .others
        .iter()
        .any(|path| path.steps.is_empty() && path.column.eq_ignore_ascii_case(column));
    let said = reached.map.column(column).and_then(|column| column.on_erase);
    let nullable = reached.table.column(column).is_some_and(|column| column.nullable);
    named && nullable && matches!(said, None | Some(OnErase::Null))
}
