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

    /// The same in the type of the column that it is compared with or put into, so that an index is used.
    pub fn parameter_for(self, number: usize, column: &Column) -> String {
        match self {
            Self::Postgres => format!("{}::{}", self.parameter(number), column.kind),
            Self::Mysql | Self::Sqlite => self.parameter(number),
        }
    }

    /// Whether `column` (as written) is one of `count` parameters from `first` on.
    pub fn is_one_of(self, written: &str, column: &Column, first: usize, count: usize) -> String {
        let all: Vec<String> = (first..first + count)
            .map(|number| self.parameter_for(number, column))
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
