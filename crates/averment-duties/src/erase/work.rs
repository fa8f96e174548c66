//! What is to be done in a store, table by table, whoever is erased; and what keeps it from being done.

use std::collections::BTreeMap;

use averment_register::OnErase;

use super::becomes::{Becomes, becomes};
use super::dependent::{Dependent, dependents};
use super::order::turns;
use super::plan::PlanProblem;
use crate::connect::{Column, Dialect, OnDelete, Schema};
use crate::graph::{Graph, Part, Path, Reached, Subject};

/// What is to be done in a store.
pub(super) struct Work {
    /// Tables in their turn.
    pub(super) tables: Vec<TableWork>,
    /// Columns that name others than whose row it is.
    pub(super) others: Vec<OthersWork>,
    /// Rows that depend on those that go, the deepest first.
    pub(super) dependents: Vec<Dependent>,
    /// What keeps it from being done.
    pub(super) problems: Vec<PlanProblem>,
}

/// What is to be done with the rows of people in a table.
pub(super) struct TableWork {
    /// Its place in the graph.
    pub(super) index: usize,
    /// Whether the rows go.
    pub(super) goes: bool,
    /// Whether the keys of the rows are read before anything goes.
    pub(super) by_keys: bool,
    /// Of rows that stay.
    pub(super) changes: Vec<Change>,
    /// Whether nothing depends on its rows or is found by them, so that many can go in parts.
    pub(super) leaf: bool,
}

/// What becomes of a column.
pub(super) struct Change {
    pub(super) column: Column,
    pub(super) how: OnErase,
    /// None where it stays.
    pub(super) becomes: Option<Becomes>,
    pub(super) reason: Option<String>,
}

/// What becomes of a column that names others.
pub(super) struct OthersWork {
    /// The table, with this way alone.
    pub(super) reached: Reached,
    pub(super) change: Change,
}

impl Work {
    pub(super) fn of(store: &str, graph: &Graph, dialect: Dialect) -> Self {
        let turns = turns(graph);
        let mut problems = Vec::new();
        let mut problem = |table: &str, what: String| {
            problems.push(PlanProblem {
                store: store.to_owned(),
                table: table.to_owned(),
                what,
            });
        };
        let goes = |index: usize| graph.tables[index].map.on_erase() == OnErase::Delete;
        let dependents = dependents(graph, goes);
        let mut tables = Vec::new();
        for index in turns.order.iter().copied() {
            let reached = &graph.tables[index];
            let by_keys = turns.by_keys.contains(&index);
            if by_keys && reached.table.primary.is_empty() {
                problem(
                    &reached.table.name,
                    "its rows are found by rows that go before, and have no key".to_owned(),
                );
            }
            let changes = match goes(index) {
                true => Vec::new(),
                false => kept(reached, dialect, &mut |what| problem(&reached.table.name, what)),
            };
            conflicts(graph, reached, &changes, &goes, &mut |what| {
                problem(&reached.table.name, what)
            });
            tables.push(TableWork {
                index,
                goes: goes(index),
                by_keys,
                changes,
                leaf: is_leaf(graph, index, &dependents),
            });
        }
        let mut others = Vec::new();
        for reached in &graph.tables {
            for path in &reached.others {
                let work = names(reached, path, dialect, &mut |what| problem(&reached.table.name, what));
                conflicts(graph, reached, std::slice::from_ref(&work.change), &goes, &mut |what| {
                    problem(&reached.table.name, what);
                });
                others.push(work);
            }
        }
        Self {
            tables,
            others,
            dependents,
            problems,
        }
    }
}

/// Personal columns of rows that stay.
fn kept(reached: &Reached, dialect: Dialect, problem: &mut dyn FnMut(String)) -> Vec<Change> {
    let mut changes = Vec::new();
    for column in &reached.table.columns {
        let said = reached.map.column(&column.name);
        let Some(said) = said.filter(|said| said.is_personal() || said.on_erase.is_some()) else {
            continue;
        };
        // A column that names others is theirs; what becomes of it is decided when they are erased.
        if reached
            .others
            .iter()
            .any(|path| path.column.eq_ignore_ascii_case(&column.name))
        {
            continue;
        }
        let reason = said.keep.clone().or_else(|| reached.map.keep.clone());
        changes.push(change(
            column,
            said.on_erase.unwrap_or(OnErase::Null),
            reason,
            dialect,
            problem,
        ));
    }
    changes
}

fn names(reached: &Reached, path: &Path, dialect: Dialect, problem: &mut dyn FnMut(String)) -> OthersWork {
    let said = reached.map.column(&path.column);
    let how = said.and_then(|said| said.on_erase).unwrap_or(OnErase::Null);
    let reason = said.and_then(|said| said.keep.clone());
    let missing = Column {
        name: path.column.clone(),
        ..Column::default()
    };
    let column = reached.table.column(&path.column).unwrap_or(&missing);
    // Where it refers to a row that goes, the foreign key says what becomes of the row.
    let by_key = !column.nullable
        && how == OnErase::Null
        && (reached.table.references.iter()).any(|key| key.columns == std::slice::from_ref(&column.name));
    let change = match by_key {
        true => Change {
            column: column.clone(),
            how: OnErase::Keep,
            becomes: None,
            reason: Some("the foreign key decides".to_owned()),
        },
        false => change(column, how, reason, dialect, problem),
    };
    OthersWork {
        reached: Reached {
            others: vec![path.clone()],
            ..reached.clone()
        },
        change,
    }
}

