//! PostgreSQL.

use std::collections::HashMap;

use averment_store::{SourceError, connect_postgres};
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::types::ToSql;
use postgres::{Client, Statement};
use rustls::pki_types::CertificateDer;

use super::schema::{Builder, Schema};
use super::{Database, DatabaseError, Dialect, EachRow, Next, Text};

/// Statements that are kept prepared.
const STATEMENTS_MAX: usize = 512;

/// Tables, partitions under the name of what they are parts of, and what keeps copies (materialised views, foreign tables); names of the schema that is looked in first
/// have none.
const COLUMNS: &str = "
select case when n.nspname = current_schema() then c.relname else n.nspname || '.' || c.relname end,
       a.attname, format_type(a.atttypid, a.atttypmod), (not a.attnotnull)::text,
       coalesce((array_position(i.indkey::int2[], a.attnum) + 1)::text, '0'),
       exists (select from pg_index x where x.indrelid = c.oid and x.indkey[0] = a.attnum)::text
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_index i on i.indrelid = c.oid and i.indisprimary
where c.relkind in ('r', 'p', 'm', 'f') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema')
  and n.nspname not like 'pg\\_temp%' and n.nspname not like 'pg\\_toast%'
order by 1, a.attnum";

const REFERENCES: &str = "
select case when n.nspname = current_schema() then c.relname else n.nspname || '.' || c.relname end, k.oid::text,
       a.attname,
       case when fn.nspname = current_schema() then f.relname else fn.nspname || '.' || f.relname end, fa.attname,
       case k.confdeltype when 'c' then 'CASCADE' when 'n' then 'SET NULL' when 'd' then 'SET DEFAULT' else '' end
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class f on f.oid = k.confrelid
join pg_namespace fn on fn.oid = f.relnamespace
cross join lateral unnest(k.conkey, k.confkey) with ordinality as u (here, there, place)
join pg_attribute a on a.attrelid = c.oid and a.attnum = u.here
join pg_attribute fa on fa.attrelid = f.oid and fa.attnum = u.there
where k.contype = 'f' and k.conparentid = 0
order by 1, k.oid, u.place";

/// A PostgreSQL database.
pub(super) struct Postgres {
    client: Client,
    prepared: HashMap<String, Statement>,
    in_transaction: bool,
}

impl Postgres {
    pub(super) fn open(address: &str, trust: &[CertificateDer<'static>]) -> Result<Self, DatabaseError> {
        let mut client = connect_postgres(address, trust)?;
        client
            // `row_security`: a query from which rows would be hidden is an error.
            .batch_execute(
                "set lock_timeout = '2s'; set idle_in_transaction_session_timeout = '10min'; set row_security = off",
            )
            .map_err(|error| told(&error))?;
        Ok(Self {
            client,
            prepared: HashMap::new(),
            in_transaction: false,
        })
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, DatabaseError> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).map_err(|error| told(&error))?;
        if self.prepared.len() < STATEMENTS_MAX {
            self.prepared.insert(sql.to_owned(), statement.clone());
        }
        Ok(statement)
    }
}

impl Database for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn rows(&mut self, sql: &str, parameters: &[&str], each: EachRow<'_>) -> Result<(), DatabaseError> {
        let statement = self.statement(sql)?;
        let width = statement.columns().len();
        let mut rows = self
            .client
            .query_raw(&statement, parameters.iter().copied())
            .map_err(|error| told(&error))?;
        let mut values: Vec<Text> = vec![None; width];
        while let Some(row) = rows.next().map_err(|error| told(&error))? {
            for (index, value) in values.iter_mut().enumerate() {
                *value = row.try_get(index).map_err(|error| told(&error))?;
            }
            match each(&values) {
                Ok(Next::Row) => {}
                Ok(Next::Enough) => break,
                Err(_) => return Err(DatabaseError::Stopped),
            }
        }
        Ok(())
    }

    fn change(&mut self, sql: &str, parameters: &[&str]) -> Result<u64, DatabaseError> {
        let statement = self.statement(sql)?;
        let typed: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|text| text as &(dyn ToSql + Sync)).collect();
        self.client.execute(&statement, &typed).map_err(|error| told(&error))
    }

    fn begin(&mut self) -> Result<(), DatabaseError> {
        let begun = self.client.batch_execute("begin isolation level repeatable read");
        begun.map_err(|error| told(&error))?;
        self.in_transaction = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), DatabaseError> {
        self.in_transaction = false;
        self.client.batch_execute("commit").map_err(|error| told(&error))
    }

    fn undo(&mut self) {
        if std::mem::take(&mut self.in_transaction) {
            _ = self.client.batch_execute("rollback");
        }
    }

    fn schema(&mut self) -> Result<Schema, DatabaseError> {
        Builder::ask(self, COLUMNS, REFERENCES)
    }
}

fn told(error: &postgres::Error) -> DatabaseError {
    // A transaction in which a lock was not to be had takes no statement any more, also where one is only tried again.
    let busy = [
        SqlState::IN_FAILED_SQL_TRANSACTION,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
    ];
    match error.as_db_error() {
        Some(fault) if busy.contains(fault.code()) => DatabaseError::Busy,
        Some(fault) => SourceError::Postgres(format!("answered with error {}", fault.code().code())).into(),
        None => SourceError::Postgres("does not answer as expected".to_owned()).into(),
    }
}
