//! Who has a value, too: rows that hold it beside somebody's number.

use std::collections::BTreeSet;

use averment_catalog::ElementId;

use super::{Known, VALUES_MAX};
use crate::connect::{Database, DatabaseError, Next};
use crate::erase::sql;
use crate::graph::{Graph, Reached, Subject};

/// Calls `each` with every value of `known` that leads to people and the numbers that a row holds beside it, row by row.
pub(in crate::erase) fn bearers(
    database: &mut dyn Database,
    graph: &Graph,
    known: &Known,
    each: &mut dyn FnMut(&ElementId, &str, &[&String]),
) -> Result<(), DatabaseError> {
    let dialect = database.dialect();
    for reached in &graph.tables {
        let direct = reached.own.iter().filter(|path| path.steps.is_empty());
        let numbers: BTreeSet<&str> = direct
            .filter(|path| path.element == Subject::number())
            .map(|path| path.column.as_str())
            .collect();
        let mut written: Vec<String> = (numbers.iter())
            .filter_map(|name| reached.table.column(name))
            .map(|column| dialect.as_text(&dialect.name(&column.name), column))
            .collect();
        let count = written.len();
        for column in reached.table.columns.iter().filter(|_| count > 0) {
            let Some((element, values)) = named_by(reached, &column.name, known) else {
                continue;
            };
            let name = dialect.name(&column.name);
            written.truncate(count);
            written.push(dialect.as_text(&name, column));
            let select = sql::distinct(dialect, &written);
            for values in values.chunks(VALUES_MAX) {
                let from = dialect.table(&reached.table.name);
                let is_one = dialect.is_one_of(&name, column, 1, values.len());
                database.rows(&format!("{select} from {from} where {is_one}"), values, &mut |row| {
                    let whose: Vec<&String> = row[..count].iter().flatten().collect();
                    if let Some(value) = &row[count] {
                        each(element, value, &whose);
                    }
                    Ok(Next::Row)
                })?;
            }
        }
    }
    Ok(())
}

/// Which of the values that lead to people stand in rows of somebody whose number is not among `everybody`.
pub(super) fn of_others(
    database: &mut dyn Database,
    graph: &Graph,
    known: &Known,
    everybody: &BTreeSet<String>,
) -> Result<BTreeSet<(ElementId, String)>, DatabaseError> {
    let mut found = BTreeSet::new();
    bearers(database, graph, known, &mut |element, value, whose| {
        if !whose.is_empty() && !whose.iter().any(|number| everybody.contains(*number)) {
            found.insert((element.clone(), value.to_owned()));
        }
    })?;
    Ok(found)
}

/// The element of a column that says by what the person is known whose the row is, and the values of it that lead to people.
fn named_by<'a>(reached: &'a Reached, name: &str, known: &'a Known) -> Option<(&'a ElementId, Vec<&'a str>)> {
    if (reached.others.iter()).any(|path| path.column.eq_ignore_ascii_case(name)) {
        return None;
    }
    let element = reached.map.column(name)?.element.as_ref()?;
    let values = known.values.get(element)?;
    Some((element, values.iter().map(String::as_str).collect()))
}