fn change(
    column: &Column,
    how: OnErase,
    reason: Option<String>,
    dialect: Dialect,
    problem: &mut dyn FnMut(String),
) -> Change {
    let becomes = becomes(dialect, column, how).unwrap_or_else(|why| {
        problem(format!(
            "column `{}` cannot become `{}`: {why}",
            column.name,
            how.as_str()
        ));
        None
    });
    Change {
        column: column.clone(),
        how,
        becomes,
        reason,
    }
}

/// Columns of rows that stay which refer to rows that go.
fn conflicts(
    graph: &Graph,
    reached: &Reached,
    changes: &[Change],
    goes: &dyn Fn(usize) -> bool,
    problem: &mut dyn FnMut(String),
) {
    for key in &reached.table.references {
        let target = graph
            .tables
            .iter()
            .position(|other| other.table.name.eq_ignore_ascii_case(&key.table));
        if !target.is_some_and(goes) {
            continue;
        }
        let of_key = |change: &&Change| key.columns.contains(&change.column.name);
        for change in changes.iter().filter(of_key) {
            let fits = match change.how {
                OnErase::Null | OnErase::Delete => true,
                OnErase::Keep => {
                    key.on_delete == OnDelete::SetNull || change.reason.as_deref() == Some("the foreign key decides")
                }
                OnErase::Mask | OnErase::Pseudonymise => false,
            };
            if !fits {
                let (column, table) = (&change.column.name, &key.table);
                problem(format!(
                    "column `{column}` is to stay and refers to `{table}`, whose rows go"
                ));
            }
        }
    }
}

fn is_leaf(graph: &Graph, index: usize, dependents: &[Dependent]) -> bool {
    let name = &graph.tables[index].table.name;
    let is_step = |path: &Path| path.steps.iter().any(|step| step.table.eq_ignore_ascii_case(name));
    let found_by = |reached: &Reached| reached.own.iter().chain(&reached.others).any(is_step);
    let refers = |table: &crate::connect::Table| {
        let mut keys = table.references.iter();
        keys.any(|key| key.table.eq_ignore_ascii_case(name))
    };
    !graph.tables.iter().any(found_by)
        && !graph.schema.tables.iter().any(refers)
        && !dependents.iter().any(|way| way.root == index)
        && joint(&graph.tables[index]).len() < 2
}

/// The table once for each column that by itself says whose a row is, by the number of the account: two such columns can lead
/// to two people, and then the row is both of theirs.
pub(super) fn joint(reached: &Reached) -> Vec<(Column, Reached)> {
    let mut by_column: BTreeMap<String, Vec<Path>> = BTreeMap::new();
    for path in reached.own.iter().filter(|path| path.element == Subject::number()) {
        by_column.entry(path.column.clone()).or_default().push(path.clone());
    }
    let of = |(name, own): (String, Vec<Path>)| {
        let column = reached.table.column(&name).cloned()?;
        let reached = Reached { own, ..reached.clone() };
        Some((column, reached))
    };
    by_column.into_iter().filter_map(of).collect()
}

/// Which rows of a table go with `subject`: all that are theirs and nobody else's. Rows that are somebody else's too stay
/// without the columns that lead to the subject, where all of these can be emptied.
pub(super) fn going(
    reached: &Reached,
    subject: &Subject,
    dialect: Dialect,
    schema: &Schema,
    first: usize,
) -> Option<Part> {
    let part = reached.is_of(subject, dialect, schema, first)?;
    let columns = joint(reached);
    let empties = |name: &str| columns.iter().any(|(column, _)| column.nullable && column.name == name);
    if columns.len() < 2 || !columns.iter().any(|(column, _)| column.nullable) {
        return Some(part);
    }
    let mut number = first + part.parameters.len();
    let mut fixed = reached.clone();
    fixed
        .own
        .retain(|path| path.element != Subject::number() || !empties(&path.column));
    let fixed = fixed.is_of(subject, dialect, schema, number);
    number += fixed.as_ref().map_or(0, |part| part.parameters.len());
    // Where another column is never empty and not theirs the row is somebody else's.
    let alone = (columns.iter().all(|(column, _)| column.nullable))
        .then(|| of_nobody_else(&columns, subject, dialect, schema, number));
    let ways: Vec<Part> = fixed.into_iter().chain(alone).collect();
    if ways.is_empty() {
        return Some(part);
    }
    let sql: Vec<&str> = ways.iter().map(|way| way.sql.as_str()).collect();
    let sql = format!("({}) and ({})", part.sql, sql.join(" or "));
    let parameters = ways.into_iter().flat_map(|way| way.parameters);
    Some(Part {
        sql,
        parameters: part.parameters.into_iter().chain(parameters).collect(),
    })
}

/// Rows of which each of the columns is empty or leads to `subject`.
fn of_nobody_else(
    columns: &[(Column, Reached)],
    subject: &Subject,
    dialect: Dialect,
    schema: &Schema,
    first: usize,
) -> Part {
    let (mut sql, mut parameters) = (Vec::new(), Vec::new());
    for (column, alone) in columns {
        let name = dialect.name(&column.name);
        match alone.is_of(subject, dialect, schema, first + parameters.len()) {
            Some(theirs) => {
                sql.push(format!("({name} is null or {})", theirs.sql));
                parameters.extend(theirs.parameters);
            }
            None => sql.push(format!("{name} is null")),
        }
    }
    Part {
        sql: format!("({})", sql.join(" and ")),
        parameters,
    }
}
