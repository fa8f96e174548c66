//! How the engines write the same thing.

use super::schema::Column;

/// An engine's way to write SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
    /// SQLite.
    Sqlite,
}

impl Dialect {
    /// A name of a table, a column or a schema.
    pub fn name(self, name: &str) -> String {
        match self {
            Self::Mysql => format!("`{}`", name.replace('`', "``")),
            Self::Postgres | Self::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }

    /// A table, with its schema where the name has one.
    pub fn table(self, name: &str) -> String {
        match name.split_once('.') {
            Some((schema, table)) if self != Self::Sqlite => format!("{}.{}", self.name(schema), self.name(table)),
            _ => self.name(name),
        }
    }

    /// A text that stands in a statement. For what does not come from people.
    pub fn text(self, text: &str) -> String {
        let text = text.replace('\'', "''");
        match self {
            Self::Mysql => format!("'{}'", text.replace('\\', "\\\\")),
            Self::Postgres | Self::Sqlite => format!("'{text}'"),
        }
    }

    /// Where the parameter with this number, from 1, stands: a text. Each stands once, in their order.
    pub fn parameter(self, number: usize) -> String {
        match self {
            Self::Postgres => format!("${number}::text"),
            // Each place takes the next parameter.
            Self::Mysql => "?".to_owned(),
            Self::Sqlite => format!("?{number}"),
        }
    }

    /// The same in the type of the column that it is compared with or put into, so that an index is used. What
    /// [`Dialect::as_text`] wrote is that value again, and nothing is shortened or rounded to fit.
    pub fn parameter_for(self, number: usize, column: &Column) -> String {
        self.in_type_of(&self.parameter(number), column)
    }

    /// A text (as written) in the type of a column.
    fn in_type_of(self, text: &str, column: &Column) -> String {
        match self {
            Self::Postgres if column.is_bytes() => format!("decode({text}, 'hex')"),
            Self::Postgres => format!("{text}::{}", unbounded(&column.kind)),
            Self::Mysql if column.is_bytes() => format!("coalesce(unhex({text}), '{NO_BYTES}')"),
            Self::Mysql => text.to_owned(),
            Self::Sqlite if column.is_bytes() => as_bytes(text),
            Self::Sqlite if keeps_any_type(column) => as_number(text),
            Self::Sqlite => text.to_owned(),
        }
    }

    /// Everything that a text (as written) may be in a column: one thing, but where each row has a type of its own.
    pub(crate) fn forms(self, text: &str, column: &Column) -> Vec<String> {
        match self {
            Self::Sqlite if keeps_any_type(column) => vec![text.to_owned(), as_bytes(text), as_number(text)],
            _ => vec![self.in_type_of(text, column)],
        }
    }

    /// Whether `column` (as written) is one of `count` parameters from `first` on.
    pub fn is_one_of(self, written: &str, column: &Column, first: usize, count: usize) -> String {
        let all: Vec<String> = (first..first + count)
            .flat_map(|number| self.forms(&self.parameter(number), column))
            .collect();
        format!("{written} in ({})", all.join(", "))
    }

    /// A column (as written) as text; bytes as hexadecimal digits.
    pub fn as_text(self, written: &str, column: &Column) -> String {
        let bytes = column.is_bytes();
        match self {
            Self::Postgres if bytes => format!("encode({written}, 'hex')"),
            Self::Postgres => format!("{written}::text"),
            Self::Mysql if bytes => format!("lower(hex({written}))"),
            Self::Mysql => format!("cast({written} as char)"),
            Self::Sqlite => {
                format!(
                    "case typeof({written}) when 'blob' then lower(hex({written})) else cast({written} as text) end"
                )
            }
        }
    }
}

/// Stands where a text is no hexadecimal digits: `null` would make a condition neither true nor false.
const NO_BYTES: &str = "averment: these are not hexadecimal digits";

/// A type of PostgreSQL without its length: a cast to `character varying(5)` cuts off what is longer, without an error.
fn unbounded(kind: &str) -> String {
    match kind {
        "\"char\"" | "name" => return "text".to_owned(),
        _ if kind.contains('"') || kind.ends_with("[]") => return kind.to_owned(),
        _ => {}
    }
    let word = match (kind.split_once('('), kind.rsplit_once(')')) {
        (Some((before, _)), Some((_, after))) => format!("{before}{after}"),
        _ => kind.to_owned(),
    };
    match word.as_str() {
        "character" => "bpchar".to_owned(),
        "bit" => "bit varying".to_owned(),
        _ => word,
    }
}

/// Whether SQLite keeps what is put into a column as it comes, or may: bytes and numbers beside texts.
///
/// Source: SQLite, Datatypes, 3.1, Determination of Column Affinity.
fn keeps_any_type(column: &Column) -> bool {
    let kind = column.kind.to_ascii_lowercase();
    let fixed = ["int", "char", "clob", "text", "real", "floa", "doub"];
    column.is_bytes() || !fixed.iter().any(|word| kind.contains(word))
}

/// The bytes of a text of hexadecimal digits, in SQLite; another text is itself.
fn as_bytes(parameter: &str) -> String {
    format!("coalesce(unhex({parameter}), {parameter})")
}

/// The number of a text that is exactly what SQLite writes for it; another text is itself.
fn as_number(parameter: &str) -> String {
    let number = format!("cast({parameter} as numeric)");
    format!("case when cast({number} as text) = {parameter} then {number} else {parameter} end")
}
