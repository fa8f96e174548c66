//! What a value becomes in a row that stays: by strategy, type and engine.

use averment_register::OnErase;

use crate::connect::{Column, Dialect};

/// Shortest pseudonym: fewer digits would soon be the same for two people.
const PSEUDONYM_MIN: usize = 8;
/// What says nothing.
const ERASED: &str = "erased";

/// What is put into a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Becomes {
    /// A part of a statement without values.
    Sql(String),
    /// A pseudonym of this shape.
    Pseudonym(Shape),
}

/// The shape of a pseudonym.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Hexadecimal digits, so many.
    Digits(usize),
    /// A UUID.
    Uuid,
    /// A negative number, which no row that is there has, of so many bits.
    Negative(u32),
    /// A number in the upper half of so many bits.
    Upper(u32),
}

/// What a column becomes; none where the value stays.
///
/// # Errors
/// Why it cannot become that, in a few words.
pub(super) fn becomes(dialect: Dialect, column: &Column, how: OnErase) -> Result<Option<Becomes>, &'static str> {
    match how {
        OnErase::Keep => Ok(None),
        OnErase::Null | OnErase::Delete if column.nullable => Ok(Some(Becomes::Sql("null".to_owned()))),
        OnErase::Null | OnErase::Delete => Err("it cannot be empty"),
        OnErase::Mask => mask(dialect, column).map(|sql| Some(Becomes::Sql(sql))),
        OnErase::Pseudonymise => shape(dialect, column).map(|shape| Some(Becomes::Pseudonym(shape))),
    }
}

/// Families of types, whatever the engine calls them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Text,
    Number,
    Boolean,
    Date,
    Moment,
    Time,
    Year,
    Bytes,
    Json,
    Uuid,
    Other,
}

fn family(column: &Column) -> Family {
    let kind = column.kind.to_ascii_lowercase();
    let word = kind.split(['(', ' ']).next().unwrap_or_default();
    match word {
        _ if kind.ends_with("[]") || word == "interval" => Family::Other,
        "bool" | "boolean" => Family::Boolean,
        "tinyint" if kind.starts_with("tinyint(1)") => Family::Boolean,
        "date" => Family::Date,
        "timestamp" | "timestamptz" | "datetime" => Family::Moment,
        "time" | "timetz" => Family::Time,
        "year" => Family::Year,
        "json" | "jsonb" => Family::Json,
        "uuid" => Family::Uuid,
        "text" | "varchar" | "char" | "character" | "bpchar" | "citext" | "tinytext" | "mediumtext" | "longtext"
        | "string" | "clob" | "nvarchar" | "nchar" | "" | "name" => Family::Text,
        _ if column.is_bytes() => Family::Bytes,
        _ if column.is_number() => Family::Number,
        _ => Family::Other,
    }
}

/// A value of the column's type that says nothing, as a part of a statement.
///
/// # Errors
/// Why there is none, in a few words.
pub(crate) fn mask(dialect: Dialect, column: &Column) -> Result<String, &'static str> {
    let name = dialect.name(&column.name);
    let of = |text: &str| match dialect {
        Dialect::Postgres => format!("'{text}'::{}", column.kind),
        _ => format!("'{text}'"),
    };
    Ok(match family(column) {
        Family::Text => of(&ERASED[..ERASED.len().min(longest(column))]),
        Family::Number => "0".to_owned(),
        Family::Boolean if dialect == Dialect::Postgres => "false".to_owned(),
        Family::Boolean => "0".to_owned(),
        Family::Year => name,
        Family::Date | Family::Moment => first_of_year(dialect, &name, column),
        Family::Time => of("00:00:00"),
        Family::Bytes if dialect == Dialect::Postgres => "''::bytea".to_owned(),
        Family::Bytes => "x''".to_owned(),
        Family::Json => of("{}"),
        Family::Uuid => of("00000000-0000-0000-0000-000000000000"),
        Family::Other => return Err("nothing of its type says nothing: expected `null` or `keep`"),
    })
}

/// The first of January of the year; `null` stays.
fn first_of_year(dialect: Dialect, name: &str, column: &Column) -> String {
    match dialect {
        Dialect::Postgres => format!("date_trunc('year', {name})::{}", column.kind),
        Dialect::Mysql => format!("makedate(year({name}), 1)"),
        Dialect::Sqlite if family(column) == Family::Date => format!("strftime('%Y-01-01', {name})"),
        Dialect::Sqlite => format!("strftime('%Y-01-01 00:00:00', {name})"),
    }
}

/// Characters that a column of text holds.
fn longest(column: &Column) -> usize {
    let inside = column.kind.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    let length = inside.and_then(|(length, _)| length.trim().parse().ok());
    match column.kind.to_ascii_lowercase().as_str() {
        "character" | "char" => 1,
        _ => length.unwrap_or(usize::MAX),
    }
}

fn shape(dialect: Dialect, column: &Column) -> Result<Shape, &'static str> {
    let kind = column.kind.to_ascii_lowercase();
    match family(column) {
        Family::Text if longest(column) >= PSEUDONYM_MIN => Ok(Shape::Digits(longest(column).min(32))),
        Family::Text => Err("it is too short for a pseudonym: expected 8 characters"),
        Family::Uuid => Ok(Shape::Uuid),
        Family::Number => {
            let bits = match () {
                () if dialect == Dialect::Sqlite || kind.contains("bigint") || kind.contains("numeric") => 53,
                () if kind.contains("smallint") || kind.contains("tinyint") || kind.contains("mediumint") => {
                    return Err("it is too small a number for a pseudonym");
                }
                () => 31,
            };
            match kind.contains("unsigned") {
                true => Ok(Shape::Upper(bits)),
                false => Ok(Shape::Negative(bits)),
            }
        }
        _ => Err("a pseudonym is a text, a whole number or a UUID: expected `null`, `mask` or `keep`"),
    }
}

impl Shape {
    /// The pseudonym that follows from 32 keyed bytes.
    pub(super) fn of(self, bytes: &[u8; 32]) -> String {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let number = u64::from_be_bytes(*bytes.first_chunk().expect("32 bytes are more than 8"));
        match self {
            Self::Digits(length) => digits[..length].to_owned(),
            Self::Uuid => format!(
                "{}-{}-4{}-8{}-{}",
                &digits[..8],
                &digits[8..12],
                &digits[12..15],
                &digits[15..18],
                &digits[18..30]
            ),
            Self::Negative(bits) => format!("-{}", number % ((1 << bits) - 2) + 1),
            Self::Upper(bits) => (number % (1 << (bits - 1)) + (1 << (bits - 1))).to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
