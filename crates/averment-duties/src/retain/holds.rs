//! People whose data may not go: a request to inspect them is open, or somebody has to keep them.
//!
//! Invariant: where holds cannot be known, nothing goes.
//!
//! Source: FERPA 34 CFR 99.10(e); GDPR Art. 17(3)(e), 18(2).

use std::collections::BTreeSet;

use averment_catalog::ElementId;
use averment_register::Store;

use super::Opened;
use super::bound::{nest, referring};
use crate::connect::{Column, Database, DatabaseError, Dialect, Next, OnDelete, Table};
use crate::graph::{Graph, Part, Path, Reached, Subject};

/// Most people under hold in one store.
const HELD_MAX: usize = 10_000;
/// How far rows that go with others are followed.
const STEPS_MAX: usize = 8;
/// How often names lead to more names.
const ROUNDS: usize = 3;

/// Who is under hold.
pub trait Holds {
    /// Whether anybody is.
    ///
    /// # Errors
    /// Why that cannot be known, without names.
    fn are_any(&self) -> Result<bool, String>;

    /// Whether the person with this number at the platform is.
    ///
    /// # Errors
    /// Why that cannot be known, without names.
    fn is_held(&self, number: &str) -> Result<bool, String>;
}

/// Those of a store's people who are under hold.
pub(super) fn held_in(graph: &Graph, database: &mut dyn Database, holds: &dyn Holds) -> Result<Subject, String> {
    let mut held = BTreeSet::new();
    if !holds.are_any()? {
        return Ok(Subject::default());
    }
    let dialect = database.dialect();
    for (table, column) in columns_of_people(graph) {
        let Some(found) = table.column(column) else { continue };
        let written = dialect.name(&found.name);
        let sql = format!(
            "select distinct {} from {} where {written} is not null",
            dialect.as_text(&written, found),
            dialect.table(&table.name)
        );
        let mut unknown = None;
        let read = database.rows(&sql, &[], &mut |row| {
            let Some(number) = row.first().and_then(Option::as_deref) else {
                return Ok(Next::Row);
            };
            match holds.is_held(number) {
                Ok(true) => _ = held.insert(number.to_owned()),
                Ok(false) => {}
                Err(because) => {
                    unknown = Some(because);
                    return Err(crate::connect::Stopped);
                }
            }
            Ok(Next::Row)
        });
        if let Some(because) = unknown {
            return Err(because);
        }
        read.map_err(|error: DatabaseError| error.to_string())?;
    }
    if held.len() > HELD_MAX {
        return Err(format!("more than {HELD_MAX} people are under hold"));
    }
    Ok(Subject::of(held))
}

/// Every column that itself holds the number of whose the row is.
fn columns_of_people(graph: &Graph) -> impl Iterator<Item = (&Table, &str)> {
    graph.tables.iter().flat_map(|reached| {
        let direct = reached.own.iter().filter(|path| path.steps.is_empty());
        let direct = direct.filter(|path| path.element == Subject::number());
        direct.map(|path| (&reached.table, path.column.as_str()))
    })
}

/// Elements by which tables name people, besides their numbers.
pub(super) fn linking<'a>(graphs: impl Iterator<Item = &'a Graph>) -> BTreeSet<ElementId> {
    let tables = graphs.flat_map(|graph| &graph.tables);
    let paths = tables.flat_map(|reached| reached.own.iter().chain(&reached.others));
    let elements = paths.map(|path| path.element.clone());
    elements.filter(|element| *element != Subject::number()).collect()
}

/// Whether a store holds what people are known by.
pub(super) fn tells(store: &Store, linking: &BTreeSet<ElementId>) -> bool {
    let mut columns = store.tables.iter().flat_map(|table| table.columns.values());
    store.engine.has_tables() && columns.any(|column| column.element.as_ref().is_some_and(|one| linking.contains(one)))
}

