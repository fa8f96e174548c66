//! PostgreSQL, over a connection that somebody else made: asked in one transaction that cannot write.

use std::collections::BTreeMap;

use averment_register::Engine;
use postgres::{Client, IsolationLevel, SimpleQueryMessage, Transaction};

use super::sample::{Sampler, Samples};
use super::{Column, Reference, STATEMENT_SECONDS_MAX, Schema, SchemaError, Table};
use crate::observation::Spot;

/// Name in places: a server has no file.
const SOURCE: &str = "postgresql";

/// Tables, views (materialised ones store rows), foreign tables and the wholes of partitioned ones; no parts, none of the system or of extensions.
const COLUMNS: &str = "
select n.nspname, c.relname, c.relkind = 'v', obj_description(c.oid, 'pg_class'),
       a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull, col_description(c.oid, a.attnum),
       coalesce((select array_length(i.indkey, 1) = 1 and a.attnum = any(i.indkey)
                 from pg_index i where i.indrelid = c.oid and i.indisprimary), false),
       n.nspname = coalesce(current_schema(), 'public'), c.relispartition, c.relkind = 'm'
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  and not exists (select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by n.nspname, c.relname, a.attnum";

const LINKS: &str = "
select n.nspname, c.relname, a.attname, fn.nspname, f.relname, fa.attname,
       n.nspname = coalesce(current_schema(), 'public'), fn.nspname = coalesce(current_schema(), 'public')
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class f on f.oid = k.confrelid
join pg_namespace fn on fn.oid = f.relnamespace
join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
join pg_attribute fa on fa.attrelid = k.confrelid and fa.attnum = k.confkey[1]
where k.contype = 'f' and array_length(k.conkey, 1) = 1
order by 1, 2, 3";

/// Reads the tables of a database; looks at rows when a sampler is given.
///
/// # Errors
/// [`SchemaError::Server`] with the server's code, never with its words.
pub fn read_postgres(client: &mut Client, sampler: Option<&Sampler<'_>>) -> Result<(Schema, Samples), SchemaError> {
    let transaction = client
        .build_transaction()
        .read_only(true)
        .isolation_level(IsolationLevel::RepeatableRead);
    let mut transaction = transaction.start().map_err(told)?;
    let timeout = format!("set local statement_timeout = '{STATEMENT_SECONDS_MAX}s'; set local lock_timeout = '5s'");
    transaction.batch_execute(&timeout).map_err(told)?;
    let mut schema = Schema::new(Engine::Postgresql, SOURCE);
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let mut sql_names: BTreeMap<String, String> = BTreeMap::new();
    let mut parts = std::collections::BTreeSet::new();
    for row in transaction.query(COLUMNS, &[]).map_err(told)? {
        let (space, relation): (String, String) = (get(&row, 0)?, get(&row, 1)?);
        let name = name_of(&space, &relation, get(&row, 9)?);
        if get(&row, 10)? {
            parts.insert(name);
            continue;
        }
        sql_names.insert(name.clone(), format!("{}.{}", quoted(&space), quoted(&relation)));
        let spot = Spot {
            file: SOURCE.to_owned(),
            ..Spot::default()
        };
        let table = tables.entry(name.clone()).or_insert_with(|| Table {
            name,
            spot: spot.clone(),
            ..Table::default()
        });
        table.is_view = get(&row, 2)?;
        table.is_materialised = get(&row, 11)?;
        table.comment = get(&row, 3)?;
        table.columns.push(Column {
            name: get(&row, 4)?,
            kind: get(&row, 5)?,
            nullable: get(&row, 6)?,
            comment: get(&row, 7)?,
            is_key: get(&row, 8)?,
            references: None,
            spot,
        });
    }
    for row in transaction.query(LINKS, &[]).map_err(told)? {
        let from = name_of(&get::<String>(&row, 0)?, &get::<String>(&row, 1)?, get(&row, 6)?);
        let to = name_of(&get::<String>(&row, 3)?, &get::<String>(&row, 4)?, get(&row, 7)?);
        let column: String = get(&row, 2)?;
        if let Some(column) = tables.get_mut(&from).and_then(|table| table.column_mut(&column)) {
            column.references = Some(Reference {
                table: to,
                column: get(&row, 5)?,
            });
        }
    }
    if !parts.is_empty() {
        schema.left_out.insert("partition".to_owned(), parts.len() as u64);
    }
    schema.tables = tables.into_values().collect();
    let schema = schema.finish();
    let mut samples = Samples::default();
    if let Some(sampler) = sampler {
        for table in schema.tables.iter().filter(|table| !table.is_view) {
            let sql_name = sql_names.get(&table.name).cloned().unwrap_or_default();
            sample(&mut transaction, table, &sql_name, sampler, &mut samples)?;
        }
    }
    transaction.rollback().map_err(told)?;
    Ok((schema, samples))
}

fn get<'a, T: postgres::types::FromSql<'a>>(row: &'a postgres::Row, index: usize) -> Result<T, SchemaError> {
    row.try_get(index).map_err(told)
}

fn name_of(space: &str, relation: &str, first: bool) -> String {
    if first {
        relation.to_owned()
    } else {
        format!("{space}.{relation}")
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Looks at rows as texts, which every type of the server has a form in. A table that may not be read is counted as such.
fn sample(
    transaction: &mut Transaction<'_>,
    table: &Table,
    sql_name: &str,
    sampler: &Sampler<'_>,
    samples: &mut Samples,
) -> Result<(), SchemaError> {
    let names: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    let sql = format!("select {} from {sql_name} limit {}", names.join(", "), sampler.rows());
    // A fault ends a transaction; a point before it keeps what was asked so far.
    let mut point = transaction.transaction().map_err(told)?;
    let Ok(messages) = point.simple_query(&sql) else {
        point.rollback().map_err(told)?;
        samples.not_read(&table.name);
        return Ok(());
    };
    for message in messages {
        let SimpleQueryMessage::Row(row) = message else {
            continue;
        };
        for (index, column) in table.columns.iter().enumerate() {
            if let Ok(Some(value)) = row.try_get(index) {
                samples.add(sampler, table, column, value.as_bytes());
            }
        }
    }
    point.commit().map_err(told)
}

/// The server's message may repeat a value, so only its code is told; of other faults their kind.
fn told(error: postgres::Error) -> SchemaError {
    let because = match error.as_db_error() {
        Some(fault) => format!("answers with error {}", fault.code().code()),
        None => error.to_string(),
    };
    SchemaError::Server {
        engine: "PostgreSQL",
        because,
    }
}
