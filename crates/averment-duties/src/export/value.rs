//! Values as the archive has them: times as ISO 8601, numbers and truth values as JSON has them, everything else as text.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::{Number, Value};

use crate::connect::{Column, Dialect};

/// A value of a database.
pub(super) fn of(text: &str, column: &Column, dialect: Dialect) -> Value {
    let kind = column.kind.to_ascii_lowercase();
    if kind.starts_with("timestamp") || kind.starts_with("datetime") {
        let zoned = kind.ends_with("with time zone") || dialect == Dialect::Mysql && kind.starts_with("timestamp");
        return Value::String(time(text, zoned));
    }
    if kind.starts_with("bool") {
        match text {
            "true" | "t" | "1" => return Value::Bool(true),
            "false" | "f" | "0" => return Value::Bool(false),
            _ => {}
        }
    }
    if column.is_number()
        && let Some(number) = number(text)
    {
        return Value::Number(number);
    }
    Value::String(text.to_owned())
}

/// Only numbers that come back as they went.
fn number(text: &str) -> Option<Number> {
    let whole = text.parse::<i64>().ok().filter(|number| number.to_string() == text);
    let exact = || text.parse::<f64>().ok().filter(|number| number.to_string() == text);
    whole.map(Number::from).or_else(|| exact().and_then(Number::from_f64))
}

/// A text that may be a time without a zone, as ISO 8601; as it is where it is none, or has a zone.
pub(super) fn iso(text: &str) -> String {
    let plain = text.len() > 10 && !text.ends_with('Z') && !text.contains('+');
    let local = text.parse::<DateTime>().ok().filter(|_| plain);
    local.map_or_else(|| text.to_owned(), |local| local.to_string())
}

fn time(text: &str, zoned: bool) -> String {
    if !zoned {
        return iso(text);
    }
    // PostgreSQL shortens the zone to its hours.
    let offset = text
        .len()
        .checked_sub(3)
        .and_then(|at| text.get(at..))
        .is_some_and(|end| end.starts_with(['+', '-']));
    let full = if offset { format!("{text}:00") } else { text.to_owned() };
    let instant = full.parse::<Timestamp>().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    });
    instant.map_or_else(|| text.to_owned(), |instant| instant.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(kind: &str) -> Column {
        Column {
            name: "x".to_owned(),
            kind: kind.to_owned(),
            nullable: true,
        }
    }

    #[test]
    fn values_come_as_they_are_meant() {
        let cases = [
            (
                "timestamp with time zone",
                "2026-11-01 10:00:00.5+02",
                Dialect::Postgres,
                "\"2026-11-01T08:00:00.5Z\"",
            ),
            (
                "timestamp without time zone",
                "2026-11-01 10:00:00",
                Dialect::Postgres,
                "\"2026-11-01T10:00:00\"",
            ),
            (
                "timestamp",
                "2026-11-01 10:00:00",
                Dialect::Mysql,
                "\"2026-11-01T10:00:00Z\"",
            ),
            ("boolean", "true", Dialect::Postgres, "true"),
            ("bigint", "9007199254740993", Dialect::Postgres, "9007199254740993"),
            ("numeric", "1.10", Dialect::Postgres, "\"1.10\""),
            ("bigint", "hello", Dialect::Sqlite, "\"hello\""),
            ("text", "12", Dialect::Sqlite, "\"12\""),
        ];
        for (kind, text, dialect, expected) in cases {
            assert_eq!(of(text, &column(kind), dialect).to_string(), expected, "{kind}");
        }
    }
}
