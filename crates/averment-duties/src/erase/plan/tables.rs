//! What would be done in one store, table by table, with counts.

use super::{ColumnPlan, DependentPlan, OthersPlan, PlanProblem, StorePlan, TablePlan};
use crate::connect::{Database, DatabaseError, OnDelete};
use crate::erase::dependent::{Dependent, Effect, emptiable};
use crate::erase::stores::{Kept, Opened};
use crate::erase::work::{Change, OthersWork, TableWork, Work, going, joint};
use crate::erase::{EraseError, sql};
use crate::graph::{Graph, Part, Subject};
use crate::objects::Pattern;

pub(super) fn store_plan(opened: &mut Opened, subject: &Subject) -> Result<StorePlan, EraseError> {
    let store = &opened.store;
    let (tables, problems) = match &mut opened.kept {
        Kept::Tables { database, graph } => {
            let work = Work::of(store.id.as_str(), graph, database.dialect());
            let counted = table_plans(database.as_mut(), graph, &work, subject);
            (counted.map_err(EraseError::database(&store.id))?, work.problems)
        }
        Kept::Objects(objects) => {
            let (mut tables, mut problems) = (Vec::new(), Vec::new());
            for map in store.tables.iter().filter(|map| map.is_personal()) {
                let found = crate::objects::names_of(objects.as_mut(), map, subject);
                let found = found.map_err(EraseError::objects(&store.id))?;
                if map.key.as_ref().is_none_or(|key| !Pattern::of(map).has(key)) {
                    problems.push(PlanProblem {
                        store: store.id.to_string(),
                        table: map.name().to_owned(),
                        what: "no part of the name says whose an object is: expected `key`".to_owned(),
                    });
                }
                tables.push(TablePlan {
                    table: map.name().to_owned(),
                    how: map.on_erase(),
                    reason: map.keep.clone(),
                    rows: found.len() as u64,
                    shared: 0,
                    joint: 0,
                    undecided: 0,
                    columns: Vec::new(),
                    others: Vec::new(),
                    dependents: Vec::new(),
                });
            }
            (tables, problems)
        }
    };
    Ok(StorePlan {
        store: store.id.to_string(),
        engine: store.engine.as_str().to_owned(),
        tables,
        problems,
    })
}

fn table_plans(
    database: &mut dyn Database,
    graph: &Graph,
    work: &Work,
    subject: &Subject,
) -> Result<Vec<TablePlan>, DatabaseError> {
    let mut plans = Vec::new();
    for table in &work.tables {
        plans.push(table_plan(database, graph, work, table, subject)?);
    }
    Ok(plans)
}

fn table_plan(
    database: &mut dyn Database,
    graph: &Graph,
    work: &Work,
    table: &TableWork,
    subject: &Subject,
) -> Result<TablePlan, DatabaseError> {
    let (reached, dialect) = (&graph.tables[table.index], database.dialect());
    let name = &reached.table.name;
    let mut counted = |part: Option<Part>| match part {
        Some(part) => sql::count(database, name, &part),
        None => Ok(0),
    };
    let own = counted(reached.is_of(subject, dialect, &graph.schema, 1))?;
    let gone = |first| going(reached, subject, dialect, &graph.schema, first);
    let goes = match table.goes && joint(reached).len() > 1 {
        true => counted(gone(1))?,
        false => own,
    };
    let names_others: Vec<String> = reached
        .others
        .iter()
        .map(|path| format!("{} is not null", dialect.name(&path.column)))
        .collect();
    let shared = match gone(1).filter(|_| table.goes && !names_others.is_empty()) {
        Some(part) => counted(Some(Part {
            sql: format!("({}) and ({})", part.sql, names_others.join(" or ")),
            ..part
        }))?,
        None => 0,
    };
    let of_table = |other: &&OthersWork| other.reached.table.name == *name;
    let others = work.others.iter().filter(of_table).map(|other| {
        Ok(OthersPlan {
            column: column_plan(&other.change),
            rows: counted(other.names(subject, dialect, graph))?,
        })
    });
    let others = others.collect::<Result<_, DatabaseError>>()?;
    let ways = work.dependents.iter().filter(|way| way.root == table.index);
    let dependents = ways.map(|way| dependent_plan(database, graph, way, subject));
    Ok(TablePlan {
        table: name.clone(),
        how: reached.map.on_erase(),
        reason: reached.map.keep.clone(),
        rows: own,
        shared,
        joint: own - goes.min(own),
        undecided: 0,
        columns: table.changes.iter().map(column_plan).collect(),
        others,
        dependents: dependents.collect::<Result<_, _>>()?,
    })
}

fn column_plan(change: &Change) -> ColumnPlan {
    ColumnPlan {
        column: change.column.name.clone(),
        how: change.how,
        reason: change.reason.clone(),
    }
}

fn dependent_plan(
    database: &mut dyn Database,
    graph: &Graph,
    way: &Dependent,
    subject: &Subject,
) -> Result<DependentPlan, DatabaseError> {
    let root = &graph.tables[way.root].table.name;
    let tables = way.steps.iter().map(|(table, _)| table.as_str());
    let by: Vec<&str> = std::iter::once(root.as_str()).chain(tables).collect();
    let rows = match way.condition(graph, subject, database.dialect(), 1) {
        Some(part) => sql::count(database, way.table(), &part)?,
        None => 0,
    };
    let columns = match way.effect {
        Effect::Goes => way.key().columns.clone(),
        Effect::Emptied => emptiable(graph, way.table(), way.key()),
    };
    Ok(DependentPlan {
        by: by.join(" < "),
        columns,
        rule: match way.key().on_delete {
            OnDelete::Cascade => "cascade",
            OnDelete::SetNull => "set_null",
            OnDelete::Refuse => "refuse",
        }
        .to_owned(),
        effect: way.effect,
        rows,
    })
}
