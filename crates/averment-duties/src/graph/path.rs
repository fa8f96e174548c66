//! One way from a row to a person, and the condition that it makes.

use averment_catalog::ElementId;
use averment_register::{Store, StoreTable};

use super::{Part, Subject};
use crate::connect::{Dialect, Schema, Table};

/// Tables between a row and a person.
const STEPS_MAX: usize = 8;

/// A way from a row to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The column of the row that it begins with.
    pub column: String,
    /// Rows on the way: table, the column that the way comes in by, and the one that it goes on by.
    pub steps: Vec<Step>,
    /// What the last column holds: the element that names the person.
    pub element: ElementId,
}

/// A row on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Table.
    pub table: String,
    /// The column that is equal to the one before.
    pub enter: String,
    /// The column to go on by.
    pub leave: String,
}

impl Path {
    /// Ways to whose a row of the table is.
    pub(super) fn own(store: &Store, map: &StoreTable) -> Vec<Self> {
        let mut paths: Vec<Self> = map.key.iter().map(|key| Self::direct(map, key)).collect();
        paths.extend(links(store, map, map.belongs_to.iter()));
        paths
    }

    /// Ways to others whom a row names.
    pub(super) fn others(store: &Store, map: &StoreTable) -> Vec<Self> {
        links(store, map, map.others.iter())
    }

    fn direct(map: &StoreTable, key: &str) -> Self {
        let element = map.column(key).and_then(|column| column.element.clone());
        Self {
            column: key.to_owned(),
            steps: Vec::new(),
            element: element.unwrap_or_else(Subject::number),
        }
    }

    /// The condition on a row, with parameters from `first` on; none when the values are not known.
    fn condition(
        &self,
        table: &Table,
        subject: &Subject,
        dialect: Dialect,
        schema: &Schema,
        first: usize,
    ) -> Option<Part> {
        let parameters: Vec<String> = subject.values(&self.element).map(str::to_owned).collect();
        if parameters.is_empty() {
            return None;
        }
        let (last_table, last_column) = self.steps.last().map_or((table, self.column.as_str()), |step| {
            (schema.table(&step.table).unwrap_or(table), step.leave.as_str())
        });
        let column = last_table.column(last_column)?;
        let mut sql = dialect.is_one_of(&dialect.name(&column.name), column, first, parameters.len());
        for index in (0..self.steps.len()).rev() {
            let step = &self.steps[index];
            let before = index
                .checked_sub(1)
                .map_or(&self.column, |before| &self.steps[before].leave);
            sql = format!(
                "{} in (select {} from {} where {sql})",
                dialect.name(before),
                dialect.name(&step.enter),
                dialect.table(&step.table)
            );
        }
        Some(Part { sql, parameters })
    }
}

fn links<'a>(store: &Store, map: &StoreTable, links: impl Iterator<Item = (&'a String, &'a String)>) -> Vec<Path> {
    links
        .flat_map(|(column, target)| follow(store, map, column, target, STEPS_MAX))
        .collect()
}

/// Ways that begin with `column` and go by `target`. None of them comes by a table twice, because its steps are bounded.
fn follow(store: &Store, map: &StoreTable, column: &str, target: &str, steps: usize) -> Vec<Path> {
    let Some((name, enter)) = target.rsplit_once('.').filter(|_| steps > 0) else {
        return Vec::new();
    };
    let Some(there) = store.table(name) else {
        return Vec::new();
    };
    if there.key.as_deref().is_some_and(|key| key.eq_ignore_ascii_case(enter)) {
        // The column is equal to the key: no need to look at the row.
        let element = Path::direct(there, enter).element;
        return vec![Path {
            column: column.to_owned(),
            steps: Vec::new(),
            element,
        }];
    }
    let mut onward: Vec<Path> = there.key.iter().map(|key| Path::direct(there, key)).collect();
    for (column, target) in there.belongs_to.iter().filter(|_| there.name() != map.name()) {
        onward.extend(follow(store, there, column, target, steps - 1));
    }
    let step = |path: Path| {
        let first = Step {
            table: there.name().to_owned(),
            enter: enter.to_owned(),
            leave: path.column,
        };
        Path {
            column: column.to_owned(),
            steps: std::iter::once(first).chain(path.steps).collect(),
            element: path.element,
        }
    };
    onward.into_iter().map(step).collect()
}

/// Rows that one of several ways leads from.
pub(super) fn any(
    paths: &[Path],
    table: &Table,
    subject: &Subject,
    dialect: Dialect,
    schema: &Schema,
    first: usize,
) -> Option<Part> {
    let mut all: Vec<Part> = Vec::new();
    for path in paths {
        let before: usize = all.iter().map(|part| part.parameters.len()).sum();
        all.extend(path.condition(table, subject, dialect, schema, first + before));
    }
    let sql: Vec<&str> = all.iter().map(|part| part.sql.as_str()).collect();
    let sql = match sql[..] {
        [] => return None,
        [one] => one.to_owned(),
        _ => format!("({})", sql.join(" or ")),
    };
    Some(Part {
        sql,
        parameters: all.into_iter().flat_map(|part| part.parameters).collect(),
    })
}
