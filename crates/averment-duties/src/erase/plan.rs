//! What would be done: a dry run with counts, without a person's value.
//!
//! Start at [`plan`]. The hash is of everything but counts and times, so that a plan that was read and agreed to is the one
//! that is run: as long as tables, columns, strategies and people are the same it is the same.

use std::collections::BTreeSet;

use averment_register::{Digest, OnErase};
use averment_store::Keys;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::dependent::{Dependent, Effect, emptiable};
use super::numbers::Numbers;
use super::stores::{Kept, Opened};
use super::work::{OthersWork, TableWork, Work, going, joint};
use super::{EraseError, harvest, sql};
use crate::connect::{Database, DatabaseError, OnDelete};
use crate::graph::{Graph, Part, Subject};
use crate::objects::Pattern;

/// People in one statement.
const PEOPLE_MAX: usize = 500;
/// Version of the document.
const SCHEMA: &str = "averment.erasure-plan/1";

/// What would be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// `averment.erasure-plan/1`.
    pub schema: String,
    /// When it was made, RFC 3339 UTC.
    pub made_at: String,
    /// SHA-256, hexadecimal, of everything but counts, times and this.
    pub hash: String,
    /// How many people.
    pub people: u64,
    /// A keyed digest of who they are.
    pub who: String,
    /// In the order of their names.
    pub stores: Vec<StorePlan>,
}

/// In one store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorePlan {
    /// Identifier.
    pub store: String,
    /// Its engine.
    pub engine: String,
    /// In the order in which rows go.
    pub tables: Vec<TablePlan>,
    /// What keeps it from being done.
    pub problems: Vec<PlanProblem>,
}

/// In one table, or among objects whose names begin alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TablePlan {
    /// Name or prefix.
    pub table: String,
    /// `delete` or `keep`.
    pub how: OnErase,
    /// Why rows stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Rows or objects of these people.
    pub rows: u64,
    /// Of those that go, how many name others, too.
    #[serde(default)]
    pub shared: u64,
    /// How many are somebody else's as well and stay without the column that leads to these people.
    #[serde(default)]
    pub joint: u64,
    /// Rows or objects that only a value leads to which others have as well, as the address of a household: nobody can say
    /// whose they are, and they stay.
    #[serde(default)]
    pub undecided: u64,
    /// What becomes of columns of rows that stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ColumnPlan>,
    /// Rows of others that name these people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OthersPlan>,
    /// Rows of others that depend on those that go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependents: Vec<DependentPlan>,
}

/// What becomes of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnPlan {
    /// Name.
    pub column: String,
    /// How.
    pub how: OnErase,
    /// Why it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Rows of others that name these people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OthersPlan {
    /// The column that names them, and what becomes of it.
    #[serde(flatten)]
    pub column: ColumnPlan,
    /// How many rows.
    pub rows: u64,
}

/// Rows of others that depend by a foreign key on rows that go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependentPlan {
    /// Tables from the one whose rows go to the one that depends: `messages < replies`.
    pub by: String,
    /// Columns of the foreign key.
    pub columns: Vec<String>,
    /// What the database would do: `cascade`, `set_null` or `refuse`.
    pub rule: String,
    /// What is done.
    pub effect: Effect,
    /// How many rows.
    pub rows: u64,
}

/// What keeps a plan from being run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanProblem {
    /// Where.
    pub store: String,
    /// Table or prefix.
    pub table: String,
    /// What, in a few words without values.
    pub what: String,
}

