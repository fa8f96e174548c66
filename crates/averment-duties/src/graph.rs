//! How the rows of a store lead to people: the data map and the foreign keys of the database, put together.
//!
//! Start at [`Graph::of`]. A map that the database does not bear out is an error: what cannot be found can be neither given
//! out nor erased.

mod order;
mod path;
mod subject;

use averment_catalog::ElementId;
use averment_register::{Store, StoreTable};

use crate::connect::{Column, Database, DatabaseError, Dialect, Next, Schema, Table};

pub use order::Order;
pub use path::Path;
pub use subject::Subject;

/// The tables of a store with the ways from their rows to people.
#[derive(Debug, Clone)]
pub struct Graph {
    /// Tables of the data map that hold something personal, those that refer to others before those.
    pub tables: Vec<Reached>,
    /// The tables of the database, mapped or not, in the order in which rows can go.
    pub order: Order,
    /// The database as it is.
    pub schema: Schema,
}

/// A table with the ways from its rows to people.
#[derive(Debug, Clone)]
pub struct Reached {
    /// What the data map says.
    pub map: StoreTable,
    /// What the database says.
    pub table: Table,
    /// Ways to whose the row is; it is theirs whom one of them leads to.
    pub own: Vec<Path>,
    /// Ways to others whom the row names.
    pub others: Vec<Path>,
}

/// A part of a statement with the texts for its parameters, in order.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// Without a word before it: `"user_id" in ($1::text::bigint)`.
    pub sql: String,
    /// Texts for its parameters. They are values of people.
    pub parameters: Vec<String>,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Part({}, {} parameters)", self.sql, self.parameters.len())
    }
}

impl Part {
    /// The texts as a database takes them.
    pub fn parameters(&self) -> Vec<&str> {
        self.parameters.iter().map(String::as_str).collect()
    }
}

/// Where the data map and the database do not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the data map of `{store}` does not fit the database: {}", .problems.join("; "))]
pub struct Misfit {
    /// The store.
    pub store: String,
    /// What does not fit, in a few words without values.
    pub problems: Vec<String>,
}

impl Graph {
    /// Puts the data map of a store and its database together.
    ///
    /// # Errors
    /// [`Misfit`]: tables and columns that are not there, personal data of which nothing says whose they are, tables that the
    /// database has and the map does not speak of.
    pub fn of(store: &Store, schema: Schema) -> Result<Self, Misfit> {
        let order = Order::of(&schema);
        let mut problems = unmapped(store, &schema);
        let mut tables = Vec::new();
        for map in store.tables.iter().filter(|map| map.is_personal()) {
            match schema.table(map.name()) {
                Some(table) => match reached(store, map, table) {
                    Ok(reached) => tables.push(reached),
                    Err(more) => problems.extend(more),
                },
                None => problems.push(format!("there is no table `{}`", map.name())),
            }
        }
        tables.sort_by_key(|reached| order.place(&reached.table.name));
        if problems.is_empty() {
            return Ok(Self { tables, order, schema });
        }
        Err(Misfit {
            store: store.id.to_string(),
            problems,
        })
    }

