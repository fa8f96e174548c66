//! The rows of one table that are the person's, or name them, without what is somebody else's.
//!
//! Of rows of others only what names the person comes, and what is not personal at all.

use averment_register::{ColumnHolds, Store};
use serde_json::Value;

use super::spool::{Counts, Described, Heading, Spool};
use super::{SOMEBODY_ELSE, Task, Whose, value};
use crate::connect::{Column, Database, Dialect, Next, Stopped, Text};
use crate::graph::{Graph, Part, Reached, Subject};

/// A table to be read.
pub(super) struct Table<'a> {
    pub(super) task: &'a Task<'a>,
    pub(super) store: &'a Store,
    pub(super) graph: &'a Graph,
    pub(super) reached: &'a Reached,
    pub(super) subject: &'a Subject,
    pub(super) whose: Whose,
}

/// What becomes of a column's values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// As it is.
    Whole,
    /// Others masked.
    Masked,
    /// Only where it is the person's own number.
    IfOwn,
    /// Only where the row names the person by it.
    IfNamed,
    /// Somebody else's.
    Never,
}

impl Table<'_> {
    /// Reads the rows into the spool, unless they are there.
    pub(super) fn read(&self, database: &mut dyn Database, spool: &Spool) -> Result<(), String> {
        let word = match self.whose {
            Whose::Own => "own",
            Whose::Named => "named",
        };
        let name = format!(
            "{}.{}.{word}.rows",
            self.store.id,
            self.reached.map.name().replace('/', "_")
        );
        let columns = self.columns();
        let Some(query) = self.query(&columns, database.dialect()).filter(|_| !spool.has(&name)) else {
            return Ok(());
        };
        let file = |error: std::io::Error| format!("its rows cannot be written ({})", error.kind());
        let mut rows = spool.table(&name).map_err(file)?;
        rows.line(&self.heading(&columns)).map_err(file)?;
        let (mut counts, mut failed) = (Counts::default(), None);
        let parameters = query.parameters();
        let read = database.rows(&query.sql, &parameters, &mut |row| {
            let written = rows.line(&self.row(&columns, row, &mut counts));
            written.map_err(|error| {
                failed = Some(error);
                Stopped
            })?;
            Ok(Next::Row)
        });
        if let Some(error) = failed {
            return Err(file(error));
        }
        read.map_err(|error| error.to_string())?;
        rows.end(counts).map_err(file)
    }

    /// Columns of the archive, without secrets.
    fn columns(&self) -> Vec<(&Column, Shown)> {
        let all = self.reached.table.columns.iter();
        all.filter_map(|column| Some((column, self.shown(column)?))).collect()
    }

    fn shown(&self, column: &Column) -> Option<Shown> {
        let map = &self.reached.map;
        let described = map.column(&column.name)?;
        let is = |name: &String| name.eq_ignore_ascii_case(&column.name);
        if described.holds == Some(ColumnHolds::Secret) {
            return None;
        }
        let direct = |paths: &[crate::graph::Path]| {
            let found = paths.iter().find(|path| path.column.eq_ignore_ascii_case(&column.name));
            found.map(|path| path.steps.is_empty() && path.element == Subject::number())
        };
        if map.others.keys().any(is) {
            return Some(match direct(&self.reached.others) {
                Some(true) => Shown::IfOwn,
                _ => Shown::IfNamed,
            });
        }
        let own_link = map.key.iter().chain(map.belongs_to.keys()).any(is);
        Some(match (self.whose, own_link) {
            (Whose::Own, true) if direct(&self.reached.own) == Some(true) => Shown::IfOwn,
            (Whose::Own, _) if described.holds == Some(ColumnHolds::FreeText) => Shown::Masked,
            (Whose::Own, _) => Shown::Whole,
            (Whose::Named, true) => Shown::Never,
            (Whose::Named, false) if described.is_personal() => Shown::Never,
            (Whose::Named, false) => Shown::Whole,
        })
    }

    fn heading(&self, columns: &[(&Column, Shown)]) -> Heading {
        let map = &self.reached.map;
        let described = columns.iter().map(|(column, _)| {
            let element = map.column(&column.name).and_then(|column| column.element.clone());
            let known = element
                .as_ref()
                .and_then(|element| averment_catalog::catalog().element(element));
            Described {
                name: column.name.clone(),
                label: known.map_or_else(|| column.name.replace('_', " "), |known| known.label.clone()),
                element: element.map(|element| element.to_string()),
                link: map
                    .belongs_to
                    .keys()
                    .any(|link| link.eq_ignore_ascii_case(&column.name)),
                time: map.times.values().any(|time| time.eq_ignore_ascii_case(&column.name)),
            }
        });
        Heading {
            store: self.store.id.to_string(),
            table: map.name().to_owned(),
            whose: self.whose,
            columns: described.collect(),
        }
    }

    /// The query: whether the row names the person, then the columns.
    fn query(&self, columns: &[(&Column, Shown)], dialect: Dialect) -> Option<Part> {
        let schema = &self.graph.schema;
        let named = |first| self.reached.names(self.subject, dialect, schema, first);
        let own = |first| self.reached.is_of(self.subject, dialect, schema, first);
        let mut parameters = Vec::new();
        let mut take = |part: Part| {
            parameters.extend(part.parameters);
            part.sql
        };
        let flag = named(1).map_or_else(|| "1 = 0".to_owned(), &mut take);
        let written: Vec<String> = columns
            .iter()
            .map(|(column, _)| dialect.as_text(&dialect.name(&column.name), column))
            .collect();
        let first = self
            .reached
            .names(self.subject, dialect, schema, 1)
            .map_or(0, |part| part.parameters.len());
        let condition = match self.whose {
            Whose::Own => take(own(first + 1)?),
            Whose::Named => {
                let names = named(first + 1)?;
                let next = first + 1 + names.parameters.len();
                let names = take(names);
                match own(next) {
                    Some(own) => format!("{names} and ({}) is not true", take(own)),
                    None => names,
                }
            }
        };
        let keys: Vec<String> = self.reached.table.primary.iter().map(|key| dialect.name(key)).collect();
        let order = match keys.is_empty() {
            true => String::new(),
            false => format!(" order by {}", keys.join(", ")),
        };
        let sql = format!(
            "select case when {flag} then '1' else '0' end, {} from {} where {condition}{order}",
            written.join(", "),
            dialect.table(&self.reached.table.name)
        );
        (!columns.is_empty()).then_some(Part { sql, parameters })
    }

    fn row(&self, columns: &[(&Column, Shown)], row: &[Text], counts: &mut Counts) -> Vec<Value> {
        counts.rows += 1;
        let is_named = row.first().and_then(Option::as_deref) == Some("1");
        let values = columns.iter().zip(row.iter().skip(1));
        values
            .map(|((column, shown), text)| match text.as_deref() {
                Some(text) => self.value(column, *shown, text, is_named, counts),
                None => Value::Null,
            })
            .collect()
    }

    fn value(&self, column: &Column, shown: Shown, text: &str, is_named: bool, counts: &mut Counts) -> Value {
        let is_whole = match shown {
            Shown::Whole => true,
            Shown::IfOwn => text == self.task.number,
            Shown::IfNamed => is_named,
            Shown::Never => false,
            Shown::Masked => {
                let masked = (self.task.mask)(text);
                counts.masked += masked.others;
                return Value::String(
                    masked
                        .text
                        .unwrap_or_else(|| "left out: names somebody else".to_owned()),
                );
            }
        };
        if is_whole {
            let dialect = match self.store.engine {
                averment_register::Engine::Postgresql => Dialect::Postgres,
                averment_register::Engine::Sqlite => Dialect::Sqlite,
                _ => Dialect::Mysql,
            };
            let is_time = self
                .reached
                .map
                .times
                .values()
                .any(|time| time.eq_ignore_ascii_case(&column.name));
            if is_time && !column.is_number() && dialect == Dialect::Sqlite {
                return Value::String(value::iso(text));
            }
            return value::of(text, column, dialect);
        }
        counts.somebody_else += 1;
        Value::String(SOMEBODY_ELSE.to_owned())
    }
}
