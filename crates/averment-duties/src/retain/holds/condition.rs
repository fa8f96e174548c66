//! Which rows may not go: those of people under hold, those that name them, and those that would take such rows with them.

use super::Held;
use crate::connect::{Column, Dialect, OnDelete, Table};
use crate::graph::{Graph, Part, Path};
use crate::retain::bound::referring;

/// How far rows that go with others are followed.
const STEPS_MAX: usize = 8;

/// Rows of a table that are of somebody under hold, name them, or would take such rows with them.
pub(in crate::retain) fn is_held(
    graph: &Graph,
    table: &Table,
    held: &Held,
    dialect: Dialect,
    first: usize,
) -> Option<Part> {
    held.who.elements().next()?;
    let mut parts = Parts::new(first);
    own_rows(graph, table, held, dialect, &mut parts);
    taken_with(graph, table, held, dialect, STEPS_MAX, &mut parts);
    parts.joined()
}

pub(super) struct Parts {
    sql: Vec<String>,
    parameters: Vec<String>,
    first: usize,
}

impl Parts {
    pub(super) fn new(first: usize) -> Self {
        Self {
            sql: Vec::new(),
            parameters: Vec::new(),
            first,
        }
    }

    fn next(&self) -> usize {
        self.first + self.parameters.len()
    }

    fn push(&mut self, part: Part) {
        self.sql.push(part.sql);
        self.parameters.extend(part.parameters);
    }

    pub(super) fn joined(self) -> Option<Part> {
        (!self.sql.is_empty()).then(|| Part {
            sql: format!("(({}) is true)", self.sql.join(" or ")),
            parameters: self.parameters,
        })
    }
}

fn own_rows(graph: &Graph, table: &Table, held: &Held, dialect: Dialect, parts: &mut Parts) {
    let Some(reached) = graph.table(&table.name) else {
        return;
    };
    led_to(&reached.own, graph, table, held, dialect, parts);
    led_to(&reached.others, graph, table, held, dialect, parts);
}

/// Rows from which one of the ways leads to somebody under hold.
pub(super) fn led_to(paths: &[Path], graph: &Graph, table: &Table, held: &Held, dialect: Dialect, parts: &mut Parts) {
    for path in paths.iter().filter(|path| held.who.values(&path.element).len() > 0) {
        let Some((last, column)) = end_of(path, graph, table) else {
            continue;
        };
        let written = dialect.name(&column.name);
        let inner = match held.list(&path.element, last, column) {
            Some(list) => Part {
                sql: list.has(&written),
                parameters: Vec::new(),
            },
            None => {
                let all = values(held.who.values(&path.element), column, dialect, parts.next());
                Part {
                    sql: format!("{written} in ({})", all.sql),
                    parameters: all.parameters,
                }
            }
        };
        parts.push(Part {
            sql: from_the_row(path, dialect, inner.sql),
            parameters: inner.parameters,
        });
    }
}

/// The table and the column with which a way ends, whose values name people.
pub(super) fn end_of<'a>(path: &Path, graph: &'a Graph, table: &'a Table) -> Option<(&'a Table, &'a Column)> {
    let (last, column) = path.steps.last().map_or((table, &path.column), |step| {
        (graph.schema.table(&step.table).unwrap_or(table), &step.leave)
    });
    Some((last, last.column(column)?))
}

/// A condition on the last row of a way as one on the first.
fn from_the_row(path: &Path, dialect: Dialect, mut sql: String) -> String {
    for (place, step) in path.steps.iter().enumerate().rev() {
        let before = place
            .checked_sub(1)
            .map_or(&path.column, |before| &path.steps[before].leave);
        sql = format!(
            "{} in (select {} from {} where {sql})",
            dialect.name(before),
            dialect.name(&step.enter),
            dialect.table(&step.table)
        );
    }
    sql
}

/// All of the values, as what stands in `in (…)`: one parameter at most, because there may be more of them than a statement can
/// have parameters.
fn values<'a>(values: impl Iterator<Item = &'a str>, column: &Column, dialect: Dialect, number: usize) -> Part {
    let values: Vec<&str> = values.collect();
    let (list, bytes) = (dialect.parameter(number), column.is_bytes());
    let each = |text: &str, from: &str| {
        let forms = dialect.forms(text, column).into_iter();
        let forms: Vec<String> = forms.map(|form| format!("select {form} from {from}")).collect();
        forms.join(" union all ")
    };
    let sql = match dialect {
        Dialect::Postgres => each("one", &format!("json_array_elements_text({list}::json) as one")),
        Dialect::Sqlite => each("value", &format!("json_each({list})")),
        // A list of texts would have a collation of its own, which the column's may not be mixed with.
        Dialect::Mysql => {
            let all: Vec<String> = values.iter().map(|value| literal(value, bytes)).collect();
            all.join(", ")
        }
    };
    let parameters = match dialect {
        Dialect::Mysql => Vec::new(),
        _ => vec![serde_json::json!(values).to_string()],
    };
    Part { sql, parameters }
}

/// A text for MySQL, in digits, so that nothing in it is read otherwise; of bytes it is digits already.
fn literal(value: &str, bytes: bool) -> String {
    if bytes && value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return format!("x'{value}'");
    }
    let digits: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("_utf8mb4 x'{digits}'")
}

fn taken_with(graph: &Graph, table: &Table, held: &Held, dialect: Dialect, steps: usize, parts: &mut Parts) {
    let taken = referring(graph, &table.name).filter(|(_, key)| key.on_delete != OnDelete::Refuse);
    for (from, key) in taken.filter(|(from, _)| steps > 0 && from.name != table.name) {
        let mut inner = Parts::new(parts.next());
        own_rows(graph, from, held, dialect, &mut inner);
        taken_with(graph, from, held, dialect, steps - 1, &mut inner);
        let Some(inner) = inner.joined() else { continue };
        let names = |columns: &[String]| {
            let written: Vec<String> = columns.iter().map(|column| dialect.name(column)).collect();
            written.join(", ")
        };
        parts.push(Part {
            sql: format!(
                "({}) in (select {} from {} where {})",
                names(&key.targets),
                names(&key.columns),
                dialect.table(&from.name),
                inner.sql
            ),
            parameters: inner.parameters,
        });
    }
}
