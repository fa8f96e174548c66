//! In which order the tables of people have their turn: those that refer to others, or whose rows are found by others, before
//! those.

use std::collections::BTreeSet;

use crate::graph::{Graph, Reached};

/// The order of the tables of a graph, by their places in it.
pub(super) struct Turns {
    pub(super) order: Vec<usize>,
    /// Tables whose rows are found by rows that go before them: their keys are read first.
    pub(super) by_keys: BTreeSet<usize>,
}

pub(super) fn turns(graph: &Graph) -> Turns {
    let count = graph.tables.len();
    let refers: Vec<BTreeSet<usize>> = (0..count).map(|one| edges(graph, one, referred)).collect();
    let found_by: Vec<BTreeSet<usize>> = (0..count).map(|one| edges(graph, one, stepped_by)).collect();
    let mut left: BTreeSet<usize> = (0..count).collect();
    let mut turns = Turns {
        order: Vec::new(),
        by_keys: BTreeSet::new(),
    };
    while !left.is_empty() {
        let is_before = |edges: &[BTreeSet<usize>], one: usize| {
            left.iter().any(|other| *other != one && edges[*other].contains(&one))
        };
        let free = left
            .iter()
            .copied()
            .find(|one| !is_before(&refers, *one) && !is_before(&found_by, *one));
        let next = free.or_else(|| left.iter().copied().find(|one| !is_before(&refers, *one)));
        // The tables of a graph are in the order of their references, as far as there is one.
        let next = next.or_else(|| left.first().copied()).expect("something is left");
        left.remove(&next);
        turns
            .by_keys
            .extend(left.iter().filter(|other| found_by[**other].contains(&next)));
        turns.order.push(next);
    }
    turns
}

fn edges(graph: &Graph, one: usize, names: fn(&Reached) -> Vec<&str>) -> BTreeSet<usize> {
    let names = names(&graph.tables[one]);
    let place = |name: &str| {
        graph
            .tables
            .iter()
            .position(|reached| reached.table.name.eq_ignore_ascii_case(name))
    };
    names
        .into_iter()
        .filter_map(place)
        .filter(|place| *place != one)
        .collect()
}

fn referred(reached: &Reached) -> Vec<&str> {
    reached.table.references.iter().map(|key| key.table.as_str()).collect()
}

fn stepped_by(reached: &Reached) -> Vec<&str> {
    let paths = reached.own.iter().chain(&reached.others);
    paths
        .flat_map(|path| path.steps.iter().map(|step| step.table.as_str()))
        .collect()
}
