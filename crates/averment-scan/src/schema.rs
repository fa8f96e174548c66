//! Databases and models: which tables and columns there are, what they probably hold, and where the data map says otherwise.
//!
//! Start at [`Schema`]: every reader gives one, live databases, dumps and models alike. [`classify()`] says what columns
//! probably hold, [`schema_drift`] compares with the data map of a charter, [`propose`] writes the map.
//!
//! Invariant: nothing that is read is executed; databases are only asked, in transactions that cannot write; no value of a
//! row is kept, told or repeated in an error, only how many had the look of an element.

mod classify;
mod compare;
mod coverage;
mod ddl;
mod django;
mod files;
mod measured;
mod merge;
mod mysql;
mod postgres;
mod prisma;
mod propose;
mod rails;
mod sample;
mod sqlite;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use averment_register::Engine;

use crate::observation::Spot;
use crate::seen::Unread;

pub use classify::{Classified, What, classify};
pub use compare::{SchemaDrift, schema_drift};
pub use coverage::{MapCoverage, Marked};
pub use files::{SOURCE_BYTES_MAX, read_path};
pub use measured::map_measurements;
pub use merge::merge;
pub use mysql::read_mysql;
pub use postgres::read_postgres;
pub use propose::propose;
pub use sample::{Sampler, Samples};
pub use sqlite::read_sqlite;

/// Longest time that one statement may take on a server.
pub const STATEMENT_SECONDS_MAX: u32 = 60;

/// The tables of one store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// What keeps them.
    pub engine: Engine,
    /// What was read, for places: a file, or the engine's name for a server.
    pub source: String,
    /// Tables and views, by name.
    pub tables: Vec<Table>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// Left out on purpose, by reason.
    pub left_out: BTreeMap<String, u64>,
}

/// One table or view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Name, with its schema where it is not the one that the database looks in first.
    pub name: String,
    /// What people wrote about it.
    pub comment: Option<String>,
    /// It stores nothing of its own.
    pub is_view: bool,
    /// It stores what a query gave when it was last asked: a copy, which deleting the rows asked for leaves as it is.
    pub is_materialised: bool,
    /// Its columns, in their order.
    pub columns: Vec<Column>,
    /// Where it is declared.
    pub spot: Spot,
}

/// One column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Type as declared, lower case, without values: `character varying(255)`, `enum`.
    pub kind: String,
    /// What people wrote about it.
    pub comment: Option<String>,
    /// Whether it may be empty.
    pub nullable: bool,
    /// It tells rows apart.
    pub is_key: bool,
    /// The column of another table that it leads to.
    pub references: Option<Reference>,
    /// Where it is declared.
    pub spot: Spot,
}

/// What a foreign key leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Table, named as in [`Table::name`].
    pub table: String,
    /// Column; the key of the table where nothing was said.
    pub column: Option<String>,
}

/// Why a database or a file could not be read. What a driver says is not repeated where it could hold a value or a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// A file or a folder.
    #[error("cannot read `{path}`: {because}")]
    File {
        /// Which.
        path: String,
        /// Why.
        because: String,
    },
    /// Nothing in it that a reader knows.
    #[error(
        "nothing in `{path}` describes tables: expected a SQLite file, an SQL dump, `schema.rb`, migrations, `models.py` or a Prisma schema"
    )]
    Unknown {
        /// Which.
        path: String,
    },
    /// A server.
    #[error("{engine} {because}")]
    Server {
        /// Which kind.
        engine: &'static str,
        /// Why.
        because: String,
    },
}

impl Schema {
    /// No tables yet.
    pub fn new(engine: Engine, source: impl Into<String>) -> Self {
        Self {
            engine,
            source: source.into(),
            tables: Vec::new(),
            unread: Vec::new(),
            left_out: BTreeMap::new(),
        }
    }

    /// The table of this name, whatever its case.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// How many columns.
    pub fn columns(&self) -> usize {
        self.tables.iter().map(|table| table.columns.len()).sum()
    }

    /// Gives a table another name, also where others refer to it.
    fn rename_table(&mut self, old: &str, new: &str) {
        for table in &mut self.tables {
            if table.name.eq_ignore_ascii_case(old) {
                table.name = new.to_owned();
            }
            let references = table.columns.iter_mut().filter_map(|column| column.references.as_mut());
            for reference in references.filter(|reference| reference.table.eq_ignore_ascii_case(old)) {
                reference.table = new.to_owned();
            }
        }
    }

    /// Puts the tables in order, and says of each reference without column which one it is.
    fn finish(mut self) -> Self {
        self.tables.sort_by(|a, b| a.name.cmp(&b.name));
        let keys: BTreeMap<String, String> = self
            .tables
            .iter()
            .filter_map(|table| {
                let key = table.columns.iter().find(|column| column.is_key)?;
                Some((table.name.to_lowercase(), key.name.clone()))
            })
            .collect();
        for column in self.tables.iter_mut().flat_map(|table| &mut table.columns) {
            if let Some(reference) = column
                .references
                .as_mut()
                .filter(|reference| reference.column.is_none())
            {
                reference.column = keys.get(&reference.table.to_lowercase()).cloned();
            }
        }
        self
    }
}

impl Table {
    /// The column of this name, whatever its case.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    }

    fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.columns
            .iter_mut()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Its name without schema.
    pub fn plain_name(&self) -> &str {
        self.name.rsplit_once('.').map_or(self.name.as_str(), |(_, name)| name)
    }
}