/// Adds to those under hold by what tables of any of the stores name them besides: an e-mail address.
pub(super) fn name(stores: &mut [&mut Opened], linking: &BTreeSet<ElementId>) -> Result<(), DatabaseError> {
    for _ in 0..ROUNDS {
        let mut found = Subject::default();
        for store in stores.iter_mut() {
            let Opened { graph, database, held } = &mut **store;
            for reached in &graph.tables {
                read_names(reached, graph, &mut **database, held, linking, &mut found)?;
            }
        }
        for element in linking {
            for value in found.values(element) {
                stores
                    .iter_mut()
                    .for_each(|store| store.held.add(element.clone(), value.to_owned()));
            }
        }
    }
    Ok(())
}

fn read_names(
    reached: &Reached,
    graph: &Graph,
    database: &mut dyn Database,
    held: &Subject,
    linking: &BTreeSet<ElementId>,
    found: &mut Subject,
) -> Result<(), DatabaseError> {
    // Of rows of several people nobody can tell whose the values are.
    if reached.map.key.is_none() && reached.own.len() > 1 {
        return Ok(());
    }
    let dialect = database.dialect();
    let mut parts = Parts::new(1);
    led_to(&reached.own, graph, &reached.table, held, dialect, &mut parts);
    let Some(part) = parts.joined() else { return Ok(()) };
    for column in &reached.table.columns {
        let element = reached.map.column(&column.name).and_then(|said| said.element.as_ref());
        let is_other = reached
            .others
            .iter()
            .any(|path| path.column.eq_ignore_ascii_case(&column.name));
        let Some(element) = element.filter(|element| linking.contains(*element) && !is_other) else {
            continue;
        };
        let written = dialect.as_text(&dialect.name(&column.name), column);
        let from = dialect.table(&reached.table.name);
        let sql = format!("select distinct {written} from {from} where {}", part.sql);
        database.rows(&sql, &part.parameters(), &mut |row| {
            let value = row.first().cloned().flatten().filter(|value| !value.is_empty());
            value.into_iter().for_each(|value| found.add(element.clone(), value));
            Ok(Next::Row)
        })?;
    }
    Ok(())
}

/// Rows of a table that are of somebody under hold, name them, or would take such rows with them.
pub(super) fn is_held(graph: &Graph, table: &Table, held: &Subject, dialect: Dialect, first: usize) -> Option<Part> {
    held.elements().next()?;
    let mut parts = Parts::new(first);
    own_rows(graph, table, held, dialect, &mut parts);
    taken_with(graph, table, held, dialect, STEPS_MAX, &mut parts);
    parts.joined()
}

struct Parts {
    sql: Vec<String>,
    parameters: Vec<String>,
    first: usize,
}

impl Parts {
    fn new(first: usize) -> Self {
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

    fn joined(self) -> Option<Part> {
        (!self.sql.is_empty()).then(|| Part {
            sql: format!("(({}) is true)", self.sql.join(" or ")),
            parameters: self.parameters,
        })
    }
}

fn own_rows(graph: &Graph, table: &Table, held: &Subject, dialect: Dialect, parts: &mut Parts) {
    let Some(reached) = graph.table(&table.name) else {
        return;
    };
    led_to(&reached.own, graph, table, held, dialect, parts);
    led_to(&reached.others, graph, table, held, dialect, parts);
}

/// Rows from which one of the ways leads to somebody under hold.
fn led_to(paths: &[Path], graph: &Graph, table: &Table, held: &Subject, dialect: Dialect, parts: &mut Parts) {
    for path in paths.iter().filter(|path| held.values(&path.element).len() > 0) {
        let (last, column) = path.steps.last().map_or((table, &path.column), |step| {
            (graph.schema.table(&step.table).unwrap_or(table), &step.leave)
        });
        let Some(column) = last.column(column) else { continue };
        let all = values(held.values(&path.element), column, dialect, parts.next());
        parts.push(Part {
            sql: nest(path, dialect, "", "").with(&all.sql),
            parameters: all.parameters,
        });
    }
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

fn taken_with(graph: &Graph, table: &Table, held: &Subject, dialect: Dialect, steps: usize, parts: &mut Parts) {
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