impl std::fmt::Display for PlanProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}.{}`: {}", self.store, self.table, self.what)
    }
}

/// Makes the plan for the people with these numbers at the platform.
///
/// # Errors
/// [`EraseError`] when a store does not answer.
pub fn plan(
    stores: &mut [Opened],
    numbers: &BTreeSet<String>,
    keys: &Keys,
    now: Timestamp,
) -> Result<Plan, EraseError> {
    let (mut plans, mut met): (Vec<StorePlan>, _) = (Vec::new(), Numbers::default());
    let all: Vec<&String> = numbers.iter().collect();
    // A statement takes only so many parameters. Without anybody the plan still says what would be done.
    let chunks = all.chunks(PEOPLE_MAX).map(<[&String]>::to_vec);
    for chunk in chunks.chain(all.is_empty().then(Vec::new)) {
        let chunk: BTreeSet<String> = chunk.into_iter().cloned().collect();
        let known = harvest(stores, &chunk, numbers)?;
        let (subject, or_others) = (known.subject(), known.or_others());
        met.look(stores, &subject, numbers)?;
        for (index, opened) in stores.iter_mut().enumerate() {
            let mut more = store_plan(opened, &subject)?;
            if let Some(or_others) = &or_others {
                let wide = store_plan(opened, or_others)?;
                for (table, wide) in more.tables.iter_mut().zip(wide.tables) {
                    table.undecided = wide.rows.saturating_sub(table.rows);
                }
            }
            match plans.get_mut(index) {
                Some(plan) => plan.add(&more),
                None => plans.push(more),
            }
        }
    }
    for problem in met.problems(stores) {
        let plan = plans.iter_mut().find(|plan| plan.store == problem.store);
        plan.into_iter().for_each(|plan| plan.problems.push(problem.clone()));
    }
    plans.sort_by(|one, other| one.store.cmp(&other.store));
    let mut plan = Plan {
        schema: SCHEMA.to_owned(),
        made_at: now.to_string(),
        hash: String::new(),
        people: numbers.len() as u64,
        who: who(numbers, keys),
        stores: plans,
    };
    plan.hash = plan.hash_now();
    Ok(plan)
}

fn who(numbers: &BTreeSet<String>, keys: &Keys) -> String {
    let parts: Vec<&[u8]> = std::iter::once(&b"people of a plan"[..])
        .chain(numbers.iter().map(String::as_bytes))
        .collect();
    hex(&keys.tombstone(&parts)[..16])
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl StorePlan {
    /// Adds the counts of the same plan for other people.
    fn add(&mut self, more: &Self) {
        for (table, more) in self.tables.iter_mut().zip(&more.tables) {
            table.rows += more.rows;
            table.shared += more.shared;
            table.joint += more.joint;
            table.undecided += more.undecided;
            for (others, more) in table.others.iter_mut().zip(&more.others) {
                others.rows += more.rows;
            }
            for (dependent, more) in table.dependents.iter_mut().zip(&more.dependents) {
                dependent.rows += more.rows;
            }
        }
    }
}

impl Plan {
    fn hash_now(&self) -> String {
        let mut plan = self.clone();
        (plan.made_at, plan.hash) = (String::new(), String::new());
        for table in plan.stores.iter_mut().flat_map(|store| &mut store.tables) {
            (table.rows, table.shared, table.joint, table.undecided) = (0, 0, 0, 0);
            table.others.iter_mut().for_each(|others| others.rows = 0);
            table.dependents.iter_mut().for_each(|dependent| dependent.rows = 0);
        }
        let json = serde_json::to_vec(&plan).expect("a plan holds only strings, numbers and lists");
        Digest::of(&json).to_string().trim_start_matches("sha256:").to_owned()
    }

    /// What keeps it from being run.
    pub fn problems(&self) -> Vec<PlanProblem> {
        let problems = self.stores.iter().flat_map(|store| &store.problems);
        problems.cloned().collect()
    }

    /// Rows of others that would go.
    pub fn rows_of_others(&self) -> u64 {
        let tables = self.stores.iter().flat_map(|store| &store.tables);
        let dependents = tables.flat_map(|table| &table.dependents);
        let goes = dependents.filter(|dependent| dependent.effect == Effect::Goes);
        goes.map(|dependent| dependent.rows).sum()
    }

    /// Rows and objects of the people that go or are changed.
    pub fn rows(&self) -> u64 {
        let tables = self.stores.iter().flat_map(|store| &store.tables);
        tables.map(|table| table.rows).sum()
    }

    /// Whether it says the same as another, whatever the counts.
    ///
    /// # Errors
    /// [`EraseError::OtherPlan`].
    pub fn must_be(&self, hash: &str) -> Result<(), EraseError> {
        if self.hash == hash.trim().to_lowercase() {
            return Ok(());
        }
        Err(EraseError::OtherPlan {
            planned: hash.trim().to_owned(),
            now: self.hash.clone(),
        })
    }
}

fn store_plan(opened: &mut Opened, subject: &Subject) -> Result<StorePlan, EraseError> {
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

fn column_plan(change: &super::work::Change) -> ColumnPlan {
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
