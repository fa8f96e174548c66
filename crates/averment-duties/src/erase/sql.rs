//! Parts that statements of an erasure are made of.

use crate::connect::{Database, DatabaseError, Dialect, ForeignKey, Table};
use crate::graph::Part;

/// How often a statement that met a lock is tried again.
const TRIES: u32 = 30;

/// How many rows of a table a condition is true for.
pub(crate) fn count(database: &mut dyn Database, table: &str, part: &Part) -> Result<u64, DatabaseError> {
    let from = database.dialect().table(table);
    let sql = format!("select cast(count(*) as char(20)) from {from} where {}", part.sql);
    let found = again(|| database.one(&sql, &part.parameters()))?;
    Ok(found.and_then(|text| text.trim().parse().ok()).unwrap_or_default())
}

/// Selects columns (as written), each row of values once byte for byte: a collation takes two spellings for one.
pub(super) fn distinct(dialect: Dialect, written: &[String]) -> String {
    let mut all = written.to_vec();
    if dialect == Dialect::Mysql {
        all.extend(written.iter().map(|written| format!("hex({written})")));
    }
    format!("select distinct {}", all.join(", "))
}

/// Does something again while rows are locked by others, waiting longer each time.
pub(super) fn again<T>(mut attempt: impl FnMut() -> Result<T, DatabaseError>) -> Result<T, DatabaseError> {
    let mut tries = 0;
    loop {
        match attempt() {
            Err(DatabaseError::Busy) if tries < TRIES => {
                tries += 1;
                std::thread::sleep(std::time::Duration::from_millis(u64::from(10 * tries)));
            }
            done => return done,
        }
    }
}

/// Both conditions; their parameters follow each other.
pub(super) fn and(one: Part, other: impl FnOnce(usize) -> Part) -> Part {
    let more = other(one.parameters.len());
    Part {
        sql: format!("({}) and {}", one.sql, more.sql),
        parameters: one.parameters.into_iter().chain(more.parameters).collect(),
    }
}

/// Where a condition is not true, `null` counting as not true.
pub(super) fn is_not(part: Part) -> Part {
    Part {
        sql: format!("({}) is not true", part.sql),
        ..part
    }
}

/// Rows of `table` whose `key` refers to rows there for which `there` is true.
pub(super) fn refers(dialect: Dialect, key: &ForeignKey, there: Part) -> Part {
    let names = |columns: &[String]| {
        let names: Vec<String> = columns.iter().map(|column| dialect.name(column)).collect();
        names.join(", ")
    };
    let here = match key.columns.len() {
        1 => names(&key.columns),
        _ => format!("({})", names(&key.columns)),
    };
    // The inner table is there because MySQL refuses to read the table that a statement changes.
    let sql = format!(
        "{here} in (select * from (select {} from {} where {}) as gone)",
        names(&key.targets),
        dialect.table(&key.table),
        there.sql
    );
    Part { sql, ..there }
}

/// Rows with these primary keys.
pub(super) fn with_keys(dialect: Dialect, table: &Table, keys: &[Vec<String>], first: usize) -> Part {
    let columns: Vec<_> = table.primary.iter().filter_map(|name| table.column(name)).collect();
    let mut sql = Vec::new();
    let mut number = first;
    if let [column] = columns[..] {
        sql.push(dialect.is_one_of(&dialect.name(&column.name), column, first, keys.len()));
    } else {
        for _ in keys {
            let equal = columns.iter().enumerate().map(|(index, column)| {
                format!(
                    "{} = {}",
                    dialect.name(&column.name),
                    dialect.parameter_for(number + index, column)
                )
            });
            sql.push(format!("({})", equal.collect::<Vec<_>>().join(" and ")));
            number += columns.len();
        }
    }
    Part {
        sql: format!("({})", sql.join(" or ")),
        parameters: keys.iter().flatten().cloned().collect(),
    }
}