    /// Tells every number of a person that the tables hold whose `key` is one.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub fn numbers(&self, database: &mut dyn Database, meet: &mut dyn FnMut(&str)) -> Result<(), DatabaseError> {
        for reached in self.tables.iter().filter(|reached| reached.is_of_numbers()) {
            let key = reached.map.key.as_ref().and_then(|key| reached.table.column(key));
            let Some(column) = key else { continue };
            reached.texts(column, None, database, meet)?;
        }
        Ok(())
    }

    /// Tells every value of an element that the columns hold which are mapped as it, or which lead to people by it.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub fn values(
        &self,
        database: &mut dyn Database,
        element: &ElementId,
        meet: &mut dyn FnMut(&str),
    ) -> Result<(), DatabaseError> {
        for reached in &self.tables {
            let leads = |name: &str| {
                let mut paths = reached.own.iter().chain(&reached.others);
                paths.any(|path| {
                    path.steps.is_empty() && path.element == *element && path.column.eq_ignore_ascii_case(name)
                })
            };
            let is_said =
                |name: &str| (reached.map.column(name)).is_some_and(|said| said.element.as_ref() == Some(element));
            let columns = reached.table.columns.iter();
            for column in columns.filter(|column| leads(&column.name) || is_said(&column.name)) {
                reached.texts(column, None, database, meet)?;
            }
        }
        Ok(())
    }

    /// The table of this name, whatever its case.
    pub fn table(&self, name: &str) -> Option<&Reached> {
        self.tables
            .iter()
            .find(|reached| reached.table.name.eq_ignore_ascii_case(name))
    }
}

fn unmapped(store: &Store, schema: &Schema) -> Vec<String> {
    let unknown = schema.tables.iter().filter(|table| store.table(&table.name).is_none());
    unknown
        .map(|table| format!("table `{}` is not in the data map", table.name))
        .collect()
}

fn reached(store: &Store, map: &StoreTable, table: &Table) -> Result<Reached, Vec<String>> {
    let mut problems = Vec::new();
    for name in map.columns.keys().filter(|name| table.column(name).is_none()) {
        problems.push(format!("table `{}` has no column `{name}`", table.name));
    }
    for column in table.columns.iter().filter(|column| map.column(&column.name).is_none()) {
        let (table, name) = (&table.name, &column.name);
        problems.push(format!("column `{table}.{name}` is not in the data map"));
    }
    let own = Path::own(store, map);
    if own.is_empty() {
        problems.push(format!("nothing says whose the rows of `{}` are", table.name));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Reached {
        map: map.clone(),
        table: table.clone(),
        own,
        others: Path::others(store, map),
    })
}

impl Reached {
    /// Which rows are those of `subject`, with parameters from number `first` on; none where nothing is known that could
    /// find them.
    pub fn is_of(&self, subject: &Subject, dialect: Dialect, schema: &Schema, first: usize) -> Option<Part> {
        path::any(&self.own, &self.table, subject, dialect, schema, first)
    }

    /// Which rows name `subject` beside whose they are.
    pub fn names(&self, subject: &Subject, dialect: Dialect, schema: &Schema, first: usize) -> Option<Part> {
        path::any(&self.others, &self.table, subject, dialect, schema, first)
    }

    /// Tells what a column holds in each row, or in those for which a condition holds, as texts.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub fn texts(
        &self,
        column: &Column,
        condition: Option<&str>,
        database: &mut dyn Database,
        meet: &mut dyn FnMut(&str),
    ) -> Result<(), DatabaseError> {
        let dialect = database.dialect();
        let written = dialect.as_text(&dialect.name(&column.name), column);
        let from = dialect.table(&self.table.name);
        let wanted = condition.map_or_else(String::new, |condition| format!(" where {condition}"));
        database.rows(&format!("select {written} from {from}{wanted}"), &[], &mut |row| {
            row.first().and_then(Option::as_deref).into_iter().for_each(&mut *meet);
            Ok(Next::Row)
        })?;
        Ok(())
    }

    /// Whether the `key` of the table is the number of a person.
    pub fn is_of_numbers(&self) -> bool {
        let is_key = |column: &str| (self.map.key.as_deref()).is_some_and(|key| key.eq_ignore_ascii_case(column));
        let mut direct = self.own.iter().filter(|path| path.steps.is_empty());
        direct.any(|path| is_key(&path.column) && path.element == Subject::number())
    }

    /// The column that itself holds the number of the person whose the row is.
    pub fn person_column(&self) -> Option<&str> {
        let direct = self.own.iter().find(|path| path.steps.is_empty());
        direct.map(|path| path.column.as_str())
    }
}

#[cfg(test)]
mod tests;
