//! MySQL and MariaDB, asked in a transaction that cannot write.

use std::collections::BTreeMap;

use averment_register::Engine;
use mysql::prelude::Queryable as _;
use mysql::{AccessMode, Conn, IsolationLevel, TxOpts, Value};

use super::sample::{Sampler, Samples};
use super::{Column, Reference, STATEMENT_SECONDS_MAX, Schema, SchemaError, Table};
use crate::observation::Spot;

const COLUMNS: &str = "
select c.table_name, t.table_type = 'VIEW', t.table_comment, c.column_name, c.column_type, c.data_type, c.is_nullable = 'YES',
       c.column_comment, c.column_key = 'PRI', c.ordinal_position
from information_schema.columns c
join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
where c.table_schema = database() and t.table_type <> 'SEQUENCE'
order by c.table_name, c.ordinal_position";

const LINKS: &str = "
select table_name, column_name, referenced_table_schema = database(), referenced_table_schema, referenced_table_name,
       referenced_column_name
from information_schema.key_column_usage
where table_schema = database() and referenced_table_name is not null
order by table_name, column_name, constraint_name";

/// Reads the tables of the database that the connection is to; looks at rows when a sampler is given.
///
/// # Errors
/// [`SchemaError::Server`] with the server's code, never with its words.
pub fn read_mysql(connection: &mut Conn, sampler: Option<&Sampler<'_>>) -> Result<(Schema, Samples), SchemaError> {
    let version: Option<String> = connection
        .query_first("select version()")
        .map_err(|error| told(&error))?;
    let mariadb = version.is_some_and(|version| version.to_lowercase().contains("mariadb"));
    let engine = if mariadb { Engine::Mariadb } else { Engine::Mysql };
    let limit = match engine {
        Engine::Mariadb => format!("set session max_statement_time = {STATEMENT_SECONDS_MAX}"),
        _ => format!("set session max_execution_time = {}", STATEMENT_SECONDS_MAX * 1000),
    };
    connection.query_drop(limit).map_err(|error| told(&error))?;
    let options = TxOpts::default()
        .set_access_mode(Some(AccessMode::ReadOnly))
        .set_isolation_level(Some(IsolationLevel::RepeatableRead));
    let mut transaction = connection.start_transaction(options).map_err(|error| told(&error))?;
    let mut schema = Schema::new(engine, engine.as_str());
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let spot = Spot {
        file: engine.as_str().to_owned(),
        ..Spot::default()
    };
    let rows: Vec<mysql::Row> = transaction.query(COLUMNS).map_err(|error| told(&error))?;
    for row in rows {
        let name = text(&row, 0);
        let table = tables.entry(name.clone()).or_insert_with(|| Table {
            name,
            spot: spot.clone(),
            ..Table::default()
        });
        table.is_view = text(&row, 1) == "1";
        table.comment = Some(text(&row, 2)).filter(|text| !text.is_empty() && text != "VIEW");
        let enumeration = ["enum", "set"].contains(&text(&row, 5).as_str());
        table.columns.push(Column {
            name: text(&row, 3),
            // Values of an enumeration are no part of a type here.
            kind: text(&row, if enumeration { 5 } else { 4 }).to_lowercase(),
            nullable: text(&row, 6) == "1",
            comment: Some(text(&row, 7)).filter(|text| !text.is_empty()),
            is_key: text(&row, 8) == "1",
            references: None,
            spot: spot.clone(),
        });
    }
    for table in tables.values_mut() {
        let several = table.columns.iter().filter(|column| column.is_key).count() > 1;
        table.columns.iter_mut().for_each(|column| column.is_key &= !several);
    }
    let rows: Vec<mysql::Row> = transaction.query(LINKS).map_err(|error| told(&error))?;
    for row in rows {
        let target = if text(&row, 2) == "1" {
            text(&row, 4)
        } else {
            format!("{}.{}", text(&row, 3), text(&row, 4))
        };
        let column = tables
            .get_mut(&text(&row, 0))
            .and_then(|table| table.column_mut(&text(&row, 1)));
        if let Some(column) = column {
            column.references = Some(Reference {
                table: target,
                column: Some(text(&row, 5)),
            });
        }
    }
    schema.tables = tables.into_values().collect();
    let schema = schema.finish();
    let mut samples = Samples::default();
    if let Some(sampler) = sampler {
        for table in schema.tables.iter().filter(|table| !table.is_view) {
            if sample(&mut transaction, table, sampler, &mut samples).is_err() {
                samples.not_read(&table.name);
            }
        }
    }
    transaction.rollback().map_err(|error| told(&error))?;
    Ok((schema, samples))
}

fn text(row: &mysql::Row, index: usize) -> String {
    match row.as_ref(index) {
        Some(Value::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::UInt(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn sample(
    transaction: &mut mysql::Transaction<'_>,
    table: &Table,
    sampler: &Sampler<'_>,
    samples: &mut Samples,
) -> Result<(), mysql::Error> {
    let quote = |name: &str| format!("`{}`", name.replace('`', "``"));
    let names: Vec<String> = table.columns.iter().map(|column| quote(&column.name)).collect();
    let sql = format!(
        "select {} from {} limit {}",
        names.join(", "),
        quote(&table.name),
        sampler.rows()
    );
    for row in transaction.query_iter(sql)? {
        let row = row?;
        for (index, column) in table.columns.iter().enumerate() {
            match row.as_ref(index) {
                Some(Value::Bytes(bytes)) => samples.add(sampler, table, column, bytes),
                Some(Value::NULL) | None => {}
                Some(other) => samples.add(sampler, table, column, other.as_sql(true).trim_matches('\'').as_bytes()),
            }
        }
    }
    Ok(())
}

/// The server's message may repeat a value or a name, so only its code is told; of other faults their kind.
fn told(error: &mysql::Error) -> SchemaError {
    let because = match error {
        mysql::Error::MySqlError(fault) => format!("answers with error {}", fault.code),
        mysql::Error::IoError(fault) => format!("cannot be reached: {}", fault.kind()),
        mysql::Error::DriverError(_) => "does not answer as expected".to_owned(),
        mysql::Error::UrlError(_) => "is asked by an address that cannot be read".to_owned(),
        _ => "gives something unexpected".to_owned(),
    };
    SchemaError::Server {
        engine: "MySQL or MariaDB",
        because,
    }
}
